// Run by `node --test`; the environment names the built module and the folder of shared vectors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FakeSocket } from "./fake-socket.mjs";

globalThis.WebSocket = FakeSocket;
const { FACE_NAMES, FrameBuffer, LiveClock, LiveError, MorphTargets, connect, convert, morphTargets } = await import(process.env.A2FBRIDGE_LIVE);

const near = (actual, expected, tolerance = 1e-6) => {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) <= tolerance, `[${i}] ${value}, not ${expected[i]}`));
};
/** A frame message: AnimationDataStream.animation_data with one row. */
const frame = (time, value) => {
  const row = Buffer.alloc(9 + 6);
  row[0] = 0x09;
  row.writeDoubleLE(time, 1);
  row[9] = 0x12;
  row[10] = 4;
  row.writeFloatLE(value, 11);
  const wrap = (number, bytes) => Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
  return wrap(2, wrap(1, wrap(1, row)));
};
const header = Buffer.from([0x0a, 0x0b, 0x12, 0x09, 0x0a, 0x07, ...Buffer.from("JawOpen")]);
const success = Buffer.from([0x22, 0x00]);
const open = async (options) => {
  FakeSocket.made = [];
  const connected = connect("ws://server/live", options);
  FakeSocket.made[0].open();
  FakeSocket.made[0].say(header);
  const session = await connected;
  const frames = [];
  session.addEventListener("frame", ({ detail }) => frames.push([detail.time, detail.weights[0]]));
  return { session, frames };
};

test("conventions are converted as in Python", () => {
  const vectors = JSON.parse(readFileSync(`${process.env.A2FBRIDGE_VECTORS}/conventions.json`, "utf8"));
  vectors.weights.forEach((row, i) => {
    near(convert([...row], vectors.names, "a2f", "arkit"), vectors.a2f_to_arkit[i]);
    near(convert([...row], vectors.names, "arkit", "a2f"), vectors.arkit_to_a2f[i]);
    near(convert([...row], vectors.names, "a2f", "a2f"), row);
  });
  assert.ok(vectors.weights.length > 40);
});

test("frames are linear between their times, and held beyond them", () => {
  const buffer = new FrameBuffer();
  const out = new Float32Array(1);
  assert.equal(buffer.at(0, out), false);
  for (const [time, value] of [[0, 0], [0.1, 1], [0.2, 0.5]]) buffer.add({ time, weights: Float32Array.of(value) });
  for (const [time, value] of [[-1, 0], [0.05, 0.5], [0.1, 1], [0.175, 0.625], [9, 0.5]]) {
    assert.equal(buffer.at(time, out), true);
    near(out, [value]);
  }
});

test("a buffer forgets what is long past", () => {
  const buffer = new FrameBuffer();
  const out = new Float32Array(1);
  for (let i = 0; i < 600; i++) buffer.add({ time: i / 60, weights: Float32Array.of(i) });
  buffer.at(9.9, out);
  assert.ok(buffer.length < 120, `${buffer.length} frames kept`);
});

test("the live clock follows the slowest of the last frames, without jerks", () => {
  let now = 10;
  const clock = new LiveClock(() => now);
  assert.equal(clock.time, undefined);
  const delays = (i) => (i === 100 ? 0.45 : 0.3 + 0.02 * (i % 2));
  let last;
  let [most, least] = [0, Infinity];
  for (let i = 0; i < 400; i++) {
    now = Math.max(now, 10 + i / 60 + delays(i));
    clock.arrived(i / 60);
    if (last !== undefined) {
      const speed = (clock.time - last.time) / (now - last.now || 1);
      if (now > last.now) [most, least] = [Math.max(most, speed), Math.min(least, speed)];
    }
    last = { time: clock.time, now };
  }
  assert.ok(most <= 1.09 && least >= 0.91, `speed ${least} to ${most}`);
  near([now - clock.time - 10], [0.32], 0.03);
});

