/** The drawn head with its layer of life; draws at most once per screen refresh, with fewer pixels on slow machines. */
import { FACE_NAMES } from "../../packages/a2fbridge-live/src/names";
import type { Head } from "../head/model";
import { Stage } from "../stage/stage";
import { addLife, sway } from "./life";

/** Frame times in milliseconds above and below which fewer and more pixels are drawn; above the first much fewer. */
const [CRAWL, SLOW, FAST] = [120, 40, 18];
const STEPS = [1, 0.8, 0.63, 0.5, 0.4];
/** Milliseconds after which a picture that stands still is drawn again in full detail. */
const REST = 250;
/** Detail of a picture that stands still where the processor draws: it smooths no edges otherwise. */
const SUPERSAMPLED = 2;
/** Milliseconds of a drawing above which the processor is too slow, or too busy, for that. */
const AFFORDABLE = 200;

export class Face {
  readonly stage: Stage;
  /** What was drawn last, before blink and gaze: 68 weights in convention a2f. */
  readonly weights = new Float32Array(FACE_NAMES.length);
  /** Frames drawn so far. */
  drawn = 0;
  private alive = true;
  private readonly posed = new Float32Array(FACE_NAMES.length);
  private time = 0;
  private pending = 0;
  private step = 0;
  private drawnAt = 0;
  private mean = 0;
  private settled = 0;
  private resting = 0;
  private cost = 0;

  constructor(canvas: HTMLCanvasElement, head: Head) {
    this.stage = new Stage(canvas, head, () => this.redraw());
    this.redraw();
  }

  get life(): boolean {
    return this.alive;
  }

  /** Whether blink, gaze and sway are laid over the weights. */
  set life(on: boolean) {
    this.alive = on;
    this.redraw();
  }

  /** Shows weights (68, a2f) at a time in seconds. */
  show(weights: Float32Array, time: number): void {
    this.weights.set(weights);
    this.time = time;
    this.redraw();
  }

  /** Draws before the next refresh of the screen. */
  redraw(): void {
    this.pending ||= requestAnimationFrame(() => this.draw());
  }

  /** Draws at once. `running` says that this is one of a row of frames, each as soon as the screen takes it. */
  draw(running = false): void {
    cancelAnimationFrame(this.pending);
    clearTimeout(this.resting);
    this.pending = 0;
    this.stage.detail(STEPS[this.step]!);
    this.render();
    if (running) return this.adapt();
    this.settled = 0;
    this.resting = window.setTimeout(() => this.rest(), REST);
  }

  dispose(): void {
    cancelAnimationFrame(this.pending);
    clearTimeout(this.resting);
    this.stage.dispose();
  }

  private rest(): void {
    const best = this.stage.software && this.cost < AFFORDABLE ? SUPERSAMPLED : 1;
    if (best === STEPS[this.step]) return;
    this.stage.detail(best);
    this.render();
  }

  private render(): void {
    this.posed.set(this.weights);
    if (this.alive) addLife(this.time, this.posed);
    const [pitch, yaw, roll] = this.alive ? sway(this.time) : [0, 0, 0];
    this.stage.turn(pitch, yaw, roll);
    this.stage.pose(this.posed);
    const begun = performance.now();
    this.stage.draw();
    this.cost = performance.now() - begun;
    this.drawn++;
  }

  /** Watches the time between the frames of a row, and changes the detail when it stays slow or fast. */
  private adapt(): void {
    const now = performance.now();
    const gap = now - this.drawnAt;
    this.drawnAt = now;
    if (++this.settled === 1) return;
    this.mean = this.settled === 2 ? gap : this.mean + (gap - this.mean) * 0.2;
    const { mean, settled } = this;
    // Going back up waits longer, so that the detail does not swing.
    const by = mean > CRAWL && settled > 3 ? 2 : mean > SLOW && settled > 10 ? 1 : mean < FAST && settled > 180 ? -1 : 0;
    const step = Math.min(Math.max(this.step + by, 0), STEPS.length - 1);
    if (step === this.step) return;
    this.step = step;
    this.settled = 0;
  }
}
