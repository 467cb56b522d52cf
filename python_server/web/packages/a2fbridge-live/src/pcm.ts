/** Samples as 16-bit PCM: floats are clipped to -1..1; an ArrayBuffer is taken as little-endian PCM. */
export function pcm16(sound: Int16Array | Float32Array | ArrayBuffer): Int16Array {
  if (sound instanceof Int16Array) return sound;
  if (sound instanceof ArrayBuffer) return new Int16Array(sound, 0, sound.byteLength >> 1);
  return Int16Array.from(sound, (value) => Math.round(Math.min(Math.max(value, -1), 1) * 32767));
}

/** 16-bit PCM as floats in -1..1. */
export function float32(samples: Int16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(samples, (value) => value / 32768);
}
