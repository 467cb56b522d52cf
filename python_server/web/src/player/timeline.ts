/** The sound and the chosen curves over one time axis with one cursor; dragging scrubs, the wheel zooms. */
import type { Clip } from "./clip";
import { h } from "./dom";
import { drawCurves, drawSound, type Sound, type Span } from "./plots";

export interface Curve {
  readonly name: string;
  readonly colour: string;
  /** Drawn dashed: the other one of two settings that are compared. */
  readonly dashed?: boolean;
  readonly clip: Clip;
}

const SHORTEST = 0.25;

export class Timeline {
  readonly element: HTMLElement;
  private readonly soundCanvas = h("canvas", { class: "sound", "aria-hidden": true });
  private readonly curveCanvas = h("canvas", { class: "plot", "aria-hidden": true });
  private readonly cursor = h("div", { class: "cursor" });
  private readonly hover = h("div", { class: "hover", hidden: true });
  private span: Span;
  private curves: Curve[] = [];
  private sound: Sound | undefined;
  private spectral = false;
  private time = 0;
  private queued = false;

  constructor(private readonly duration: number, private readonly scrub: (time: number) => void) {
    this.span = { from: 0, to: Math.max(duration, SHORTEST) };
    this.element = h(
      "div",
      { class: "timeline", role: "slider", tabindex: 0, "aria-label": "Position", "aria-valuemin": 0, "aria-valuemax": duration.toFixed(3) },
      this.soundCanvas, this.curveCanvas, this.cursor, this.hover,
    );
    this.listen();
    new ResizeObserver(() => this.redraw()).observe(this.element);
  }

  show(curves: Curve[]): void {
    this.curves = curves;
    this.redraw();
  }

  hear(sound: Sound | undefined): void {
    this.sound = sound;
    this.soundCanvas.hidden = !sound;
    this.redraw();
  }

  /** Spectrogram or waveform. */
  set spectrogram(on: boolean) {
    this.spectral = on;
    this.redraw();
  }

  /** Moves the cursor; the view follows when it leaves. */
  at(time: number, text: string): void {
    this.time = time;
    const { from, to } = this.span;
    if (time < from || time > to) this.view(time - 0.1 * (to - from), time + 0.9 * (to - from));
    this.place(this.cursor, time);
    this.element.setAttribute("aria-valuenow", time.toFixed(3));
    this.element.setAttribute("aria-valuetext", text);
  }

  /** Zooms by a factor around a time: below 1 comes closer. */
  zoom(factor: number, around = this.time): void {
    const { from, to } = this.span;
    const length = Math.min(Math.max((to - from) * factor, SHORTEST), this.duration || SHORTEST);
    const share = (around - from) / (to - from);
    this.view(around - share * length, around + (1 - share) * length);
  }

  redraw(): void {
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => {
      this.queued = false;
      if (this.sound) drawSound(this.soundCanvas, this.sound, this.span, this.spectral);
      drawCurves(this.curveCanvas, this.curves, this.span);
      this.place(this.cursor, this.time);
    });
  }

  private view(from: number, to: number): void {
    const length = Math.min(to - from, this.duration || SHORTEST);
    const start = Math.min(Math.max(from, 0), Math.max(this.duration - length, 0));
    this.span = { from: start, to: start + length };
    this.redraw();
  }

  private place(element: HTMLElement, time: number): void {
    const share = (time - this.span.from) / (this.span.to - this.span.from);
    element.style.transform = `translateX(${(share * this.element.clientWidth).toFixed(1)}px)`;
  }

  private timeAt(event: MouseEvent): number {
    const box = this.element.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return Math.min(Math.max(this.span.from + share * (this.span.to - this.span.from), 0), this.duration);
  }

  private listen(): void {
    const { element } = this;
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      this.scrub(this.timeAt(event));
    });
    element.addEventListener("pointermove", (event) => {
      if (element.hasPointerCapture(event.pointerId)) this.scrub(this.timeAt(event));
      else this.point(event);
    });
    element.addEventListener("pointerleave", () => (this.hover.hidden = true));
    element.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const shift = (event.deltaX / element.clientWidth) * (this.span.to - this.span.from);
        this.view(this.span.from + shift, this.span.to + shift);
      } else this.zoom(Math.exp(event.deltaY * 0.002), this.timeAt(event));
    }, { passive: false });
  }

  /** Shows the values under the mouse. */
  private point(event: PointerEvent): void {
    if (event.pointerType !== "mouse" || !this.curves.length) return;
    const time = this.timeAt(event);
    const rows = this.curves.map(({ name, colour, clip }) => {
      const value = clip.length ? clip.frame(clip.frameAt(time))[clip.names.indexOf(name)] : undefined;
      const swatch = h("i", {});
      swatch.style.background = colour;
      return h("span", {}, swatch, `${name} ${value?.toFixed(3) ?? ""}`);
    });
    this.hover.replaceChildren(h("div", {}, h("b", {}, `${time.toFixed(3)} s`), ...rows));
    this.hover.hidden = false;
    this.hover.classList.toggle("left", event.offsetX > this.element.clientWidth * 0.6);
    this.place(this.hover, time);
  }
}
