/** Reads NumPy archives (`.npz`): a ZIP of `.npy` arrays, stored or deflated.  Knows nothing of heads. */

export type Numbers = Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

export interface NpyArray {
  readonly shape: readonly number[];
  /** Numbers in C order, or the text of a 0-dimensional or 1-dimensional text array. */
  readonly data: Numbers | readonly string[];
}

/** Largest array that is read, in bytes. */
const LIMIT = 1 << 28;

const TYPES: Record<string, (b: ArrayBuffer) => Numbers> = {
  "<f4": (b) => new Float32Array(b),
  "<f8": (b) => new Float64Array(b),
  "|i1": (b) => new Int8Array(b),
  "<i2": (b) => new Int16Array(b),
  "<i4": (b) => new Int32Array(b),
  "|u1": (b) => new Uint8Array(b),
  "<u2": (b) => new Uint16Array(b),
  "<u4": (b) => new Uint32Array(b),
  "<i8": (b) => Float64Array.from(new BigInt64Array(b), Number),
};

/** Reads every array of an archive, by name without `.npy`.  Throws an Error that says what is wrong. */
export async function readNpz(bytes: Uint8Array): Promise<Map<string, NpyArray>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const arrays = new Map<string, NpyArray>();
  for (const entry of directory(view)) {
    const name = entry.name.replace(/\.npy$/, "");
    arrays.set(name, parseNpy(name, await content(view, bytes, entry)));
  }
  return arrays;
}

interface Entry {
  name: string;
  method: number;
  packed: number;
  size: number;
  offset: number;
}

function directory(view: DataView): Entry[] {
  let end = view.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new Error("not a NumPy archive: it has no end record");
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new Error(`damaged NumPy archive at byte ${at}`);
    const nameLength = view.getUint16(at + 28, true);
    entries.push({
      name: new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameLength)),
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

async function content(view: DataView, bytes: Uint8Array, entry: Entry): Promise<Uint8Array> {
  if (entry.size > LIMIT) throw new Error(`array '${entry.name}' has ${entry.size} bytes; at most ${LIMIT} are read`);
  const start = entry.offset + 30 + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true);
  const packed = bytes.slice(start, start + entry.packed);
  if (entry.method === 0) return packed;
  if (entry.method !== 8) throw new Error(`array '${entry.name}' is packed by method ${entry.method}; 0 and 8 are read`);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function parseNpy(name: string, bytes: Uint8Array): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x934e554d) throw new Error(`'${name}' is not a NumPy array`);
  const wide = view.getUint8(6) > 1;
  const start = wide ? 12 : 10;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, start + length));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? "";
  if (/'fortran_order':\s*True/.test(header)) throw new Error(`'${name}' is in Fortran order; C order is read`);
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? "").split(",").filter((s) => s.trim()).map(Number);
  const body = bytes.slice(start + length);
  const make = TYPES[type];
  if (make) return { shape, data: make(body.buffer) };
  if (/^(<U|\|S)\d+$/.test(type)) return { shape, data: text(type, body) };
  throw new Error(`'${name}' holds ${type || "an unknown type"}, which is not read`);
}

function text(type: string, body: Uint8Array): string[] {
  const wide = type.startsWith("<U");
  const width = Number(type.slice(2));
  const codes = wide ? new Uint32Array(body.buffer) : body;
  const out: string[] = [];
  for (let i = 0; i < codes.length; i += width) {
    out.push(String.fromCodePoint(...codes.subarray(i, i + width)).replace(/\0+$/, ""));
  }
  return out;
}
