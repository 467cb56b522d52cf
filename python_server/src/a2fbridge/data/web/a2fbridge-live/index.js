/*!
A2FBridge, MIT licence.
*/

// packages/a2fbridge-live/src/buffer.ts
var KEPT = 1;
var FrameBuffer = class {
  frames = [];
  /** Seconds up to which there are frames; -Infinity while there are none. */
  get until() {
    return this.frames.at(-1)?.time ?? -Infinity;
  }
  get length() {
    return this.frames.length;
  }
  /** Frames come in order of their times. */
  add(frame2) {
    this.frames.push(frame2);
  }
  /**
   * Puts the weights at a time into `out`: linear between frames, the first or the last beyond them.  Returns false and
   * leaves `out` while there are none.
   */
  at(time, out) {
    const { frames } = this;
    while (frames.length > 2 && frames[1].time < time - KEPT) frames.shift();
    const after = frames.findIndex((frame2) => frame2.time > time);
    const b = frames[after < 0 ? frames.length - 1 : after];
    const a = frames[after < 0 ? frames.length - 1 : Math.max(after - 1, 0)];
    if (!a || !b) return false;
    const share = a === b ? 0 : (time - a.time) / (b.time - a.time);
    for (let k = 0; k < out.length; k++) out[k] = a.weights[k] + (b.weights[k] - a.weights[k]) * share;
    return true;
  }
  clear() {
    this.frames.length = 0;
  }
};

// packages/a2fbridge-live/src/conventions.ts
function convert(weights, names, from, to) {
  if (from === to) return weights;
  const jaw = names.indexOf("JawOpen");
  const close = names.indexOf("MouthClose");
  if (jaw < 0 || close < 0) return weights;
  const open = weights[jaw];
  if (from === "a2f") {
    weights[jaw] = Math.min(Math.max(open + weights[close], 0), 1);
  } else {
    const down = Math.max(open, 0);
    const closed = Math.min(weights[close], down);
    weights[close] = closed;
    weights[jaw] = down - Math.max(closed, 0);
  }
  return weights;
}

// packages/a2fbridge-live/src/errors.ts
var LiveError = class extends Error {
  name = "LiveError";
};

// packages/a2fbridge-live/src/live-clock.ts
var LOOK_BACK = 60;
var SLEW = 0.08;
var JUMP = 0.4;
var LiveClock = class {
  /** `now` gives seconds of a steady clock. */
  constructor(now = () => performance.now() / 1e3) {
    this.now = now;
  }
  now;
  delays = [];
  delay;
  looked = 0;
  /** Notes that a frame has arrived. */
  arrived(time) {
    this.delays.push(this.now() - time);
    if (this.delays.length > LOOK_BACK) this.delays.shift();
  }
  /** The time in the stream that is due now; undefined before the first frame. */
  get time() {
    if (!this.delays.length) return void 0;
    const now = this.now();
    const wanted = Math.max(...this.delays);
    const most = SLEW * (now - this.looked);
    const step = wanted - (this.delay ?? wanted);
    const jump = this.delay === void 0 || Math.abs(step) > JUMP;
    this.delay = jump ? wanted : this.delay + Math.min(Math.max(step, -most), most);
    this.looked = now;
    return now - this.delay;
  }
};

