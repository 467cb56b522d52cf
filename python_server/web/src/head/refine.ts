/**
 * One step of Phong tessellation (Boubekeur and Alexa 2008): every triangle becomes four, new points lie on the curved
 * surface that the normals describe.  Old points stay where they are, so lips and lids that touch go on touching.
 */
import { smoothNormals } from "./normals";

/** How far new points leave the flat triangle: 3/4, the authors' value. */
const CURVATURE = 0.75;

export class Refinement {
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  readonly faces: Uint16Array;
  private readonly ends: Uint16Array;
  private readonly coarse: number;

  constructor(count: number, private readonly coarseFaces: Uint16Array) {
    this.coarse = count;
    const { ends, faces } = split(count, coarseFaces);
    this.ends = ends;
    this.faces = faces;
    const total = (count + ends.length / 2) * 3;
    this.positions = new Float32Array(total);
    this.normals = new Float32Array(total);
  }

  /** Fills `positions` and `normals` from the coarse mesh's positions; the old points alone when not `all`. */
  update(coarse: Float32Array, all = true): void {
    const { positions, normals, ends } = this;
    positions.set(coarse);
    smoothNormals(positions, this.coarseFaces, normals);
    if (!all) return;
    for (let e = 0, at = this.coarse * 3; e < ends.length; e += 2, at += 3) {
      this.between(ends[e]! * 3, ends[e + 1]! * 3, at);
    }
  }

  /** Interpolates values per point, such as colours, to the new points. */
  spread(values: Float32Array, width: number): Float32Array {
    const out = new Float32Array((this.coarse + this.ends.length / 2) * width);
    out.set(values);
    for (let e = 0, at = this.coarse * width; e < this.ends.length; e += 2, at += width) {
      for (let c = 0; c < width; c++) {
        out[at + c] = (values[this.ends[e]! * width + c]! + values[this.ends[e + 1]! * width + c]!) / 2;
      }
    }
    return out;
  }

  private between(a: number, b: number, at: number): void {
    const p = this.positions;
    const n = this.normals;
    const dx = p[b]! - p[a]!;
    const dy = p[b + 1]! - p[a + 1]!;
    const dz = p[b + 2]! - p[a + 2]!;
    // The middle, projected onto the tangent planes at both ends, averaged.
    const alongA = (dx * n[a]! + dy * n[a + 1]! + dz * n[a + 2]!) * (CURVATURE / 4);
    const alongB = (dx * n[b]! + dy * n[b + 1]! + dz * n[b + 2]!) * (CURVATURE / 4);
    let length = 0;
    for (let c = 0; c < 3; c++) {
      p[at + c] = (p[a + c]! + p[b + c]!) / 2 - alongA * n[a + c]! + alongB * n[b + c]!;
      n[at + c] = n[a + c]! + n[b + c]!;
      length += n[at + c]! ** 2;
    }
    length = Math.sqrt(length) || 1;
    for (let c = 0; c < 3; c++) n[at + c]! /= length;
  }
}

function split(count: number, coarse: Uint16Array): { ends: Uint16Array; faces: Uint16Array } {
  const middles = new Map<number, number>();
  const ends: number[] = [];
  const middle = (a: number, b: number): number => {
    const key = Math.min(a, b) * count + Math.max(a, b);
    let made = middles.get(key);
    if (made === undefined) {
      made = count + ends.length / 2;
      middles.set(key, made);
      ends.push(a, b);
    }
    return made;
  };
  const faces: number[] = [];
  for (let f = 0; f < coarse.length; f += 3) {
    const [a, b, c] = [coarse[f]!, coarse[f + 1]!, coarse[f + 2]!];
    const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
    faces.push(a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca);
  }
  return { ends: Uint16Array.from(ends), faces: Uint16Array.from(faces) };
}
