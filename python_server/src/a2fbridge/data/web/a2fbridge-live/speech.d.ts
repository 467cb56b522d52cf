/** Speech of a synthesiser: played to the user and sent to the session, with the face on the clock of what is heard. */
import { FrameBuffer } from "./buffer.js";
import type { LiveSession } from "./session.js";
/**
 * Plays sound in step with its frames.  Push pieces of any length with `say`; playing starts when the first frames have come
 * (some 0.3 s), so that mouth and voice begin together.
 */
export declare class Speech {
    private readonly session;
    private readonly context;
    private readonly output;
    readonly buffer: FrameBuffer;
    private readonly waiting;
    private started;
    private scheduled;
    private last;
    private ended;
    private complete;
    private done;
    /** Resolves when all has been heard. */
    readonly finished: Promise<void>;
    constructor(session: LiveSession, context: AudioContext, output?: AudioNode);
    /** Mono sound at the session's sample rate: 16-bit PCM, or floats in -1..1. */
    say(sound: Int16Array | Float32Array | ArrayBuffer): void;
    /** No more sound will come. */
    end(): void;
    /** Stops at once. */
    stop(): void;
    /** Seconds of the speech that have been heard: its place at the loudspeaker; below 0 before the first sound. */
    get time(): number;
    /** Puts the weights that are due into `out`, in the order of the session's names; false before the first frame. */
    weights(out: Float32Array): boolean;
    private begin;
    /** Behind what is scheduled; where the synthesiser was too slow, the gap moves the speech's clock too. */
    private schedule;
    private finish;
}