test("targets are found by name, whatever the spelling, and get Apple's mouth", () => {
  const meshes = [
    { morphTargetDictionary: { jawOpen: 0, "Face.mouthClose": 1, eyeBlink_L: 2, other: 3 }, morphTargetInfluences: [0, 0, 0, 0.7] },
    { morphTargetDictionary: { JawOpen: 0 }, morphTargetInfluences: [0] },
    {},
  ];
  const targets = morphTargets({ traverse: (visit) => meshes.forEach(visit) });
  assert.deepEqual(targets.found, ["EyeBlinkLeft", "JawOpen", "MouthClose"]);
  assert.equal(targets.missing.length, FACE_NAMES.length - 3);
  targets.apply(["JawOpen", "MouthClose", "EyeBlinkLeft"], [0.25, 0.5, 1]);
  assert.deepEqual(meshes[0].morphTargetInfluences, [0.75, 0.5, 1, 0.7]);
  assert.deepEqual(meshes[1].morphTargetInfluences, [0.75]);
  const own = [];
  const other = new MorphTargets({ convention: "a2f" });
  assert.equal(other.add("mouth_close", (value) => own.push(value)), true);
  assert.equal(other.add("nothing", () => 0), false);
  other.apply(["JawOpen", "MouthClose"], [0.25, 0.5]);
  assert.deepEqual(own, [0.5]);
  assert.throws(() => morphTargets({ traverse: () => undefined }), LiveError);
});

test("a change of settings takes over where the old frames stop", async () => {
  const { session, frames } = await open({ parameters: { skinStrength: 1 } });
  const [old] = FakeSocket.made;
  session.push(new Int16Array(32000));
  old.say(frame(0, 0.1), frame(1.5, 0.1));
  session.update({ parameters: { skinStrength: 2 } });
  const next = FakeSocket.made[1];
  session.push(new Int16Array(1600));
  next.open();
  old.say(frame(1.6, 0.1));
  next.say(header);
  const again = next.sent.slice(1).reduce((sum, bytes) => sum + bytes.length, 0);
  assert.ok(Math.abs(again - 2 * (16000 + 1600)) < 60, `${again} bytes of sound are heard again`);
  next.say(frame(0, 0.9), frame(0.5, 0.9), frame(0.7, 0.9));
  old.say(frame(1.7, 0.1));
  session.end();
  next.say(success);
  const closed = new Promise((resolve) => session.addEventListener("close", resolve));
  next.hangUp();
  assert.equal((await closed).detail, null);
  assert.deepEqual(frames.map(([time, value]) => [Number(time.toFixed(3)), Number(value.toFixed(3))]), [[0, 0.1], [1.5, 0.1], [1.6, 0.1], [1.7, 0.9]]);
  assert.equal(old.readyState, 3);
});

test("settings that are refused leave the stream as it was", async () => {
  const { session, frames } = await open({});
  const warnings = [];
  session.addEventListener("warning", ({ detail }) => warnings.push(detail));
  session.update({ pack: "nothing" });
  FakeSocket.made[1].hangUp(1006);
  FakeSocket.made[0].say(frame(0.1, 0.5));
  assert.equal(frames.length, 1);
  assert.match(warnings[0], /the settings did not change/);
});

test("frames can be iterated, and an error ends them", async () => {
  const { session } = await open({});
  const [socket] = FakeSocket.made;
  const seen = [];
  const reading = (async () => {
    for await (const { time } of session.frames()) seen.push(time);
  })();
  socket.say(frame(0, 1), frame(0.5, 1), Buffer.from([0x22, 0x06, 0x08, 0x03, 0x12, 0x02, 0x6e, 0x6f]));
  socket.hangUp(1008);
  await assert.rejects(reading, (error) => error instanceof LiveError && error.message === "no");
  assert.deepEqual(seen, [0, 0.5]);
  assert.throws(() => session.push(new Int16Array(1)), LiveError);
});

test("no server is an error in words", async () => {
  FakeSocket.made = [];
  const connected = connect("ws://nowhere/live");
  FakeSocket.made[0].hangUp(1006);
  await assert.rejects(connected, (error) => error instanceof LiveError && /no stream at ws:\/\/nowhere\/live/.test(error.message));
});

test("a message that is none ends the stream with an error", async () => {
  const { session } = await open({});
  const closed = new Promise((resolve) => session.addEventListener("close", resolve));
  FakeSocket.made[0].say(Buffer.from([0x12, 0xff, 0xff]));
  assert.match((await closed).detail.message, /no message of the stream/);
});
