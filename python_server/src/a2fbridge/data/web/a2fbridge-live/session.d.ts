/** A live stream: sound goes in, frames come out, settings may change on the way. */
import type { Convention } from "./conventions.js";
import { LiveError } from "./errors.js";
import { type Opening, type StreamOptions } from "./leg.js";
import type { FaceSettings, Frame } from "./messages.js";
export interface SessionEvents {
    frame: CustomEvent<Frame>;
    warning: CustomEvent<string>;
    /** Its detail is the error, or null after a stream that ended well. */
    close: CustomEvent<LiveError | null>;
}
/** Settings of the stream that may change while it runs. */
export type Changes = FaceSettings & Pick<StreamOptions, "pack" | "identity" | "solver" | "emotion" | "frameRate">;
/**
 * Opens a stream.  Resolves when the server has answered with its settings; rejects with a LiveError that says why not.
 *
 * @param url the server's `/live`, as `ws:`, `wss:`, `http:`, `https:` or relative to the page
 */
export declare function connect(url: string | URL, options?: StreamOptions): Promise<LiveSession>;
export declare class LiveSession {
    private readonly url;
    private readonly opened;
    /** Names of the weights, in order. */
    names: readonly string[];
    /** The server's answer: convention, frame rate, look-ahead, settings in force. */
    opening: Opening | undefined;
    readonly sampleRate: number;
    private readonly target;
    private current;
    private next;
    private options;
    private recent;
    private pushed;
    private frontier;
    private ended;
    /** Use {@link connect}. */
    constructor(url: string | URL, options: StreamOptions, opened: () => void);
    /** Convention of the weights; `target` when the server maps them. */
    get convention(): Convention | "target";
    /** Seconds of sound that the server must hear beyond a frame before it can send it. */
    get lookAhead(): number;
    /** Seconds of sound pushed so far. */
    get heard(): number;
    /** Bytes that wait for the network; a sender of long clips waits while it is above a few hundred thousand. */
    get waiting(): number;
    /** Sends mono sound at the session's sample rate: 16-bit PCM, or floats in -1..1. */
    push(sound: Int16Array | Float32Array | ArrayBuffer): void;
    /** Changes the emotions from here on, within `seconds`. */
    feel(emotions: Readonly<Record<string, number>>, seconds?: number): void;
    /**
     * Changes settings in the middle of the sound: a second stream hears the last second again, and its frames take over
     * where it catches up.  Settings that are left out stay as they are.
     */
    update(changes: Changes): void;
    /** No more sound: the last frames come, then `close`. */
    end(): void;
    /** Ends the stream at once. */
    close(): void;
    addEventListener<K extends keyof SessionEvents>(type: K, listener: (event: SessionEvents[K]) => void, options?: AddEventListenerOptions): void;
    removeEventListener<K extends keyof SessionEvents>(type: K, listener: (event: SessionEvents[K]) => void): void;
    /** Frames as they come, until the stream ends; throws its error. */
    frames(): AsyncGenerator<Frame>;
    private leg;
    private welcome;
    private accept;
    private closed;
    /** Keeps the last seconds of sound: the overlap, and what may be spoken while a connection is made. */
    private remember;
    private emit;
}
