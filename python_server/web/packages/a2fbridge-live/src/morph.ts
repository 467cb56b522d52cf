/** Moving the morph targets of a head by name. */
import { type Convention, convert } from "./conventions.js";
import { LiveError } from "./errors.js";
import { FACE_NAMES } from "./names.js";

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
export function morphTargets(scene: MorphScene, options: MorphOptions = {}): MorphTargets {
  const made = new MorphTargets(options);
  scene.traverse((node) => {
    const { morphTargetDictionary: dictionary, morphTargetInfluences: influences } = node as MorphMesh;
    if (!dictionary || !influences) return;
    for (const [name, index] of Object.entries(dictionary)) made.add(name, (value) => (influences[index] = value));
  });
  if (!made.found.length) throw new LiveError("no mesh of this scene has morph targets with the names of ARKit's shapes (jawOpen, ...)");
  return made;
}

export class MorphTargets {
  private readonly setters = new Map<string, Setter[]>();
  private readonly convention: Convention;
  private posed = new Float32Array();

  constructor({ convention = "arkit" }: MorphOptions = {}) {
    this.convention = convention;
  }

  /** Shapes that have a target. */
  get found(): string[] {
    return FACE_NAMES.filter((name) => this.setters.has(name));
  }

  /** Shapes that have none. */
  get missing(): string[] {
    return FACE_NAMES.filter((name) => !this.setters.has(name));
  }

  /** Adds a target of another engine; false when its name is no shape's. */
  add(name: string, set: Setter): boolean {
    const shape = SPELLINGS.get(spelling(name));
    if (!shape) return false;
    this.setters.set(shape, [...(this.setters.get(shape) ?? []), set]);
    return true;
  }

  /** Sets all targets; `convention` is the weights' own, the session's. */
  apply(names: readonly string[], weights: ArrayLike<number>, convention: Convention = "a2f"): void {
    if (this.posed.length !== names.length) this.posed = new Float32Array(names.length);
    this.posed.set(weights);
    convert(this.posed, names, convention, this.convention);
    names.forEach((name, k) => {
      for (const set of this.setters.get(name) ?? []) set(this.posed[k]!);
    });
  }
}

/** Without case, separators and what stands before a dot; `_L` and `_R` spelt out. */
function spelling(name: string): string {
  const own = name.slice(name.lastIndexOf(".") + 1);
  return own.replace(/[_ ]L$/i, "Left").replace(/[_ ]R$/i, "Right").replace(/[_ -]/g, "").toLowerCase();
}

const SPELLINGS: ReadonlyMap<string, string> = new Map(FACE_NAMES.map((name) => [spelling(name), name]));
