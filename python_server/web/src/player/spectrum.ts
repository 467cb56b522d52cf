/** Short-time spectra of a mono sound, for the picture of a spectrogram. */

/** Samples of one window. */
const SIZE = 512;

/** Returns `columns` spectra of SIZE / 2 levels in decibels below full scale, between two times in seconds. */
export function spectrogram(samples: Float32Array, rate: number, from: number, to: number, columns: number): Float32Array {
  const half = SIZE / 2;
  const out = new Float32Array(columns * half);
  const [re, im] = [new Float32Array(SIZE), new Float32Array(SIZE)];
  const window = Float32Array.from({ length: SIZE }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SIZE));
  for (let c = 0; c < columns; c++) {
    const start = Math.round((from + ((c + 0.5) * (to - from)) / columns) * rate) - half;
    for (let i = 0; i < SIZE; i++) {
      re[i] = (samples[start + i] ?? 0) * window[i]!;
      im[i] = 0;
    }
    fft(re, im);
    for (let k = 0; k < half; k++) out[c * half + k] = 10 * Math.log10((re[k]! ** 2 + im[k]! ** 2) / (half / 2) ** 2 + 1e-12);
  }
  return out;
}

/** Bins of one spectrum; the top one lies just below half the sample rate. */
export const BINS = SIZE / 2;

/** Radix-2 Fourier transform in place. */
export function fft(re: Float32Array, im: Float32Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const [c, s] = [Math.cos((-2 * Math.PI * k) / size), Math.sin((-2 * Math.PI * k) / size)];
      for (let a = k; a < n; a += size) {
        const b = a + size / 2;
        const [x, y] = [re[b]! * c - im[b]! * s, re[b]! * s + im[b]! * c];
        re[b] = re[a]! - x;
        im[b] = im[a]! - y;
        re[a]! += x;
        im[a]! += y;
      }
    }
  }
}
