/** Protocol buffers' wire format, as far as the stream's messages need it (protobuf.dev/programming-guides/encoding). */
export declare class Writer {
    private bytes;
    private view;
    private at;
    finish(): Uint8Array<ArrayBuffer>;
    uint(field: number, value: number): this;
    float(field: number, value: number): this;
    double(field: number, value: number): this;
    blob(field: number, value: Uint8Array): this;
    text(field: number, value: string): this;
    message(field: number, fill: (writer: Writer) => void): this;
    /** A `map<string, float>`. */
    floats(field: number, values?: Readonly<Record<string, number>>): this;
    private varint;
    private room;
}
/** One field of a message: `bytes` for what has a length, else `value`. */
export interface Field {
    readonly number: number;
    readonly value: number;
    readonly bytes: Uint8Array;
}
/** Goes through the fields of a message.  Throws RangeError when it is cut off or no message at all. */
export declare function fields(bytes: Uint8Array): Generator<Field>;
export declare function text(bytes: Uint8Array): string;
/** Packed 32-bit floats. */
export declare function floats(bytes: Uint8Array): Float32Array;
