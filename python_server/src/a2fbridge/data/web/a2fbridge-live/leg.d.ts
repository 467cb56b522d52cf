/** One WebSocket connection: one `ProcessAudioStream` call.  A session is one leg, or two while settings change. */
import { LiveError } from "./errors.js";
import { type EmotionKey, type FaceSettings, type Frame } from "./messages.js";
export interface StreamOptions extends FaceSettings {
    /** Samples a second of the sound that will be pushed, 16000 (default) to 144000. */
    readonly sampleRate?: number;
    /** Frames a second: a number, or a ratio such as `30000/1001`. */
    readonly frameRate?: number | string;
    readonly pack?: string;
    readonly identity?: string;
    readonly solver?: string;
    /** A mapping table's name: frames hold the rig's curves. */
    readonly mapping?: string;
    /** `auto`: the server's classifier decides, `emotions` are preferred ones. */
    readonly emotion?: "given" | "auto";
    /** Frames bring their slice of the sound back. */
    readonly audio?: boolean;
    /** Bearer token of a server that wants one. */
    readonly token?: string;
}
/** The server's first word. */
export interface Opening {
    readonly convention: "a2f" | "target";
    readonly frame_rate: readonly [number, number];
    readonly look_ahead: number;
    readonly settings: Readonly<Record<string, unknown>>;
}
export interface LegEvents {
    opened(names: readonly string[], opening: Opening): void;
    frame(frame: Frame): void;
    warning(text: string): void;
    /** The stream is over: without an error after its last frame. */
    closed(error: LiveError | undefined): void;
}
export declare class Leg {
    readonly start: number;
    private readonly events;
    private readonly socket;
    private opening;
    private finished;
    private over;
    /** `start` is the place of the first sample in the session, seconds. */
    constructor(url: string | URL, options: StreamOptions, start: number, events: LegEvents);
    /** Bytes that wait for the network. */
    get waiting(): number;
    push(samples: Int16Array, keys?: readonly EmotionKey[]): void;
    end(): void;
    /** Ends the call at once. */
    cancel(): void;
    private receive;
    private accept;
    private reason;
    private close;
}
