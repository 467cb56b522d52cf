/** Face, sound and curves of one clip, moving together: what a saved HTML file shows, and the middle of the studio. */
import { FACE_NAMES } from "../../packages/a2fbridge-live/src/names";
import { Chooser } from "./chooser";
import type { Clip } from "./clip";
import { h, toggle } from "./dom";
import type { Face } from "./face";
import { Playback } from "./playback";
import type { Sound } from "./plots";
import { type Curve, Timeline } from "./timeline";

const SPEEDS = [0.1, 0.25, 0.5, 1, 1.5, 2];

export class Player {
  readonly transport: HTMLElement;
  readonly timeline: Timeline;
  /** Where the list of curves is. */
  readonly curveList = h("div", { class: "curves" });
  readonly playback: Playback;
  chooser: Chooser;
  /** Weights shown, by the clip's names. */
  weights: Float32Array;
  /** What takes a frame's place while the player stands there, as a clip of one frame; the studio's preview. */
  instead: ((frame: number) => Clip | undefined) | undefined;
  /** What is plotted: the clip itself, or the curves of a rig that it was mapped to. */
  private curves: Clip;
  private readonly face68 = new Float32Array(FACE_NAMES.length);
  private readonly playButton = h("button", { type: "button", class: "play", title: "Play or pause (space)" });
  private readonly clock = h("output", { class: "clock" });
  private readonly speed = h("select", { title: "Speed (+ and -)", "aria-label": "Speed" });
  private other: Clip | undefined;
  private looping = 0;

  /** `duration` in seconds is the sound's, where it is longer than the clip. */
  constructor(public clip: Clip, private readonly face: Face, sound: Blob | undefined, duration = clip.duration) {
    this.curves = clip;
    this.weights = new Float32Array(clip.names.length);
    this.playback = new Playback(sound, duration);
    this.timeline = new Timeline(duration, (time) => this.seek(this.clip.timeOf(this.clip.frameAt(time))));
    this.chooser = this.choose();
    this.transport = this.makeTransport();
    this.playback.addEventListener("change", () => this.changed());
    this.plot();
    this.changed();
    if (sound) void this.decode(sound);
  }

  /** Shows another animation of the same sound; the place stays. */
  setClip(clip: Clip): void {
    this.clip = clip;
    this.weights = new Float32Array(clip.names.length);
    this.setCurves(clip);
  }

  /** Plots other curves than the clip's own. */
  setCurves(curves: Clip): void {
    const same = curves.names.join() === this.curves.names.join();
    this.curves = curves;
    if (!same || !this.chooser.chosen.length) this.chooser = this.choose();
    this.plot();
    this.show();
  }

  /** Shows the present place again. */
  refresh(): void {
    this.show();
  }

  /** Number of the frame that is shown. */
  get frame(): number {
    return this.clip.frameAt(this.playback.time);
  }

  play(): Promise<void> {
    return this.playback.play();
  }

  pause(): void {
    this.playback.pause();
  }

  /** Goes to a time in seconds. */
  seek(time: number): void {
    this.playback.seek(time);
  }

  /** Stops and goes some frames on (or back). */
  step(frames: number): void {
    this.pause();
    this.seek(this.clip.timeOf(Math.min(Math.max(this.frame + frames, 0), this.clip.length - 1)));
  }

  /** Plots another clip's curves dashed beside this one's. */
  compare(other: Clip | undefined): void {
    this.other = other;
    this.plot();
  }

  /** Handles a key; false when it means nothing here. */
  key(event: KeyboardEvent): boolean {
    const steps: Record<string, () => void> = {
      " ": () => this.toggle(),
      k: () => this.toggle(),
      ArrowLeft: () => this.step(event.shiftKey ? -10 : -1),
      ArrowRight: () => this.step(event.shiftKey ? 10 : 1),
      Home: () => this.seek(0),
      End: () => this.seek(this.clip.timeOf(this.clip.length - 1)),
      "+": () => this.faster(1),
      "-": () => this.faster(-1),
      z: () => this.timeline.zoom(0.5),
      Z: () => this.timeline.zoom(2),
    };
    const act = steps[event.key];
    act?.();
    return act !== undefined;
  }

  dispose(): void {
    cancelAnimationFrame(this.looping);
    this.playback.dispose();
  }

  private choose(): Chooser {
    const made = new Chooser(this.curves.names, this.curves.liveliest(6), () => this.plot());
    this.curveList.replaceChildren(made.element);
    return made;
  }

  private toggle(): void {
    if (this.playback.playing) this.pause();
    else void this.play();
  }

  private faster(by: number): void {
    const now = SPEEDS.indexOf(this.playback.rate);
    this.playback.rate = SPEEDS[Math.min(Math.max(now + by, 0), SPEEDS.length - 1)]!;
  }

  private makeTransport(): HTMLElement {
    this.playButton.addEventListener("click", () => this.toggle());
    this.speed.append(...SPEEDS.map((s) => h("option", { value: s }, `${s}×`)));
    this.speed.addEventListener("change", () => (this.playback.rate = Number(this.speed.value)));
    const step = (frames: number, label: string, title: string) =>
      h("button", { type: "button", title, "aria-label": title, onclick: () => this.step(frames) }, label);
    return h(
      "div", { class: "transport row" },
      step(-1, "‹", "One frame back (←)"), this.playButton, step(1, "›", "One frame on (→)"), this.clock,
      h("span", { class: "gap" }), this.speed,
      toggle("Spectrogram", "Spectrogram or waveform", false, (on) => (this.timeline.spectrogram = on)),
    );
  }

  private plot(): void {
    const curves = (clip: Clip, dashed: boolean): Curve[] => this.chooser.chosen.map((curve) => ({ ...curve, clip, dashed }));
    this.timeline.show([...curves(this.curves, false), ...(this.other ? curves(this.other, true) : [])]);
  }

  private changed(): void {
    const { playing, rate } = this.playback;
    this.playButton.textContent = playing ? "❚❚" : "▶";
    this.playButton.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.speed.value = String(rate);
    this.show();
    if (playing) this.looping ||= requestAnimationFrame(() => this.loop());
  }

  private loop(): void {
    this.looping = 0;
    this.show();
    this.face.draw(true);
    if (this.playback.playing) this.looping = requestAnimationFrame(() => this.loop());
  }

  /** Shows the present place: between frames while playing, a frame as it lies in the file when stopped. */
  private show(): void {
    const { time, playing } = this.playback;
    const other = playing ? undefined : this.instead?.(this.clip.frameAt(time));
    if (playing) this.clip.at(time, this.weights);
    else if (other?.names.join() === this.clip.names.join()) this.weights.set(other!.frame(0));
    else if (this.clip.length) this.weights.set(this.clip.frame(this.clip.frameAt(time)));
    if (other) other.toFace(other.frame(0), this.face68);
    else this.clip.toFace(this.weights, this.face68);
    this.face.show(this.face68, time);
    const text = `${time.toFixed(3)} s · frame ${this.clip.frameAt(time)} of ${this.clip.length}`;
    this.clock.value = text;
    this.timeline.at(time, text);
    this.chooser.show(this.curves === this.clip ? this.weights : this.curves.frame(this.curves.frameAt(time)));
  }

  private async decode(sound: Blob): Promise<void> {
    const buffer = await new OfflineAudioContext(1, 1, 16000).decodeAudioData(await sound.arrayBuffer());
    const heard: Sound = { samples: buffer.getChannelData(0), rate: buffer.sampleRate };
    this.timeline.hear(heard);
  }
}
