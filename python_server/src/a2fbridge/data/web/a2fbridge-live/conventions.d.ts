/**
 * What MouthClose means.
 *
 * - `a2f`, NVIDIA's and A2FBridge's, also on the wire: MouthClose contains JawOpen.
 * - `arkit`, Apple's, VRM's and that of most glTF heads: JawOpen is the whole jaw, MouthClose only brings the lips together.
 */
export type Convention = "a2f" | "arkit";
/**
 * Converts weights, in place, and returns them.
 *
 * `a2f` to `arkit`: `JawOpen' = clamp01(JawOpen + MouthClose)`.  `arkit` to `a2f`:
 * `MouthClose' = min(MouthClose, JawOpen)`, `JawOpen' = JawOpen - MouthClose'`.  Names that are missing count as 0.
 */
export declare function convert<T extends Float32Array | Float64Array | number[]>(weights: T, names: readonly string[], from: Convention, to: Convention): T;
