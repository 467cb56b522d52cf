/**
 * The clock of a face that answers a microphone: as early as the frames' arrival allows, and steady.
 *
 * A frame of time t that arrives at a (both in seconds) could be shown from a on, a delay of a - t behind the sound.  The
 * clock keeps the largest delay of the last frames, and moves towards a new one slowly, so that the face neither waits
 * for one late frame for ever nor jerks.
 */

/** Frames that the delay looks back over. */
const LOOK_BACK = 60;
/** Change of the delay in seconds a second at most, while frames are not far off. */
const SLEW = 0.08;
/** A difference in seconds above this is a break, not jitter: the clock jumps. */
const JUMP = 0.4;

export class LiveClock {
  private readonly delays: number[] = [];
  private delay: number | undefined;
  private looked = 0;

  /** `now` gives seconds of a steady clock. */
  constructor(private readonly now: () => number = () => performance.now() / 1000) {}

  /** Notes that a frame has arrived. */
  arrived(time: number): void {
    this.delays.push(this.now() - time);
    if (this.delays.length > LOOK_BACK) this.delays.shift();
  }

  /** The time in the stream that is due now; undefined before the first frame. */
  get time(): number | undefined {
    if (!this.delays.length) return undefined;
    const now = this.now();
    const wanted = Math.max(...this.delays);
    const most = SLEW * (now - this.looked);
    const step = wanted - (this.delay ?? wanted);
    const jump = this.delay === undefined || Math.abs(step) > JUMP;
    this.delay = jump ? wanted : this.delay! + Math.min(Math.max(step, -most), most);
    this.looked = now;
    return now - this.delay;
  }
}
