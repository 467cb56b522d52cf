/** A recording in the studio: its frames under settings A and B, fetched anew when they change. */
import type { Clip } from "../player/clip";
import type { Face } from "../player/face";
import { Player } from "../player/player";
import { ApiError, type ClipInfo, animation, pose, sound } from "./api";
import { readFrames, ratio } from "./frames";
import { Preview } from "./preview";
import { type Settings, type Store, spoken } from "./settings";

/** Milliseconds without an edit before the whole clip follows where there are no single frames. */
const SOON = 90;

/** How what is shown stands to the settings. */
export type State = "current" | "edited" | "preview" | "updating";

export interface WorkbenchEvents {
  /** The state in words. */
  state(state: State, text: string): void;
  problem(error: unknown): void;
}

export class Workbench {
  player: Player | undefined;
  readonly preview: Preview;
  /** Milliseconds without an edit before the whole clip follows. */
  pause = 350;
  private readonly clips = new Map<string, Clip>();
  private running = new AbortController();
  private timer = 0;
  private comparing = false;
  /** Frames from the start that are what the settings ask for. */
  private fresh = 0;
  /** Whether the whole clip is what the settings ask for. */
  settled = false;

  private constructor(readonly info: ClipInfo, private readonly wave: Blob, private readonly face: Face, private readonly store: Store, private readonly events: WorkbenchEvents) {
    const ask = (frame: number) => pose(info, spoken({ ...store.settings, mapping: null }, store.about.plain_nim), this.player!.clip.timeOf(frame));
    this.preview = new Preview(ask, { came: () => this.came(), failed: (error) => this.failed(error) });
  }

  /** Fetches sound and frames of a clip. */
  static async open(info: ClipInfo, face: Face, store: Store, events: WorkbenchEvents): Promise<Workbench> {
    const made = new Workbench(info, await sound(info), face, store, events);
    await made.refresh();
    return made;
  }

  /**
   * Shows the frame under the cursor as the settings in use ask for, at once, and the whole clip after a pause; what is being made
   * for earlier settings is given up.
   */
  changed(): void {
    clearTimeout(this.timer);
    this.running.abort();
    const known = this.clips.get(key({ ...this.store.settings, mapping: null }));
    this.settled = false;
    this.fresh = 0;
    this.preview.edited();
    if (!known) this.look();
    const pause = this.preview.on ? this.pause : SOON;
    this.timer = window.setTimeout(() => void this.refresh(), known ? 0 : pause);
  }

  /** Plots the other settings' curves too, dashed. */
  set compare(on: boolean) {
    this.comparing = on;
    clearTimeout(this.timer);
    void this.refresh();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.running.abort();
    this.preview.on = false;
    this.settled = true;
    this.player?.dispose();
  }

  /** Shows the present frame under the present settings, or asks for it. */
  private look(): void {
    const { player } = this;
    if (!player) return;
    player.refresh();
    if (player.playback.playing || !this.preview.on) this.events.state("edited", "Edited: this is still the clip before it");
  }

  private came(): void {
    if (this.settled) return;
    this.player?.refresh();
    const frame = this.player?.frame ?? 0;
    if (this.preview.has(frame) && !this.fresh) this.events.state("preview", `Preview: frame ${frame} shows the edit, the clip follows`);
  }

  /** A frame that cannot be had is no harm: the clip follows, and says what is wrong if that cannot either. */
  private failed(error: unknown): void {
    if (error instanceof ApiError && error.status === 501) this.preview.on = false;
    if (!this.settled) this.events.state("edited", `No preview: ${error instanceof Error ? error.message : String(error)}`);
  }

  private instead(frame: number): Clip | undefined {
    if (this.settled || frame < this.fresh) return undefined;
    const pose = this.preview.frame(frame);
    if (this.preview.on && !this.preview.has(frame) && !this.fresh) this.events.state("edited", `Edited: frame ${frame} is being computed`);
    return pose;
  }

  private async refresh(): Promise<void> {
    this.running.abort();
    const { signal } = (this.running = new AbortController());
    this.settled = false;
    try {
      const { settings, other } = this.store;
      const clip = await this.frames({ ...settings, mapping: null }, signal, (growing, fresh) => this.show(growing, fresh));
      this.show(clip, clip.length);
      if (settings.mapping) this.player!.setCurves(await this.frames(settings, signal));
      const beside = this.comparing ? await this.frames({ ...other, mapping: settings.mapping }, signal) : undefined;
      this.player!.compare(beside);
      this.finish("current", "Up to date");
    } catch (error) {
      if (signal.aborted) return;
      this.events.problem(error);
      this.finish("edited", this.player ? "Not updated: this is still the clip before the edit" : "");
    }
  }

  private finish(state: State, text: string): void {
    this.settled = true;
    this.preview.done();
    this.player?.refresh();
    this.events.state(state, text);
  }

  private async frames(settings: Settings, signal: AbortSignal, growing?: (clip: Clip, fresh: number) => void): Promise<Clip> {
    const known = this.clips.get(key(settings));
    if (known) return known;
    const plain = this.store.about.plain_nim;
    const stream = await animation(this.info, spoken(settings, plain), signal);
    const before = growing ? this.player?.clip : undefined;
    const made = await readFrames(stream, plain ? "30/1" : settings.frame_rate, this.info.seconds, before, (clip, fresh) => {
      if (!signal.aborted) growing?.(clip, fresh);
    });
    signal.throwIfAborted();
    if (!made.length) throw new ApiError("the recording is too short for a frame");
    this.remember(settings, made);
    return made;
  }

  private show(clip: Clip, fresh: number): void {
    this.fresh = fresh;
    if (this.player) this.player.setClip(clip);
    else {
      this.player = new Player(clip, this.face, this.wave, Math.max(this.info.seconds, clip.duration));
      this.player.instead = (frame) => this.instead(frame);
    }
    if (fresh < clip.length) this.events.state("updating", `Updating the clip: ${fresh} of ${clip.length} frames`);
  }

  /** Keeps the last few, so that going back and forth is instant. */
  private remember(settings: Settings, clip: Clip): void {
    this.clips.set(key(settings), clip);
    const [oldest] = this.clips.keys();
    if (this.clips.size > 12 && oldest !== undefined) this.clips.delete(oldest);
  }
}

const key = (settings: Settings): string => JSON.stringify({ ...settings, rate: ratio(settings.frame_rate) });
