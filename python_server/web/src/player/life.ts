/**
 * Blink, gaze and a slight sway of the head, laid over an animation that has none.  A pure function of time, so that the
 * same place in a clip always looks the same.
 */
import { FACE_INDEX } from "../../packages/a2fbridge-live/src/names";

const at = (name: string) => FACE_INDEX.get(name)!;
const BLINK = [at("EyeBlinkLeft"), at("EyeBlinkRight")] as const;
/** Shapes that turn both eyes to the subject's left, right, up and down. */
const GAZE = {
  left: [at("EyeLookOutLeft"), at("EyeLookInRight")],
  right: [at("EyeLookInLeft"), at("EyeLookOutRight")],
  up: [at("EyeLookUpLeft"), at("EyeLookUpRight")],
  down: [at("EyeLookDownLeft"), at("EyeLookDownRight")],
} as const;

/** Seconds of a blink: lids fall, stay, rise (adults: 100 to 400 ms in all, the rise about twice the fall). */
const [FALL, STAY, RISE] = [0.08, 0.03, 0.17];
/** Mean seconds between blinks while speaking, and between movements of the eyes. */
const [BLINK_EVERY, LOOK_EVERY] = [3.2, 1.15];
const SACCADE = 0.045;

/** Adds blink and gaze to 68 weights. */
export function addLife(time: number, weights: Float32Array): void {
  const lid = blink(time);
  for (const k of BLINK) weights[k] = Math.max(weights[k]!, lid);
  const [across, down] = gaze(time);
  const turn = (pair: readonly number[], amount: number) => {
    for (const k of pair) weights[k]! += Math.max(amount, 0);
  };
  turn(GAZE.left, across);
  turn(GAZE.right, -across);
  turn(GAZE.down, down);
  turn(GAZE.up, -down);
}

/** Pitch, yaw and roll of the head in radians: at most some two degrees. */
export function sway(time: number): [number, number, number] {
  const wave = (rate: number, phase: number) => Math.sin(2 * Math.PI * (rate * time + phase));
  return [
    0.012 * wave(0.19, 0.1) + 0.008 * wave(0.43, 0.6),
    0.020 * wave(0.11, 0.4) + 0.010 * wave(0.31, 0.9),
    0.010 * wave(0.13, 0.7) + 0.004 * wave(0.37, 0.2),
  ];
}

/** How far the lids are closed, 0..1. */
export function blink(time: number): number {
  let most = 0;
  const slot = Math.floor(time / BLINK_EVERY);
  for (const i of [slot - 1, slot]) {
    const start = (i + 0.15 + 0.7 * random(i, 1)) * BLINK_EVERY;
    most = Math.max(most, lids(time - start));
    // One blink in six is a double one.
    if (random(i, 2) < 1 / 6) most = Math.max(most, 0.8 * lids(time - start - 0.34));
  }
  return most;
}

function lids(since: number): number {
  if (since < 0 || since > FALL + STAY + RISE) return 0;
  if (since < FALL) return smooth(since / FALL);
  return since < FALL + STAY ? 1 : 1 - smooth((since - FALL - STAY) / RISE);
}

/** Gaze to the subject's left and downwards, in weights: mostly at the viewer, now and then a glance away. */
export function gaze(time: number): [number, number] {
  const slot = Math.floor(time / LOOK_EVERY);
  const begun = (i: number) => (i + 0.6 * random(i, 3)) * LOOK_EVERY;
  const now = time >= begun(slot) ? slot : slot - 1;
  const share = smooth(Math.min((time - begun(now)) / SACCADE, 1));
  const [from, to] = [target(now - 1), target(now)];
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

function target(i: number): [number, number] {
  const away = random(i, 4) < 0.18 ? 3.2 : 1;
  return [(random(i, 5) - 0.5) * 0.11 * away, (random(i, 6) - 0.5) * 0.08 * away];
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

/** A number in 0..1 that depends on two integers only (xorshift-multiply hash). */
function random(i: number, kind: number): number {
  let x = (Math.imul(i, 0x9e3779b1) ^ Math.imul(kind, 0x85ebca6b)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}
