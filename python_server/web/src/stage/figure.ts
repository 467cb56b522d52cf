/** The head as three.js objects: one method takes 68 weights and poses everything. */
import { BufferAttribute, BufferGeometry, Group, type Material, MathUtils, Mesh, type Texture } from "three";
import { type Head, type RigidMesh, type ShapedMesh, eyeRotation, jawMotion } from "../head/model";
import { smoothNormals } from "../head/normals";
import { Refinement } from "../head/refine";
import { corneaMaterial, eyeMaterial } from "./eyes";
import { BROW, type Hair, LASH, hairAlpha, hairMaterial, thinned } from "./hair";
import { skinMasks } from "./masks";
import { toothMaterial, tongueMaterial } from "./mouth";
import { skinMaterial } from "./skin";

/** A mesh that shapes move, with what has to follow when they do. */
interface Soft {
  mesh: Mesh<BufferGeometry>;
  follow(weights: ArrayLike<number>): void;
  /** Draws the refined faces, or the file's own, from the next pose on. */
  refine?(on: boolean): void;
}

export class Figure {
  readonly object = new Group();
  private readonly jaw = new Group();
  private readonly eyes: Group[];
  private readonly soft: Soft[];

  /** `room` is what the eyes mirror. */
  constructor(private readonly head: Head, room: Texture) {
    this.soft = [skinMesh(head), plainMesh(head.tongue, tongueMaterial()), hairMesh(head.brows, BROW), hairMesh(head.lashes, LASH)];
    const teeth = toothMaterial();
    this.jaw.add(rigid(head.lowerTeeth, teeth, head.jaw.hinge));
    this.eyes = head.eyes.map((eye, side) => eyeball(eye, head.eyeCentres.subarray(side * 3, side * 3 + 3), head.eyeRadius, room));
    this.object.add(...this.soft.map(({ mesh }) => mesh), rigid(head.upperTeeth, teeth), this.jaw, ...this.eyes);
    this.pose(new Float32Array(68));
  }

  /** Whether outlines are rounded: three quarters of the skin's faces are there for that. */
  set smooth(on: boolean) {
    for (const { refine } of this.soft) refine?.(on);
  }

  /** Poses the head; weights are in convention a2f. */
  pose(weights: ArrayLike<number>): void {
    for (const { follow } of this.soft) follow(weights);
    const { angle, shift } = jawMotion(this.head, weights);
    const hinge = this.head.jaw.hinge;
    this.jaw.position.set(hinge[0]! + shift[0], hinge[1]! + shift[1], hinge[2]! + shift[2]);
    this.jaw.rotation.x = MathUtils.degToRad(angle);
    this.eyes.forEach((eye, side) => {
      const [pitch, yaw] = eyeRotation(side as 0 | 1, weights);
      eye.rotation.set(MathUtils.degToRad(pitch), MathUtils.degToRad(yaw), 0, "YXZ");
    });
  }
}

function skinMesh(head: Head): Soft {
  const fine = new Refinement(head.skin.neutral.length / 3, head.skin.faces);
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(fine.positions, 3));
  geometry.setAttribute("normal", new BufferAttribute(fine.normals, 3));
  geometry.setAttribute("color", new BufferAttribute(fine.spread(head.skin.colours!, 3), 3));
  geometry.setAttribute("rest", new BufferAttribute(fine.spread(head.skin.neutral, 3), 3));
  geometry.setAttribute("mask", new BufferAttribute(fine.spread(skinMasks(head), 4), 4));
  geometry.setIndex(new BufferAttribute(both(fine.faces, head.skin.faces), 1));
  const mesh = unculled(geometry, skinMaterial());
  mesh.castShadow = mesh.receiveShadow = true;
  let smooth = true;
  const coarse = () => geometry.setDrawRange(fine.faces.length, head.skin.faces.length);
  const chosen = () => (smooth ? geometry.setDrawRange(0, fine.faces.length) : coarse());
  chosen();
  // Its shadow is soft: the coarse faces, on the same points, are enough for that.
  mesh.onBeforeShadow = coarse;
  mesh.onAfterShadow = chosen;
  const follow = (weights: ArrayLike<number>) => {
    head.skin.pose(weights);
    fine.update(head.skin.positions, smooth);
    moved(geometry);
  };
  const refine = (on: boolean) => {
    smooth = on;
    chosen();
  };
  return { mesh, follow, refine };
}

