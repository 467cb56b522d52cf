/** Frames that have come and are not due yet: the jitter buffer. */
import type { Frame } from "./messages.js";
export declare class FrameBuffer {
    private readonly frames;
    /** Seconds up to which there are frames; -Infinity while there are none. */
    get until(): number;
    get length(): number;
    /** Frames come in order of their times. */
    add(frame: Frame): void;
    /**
     * Puts the weights at a time into `out`: linear between frames, the first or the last beyond them.  Returns false and
     * leaves `out` while there are none.
     */
    at(time: number, out: Float32Array): boolean;
    clear(): void;
}
