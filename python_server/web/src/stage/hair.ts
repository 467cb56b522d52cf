/** Brows and lashes: a hair is a band of pairs of points, drawn thinner than it is and faint at the tip. */
import { DoubleSide, MeshPhysicalMaterial } from "three";

export interface Hair {
  /** Pairs of points from root to tip. */
  readonly pairs: number;
  /** Share of the modelled width that is drawn. */
  readonly width: number;
  /** How much the root covers what is behind it, 0..1. */
  readonly cover: number;
}

export const BROW: Hair = { pairs: 3, width: 0.45, cover: 0.55 };
export const LASH: Hair = { pairs: 4, width: 0.7, cover: 0.85 };

export function hairMaterial(): MeshPhysicalMaterial {
  return new MeshPhysicalMaterial({
    vertexColors: true, transparent: true, depthWrite: false, roughness: 0.75, specularIntensity: 0.15, side: DoubleSide,
  });
}

/** [N, 4]: a dark brown, and how much it covers. */
export function hairAlpha(count: number, { pairs, cover }: Hair): Float32Array {
  const out = new Float32Array(count * 4);
  for (let v = 0; v < count; v++) {
    const along = (Math.floor(v / 2) % pairs) / (pairs - 1);
    out.set([0.022, 0.013, 0.009, cover * (1 - 0.85 * along ** 2)], v * 4);
  }
  return out;
}

/** Brings the two points of each pair together to `width` of their distance. */
export function thinned(positions: Float32Array, width: number, out: Float32Array): void {
  const near = (1 - width) / 2;
  for (let v = 0; v < positions.length; v += 6) {
    for (let c = v; c < v + 3; c++) {
      const [a, b] = [positions[c]!, positions[c + 3]!];
      out[c] = a + (b - a) * near;
      out[c + 3] = b + (a - b) * near;
    }
  }
}
