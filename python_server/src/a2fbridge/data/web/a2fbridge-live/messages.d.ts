/** What the stream's header may set; names that are left out keep the server's values. */
export interface FaceSettings {
    /** Face parameters by name, such as `lowerFaceStrength`. */
    readonly parameters?: Readonly<Record<string, number>>;
    /** Blend-shape gains by name, such as `JawOpen`. */
    readonly multipliers?: Readonly<Record<string, number>>;
    /** Blend-shape offsets by name. */
    readonly offsets?: Readonly<Record<string, number>>;
    /** Clamp weights to 0..1. */
    readonly clamp?: boolean;
    /** Emotions by name, 0..1, from the start on. */
    readonly emotions?: Readonly<Record<string, number>>;
}
/** Emotions that hold from a time on, in seconds from the start of the stream. */
export interface EmotionKey {
    readonly time: number;
    readonly emotions: Readonly<Record<string, number>>;
}
export type Message = {
    readonly kind: "header";
    readonly names: readonly string[];
    readonly sampleRate: number | undefined;
} | {
    readonly kind: "frame";
    readonly frame: Frame;
} | {
    readonly kind: "event";
    readonly type: number;
} | {
    readonly kind: "status";
    readonly code: StatusCode;
    readonly message: string;
};
/** One frame of animation. */
export interface Frame {
    /** Seconds from the start of the stream's sound. */
    readonly time: number;
    /** Weights in the order of the session's names. */
    readonly weights: Float32Array;
    /** The sound that belongs to the frame, 16-bit mono PCM, when it was asked for. */
    readonly audio: Uint8Array | undefined;
    /** Emotions that drove the face, by name, when the server says them. */
    readonly emotions: Readonly<Record<string, number>> | undefined;
}
export type StatusCode = "success" | "info" | "warning" | "error";
/** `AudioStream.audio_stream_header` for 16-bit mono PCM. */
export declare function headerMessage(sampleRate: number, settings: FaceSettings): Uint8Array<ArrayBuffer>;
/** `AudioStream.audio_with_emotion`. */
export declare function audioMessage(samples: Int16Array, keys?: readonly EmotionKey[]): Uint8Array<ArrayBuffer>;
/** `AudioStream.end_of_audio`. */
export declare function endMessage(): Uint8Array<ArrayBuffer>;
/** Reads an `AnimationDataStream`; undefined for a part that is not known.  Throws RangeError when it is damaged. */
export declare function readMessage(bytes: Uint8Array): Message | undefined;
