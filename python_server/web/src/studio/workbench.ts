/** A recording in the studio: its frames under settings A and B, fetched anew when they change. */
import type { Clip } from "../player/clip";
import type { Face } from "../player/face";
import { Player } from "../player/player";
import { ApiError, type ClipInfo, animation, sound } from "./api";
import { readFrames, ratio } from "./frames";
import { type Settings, type Store, spoken } from "./settings";

/** Milliseconds without a change before frames are fetched. */
const PAUSE = 90;

export interface WorkbenchEvents {
  /** Frames are being made, or not any more. */
  busy(on: boolean): void;
  problem(error: unknown): void;
}

export class Workbench {
  player: Player | undefined;
  private readonly clips = new Map<string, Clip>();
  private running = new AbortController();
  private timer = 0;
  private comparing = false;
  /** Whether what is shown is what the settings ask for. */
  settled = false;

  private constructor(readonly info: ClipInfo, private readonly wave: Blob, private readonly face: Face, private readonly store: Store, private readonly events: WorkbenchEvents) {}

  /** Fetches sound and frames of a clip. */
  static async open(info: ClipInfo, face: Face, store: Store, events: WorkbenchEvents): Promise<Workbench> {
    const made = new Workbench(info, await sound(info), face, store, events);
    await made.refresh();
    return made;
  }

  /** Fetches what the settings in use need and shows it; what is there already is shown at once. */
  changed(): void {
    this.settled = false;
    clearTimeout(this.timer);
    const known = this.clips.get(key(this.store.settings));
    this.timer = window.setTimeout(() => void this.refresh(), known ? 0 : PAUSE);
  }

  /** Plots the other settings' curves too, dashed. */
  set compare(on: boolean) {
    this.comparing = on;
    this.changed();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.running.abort();
    this.player?.dispose();
  }

  private async refresh(): Promise<void> {
    this.running.abort();
    const { signal } = (this.running = new AbortController());
    this.events.busy(true);
    try {
      const { settings, other } = this.store;
      const clip = await this.frames({ ...settings, mapping: null }, signal, (growing) => this.show(growing));
      this.show(clip);
      if (settings.mapping) this.player!.setCurves(await this.frames(settings, signal));
      const beside = this.comparing ? await this.frames({ ...other, mapping: settings.mapping }, signal) : undefined;
      this.player!.compare(beside);
    } catch (error) {
      if (!signal.aborted) this.events.problem(error);
    } finally {
      if (!signal.aborted) {
        this.settled = true;
        this.events.busy(false);
      }
    }
  }

  private async frames(settings: Settings, signal: AbortSignal, growing?: (clip: Clip) => void): Promise<Clip> {
    const known = this.clips.get(key(settings));
    if (known) return known;
    const plain = this.store.about.plain_nim;
    const stream = await animation(this.info, spoken(settings, plain), signal);
    const before = growing ? this.player?.clip : undefined;
    const made = await readFrames(stream, plain ? "30/1" : settings.frame_rate, this.info.seconds, before, (clip) => {
      if (!signal.aborted) growing?.(clip);
    });
    signal.throwIfAborted();
    if (!made.length) throw new ApiError("the recording is too short for a frame");
    this.remember(settings, made);
    return made;
  }

  private show(clip: Clip): void {
    if (this.player) this.player.setClip(clip);
    else this.player = new Player(clip, this.face, this.wave, Math.max(this.info.seconds, clip.duration));
  }

  /** Keeps the last few, so that going back and forth is instant. */
  private remember(settings: Settings, clip: Clip): void {
    this.clips.set(key(settings), clip);
    const [oldest] = this.clips.keys();
    if (this.clips.size > 12 && oldest !== undefined) this.clips.delete(oldest);
  }
}

const key = (settings: Settings): string => JSON.stringify({ ...settings, rate: ratio(settings.frame_rate) });
