/** Protocol buffers' wire format, as far as the stream's messages need it (protobuf.dev/programming-guides/encoding). */

const VARINT = 0;
const BIT64 = 1;
const BYTES = 2;
const BIT32 = 5;

export class Writer {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  private at = 0;

  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.at);
  }

  uint(field: number, value: number): this {
    return this.varint(field * 8 + VARINT).varint(value);
  }

  float(field: number, value: number): this {
    this.varint(field * 8 + BIT32).room(4);
    this.view.setFloat32(this.at, value, true);
    this.at += 4;
    return this;
  }

  double(field: number, value: number): this {
    this.varint(field * 8 + BIT64).room(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
    return this;
  }

  blob(field: number, value: Uint8Array): this {
    this.varint(field * 8 + BYTES).varint(value.length).room(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
    return this;
  }

  text(field: number, value: string): this {
    return this.blob(field, new TextEncoder().encode(value));
  }

  message(field: number, fill: (writer: Writer) => void): this {
    const inner = new Writer();
    fill(inner);
    return this.blob(field, inner.finish());
  }

  /** A `map<string, float>`. */
  floats(field: number, values: Readonly<Record<string, number>> = {}): this {
    for (const [name, value] of Object.entries(values)) this.message(field, (entry) => entry.text(1, name).float(2, value));
    return this;
  }

  private varint(value: number): this {
    this.room(10);
    while (value > 0x7f) {
      this.bytes[this.at++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.bytes[this.at++] = value;
    return this;
  }

  private room(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}

/** One field of a message: `bytes` for what has a length, else `value`. */
export interface Field {
  readonly number: number;
  readonly value: number;
  readonly bytes: Uint8Array;
}

const NONE = new Uint8Array();

/** Goes through the fields of a message.  Throws RangeError when it is cut off or no message at all. */
export function* fields(bytes: Uint8Array): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1, length = 0; length < 10; scale *= 0x80, length++) {
      const byte = view.getUint8(at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
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

export function text(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** Packed 32-bit floats. */
export function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice(0, bytes.length - (bytes.length % 4)).buffer);
}
