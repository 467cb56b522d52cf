/** A portrait studio: large soft lights on three sides, mirrored in the eyes. */
import {
  BackSide, Color, DirectionalLight, LightProbe, Mesh, MeshBasicMaterial, type Object3D, PCFShadowMap, PlaneGeometry, PMREMGenerator,
  Scene, ShaderMaterial, SphereGeometry, SphericalHarmonics3, type Texture, Vector3, type WebGLRenderer,
} from "three";

type Triple = [number, number, number];

interface Softbox {
  at: Triple;
  size: [number, number];
  colour: Triple;
}

const SOFTBOXES: Softbox[] = [
  { at: [-4.2, 2.6, 6], size: [2.6, 3.2], colour: [30, 28, 25] },
  { at: [7, 1.5, 5], size: [3, 5], colour: [2.2, 2.25, 2.35] },
  { at: [0, 7.5, -5], size: [8, 2.5], colour: [7, 7.4, 8] },
  { at: [0, -6, 5], size: [6, 2], colour: [1.3, 1.05, 0.95] },
];
/** The room itself, below and above. */
const [FLOOR, CEILING]: [Triple, Triple] = [[0.16, 0.125, 0.11], [0.42, 0.45, 0.5]];

export const SHADOWS = PCFShadowMap;

/** The room as a picture for mirrors; made once. */
export function mirrored(renderer: WebGLRenderer): Texture {
  const room = new Scene();
  room.add(new Mesh(new SphereGeometry(20, 24, 12), new ShaderMaterial({
    side: BackSide,
    depthWrite: false,
    vertexShader: "varying vec3 d; void main() { d = position; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }",
    fragmentShader: `varying vec3 d; void main() {
      float up = normalize(d).y * 0.5 + 0.5;
      gl_FragColor = vec4(mix(vec3(${FLOOR.join()}), vec3(${CEILING.join()}), smoothstep(0.15, 0.9, up)), 1.0);
    }`,
  })));
  for (const box of SOFTBOXES) room.add(panel(box));
  const generator = new PMREMGenerator(renderer);
  const target = generator.fromScene(room, 0.02, 0.1, 40, { size: 128 });
  generator.dispose();
  return target.texture;
}

/** Key light with a soft shadow, two lights from behind that draw the outline, and the room's light from all sides. */
export function portraitLights(): { key: DirectionalLight; all: Object3D[] } {
  const key = light(0xffeedd, 2.5, [-30, 34, 46]);
  key.castShadow = true;
  key.shadow.mapSize.set(1024, 1024);
  key.shadow.radius = 4;
  key.shadow.bias = -0.0006;
  key.shadow.normalBias = 0.12;
  Object.assign(key.shadow.camera, { left: -14, right: 14, top: 16, bottom: -12, near: 20, far: 100 });
  const behind = [light(0xe6ecff, 0.55, [34, 16, -60]), light(0xffd9b8, 0.6, [-36, 8, -52])];
  return { key, all: [key, ...behind, new LightProbe(roomLight(), 0.75)] };
}

/** The room's light as spherical harmonics, from points spread evenly over the sphere. */
function roomLight(): SphericalHarmonics3 {
  const points = 4000;
  const sum = new SphericalHarmonics3();
  const basis = new Array<number>(9).fill(0);
  const panels = SOFTBOXES.map((box) => ({ ...box, panel: panel(box) }));
  for (let i = 0; i < points; i++) {
    const y = 1 - (2 * i + 1) / points;
    const turn = i * Math.PI * (3 - Math.sqrt(5));
    const across = Math.sqrt(1 - y * y);
    const direction = new Vector3(Math.cos(turn) * across, y, Math.sin(turn) * across);
    SphericalHarmonics3.getBasisAt(direction, basis);
    const seen = new Vector3(...radiance(direction, panels)).multiplyScalar((4 * Math.PI) / points);
    sum.coefficients.forEach((coefficient, k) => coefficient.addScaledVector(seen, basis[k]!));
  }
  return sum;
}

/** What is seen from the head in a direction. */
function radiance(direction: Vector3, boxes: (Softbox & { panel: Mesh })[]): Triple {
  for (const box of boxes) {
    const at = new Vector3(...box.at);
    const distance = at.lengthSq() / at.dot(direction);
    if (distance <= 0) continue;
    const offset = box.panel.worldToLocal(direction.clone().multiplyScalar(distance));
    if (Math.abs(offset.x) < box.size[0] / 2 && Math.abs(offset.y) < box.size[1] / 2) return box.colour;
  }
  const up = Math.min(Math.max((direction.y * 0.5 + 0.5 - 0.15) / 0.75, 0), 1);
  const share = up * up * (3 - 2 * up);
  return FLOOR.map((low, c) => low + (CEILING[c]! - low) * share) as Triple;
}

function panel({ at, size, colour }: Softbox): Mesh {
  const made = new Mesh(new PlaneGeometry(...size), new MeshBasicMaterial({ color: new Color(...colour) }));
  made.position.set(...at);
  made.lookAt(0, 0, 0);
  made.updateMatrixWorld();
  return made;
}

function light(colour: number, intensity: number, at: Triple): DirectionalLight {
  const made = new DirectionalLight(colour, intensity);
  made.position.set(...at);
  return made;
}
