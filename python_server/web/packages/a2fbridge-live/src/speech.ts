/** Speech of a synthesiser: played to the user and sent to the session, with the face on the clock of what is heard. */
import { FrameBuffer } from "./buffer.js";
import { float32, pcm16 } from "./pcm.js";
import type { LiveSession } from "./session.js";

/** Seconds of frames that must be there before the first sound is heard. */
const AHEAD = 0.12;
/** Seconds between now and a sound that is scheduled. */
const SOON = 0.03;

/**
 * Plays sound in step with its frames.  Push pieces of any length with `say`; playing starts when the first frames have come
 * (some 0.3 s), so that mouth and voice begin together.
 */
export class Speech {
  readonly buffer = new FrameBuffer();
  private readonly waiting: AudioBuffer[] = [];
  private started: number | undefined;
  private scheduled = 0;
  private last: AudioBufferSourceNode | undefined;
  private ended = false;
  private complete = false;
  private done = () => undefined as void;
  /** Resolves when all has been heard. */
  readonly finished: Promise<void>;

  constructor(private readonly session: LiveSession, private readonly context: AudioContext, private readonly output: AudioNode = context.destination) {
    this.finished = new Promise((resolve) => (this.done = resolve));
    session.addEventListener("frame", ({ detail }) => {
      this.buffer.add(detail);
      this.begin();
    });
    session.addEventListener("close", () => {
      this.complete = true;
      this.begin();
    });
  }

  /** Mono sound at the session's sample rate: 16-bit PCM, or floats in -1..1. */
  say(sound: Int16Array | Float32Array | ArrayBuffer): void {
    const samples = pcm16(sound);
    this.session.push(samples);
    if (!samples.length) return;
    const buffer = this.context.createBuffer(1, samples.length, this.session.sampleRate);
    buffer.copyToChannel(float32(samples), 0);
    this.waiting.push(buffer);
    this.begin();
  }

  /** No more sound will come. */
  end(): void {
    this.ended = true;
    this.session.end();
    this.finish();
  }

  /** Stops at once. */
  stop(): void {
    this.session.close();
    this.waiting.length = 0;
    this.last?.stop();
    this.done();
  }

  /** Seconds of the speech that have been heard: its place at the loudspeaker; below 0 before the first sound. */
  get time(): number {
    if (this.started === undefined) return -1;
    return this.context.currentTime - (this.context.outputLatency || this.context.baseLatency || 0) - this.started;
  }

  /** Puts the weights that are due into `out`, in the order of the session's names; false before the first frame. */
  weights(out: Float32Array): boolean {
    return this.buffer.at(Math.max(this.time, 0), out);
  }

  private begin(): void {
    if (this.started === undefined) {
      if (this.buffer.until < AHEAD && !this.complete) return;
      this.started = this.context.currentTime + SOON;
      this.scheduled = this.started;
    }
    for (const buffer of this.waiting.splice(0)) this.schedule(buffer);
    this.finish();
  }

  /** Behind what is scheduled; where the synthesiser was too slow, the gap moves the speech's clock too. */
  private schedule(buffer: AudioBuffer): void {
    const soonest = this.context.currentTime + SOON;
    if (this.scheduled < soonest && this.last) {
      this.started! += soonest - this.scheduled;
      this.scheduled = soonest;
    }
    const node = this.context.createBufferSource();
    node.buffer = buffer;
    node.connect(this.output);
    node.start(this.scheduled);
    this.scheduled += buffer.duration;
    this.last = node;
  }

  private finish(): void {
    if (!this.ended || this.waiting.length) return;
    if (this.last) this.last.onended = () => this.done();
    else if (this.complete) this.done();
  }
}
