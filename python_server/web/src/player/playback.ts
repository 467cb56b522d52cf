/** Playing sound, and the time that is heard.  Without sound a wall clock runs instead. */

/** Errors of the media clock above this are jumps, not jitter; seconds. */
const JUMP = 0.12;
/** Share of the media clock's error that is corrected at each look; its steps are up to some 20 ms long. */
const PULL = 0.15;

export class Playback extends EventTarget {
  private readonly audio: HTMLAudioElement | undefined;
  private url: string | undefined;
  private position = 0;
  private looked = 0;
  private running = false;
  private speed = 1;

  /** `sound` is a file that the browser can play, `duration` the animation's, in seconds. */
  constructor(sound: Blob | undefined, readonly duration: number) {
    super();
    if (!sound) return;
    this.url = URL.createObjectURL(sound);
    this.audio = new Audio(this.url);
    this.audio.preload = "auto";
    this.audio.addEventListener("ended", () => this.atEnd());
  }

  get playing(): boolean {
    return this.running;
  }

  get rate(): number {
    return this.speed;
  }

  set rate(value: number) {
    this.look();
    this.speed = value;
    if (this.audio) this.audio.playbackRate = value;
    this.changed();
  }

  /** Seconds from the start of the clip: what is heard now. */
  get time(): number {
    if (this.running) this.look();
    return this.position;
  }

  async play(): Promise<void> {
    if (this.running) return;
    if (this.position >= this.duration - 1e-3) this.seek(0);
    // The length is not a number until the browser has looked at the sound; playing waits for that.
    if (this.audio && !(this.position >= this.audio.duration)) await this.audio.play();
    this.running = true;
    this.looked = performance.now();
    this.changed();
  }

  pause(): void {
    if (!this.running) return;
    this.look();
    this.running = false;
    this.audio?.pause();
    this.changed();
  }

  /** Goes to a time exactly; playing goes on from there. */
  seek(time: number): void {
    this.position = Math.min(Math.max(time, 0), this.duration);
    this.looked = performance.now();
    if (this.audio) this.audio.currentTime = this.position;
    this.changed();
  }

  dispose(): void {
    this.pause();
    if (this.url) URL.revokeObjectURL(this.url);
  }

  /** Moves the position on by the wall clock and pulls it towards the media clock, which is right but coarse. */
  private look(): void {
    const now = performance.now();
    if (this.running) {
      this.position += ((now - this.looked) / 1000) * this.speed;
      if (this.audio && !this.audio.paused && !this.audio.ended && !this.audio.seeking) {
        const error = this.audio.currentTime - this.position;
        this.position += Math.abs(error) > JUMP * Math.max(this.speed, 1) ? error : error * PULL;
      }
    }
    this.looked = now;
    if (this.running && this.position >= this.duration) this.atEnd();
  }

  private atEnd(): void {
    if (!this.running || this.position < this.duration - 0.25) return;
    this.position = this.duration;
    this.running = false;
    this.audio?.pause();
    this.changed();
  }

  private changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}
