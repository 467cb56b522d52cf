/** Canvas, camera and drawing of the head.  Draws when told to; knows nothing of sound or time. */
import { ACESFilmicToneMapping, type LightShadow, PerspectiveCamera, Scene, WebGLRenderer } from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { Head } from "../head/model";
import { Figure } from "./figure";
import { SHADOWS, mirrored, portraitLights } from "./light";

const AIM: [number, number, number] = [0, 1.4, 2];
const FROM: [number, number, number] = [-7, 3.5, 88];

export class Stage {
  readonly controls: OrbitControls;
  /** Whether the processor draws, not a graphics card. */
  readonly software = drawnInSoftware();
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(19, 1, 1, 400);
  private readonly figure: Figure;
  private readonly observer: ResizeObserver;
  private readonly shadow: LightShadow;
  private scale = 1;

  /** `redraw` is called when the picture needs to be drawn again: the view was turned or resized. */
  constructor(readonly canvas: HTMLCanvasElement, head: Head, redraw: () => void) {
    this.renderer = new WebGLRenderer({ canvas, antialias: !this.software, alpha: true });
    this.renderer.toneMapping = ACESFilmicToneMapping;
    this.renderer.toneMappingExposure = 0.95;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = SHADOWS;
    this.figure = new Figure(head, mirrored(this.renderer));
    const lights = portraitLights();
    this.shadow = lights.key.shadow;
    this.scene.add(...lights.all, this.figure.object);
    this.controls = new OrbitControls(this.camera, canvas);
    Object.assign(this.controls, { enablePan: false, minDistance: 28, maxDistance: 130, minPolarAngle: 0.5, maxPolarAngle: 2.3 });
    this.home();
    this.controls.addEventListener("change", redraw);
    this.observer = new ResizeObserver(() => {
      this.resize();
      redraw();
    });
    this.observer.observe(canvas);
    this.resize();
  }

  /** Poses the head; weights in convention a2f, FACE_NAMES order. */
  pose(weights: ArrayLike<number>): void {
    this.figure.pose(weights);
  }

  /** Turns the head as a whole, radians: pitch, yaw, roll. */
  turn(pitch: number, yaw: number, roll: number): void {
    this.figure.object.rotation.set(pitch, yaw, roll, "YXZ");
  }

  /** Draws; where the processor does it, waits for the end, so that its time can be taken. */
  draw(): void {
    this.renderer.render(this.scene, this.camera);
    if (!this.software) return;
    const gl = this.renderer.getContext();
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  }

  /** Looks at the face from the front again. */
  home(): void {
    this.camera.position.set(...FROM);
    this.controls.target.set(...AIM);
    this.controls.update();
  }

  /** Turns the view by steps of a twelfth of a right angle; `closer` > 1 comes nearer. */
  orbit(right: number, up: number, closer = 1): void {
    const offset = this.camera.position.clone().sub(this.controls.target);
    const length = Math.min(Math.max(offset.length() / closer, this.controls.minDistance), this.controls.maxDistance);
    const yaw = Math.atan2(offset.x, offset.z) + (right * Math.PI) / 24;
    const pitch = Math.min(Math.max(Math.asin(offset.y / offset.length()) + (up * Math.PI) / 24, -0.7), 1);
    offset.set(Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), Math.cos(yaw) * Math.cos(pitch)).multiplyScalar(length);
    this.camera.position.copy(this.controls.target).add(offset);
    this.controls.update();
  }

  /** Turns the view by a key; false when it means nothing here. */
  key(key: string): boolean {
    const turns: Record<string, () => void> = {
      a: () => this.orbit(-1, 0),
      d: () => this.orbit(1, 0),
      w: () => this.orbit(0, 1),
      s: () => this.orbit(0, -1),
      q: () => this.orbit(0, 0, 1.1),
      e: () => this.orbit(0, 0, 1 / 1.1),
      v: () => this.home(),
    };
    turns[key]?.();
    return key in turns;
  }

  /**
   * Draws with `scale` of the screen's pixels a side: below 1 for slow machines, whose shadow then stands still and whose
   * outlines are less round.
   */
  detail(scale: number): void {
    if (scale === this.scale) return;
    this.scale = scale;
    this.shadow.autoUpdate = scale > 0.7;
    this.figure.smooth = scale > 0.7;
    this.resize();
  }

  dispose(): void {
    this.observer.disconnect();
    this.controls.dispose();
    this.renderer.dispose();
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return;
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2) * this.scale);
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.camera.fov = this.camera.aspect < 0.8 ? 19 * (0.8 / this.camera.aspect) : 19;
    this.camera.updateProjectionMatrix();
  }
}

/** Whether WebGL is drawn by the processor: there, multisampling is slow and leaves pinholes between triangles. */
function drawnInSoftware(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return false;
  const named = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software/i.test(name);
}
