/** Samples as 16-bit PCM: floats are clipped to -1..1; an ArrayBuffer is taken as little-endian PCM. */
export declare function pcm16(sound: Int16Array | Float32Array | ArrayBuffer): Int16Array;
/** 16-bit PCM as floats in -1..1. */
export declare function float32(samples: Int16Array): Float32Array<ArrayBuffer>;
