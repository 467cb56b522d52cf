/**
 * The head that ships with A2FBridge, in memory: `head.npz` (docs/head.md) and its deformation by weights.
 *
 * Centimetres, y up, the face looks along +z.  Weights are in convention `a2f`, in the order of FACE_NAMES.  Knows
 * nothing of three.js.
 */
import { ARKIT_COUNT, FACE_INDEX } from "../../packages/a2fbridge-live/src/names";
import { type NpyArray, type Numbers, readNpz } from "./npz";

/** Unit of stored offsets in centimetres. */
const STEP = 5e-4;

/** A mesh whose vertices are moved by shapes. */
export class ShapedMesh {
  readonly positions: Float32Array;
  private readonly sparse: { rows: Uint16Array; deltas: Float32Array }[];

  constructor(
    readonly neutral: Float32Array,
    readonly faces: Uint16Array,
    readonly colours: Float32Array | undefined,
    /** Blocks of offsets [K, V, 3]; block k, row i belongs to weight `first[k] + i`. */
    blocks: { first: number; deltas: Int16Array }[],
  ) {
    this.positions = neutral.slice();
    this.sparse = [];
    for (const { first, deltas } of blocks) {
      for (let i = 0; i * neutral.length < deltas.length; i++) {
        this.add(first + i, deltas.subarray(i * neutral.length, (i + 1) * neutral.length));
      }
    }
  }

  /** Puts the neutral position plus the weighted offsets into `positions`. */
  pose(weights: ArrayLike<number>): void {
    const out = this.positions;
    out.set(this.neutral);
    this.sparse.forEach(({ rows, deltas }, shape) => {
      const weight = weights[shape] ?? 0;
      if (weight === 0) return;
      for (let i = 0, d = 0; i < rows.length; i++, d += 3) {
        const v = rows[i]! * 3;
        out[v]! += weight * deltas[d]!;
        out[v + 1]! += weight * deltas[d + 1]!;
        out[v + 2]! += weight * deltas[d + 2]!;
      }
    });
  }

  private add(shape: number, deltas: Int16Array): void {
    const rows: number[] = [];
    for (let v = 0; v < deltas.length; v += 3) if (deltas[v] || deltas[v + 1] || deltas[v + 2]) rows.push(v / 3);
    const packed = new Float32Array(rows.length * 3);
    rows.forEach((row, i) => {
      for (let c = 0; c < 3; c++) packed[i * 3 + c] = deltas[row * 3 + c]! * STEP;
    });
    const before = this.sparse[shape];
    const own = { rows: Uint16Array.from(rows), deltas: packed };
    this.sparse[shape] = before ? joined(before, own) : own;
  }
}

type Sparse = { rows: Uint16Array; deltas: Float32Array };

function joined(a: Sparse, b: Sparse): Sparse {
  return {
    rows: Uint16Array.from([...a.rows, ...b.rows]),
    deltas: Float32Array.from([...a.deltas, ...b.deltas]),
  };
}

/** A mesh that moves as a whole, or not at all. */
export interface RigidMesh {
  readonly positions: Float32Array;
  readonly faces: Uint16Array;
  readonly colours: Float32Array;
}

export interface Head {
  readonly skin: ShapedMesh;
  readonly tongue: ShapedMesh;
  readonly brows: ShapedMesh;
  readonly lashes: ShapedMesh;
  readonly upperTeeth: RigidMesh;
  readonly lowerTeeth: RigidMesh;
  /** Right eye first. */
  readonly eyes: readonly [RigidMesh, RigidMesh];
  readonly eyeCentres: Float32Array;
  readonly eyeRadius: number;
  readonly jaw: { hinge: Float32Array; angle: number; shift: Float32Array };
  /** [2, 7, 9]: upper and lower lip, edge loops from inside to outside, facing columns. */
  readonly lipColumns: Uint16Array;
  /** [2, 2, 6, 12]: right and left eye, upper and lower lid, loops, columns. */
  readonly lidColumns: Uint16Array;
}

