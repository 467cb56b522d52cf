/** Frames that have come and are not due yet: the jitter buffer. */
import type { Frame } from "./messages.js";

/** Seconds of frames that are kept behind the place that was asked for last. */
const KEPT = 1;

export class FrameBuffer {
  private readonly frames: Frame[] = [];

  /** Seconds up to which there are frames; -Infinity while there are none. */
  get until(): number {
    return this.frames.at(-1)?.time ?? -Infinity;
  }

  get length(): number {
    return this.frames.length;
  }

  /** Frames come in order of their times. */
  add(frame: Frame): void {
    this.frames.push(frame);
  }

  /**
   * Puts the weights at a time into `out`: linear between frames, the first or the last beyond them.  Returns false and
   * leaves `out` while there are none.
   */
  at(time: number, out: Float32Array): boolean {
    const { frames } = this;
    while (frames.length > 2 && frames[1]!.time < time - KEPT) frames.shift();
    const after = frames.findIndex((frame) => frame.time > time);
    const b = frames[after < 0 ? frames.length - 1 : after];
    const a = frames[after < 0 ? frames.length - 1 : Math.max(after - 1, 0)];
    if (!a || !b) return false;
    const share = a === b ? 0 : (time - a.time) / (b.time - a.time);
    for (let k = 0; k < out.length; k++) out[k] = a.weights[k]! + (b.weights[k]! - a.weights[k]!) * share;
    return true;
  }

  clear(): void {
    this.frames.length = 0;
  }
}