// packages/a2fbridge-live/src/microphone.ts
var CONSTRAINTS = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
async function openMicrophone(options = {}) {
  const own = options.stream === void 0;
  const stream = options.stream ?? await ask(options.constraints);
  try {
    const { context, source } = connected(stream);
    await context.audioWorklet.addModule(String(options.worklet ?? new URL("./capture-worklet.js", import.meta.url)));
    await context.resume();
    return new Microphone(context, source, stream, own);
  } catch (error) {
    if (own) for (const track of stream.getTracks()) track.stop();
    throw error;
  }
}
var Microphone = class {
  /** Use {@link openMicrophone}. */
  constructor(context, source, stream, own) {
    this.context = context;
    this.stream = stream;
    this.own = own;
    this.node = new AudioWorkletNode(context, "a2fbridge-capture", { numberOfOutputs: 0 });
    source.connect(this.node);
  }
  context;
  stream;
  own;
  node;
  get sampleRate() {
    return this.context.sampleRate;
  }
  /** Sends what is heard from now on; `heard` is told the level (0..1) and the samples of each piece. */
  start(session, heard) {
    if (session.sampleRate !== this.sampleRate) {
      throw new LiveError(`the session takes ${session.sampleRate} samples a second, the microphone gives ${this.sampleRate}`);
    }
    this.node.port.onmessage = ({ data }) => {
      session.push(data);
      heard?.(data.reduce((most, value) => Math.max(most, Math.abs(value)), 0), data);
    };
  }
  /** Stops listening and lets the microphone go. */
  async stop() {
    this.node.port.onmessage = null;
    if (this.own) for (const track of this.stream.getTracks()) track.stop();
    await this.context.close();
  }
};
function connected(stream) {
  for (const options of [{ sampleRate: 16e3, latencyHint: "interactive" }, { latencyHint: "interactive" }]) {
    const context = new AudioContext(options);
    try {
      return { context, source: context.createMediaStreamSource(stream) };
    } catch {
      void context.close();
    }
  }
  throw new LiveError("the stream has no sound that this browser can read");
}
async function ask(constraints = CONSTRAINTS) {
  if (!navigator.mediaDevices) throw new LiveError("a microphone needs a page from https: or from this machine");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: constraints });
  } catch (error) {
    const name = error.name;
    if (name === "NotAllowedError") throw new LiveError("the microphone was not allowed: the browser's address bar shows how to allow it");
    if (name === "NotFoundError") throw new LiveError("there is no microphone");
    throw new LiveError(`the microphone cannot be opened: ${String(error)}`);
  }
}

// packages/a2fbridge-live/src/names.ts
var FACE_NAMES = "EyeBlinkLeft EyeLookDownLeft EyeLookInLeft EyeLookOutLeft EyeLookUpLeft EyeSquintLeft EyeWideLeft EyeBlinkRight EyeLookDownRight EyeLookInRight EyeLookOutRight EyeLookUpRight EyeSquintRight EyeWideRight JawForward JawLeft JawRight JawOpen MouthClose MouthFunnel MouthPucker MouthLeft MouthRight MouthSmileLeft MouthSmileRight MouthFrownLeft MouthFrownRight MouthDimpleLeft MouthDimpleRight MouthStretchLeft MouthStretchRight MouthRollLower MouthRollUpper MouthShrugLower MouthShrugUpper MouthPressLeft MouthPressRight MouthLowerDownLeft MouthLowerDownRight MouthUpperUpLeft MouthUpperUpRight BrowDownLeft BrowDownRight BrowInnerUp BrowOuterUpLeft BrowOuterUpRight CheekPuff CheekSquintLeft CheekSquintRight NoseSneerLeft NoseSneerRight TongueOut TongueTipUp TongueTipDown TongueTipLeft TongueTipRight TongueRollUp TongueRollDown TongueRollLeft TongueRollRight TongueUp TongueDown TongueLeft TongueRight TongueIn TongueStretch TongueWide TongueNarrow".split(" ");
var ARKIT_COUNT = 52;
var FACE_INDEX = new Map(FACE_NAMES.map((name, i) => [name, i]));

