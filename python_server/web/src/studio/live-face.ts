/** The microphone's voice on the face, as soon as its frames are there. */
import { FrameBuffer } from "../../packages/a2fbridge-live/src/buffer";
import { LiveClock } from "../../packages/a2fbridge-live/src/live-clock";
import { type Microphone, openMicrophone } from "../../packages/a2fbridge-live/src/microphone";
import { FACE_INDEX, FACE_NAMES } from "../../packages/a2fbridge-live/src/names";
import { pcm16 } from "../../packages/a2fbridge-live/src/pcm";
import { type Changes, type LiveSession, connect } from "../../packages/a2fbridge-live/src/session";
import type { Face } from "../player/face";
import { token } from "./api";
import { wav } from "./wav";

/** Seconds of sound that are kept as a recording. */
const KEPT = 600;

export interface LiveEvents {
  level(value: number): void;
  /** Seconds from a sound to its frame's drawing. */
  delay(seconds: number): void;
  warning(text: string): void;
  /** The server ended the stream. */
  ended(error: Error | null): void;
}

export class LiveFace {
  /** Seconds from sound to drawing, of the frames drawn last. */
  readonly delays: number[] = [];
  private readonly buffer = new FrameBuffer();
  private readonly clock = new LiveClock();
  private readonly face68 = new Float32Array(FACE_NAMES.length);
  private readonly recorded: Int16Array<ArrayBuffer>[] = [];
  private weights = new Float32Array();
  private begun = 0;
  private looping = 0;

  private constructor(
    private readonly face: Face, private readonly microphone: Microphone, private readonly session: LiveSession, private readonly events: LiveEvents,
  ) {
    session.addEventListener("frame", ({ detail }) => {
      this.buffer.add(detail);
      this.clock.arrived(detail.time);
    });
    session.addEventListener("warning", ({ detail }) => events.warning(detail));
    session.addEventListener("close", ({ detail }) => events.ended(detail));
    this.begun = performance.now() / 1000;
    microphone.start(session, (level, samples) => this.hear(level, samples));
    this.loop();
  }

  static async start(face: Face, changes: Changes, events: LiveEvents): Promise<LiveFace> {
    const microphone = await openMicrophone({ worklet: "/assets/capture-worklet.js" });
    try {
      const session = await connect("/live", { ...changes, sampleRate: microphone.sampleRate, ...(token === undefined ? {} : { token }) });
      return new LiveFace(face, microphone, session, events);
    } catch (error) {
      await microphone.stop();
      throw error;
    }
  }

  update(changes: Changes): void {
    this.session.update(changes);
  }

  /** Stops; returns what was said. */
  async stop(): Promise<Blob> {
    cancelAnimationFrame(this.looping);
    this.face.redraw();
    this.session.close();
    await this.microphone.stop();
    return wav(this.recorded, this.microphone.sampleRate);
  }

  private hear(level: number, samples: Float32Array): void {
    // The stream's own clock: sample n was heard at begun + n / rate, at the earliest that pieces allow.
    this.begun = Math.min(this.begun, performance.now() / 1000 - this.session.heard);
    if (this.session.heard < KEPT) this.recorded.push(pcm16(samples).slice());
    this.events.level(level);
  }

  private loop(): void {
    this.looping = requestAnimationFrame(() => this.loop());
    const { time } = this.clock;
    const { names } = this.session;
    if (this.weights.length !== names.length) this.weights = new Float32Array(names.length);
    if (time === undefined || !this.buffer.at(time, this.weights)) return;
    names.forEach((name, k) => {
      const place = FACE_INDEX.get(name);
      if (place !== undefined) this.face68[place] = this.weights[k]!;
    });
    this.face.show(this.face68, performance.now() / 1000);
    this.face.draw(true);
    const now = performance.now() / 1000;
    this.delays.push(now - this.begun - Math.max(time, 0));
    if (this.delays.length > 600) this.delays.shift();
    this.events.delay(this.delays.at(-1)!);
  }
}
