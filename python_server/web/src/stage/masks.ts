/** Where the skin is lip, stubble, mouth or brow: by where a vertex lies and how it is coloured. */
import type { Head } from "../head/model";

/** [V, 4]: lip, stubble, shadowed inside of the mouth, dark hair below brows and along the lids; each 0..1. */
export function skinMasks(head: Head): Float32Array {
  const { neutral, colours } = head.skin;
  const brow = browDensity(head);
  const seam = lipSeam(head);
  const out = new Float32Array((neutral.length / 3) * 4);
  for (let v = 0; v < neutral.length / 3; v++) {
    const [x, y, z] = [neutral[v * 3]!, neutral[v * 3 + 1]!, neutral[v * 3 + 2]!];
    const [r, g] = [colours![v * 3]!, colours![v * 3 + 1]!];
    const nearMouth = Math.abs(x) < 3 && Math.abs(y + 2.6) < 1.8 && z > 7.5;
    const inside = ramp(r, 0.3, 0.15) * ramp(g / r, 0.4, 0.25);
    out[v * 4] = nearMouth && r > 0.2 ? ramp(g / r, 0.48, 0.38) : 0;
    out[v * 4 + 1] = y > -3.5 ? ramp(g / r, 0.575, 0.615) * ramp(r, 0.45, 0.27) : 0;
    out[v * 4 + 2] = Math.max(inside, nearMouth ? 0.85 * seam(x, y) : 0);
    out[v * 4 + 3] = brow[v]!;
  }
  lidEdges(head, out);
  return out;
}

/** How near a point of the lips is to the line where they touch, 0..1. */
function lipSeam(head: Head): (x: number, y: number) => number {
  const [loops, columns] = [7, 9];
  const { neutral } = head.skin;
  const line = Array.from({ length: columns }, (_, column) => {
    const ys = (lip: number) => Array.from({ length: loops }, (_, loop) => neutral[head.lipColumns[(lip * loops + loop) * columns + column]! * 3 + 1]!);
    return { x: neutral[head.lipColumns[column]! * 3]!, y: (Math.min(...ys(0)) + Math.max(...ys(1))) / 2 };
  });
  return (x, y) => {
    const next = line.findIndex((point) => point.x >= x);
    const [a, b] = [line[Math.max(next - 1, 0)]!, line[next < 0 ? columns - 1 : next]!];
    const height = a.x === b.x ? b.y : a.y + ((x - a.x) / (b.x - a.x)) * (b.y - a.y);
    return Math.exp(-(((y - height) / 0.08) ** 2));
  };
}

/** How thickly the brow's hairs grow above each vertex, 0..1. */
function browDensity(head: Head): Float32Array {
  const hairs = head.brows.neutral;
  const { neutral } = head.skin;
  const out = new Float32Array(neutral.length / 3);
  for (let v = 0; v < out.length; v++) {
    const [x, y, z] = [neutral[v * 3]!, neutral[v * 3 + 1]!, neutral[v * 3 + 2]!];
    if (z < 4 || y < 3.5 || y > 8) continue;
    let sum = 0;
    for (let h = 0; h < hairs.length; h += 9) {
      sum += Math.exp(-((hairs[h]! - x) ** 2 + (hairs[h + 1]! - y) ** 2 + (hairs[h + 2]! - z) ** 2) / 0.05);
    }
    out[v] = Math.min(sum / 14, 1) * 0.8;
  }
  return out;
}

/** The roots of the lashes darken the lids' edges, the upper more than the lower. */
function lidEdges(head: Head, masks: Float32Array): void {
  const [loops, columns] = [6, 12];
  for (let eye = 0; eye < 2; eye++) {
    for (let lid = 0; lid < 2; lid++) {
      for (let loop = 0; loop < 3; loop++) {
        for (let column = 0; column < columns; column++) {
          const v = head.lidColumns[((eye * 2 + lid) * loops + loop) * columns + column]!;
          masks[v * 4 + 3] = Math.max(masks[v * 4 + 3]!, [0.5, 0.9, 0.35][loop]! * (lid ? 0.45 : 1));
        }
      }
    }
  }
}

function ramp(value: number, from: number, to: number): number {
  const t = Math.min(Math.max((value - from) / (to - from), 0), 1);
  return t * t * (3 - 2 * t);
}
