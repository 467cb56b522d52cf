import type { LiveSession } from "./session.js";
export interface MicrophoneOptions {
    /** Instead of the microphone: a call's or a speech synthesiser's stream. */
    readonly stream?: MediaStream;
    /** Where `capture-worklet.js` lies; by default beside this module. */
    readonly worklet?: string | URL;
    /** Constraints for the microphone. */
    readonly constraints?: MediaTrackConstraints;
}
/**
 * Opens the microphone.  Open it before the session: `connect(url, { sampleRate: microphone.sampleRate })`.
 * Must follow a click or key press.  Throws LiveError when there is none or the user does not allow it.
 */
export declare function openMicrophone(options?: MicrophoneOptions): Promise<Microphone>;
export declare class Microphone {
    private readonly context;
    private readonly stream;
    private readonly own;
    private readonly node;
    /** Use {@link openMicrophone}. */
    constructor(context: AudioContext, source: AudioNode, stream: MediaStream, own: boolean);
    get sampleRate(): number;
    /** Sends what is heard from now on; `heard` is told the level (0..1) and the samples of each piece. */
    start(session: LiveSession, heard?: (level: number, samples: Float32Array) => void): void;
    /** Stops listening and lets the microphone go. */
    stop(): Promise<void>;
}