function plainMesh(shaped: ShapedMesh, material: Material): Soft {
  const geometry = geometryOf(shaped.positions, shaped.faces);
  const follow = (weights: ArrayLike<number>) => {
    shaped.pose(weights);
    smoothNormals(shaped.positions, shaped.faces, geometry.getAttribute("normal").array as Float32Array);
    moved(geometry);
  };
  return { mesh: unculled(geometry, material), follow };
}

function hairMesh(shaped: ShapedMesh, hair: Hair): Soft {
  const geometry = geometryOf(shaped.positions.slice(), shaped.faces);
  const shown = geometry.getAttribute("position").array as Float32Array;
  geometry.setAttribute("color", new BufferAttribute(hairAlpha(shown.length / 3, hair), 4));
  const mesh = unculled(geometry, hairMaterial());
  mesh.renderOrder = 1;
  const follow = (weights: ArrayLike<number>) => {
    shaped.pose(weights);
    thinned(shaped.positions, hair.width, shown);
    smoothNormals(shown, shaped.faces, geometry.getAttribute("normal").array as Float32Array);
    moved(geometry);
  };
  return { mesh, follow };
}

function unculled(geometry: BufferGeometry, material: Material): Mesh<BufferGeometry> {
  const mesh = new Mesh(geometry, material);
  mesh.frustumCulled = false;
  return mesh;
}

function moved(geometry: BufferGeometry): void {
  geometry.getAttribute("position").needsUpdate = true;
  geometry.getAttribute("normal").needsUpdate = true;
}

function eyeball(eye: RigidMesh, centre: Float32Array, radius: number, room: Texture): Group {
  const ball = rigid(eye, eyeMaterial(radius), centre);
  ball.geometry.setAttribute("rest", ball.geometry.getAttribute("position"));
  ball.receiveShadow = true;
  const group = new Group();
  group.position.fromArray(centre);
  group.add(ball, new Mesh(corneaGeometry(ball.geometry), corneaMaterial(room)));
  return group;
}

/** The eyeball's front, bulging over the iris as a cornea does; at most half a millimetre before the ball. */
function corneaGeometry(ball: BufferGeometry): BufferGeometry {
  const made = ball.clone();
  const positions = made.getAttribute("position").array as Float32Array;
  for (let v = 0; v < positions.length; v += 3) {
    const radius = Math.hypot(positions[v]!, positions[v + 1]!, positions[v + 2]!);
    const angle = Math.acos(positions[v + 2]! / radius);
    const scale = 1 + 0.004 + 0.03 * Math.max(0, 1 - (angle / 0.5) ** 2);
    for (let c = 0; c < 3; c++) positions[v + c]! *= scale;
  }
  smoothNormals(positions, made.getIndex()!.array as Uint16Array, made.getAttribute("normal").array as Float32Array);
  return made;
}

function rigid(mesh: RigidMesh, material: Material, origin: ArrayLike<number> = [0, 0, 0]): Mesh<BufferGeometry> {
  const positions = mesh.positions.map((value, i) => value - origin[i % 3]!);
  return new Mesh(geometryOf(positions, mesh.faces, mesh.colours), material);
}

function geometryOf(positions: Float32Array, faces: Uint16Array, colours?: Float32Array): BufferGeometry {
  const geometry = new BufferGeometry();
  const normals = new Float32Array(positions.length);
  smoothNormals(positions, faces, normals);
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  geometry.setAttribute("normal", new BufferAttribute(normals, 3));
  if (colours) geometry.setAttribute("color", new BufferAttribute(colours, 3));
  geometry.setIndex(new BufferAttribute(faces, 1));
  return geometry;
}

function both(a: Uint16Array, b: Uint16Array): Uint16Array {
  const out = new Uint16Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