// packages/a2fbridge-live/src/morph.ts
function morphTargets(scene, options = {}) {
  const made = new MorphTargets(options);
  scene.traverse((node) => {
    const { morphTargetDictionary: dictionary, morphTargetInfluences: influences } = node;
    if (!dictionary || !influences) return;
    for (const [name, index] of Object.entries(dictionary)) made.add(name, (value) => influences[index] = value);
  });
  if (!made.found.length) throw new LiveError("no mesh of this scene has morph targets with the names of ARKit's shapes (jawOpen, ...)");
  return made;
}
var MorphTargets = class {
  setters = /* @__PURE__ */ new Map();
  convention;
  posed = new Float32Array();
  constructor({ convention = "arkit" } = {}) {
    this.convention = convention;
  }
  /** Shapes that have a target. */
  get found() {
    return FACE_NAMES.filter((name) => this.setters.has(name));
  }
  /** Shapes that have none. */
  get missing() {
    return FACE_NAMES.filter((name) => !this.setters.has(name));
  }
  /** Adds a target of another engine; false when its name is no shape's. */
  add(name, set) {
    const shape = SPELLINGS.get(spelling(name));
    if (!shape) return false;
    this.setters.set(shape, [...this.setters.get(shape) ?? [], set]);
    return true;
  }
  /** Sets all targets; `convention` is the weights' own, the session's. */
  apply(names, weights, convention = "a2f") {
    if (this.posed.length !== names.length) this.posed = new Float32Array(names.length);
    this.posed.set(weights);
    convert(this.posed, names, convention, this.convention);
    names.forEach((name, k) => {
      for (const set of this.setters.get(name) ?? []) set(this.posed[k]);
    });
  }
};
function spelling(name) {
  const own = name.slice(name.lastIndexOf(".") + 1);
  return own.replace(/[_ ]L$/i, "Left").replace(/[_ ]R$/i, "Right").replace(/[_ -]/g, "").toLowerCase();
}
var SPELLINGS = new Map(FACE_NAMES.map((name) => [spelling(name), name]));

