/** An animation in memory: names, frames and times.  The file is the NPZ that `a2fbridge animate -o OUT.npz` writes. */
import { convert, type Convention } from "../../packages/a2fbridge-live/src/conventions";
import { FACE_INDEX, FACE_NAMES } from "../../packages/a2fbridge-live/src/names";
import { readNpz } from "../head/npz";

export class Clip {
  readonly length: number;
  private readonly face: (number | undefined)[];

  constructor(
    readonly names: readonly string[],
    readonly convention: Convention,
    /** Numerator and denominator of the frame rate. */
    readonly rate: readonly [number, number],
    /** [N, K] */
    readonly weights: Float32Array,
  ) {
    this.length = weights.length / names.length;
    this.face = names.map((name) => FACE_INDEX.get(name));
  }

  static async read(npz: Uint8Array): Promise<Clip> {
    const arrays = await readNpz(npz);
    const [names, weights, rate, convention] = ["names", "weights", "frame_rate", "convention"].map((key) => arrays.get(key)?.data);
    const said = (convention as string[] | undefined)?.[0];
    if (!names || !(weights instanceof Float32Array) || !rate) throw new Error("the animation lacks names, weights or frame rate");
    if (said !== "a2f" && said !== "arkit") throw new Error(`the animation's convention is ${said}; a face needs a2f or arkit`);
    return new Clip(names as string[], said, [Number(rate[0]), Number(rate[1])], weights);
  }

  /** Seconds from the start of the first frame to the end of the last. */
  get duration(): number {
    return this.timeOf(this.length);
  }

  timeOf(frame: number): number {
    return (frame * this.rate[1]) / this.rate[0];
  }

  /** The frame that is due at a time: the last one that has begun. */
  frameAt(time: number): number {
    const frame = Math.floor((time * this.rate[0]) / this.rate[1] + 1e-6);
    return Math.min(Math.max(frame, 0), Math.max(this.length - 1, 0));
  }

  /** Weights of one frame, as they lie in the file. */
  frame(index: number): Float32Array {
    return this.weights.subarray(index * this.names.length, (index + 1) * this.names.length);
  }

  /** Puts the weights at a time into `out` [K]: linear between the frames. */
  at(time: number, out: Float32Array): void {
    if (!this.length) return void out.fill(0);
    const first = this.frameAt(time);
    const a = this.frame(first);
    const b = this.frame(Math.min(first + 1, this.length - 1));
    const share = Math.min(Math.max((time - this.timeOf(first)) / this.timeOf(1), 0), 1);
    for (let k = 0; k < out.length; k++) out[k] = a[k]! + (b[k]! - a[k]!) * share;
  }

  /** Spreads weights [K] to the head's 68, in convention a2f. */
  toFace(weights: Float32Array, out: Float32Array): void {
    out.fill(0);
    this.face.forEach((place, k) => {
      if (place !== undefined) out[place] = weights[k]!;
    });
    convert(out, FACE_NAMES, this.convention, "a2f");
  }

  /** Names of the curves that move most, at most `count`; one that shows the same movement as another is left out. */
  liveliest(count: number): string[] {
    const range = (k: number) => {
      let [low, high] = [Infinity, -Infinity];
      for (let i = k; i < this.weights.length; i += this.names.length) {
        low = Math.min(low, this.weights[i]!);
        high = Math.max(high, this.weights[i]!);
      }
      return high - low;
    };
    const ranges = this.names.map((_, k) => range(k));
    const order = ranges.map((_, k) => k).sort((a, b) => ranges[b]! - ranges[a]!);
    const chosen: number[] = [];
    for (const k of order) {
      if (chosen.length >= count || !(ranges[k]! > 0.01)) break;
      if (chosen.every((other) => this.distance(k, other) > 0.05)) chosen.push(k);
    }
    return chosen.sort((a, b) => a - b).map((k) => this.names[k]!);
  }

  private distance(a: number, b: number): number {
    let most = 0;
    for (let i = 0; i < this.weights.length; i += this.names.length) {
      most = Math.max(most, Math.abs(this.weights[i + a]! - this.weights[i + b]!));
    }
    return most;
  }
}
