/** Moving the morph targets of a head by name. */
import { type Convention } from "./conventions.js";
/** What three.js' meshes have; any object like it will do. */
export interface MorphMesh {
    morphTargetDictionary?: Record<string, number> | undefined;
    morphTargetInfluences?: number[] | undefined;
}
/** A node of a scene: three.js' Object3D. */
export interface MorphScene {
    traverse(visit: (node: unknown) => void): void;
}
export interface MorphOptions {
    /** What the head's mouthClose means: `arkit` (default; Apple's, VRM's and nearly every glTF head's) or `a2f`. */
    readonly convention?: Convention;
}
/** One or more morph targets of one name. */
type Setter = (value: number) => void;
/**
 * Finds the morph targets of a scene that bear the names of ARKit's shapes or of the tongue's.  Spelling is tolerant: `jawOpen`,
 * `JawOpen`, `Face.jawOpen`, `eyeBlink_L`.  Throws LiveError when there is not one.
 */
export declare function morphTargets(scene: MorphScene, options?: MorphOptions): MorphTargets;
export declare class MorphTargets {
    private readonly setters;
    private readonly convention;
    private posed;
    constructor({ convention }?: MorphOptions);
    /** Shapes that have a target. */
    get found(): string[];
    /** Shapes that have none. */
    get missing(): string[];
    /** Adds a target of another engine; false when its name is no shape's. */
    add(name: string, set: Setter): boolean;
    /** Sets all targets; `convention` is the weights' own, the session's. */
    apply(names: readonly string[], weights: ArrayLike<number>, convention?: Convention): void;
}
export {};
