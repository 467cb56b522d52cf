/**
 * The clock of a face that answers a microphone: as early as the frames' arrival allows, and steady.
 *
 * A frame of time t that arrives at a (both in seconds) could be shown from a on, a delay of a - t behind the sound.  The
 * clock keeps the largest delay of the last frames, and moves towards a new one slowly, so that the face neither waits
 * for one late frame for ever nor jerks.
 */
export declare class LiveClock {
    private readonly now;
    private readonly delays;
    private delay;
    private looked;
    /** `now` gives seconds of a steady clock. */
    constructor(now?: () => number);
    /** Notes that a frame has arrived. */
    arrived(time: number): void;
    /** The time in the stream that is due now; undefined before the first frame. */
    get time(): number | undefined;
}