// packages/a2fbridge-live/src/wire.ts
var VARINT = 0;
var BIT64 = 1;
var BYTES = 2;
var BIT32 = 5;
var Writer = class _Writer {
  bytes = new Uint8Array(256);
  view = new DataView(this.bytes.buffer);
  at = 0;
  finish() {
    return this.bytes.slice(0, this.at);
  }
  uint(field, value) {
    return this.varint(field * 8 + VARINT).varint(value);
  }
  float(field, value) {
    this.varint(field * 8 + BIT32).room(4);
    this.view.setFloat32(this.at, value, true);
    this.at += 4;
    return this;
  }
  double(field, value) {
    this.varint(field * 8 + BIT64).room(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
    return this;
  }
  blob(field, value) {
    this.varint(field * 8 + BYTES).varint(value.length).room(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
    return this;
  }
  text(field, value) {
    return this.blob(field, new TextEncoder().encode(value));
  }
  message(field, fill) {
    const inner = new _Writer();
    fill(inner);
    return this.blob(field, inner.finish());
  }
  /** A `map<string, float>`. */
  floats(field, values = {}) {
    for (const [name, value] of Object.entries(values)) this.message(field, (entry) => entry.text(1, name).float(2, value));
    return this;
  }
  varint(value) {
    this.room(10);
    while (value > 127) {
      this.bytes[this.at++] = value % 128 | 128;
      value = Math.floor(value / 128);
    }
    this.bytes[this.at++] = value;
    return this;
  }
  room(count) {
    if (this.at + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
};
var NONE = new Uint8Array();
function* fields(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1, length = 0; length < 10; scale *= 128, length++) {
      const byte = view.getUint8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new RangeError(`no number at byte ${at}`);
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    switch (key % 8) {
      case VARINT:
        yield { number, value: varint(), bytes: NONE };
        break;
      case BIT64:
        yield { number, value: view.getFloat64(at, true), bytes: NONE };
        at += 8;
        break;
      case BIT32:
        yield { number, value: view.getFloat32(at, true), bytes: NONE };
        at += 4;
        break;
      case BYTES: {
        const length = varint();
        if (at + length > bytes.length) throw new RangeError(`the message ends within field ${number}`);
        yield { number, value: 0, bytes: bytes.subarray(at, at + length) };
        at += length;
        break;
      }
      default:
        throw new RangeError(`field ${number} is of a kind that is not read`);
    }
  }
}
function text(bytes) {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
function floats(bytes) {
  return new Float32Array(bytes.slice(0, bytes.length - bytes.length % 4).buffer);
}

// packages/a2fbridge-live/src/messages.ts
var STATUS = ["success", "info", "warning", "error"];
function headerMessage(sampleRate, settings) {
  const { parameters, multipliers, offsets, clamp, emotions: emotions2 } = settings;
  return new Writer().message(1, (header2) => {
    header2.message(1, (audio) => audio.uint(2, 1).uint(3, sampleRate).uint(4, 16));
    header2.message(2, (face) => face.floats(1, parameters));
    header2.message(4, (shapes) => {
      shapes.floats(1, multipliers).floats(2, offsets);
      if (clamp !== void 0) shapes.uint(3, Number(clamp));
    });
    if (emotions2) header2.message(5, (start) => start.floats(2, emotions2));
  }).finish();
}
function audioMessage(samples, keys = []) {
  return new Writer().message(2, (sound) => {
    sound.blob(1, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    for (const { time, emotions: emotions2 } of keys) sound.message(2, (key) => key.double(1, time).floats(2, emotions2));
  }).finish();
}
function endMessage() {
  return new Writer().message(3, () => void 0).finish();
}
function readMessage(bytes) {
  for (const { number, bytes: body } of fields(bytes)) {
    if (number === 1) return header(body);
    if (number === 2) return { kind: "frame", frame: frame(body) };
    if (number === 3) return { kind: "event", type: first(body, 1)?.value ?? 0 };
    if (number === 4) {
      const message = first(body, 2);
      return { kind: "status", code: STATUS[first(body, 1)?.value ?? 0] ?? "error", message: message ? text(message.bytes) : "" };
    }
  }
  return void 0;
}
function header(bytes) {
  const audio = first(bytes, 1);
  const shapes = first(bytes, 2);
  return {
    kind: "header",
    names: shapes ? [...fields(shapes.bytes)].filter((f) => f.number === 1).map((f) => text(f.bytes)) : [],
    sampleRate: audio && first(audio.bytes, 3)?.value
  };
}
function frame(bytes) {
  const skeleton = first(bytes, 1);
  const row = skeleton && first(skeleton.bytes, 1);
  const audio = first(bytes, 2);
  return {
    time: (row && first(row.bytes, 1)?.value) ?? 0,
    weights: floats((row && first(row.bytes, 2)?.bytes) ?? new Uint8Array()),
    audio: audio && first(audio.bytes, 2)?.bytes.slice(),
    emotions: emotions(bytes)
  };
}
function emotions(data) {
  for (const entry of fields(data)) {
    if (entry.number !== 4) continue;
    const key = first(entry.bytes, 1);
    const any = first(entry.bytes, 2);
    const aggregate = key && any && text(key.bytes) === "emotion_aggregate" ? first(any.bytes, 2) : void 0;
    const last = aggregate && first(aggregate.bytes, 3);
    if (last) return map(last.bytes, 2);
  }
  return void 0;
}
function map(bytes, number) {
  const out = {};
  for (const entry of fields(bytes)) {
    if (entry.number !== number) continue;
    const name = first(entry.bytes, 1);
    if (name) out[text(name.bytes)] = first(entry.bytes, 2)?.value ?? 0;
  }
  return out;
}
function first(bytes, number) {
  for (const field of fields(bytes)) if (field.number === number) return field;
  return void 0;
}

// packages/a2fbridge-live/src/leg.ts
var PIECE = 8e3;
var Leg = class {
  /** `start` is the place of the first sample in the session, seconds. */
  constructor(url, options, start, events) {
    this.start = start;
    this.events = events;
    this.socket = new WebSocket(address(url, options), protocols(options.token));
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => {
      this.socket.send(headerMessage(options.sampleRate ?? 16e3, options));
      if (options.emotions) this.push(new Int16Array(), [{ time: 0, emotions: options.emotions }]);
    };
    this.socket.onmessage = ({ data }) => this.receive(data);
    this.socket.onclose = (event) => this.close(this.reason(event, url));
  }
  start;
  events;
  socket;
  opening;
  finished;
  over = false;
  /** Bytes that wait for the network. */
  get waiting() {
    return this.socket.bufferedAmount;
  }
  push(samples, keys = []) {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    for (let at = 0; at < samples.length || at === 0 && keys.length; at += PIECE) {
      this.socket.send(audioMessage(samples.subarray(at, at + PIECE), at === 0 ? keys : []));
    }
  }
  end() {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(endMessage());
  }
  /** Ends the call at once. */
  cancel() {
    this.over = true;
    this.socket.close();
  }
  receive(data) {
    try {
      if (typeof data === "string") this.opening = JSON.parse(data);
      else this.accept(new Uint8Array(data));
    } catch (error) {
      this.close(new LiveError(`the server sent what is no message of the stream: ${String(error)}`));
      this.socket.close();
    }
  }
  accept(bytes) {
    const message = readMessage(bytes);
    if (this.over || !message) return;
    if (message.kind === "header") {
      if (!this.opening) throw new RangeError("the header came before the settings");
      this.events.opened(message.names, this.opening);
    } else if (message.kind === "frame") {
      this.events.frame(message.frame);
    } else if (message.kind === "status") {
      if (message.code === "error") this.finished = new LiveError(message.message);
      else if (message.code === "success") this.finished = "success";
      else this.events.warning(message.message);
    }
  }
  reason(event, url) {
    if (this.finished) return this.finished === "success" ? void 0 : this.finished;
    const said = event.reason ? `: ${event.reason}` : "";
    if (!this.opening) return new LiveError(`no stream at ${String(url)}${said}; the server does not answer, or refuses this page or its settings`);
    return new LiveError(`the connection ended before the stream did (code ${event.code})${said}`);
  }
  close(error) {
    if (this.over) return;
    this.over = true;
    this.events.closed(error);
  }
};
function address(url, options) {
  const made = new URL(url, globalThis.location?.href);
  made.protocol = made.protocol.replace("http", "ws");
  const query = {
    "frame-rate": options.frameRate,
    pack: options.pack,
    identity: options.identity,
    solver: options.solver,
    mapping: options.mapping,
    emotion: options.emotion === "auto" ? "auto" : void 0,
    audio: options.audio ? "1" : void 0
  };
  for (const [key, value] of Object.entries(query)) if (value !== void 0) made.searchParams.set(key, String(value));
  return made;
}
function protocols(token) {
  if (token === void 0) return ["a2fbridge.v1"];
  const bytes = String.fromCharCode(...new TextEncoder().encode(token));
  const word = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return ["a2fbridge.v1", `a2fbridge.token.${word}`];
}

// packages/a2fbridge-live/src/pcm.ts
function pcm16(sound) {
  if (sound instanceof Int16Array) return sound;
  if (sound instanceof ArrayBuffer) return new Int16Array(sound, 0, sound.byteLength >> 1);
  return Int16Array.from(sound, (value) => Math.round(Math.min(Math.max(value, -1), 1) * 32767));
}
function float32(samples) {
  return Float32Array.from(samples, (value) => value / 32768);
}

// packages/a2fbridge-live/src/session.ts
var OVERLAP = 1;
function connect(url, options = {}) {
  return new Promise((resolve, reject) => {
    const session = new LiveSession(url, options, () => resolve(session));
    session.addEventListener("close", ({ detail }) => reject(detail ?? new LiveError("the stream ended at once")), { once: true });
  });
}
var LiveSession = class {
  /** Use {@link connect}. */
  constructor(url, options, opened) {
    this.url = url;
    this.opened = opened;
    this.options = options;
    this.sampleRate = options.sampleRate ?? 16e3;
    this.recent = new Int16Array();
    this.current = this.leg(0);
  }
  url;
  opened;
  /** Names of the weights, in order. */
  names = [];
  /** The server's answer: convention, frame rate, look-ahead, settings in force. */
  opening;
  sampleRate;
  target = new EventTarget();
  current;
  next;
  options;
  recent;
  pushed = 0;
  frontier = -Infinity;
  ended = false;
  /** Convention of the weights; `target` when the server maps them. */
  get convention() {
    return this.opening?.convention ?? "a2f";
  }
  /** Seconds of sound that the server must hear beyond a frame before it can send it. */
  get lookAhead() {
    return this.opening?.look_ahead ?? 0.26;
  }
  /** Seconds of sound pushed so far. */
  get heard() {
    return this.pushed / this.sampleRate;
  }
  /** Bytes that wait for the network; a sender of long clips waits while it is above a few hundred thousand. */
  get waiting() {
    return this.current.waiting;
  }
  /** Sends mono sound at the session's sample rate: 16-bit PCM, or floats in -1..1. */
  push(sound) {
    if (this.ended) throw new LiveError("sound was pushed after the end of the stream");
    const samples = pcm16(sound);
    this.pushed += samples.length;
    this.current.push(samples);
    this.next?.push(samples);
    this.remember(samples);
  }
  /** Changes the emotions from here on, within `seconds`. */
  feel(emotions2, seconds = 0.3) {
    const before = this.options.emotions ?? {};
    this.options = { ...this.options, emotions: emotions2 };
    for (const leg of [this.current, this.next]) {
      const now = leg ? Math.max(this.heard - leg.start, 0) : 0;
      leg?.push(new Int16Array(), [{ time: now, emotions: before }, { time: now + seconds, emotions: emotions2 }]);
    }
  }
  /**
   * Changes settings in the middle of the sound: a second stream hears the last second again, and its frames take over
   * where it catches up.  Settings that are left out stay as they are.
   */
  update(changes) {
    if (this.ended) return;
    this.options = { ...this.options, ...changes };
    this.next?.cancel();
    this.next = this.leg((this.pushed - this.recent.length) / this.sampleRate);
  }
  /** No more sound: the last frames come, then `close`. */
  end() {
    this.ended = true;
    this.current.end();
    this.next?.end();
  }
  /** Ends the stream at once. */
  close() {
    this.ended = true;
    this.current.cancel();
    this.next?.cancel();
  }
  addEventListener(type, listener, options) {
    this.target.addEventListener(type, listener, options);
  }
  removeEventListener(type, listener) {
    this.target.removeEventListener(type, listener);
  }
  /** Frames as they come, until the stream ends; throws its error. */
  async *frames() {
    const queue = [];
    let wake = () => void 0;
    const put = (item) => {
      queue.push(item);
      wake();
    };
    const onFrame = (event) => put(event.detail);
    const onClose = (event) => put({ end: event.detail });
    this.addEventListener("frame", onFrame);
    this.addEventListener("close", onClose);
    try {
      for (; ; ) {
        while (!queue.length) await new Promise((resolve) => wake = resolve);
        const item = queue.shift();
        if ("end" in item) {
          if (item.end) throw item.end;
          return;
        }
        yield item;
      }
    } finally {
      this.removeEventListener("frame", onFrame);
      this.removeEventListener("close", onClose);
    }
  }
  leg(start) {
    let made;
    made = new Leg(this.url, this.options, start, {
      opened: (names, opening) => this.welcome(made, names, opening),
      frame: (frame2) => this.accept(made, { ...frame2, time: frame2.time + start }),
      warning: (text2) => this.emit("warning", text2),
      closed: (error) => this.closed(made, error)
    });
    return made;
  }
  welcome(leg, names, opening) {
    if (leg === this.next) {
      const missed = this.pushed - Math.round(leg.start * this.sampleRate);
      if (missed > this.recent.length) {
        leg.cancel();
        return this.closed(leg, new LiveError("the server took too long to answer"));
      }
      leg.push(this.recent.subarray(this.recent.length - missed));
      if (this.ended) leg.end();
    }
    this.opening = opening;
    this.names = names;
    this.opened();
  }
  accept(leg, frame2) {
    if (leg !== this.current && leg !== this.next) return;
    if (frame2.time <= this.frontier) return;
    if (leg === this.next) {
      this.current.cancel();
      this.current = leg;
      this.next = void 0;
    }
    this.frontier = frame2.time;
    this.emit("frame", frame2);
  }
  closed(leg, error) {
    if (leg === this.next) {
      this.next = void 0;
      if (error) this.emit("warning", `the settings did not change: ${error.message}`);
    } else if (leg === this.current) {
      this.ended = true;
      this.next?.cancel();
      this.emit("close", error ?? null);
    }
  }
  /** Keeps the last seconds of sound: the overlap, and what may be spoken while a connection is made. */
  remember(samples) {
    const keep = Math.round((this.next ? OVERLAP + 9 : OVERLAP) * this.sampleRate);
    const all = new Int16Array(Math.min(this.recent.length + samples.length, keep));
    const old = Math.max(all.length - samples.length, 0);
    if (old) all.set(this.recent.subarray(this.recent.length - old));
    all.set(samples.subarray(Math.max(samples.length - all.length, 0)), old);
    this.recent = all;
  }
  emit(type, detail) {
    this.target.dispatchEvent(new CustomEvent(type, { detail }));
  }
};

// packages/a2fbridge-live/src/speech.ts
var AHEAD = 0.12;
var SOON = 0.03;
var Speech = class {
  constructor(session, context, output = context.destination) {
    this.session = session;
    this.context = context;
    this.output = output;
    this.finished = new Promise((resolve) => this.done = resolve);
    session.addEventListener("frame", ({ detail }) => {
      this.buffer.add(detail);
      this.begin();
    });
    session.addEventListener("close", () => {
      this.complete = true;
      this.begin();
    });
  }
  session;
  context;
  output;
  buffer = new FrameBuffer();
  waiting = [];
  started;
  scheduled = 0;
  last;
  ended = false;
  complete = false;
  done = () => void 0;
  /** Resolves when all has been heard. */
  finished;
  /** Mono sound at the session's sample rate: 16-bit PCM, or floats in -1..1. */
  say(sound) {
    const samples = pcm16(sound);
    this.session.push(samples);
    if (!samples.length) return;
    const buffer = this.context.createBuffer(1, samples.length, this.session.sampleRate);
    buffer.copyToChannel(float32(samples), 0);
    this.waiting.push(buffer);
    this.begin();
  }
  /** No more sound will come. */
  end() {
    this.ended = true;
    this.session.end();
    this.finish();
  }
  /** Stops at once. */
  stop() {
    this.session.close();
    this.waiting.length = 0;
    this.last?.stop();
    this.done();
  }
  /** Seconds of the speech that have been heard: its place at the loudspeaker; below 0 before the first sound. */
  get time() {
    if (this.started === void 0) return -1;
    return this.context.currentTime - (this.context.outputLatency || this.context.baseLatency || 0) - this.started;
  }
  /** Puts the weights that are due into `out`, in the order of the session's names; false before the first frame. */
  weights(out) {
    return this.buffer.at(Math.max(this.time, 0), out);
  }
  begin() {
    if (this.started === void 0) {
      if (this.buffer.until < AHEAD && !this.complete) return;
      this.started = this.context.currentTime + SOON;
      this.scheduled = this.started;
    }
    for (const buffer of this.waiting.splice(0)) this.schedule(buffer);
    this.finish();
  }
  /** Behind what is scheduled; where the synthesiser was too slow, the gap moves the speech's clock too. */
  schedule(buffer) {
    const soonest = this.context.currentTime + SOON;
    if (this.scheduled < soonest && this.last) {
      this.started += soonest - this.scheduled;
      this.scheduled = soonest;
    }
    const node = this.context.createBufferSource();
    node.buffer = buffer;
    node.connect(this.output);
    node.start(this.scheduled);
    this.scheduled += buffer.duration;
    this.last = node;
  }
  finish() {
    if (!this.ended || this.waiting.length) return;
    if (this.last) this.last.onended = () => this.done();
    else if (this.complete) this.done();
  }
};
export {
  ARKIT_COUNT,
  FACE_NAMES,
  FrameBuffer,
  LiveClock,
  LiveError,
  MorphTargets,
  Speech,
  connect,
  convert,
  morphTargets,
  openMicrophone
};