/** Reads a head of the layout in docs/head.md. */
export async function readHead(bytes: Uint8Array): Promise<Head> {
  const arrays = await readNpz(bytes);
  const get = <T extends Numbers>(name: string): T => numbers(arrays, name) as T;
  const part = (name: string) => ({
    positions: get<Float32Array>(`part.${name}.vertices`),
    faces: get<Uint16Array>(`part.${name}.faces`),
    colours: unit(get<Uint8Array>(`part.${name}.colours`)),
  });
  const hair = (name: string) => {
    const { positions, faces } = part(name);
    return new ShapedMesh(positions, faces, undefined, [{ first: 0, deltas: get<Int16Array>(`part.${name}.deltas`) }]);
  };
  return {
    skin: new ShapedMesh(get("skin_neutral"), get("skin_faces"), unit(get("skin_colours")), [
      { first: 0, deltas: get<Int16Array>("skin_deltas") },
    ]),
    tongue: new ShapedMesh(get("tongue_neutral"), get("tongue_faces"), undefined, [
      { first: 0, deltas: get<Int16Array>("tongue_carried") },
      { first: ARKIT_COUNT, deltas: get<Int16Array>("tongue_deltas") },
    ]),
    brows: hair("brows"),
    lashes: hair("lashes"),
    upperTeeth: part("teeth_upper"),
    lowerTeeth: part("teeth_lower"),
    eyes: [part("eye_right"), part("eye_left")],
    eyeCentres: get("eye_centres"),
    eyeRadius: get<Float32Array>("eye_radius")[0]!,
    jaw: { hinge: get("jaw_hinge"), angle: get<Float32Array>("jaw_angle")[0]!, shift: get("jaw_shift") },
    lipColumns: get("lip_columns"),
    lidColumns: get("lid_columns"),
  };
}

/** Pitch (front down) and yaw (to +x) in degrees at weight 1, of each eye's gaze shapes. */
const GAZE = [
  { EyeLookUpRight: [-17, 0], EyeLookDownRight: [21, 0], EyeLookInRight: [0, 24], EyeLookOutRight: [0, -24] },
  { EyeLookUpLeft: [-17, 0], EyeLookDownLeft: [21, 0], EyeLookInLeft: [0, -24], EyeLookOutLeft: [0, 24] },
] as const;

/** Returns pitch and yaw of the right (0) or left (1) eye in degrees. */
export function eyeRotation(side: 0 | 1, weights: ArrayLike<number>): [number, number] {
  let pitch = 0;
  let yaw = 0;
  for (const [name, [p, y]] of Object.entries(GAZE[side])) {
    const weight = weights[FACE_INDEX.get(name)!] ?? 0;
    pitch += weight * p;
    yaw += weight * y;
  }
  return [pitch, yaw];
}

/** Returns opening angle in degrees and shift of the jaw; the hinge is `head.jaw.hinge`. */
export function jawMotion(head: Head, weights: ArrayLike<number>): { angle: number; shift: [number, number, number] } {
  const at = (name: string) => weights[FACE_INDEX.get(name)!] ?? 0;
  const ways = [at("JawForward"), at("JawLeft"), at("JawRight")];
  const along = (c: number) => ways.reduce((sum, way, i) => sum + way * head.jaw.shift[i * 3 + c]!, 0);
  return { angle: head.jaw.angle * (at("JawOpen") + at("MouthClose")), shift: [along(0), along(1), along(2)] };
}

function numbers(arrays: Map<string, NpyArray>, name: string): Numbers {
  const data = arrays.get(name)?.data;
  if (data === undefined || Array.isArray(data)) throw new Error(`the head lacks '${name}'`);
  return data as Numbers;
}

function unit(bytes: Uint8Array): Float32Array {
  return Float32Array.from(bytes, (value) => value / 255);
}
