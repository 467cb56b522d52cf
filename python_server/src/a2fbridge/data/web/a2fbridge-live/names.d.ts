/** The 52 ARKit shapes, then 16 tongue shapes, in NVIDIA's order and spelling: the names on the wire. */
export declare const FACE_NAMES: readonly string[];
/** How many of {@link FACE_NAMES} are ARKit's. */
export declare const ARKIT_COUNT = 52;
/** Place of a name in {@link FACE_NAMES}. */
export declare const FACE_INDEX: ReadonlyMap<string, number>;
