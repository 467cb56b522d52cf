/** Single frames under settings that the whole clip does not follow yet: one is asked for at a time, and the newest wish wins. */
import type { Clip } from "../player/clip";

export interface PreviewEvents {
  /** A frame has come; the player shows it if it stands there. */
  came(): void;
  failed(error: unknown): void;
}

export class Preview {
  /** Whether frames are asked for. */
  on = true;
  private readonly known = new Map<number, Clip>();
  /** What came last, though the settings have moved on: nearer to what is wanted than the clip is. */
  private latest: { frame: number; pose: Clip } | undefined;
  private edits = 0;
  private wish: number | undefined;
  private asking = false;
  /** What is being fetched: frame and edit. */
  private asked = "";

  /** `ask` fetches a frame under the settings of that moment. */
  constructor(private readonly ask: (frame: number) => Promise<Clip>, private readonly events: PreviewEvents) {}

  /** The settings are other ones now. */
  edited(): void {
    this.edits++;
    this.known.clear();
  }

  /** Forgets everything: the clip follows the settings again. */
  done(): void {
    this.edited();
    this.latest = this.wish = undefined;
  }

  /** Whether a frame is there under the present settings. */
  has(frame: number): boolean {
    return this.known.has(frame);
  }

  /** Returns a frame if it is there, the nearest to it otherwise, and asks for it. */
  frame(frame: number): Clip | undefined {
    const pose = this.known.get(frame);
    if (pose) return pose;
    if (this.asked !== `${frame} ${this.edits}`) this.wish = frame;
    if (this.on && !this.asking) void this.fetch();
    return this.latest?.frame === frame ? this.latest.pose : undefined;
  }

  private async fetch(): Promise<void> {
    this.asking = true;
    while (this.wish !== undefined && this.on) {
      const [frame, edits] = [this.wish, this.edits];
      this.wish = undefined;
      this.asked = `${frame} ${edits}`;
      try {
        const pose = await this.ask(frame);
        this.latest = { frame, pose };
        if (edits === this.edits) this.known.set(frame, pose);
        this.events.came();
      } catch (error) {
        if (edits === this.edits) this.events.failed(error);
      }
    }
    this.asking = false;
    this.asked = "";
  }
}
