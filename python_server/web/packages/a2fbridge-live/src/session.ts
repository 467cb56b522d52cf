/** A live stream: sound goes in, frames come out, settings may change on the way. */
import type { Convention } from "./conventions.js";
import { LiveError } from "./errors.js";
import { Leg, type Opening, type StreamOptions } from "./leg.js";
import type { FaceSettings, Frame } from "./messages.js";
import { pcm16 } from "./pcm.js";

/** Seconds of sound that a new leg hears again, so that its frames go on where the old one's stopped. */
const OVERLAP = 1;

export interface SessionEvents {
  frame: CustomEvent<Frame>;
  warning: CustomEvent<string>;
  /** Its detail is the error, or null after a stream that ended well. */
  close: CustomEvent<LiveError | null>;
}

/** Settings of the stream that may change while it runs. */
export type Changes = FaceSettings & Pick<StreamOptions, "pack" | "identity" | "solver" | "emotion" | "frameRate">;

/**
 * Opens a stream.  Resolves when the server has answered with its settings; rejects with a LiveError that says why not.
 *
 * @param url the server's `/live`, as `ws:`, `wss:`, `http:`, `https:` or relative to the page
 */
export function connect(url: string | URL, options: StreamOptions = {}): Promise<LiveSession> {
  return new Promise((resolve, reject) => {
    const session: LiveSession = new LiveSession(url, options, () => resolve(session));
    session.addEventListener("close", ({ detail }) => reject(detail ?? new LiveError("the stream ended at once")), { once: true });
  });
}

export class LiveSession {
  /** Names of the weights, in order. */
  names: readonly string[] = [];
  /** The server's answer: convention, frame rate, look-ahead, settings in force. */
  opening: Opening | undefined;
  readonly sampleRate: number;
  private readonly target = new EventTarget();
  private current: Leg;
  private next: Leg | undefined;
  private options: StreamOptions;
  private recent: Int16Array;
  private pushed = 0;
  private frontier = -Infinity;
  private ended = false;

  /** Use {@link connect}. */
  constructor(private readonly url: string | URL, options: StreamOptions, private readonly opened: () => void) {
    this.options = options;
    this.sampleRate = options.sampleRate ?? 16000;
    this.recent = new Int16Array();
    this.current = this.leg(0);
  }

  /** Convention of the weights; `target` when the server maps them. */
  get convention(): Convention | "target" {
    return this.opening?.convention ?? "a2f";
  }

  /** Seconds of sound that the server must hear beyond a frame before it can send it. */
  get lookAhead(): number {
    return this.opening?.look_ahead ?? 0.26;
  }

  /** Seconds of sound pushed so far. */
  get heard(): number {
    return this.pushed / this.sampleRate;
  }

  /** Bytes that wait for the network; a sender of long clips waits while it is above a few hundred thousand. */
  get waiting(): number {
    return this.current.waiting;
  }

  /** Sends mono sound at the session's sample rate: 16-bit PCM, or floats in -1..1. */
  push(sound: Int16Array | Float32Array | ArrayBuffer): void {
    if (this.ended) throw new LiveError("sound was pushed after the end of the stream");
    const samples = pcm16(sound);
    this.pushed += samples.length;
    this.current.push(samples);
    this.next?.push(samples);
    this.remember(samples);
  }

  /** Changes the emotions from here on, within `seconds`. */
  feel(emotions: Readonly<Record<string, number>>, seconds = 0.3): void {
    const before = this.options.emotions ?? {};
    this.options = { ...this.options, emotions };
    for (const leg of [this.current, this.next]) {
      // Between two keys the way is linear: the first one holds what was, up to here.
      const now = leg ? Math.max(this.heard - leg.start, 0) : 0;
      leg?.push(new Int16Array(), [{ time: now, emotions: before }, { time: now + seconds, emotions }]);
    }
  }

  /**
   * Changes settings in the middle of the sound: a second stream hears the last second again, and its frames take over
   * where it catches up.  Settings that are left out stay as they are.
   */
  update(changes: Changes): void {
    if (this.ended) return;
    this.options = { ...this.options, ...changes };
    this.next?.cancel();
    this.next = this.leg((this.pushed - this.recent.length) / this.sampleRate);
  }

  /** No more sound: the last frames come, then `close`. */
  end(): void {
    this.ended = true;
    this.current.end();
    this.next?.end();
  }

  /** Ends the stream at once. */
  close(): void {
    this.ended = true;
    this.current.cancel();
    this.next?.cancel();
  }

  addEventListener<K extends keyof SessionEvents>(type: K, listener: (event: SessionEvents[K]) => void, options?: AddEventListenerOptions): void {
    this.target.addEventListener(type, listener as EventListener, options);
  }

  removeEventListener<K extends keyof SessionEvents>(type: K, listener: (event: SessionEvents[K]) => void): void {
    this.target.removeEventListener(type, listener as EventListener);
  }

  /** Frames as they come, until the stream ends; throws its error. */
  async *frames(): AsyncGenerator<Frame> {
    const queue: (Frame | { end: LiveError | null })[] = [];
    let wake = () => undefined as void;
    const put = (item: (typeof queue)[number]) => {
      queue.push(item);
      wake();
    };
    const onFrame = (event: SessionEvents["frame"]) => put(event.detail);
    const onClose = (event: SessionEvents["close"]) => put({ end: event.detail });
    this.addEventListener("frame", onFrame);
    this.addEventListener("close", onClose);
    try {
      for (;;) {
        while (!queue.length) await new Promise<void>((resolve) => (wake = resolve));
        const item = queue.shift()!;
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

  private leg(start: number): Leg {
    let made: Leg | undefined;
    made = new Leg(this.url, this.options, start, {
      opened: (names, opening) => this.welcome(made!, names, opening),
      frame: (frame) => this.accept(made!, { ...frame, time: frame.time + start }),
      warning: (text) => this.emit("warning", text),
      closed: (error) => this.closed(made!, error),
    });
    return made;
  }

  private welcome(leg: Leg, names: readonly string[], opening: Opening): void {
    if (leg === this.next) {
      // Also what was pushed while the connection was being made.
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

  private accept(leg: Leg, frame: Frame): void {
    if (leg !== this.current && leg !== this.next) return;
    if (frame.time <= this.frontier) return;
    if (leg === this.next) {
      this.current.cancel();
      this.current = leg;
      this.next = undefined;
    }
    this.frontier = frame.time;
    this.emit("frame", frame);
  }

  private closed(leg: Leg, error: LiveError | undefined): void {
    if (leg === this.next) {
      this.next = undefined;
      if (error) this.emit("warning", `the settings did not change: ${error.message}`);
    } else if (leg === this.current) {
      this.ended = true;
      this.next?.cancel();
      this.emit("close", error ?? null);
    }
  }

  /** Keeps the last seconds of sound: the overlap, and what may be spoken while a connection is made. */
  private remember(samples: Int16Array): void {
    const keep = Math.round((this.next ? OVERLAP + 9 : OVERLAP) * this.sampleRate);
    const all = new Int16Array(Math.min(this.recent.length + samples.length, keep));
    const old = Math.max(all.length - samples.length, 0);
    if (old) all.set(this.recent.subarray(this.recent.length - old));
    all.set(samples.subarray(Math.max(samples.length - all.length, 0)), old);
    this.recent = all;
  }

  private emit(type: keyof SessionEvents, detail: unknown): void {
    this.target.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
