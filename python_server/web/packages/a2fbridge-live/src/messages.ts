/** The messages of `ProcessAudioStream` (nvidia_ace.controller.v1), to and from bytes. */
import { type Field, Writer, fields, floats, text } from "./wire.js";

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

export type Message =
  | { readonly kind: "header"; readonly names: readonly string[]; readonly sampleRate: number | undefined }
  | { readonly kind: "frame"; readonly frame: Frame }
  | { readonly kind: "event"; readonly type: number }
  | { readonly kind: "status"; readonly code: StatusCode; readonly message: string };

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
const STATUS: readonly StatusCode[] = ["success", "info", "warning", "error"];

/** `AudioStream.audio_stream_header` for 16-bit mono PCM. */
export function headerMessage(sampleRate: number, settings: FaceSettings): Uint8Array<ArrayBuffer> {
  const { parameters, multipliers, offsets, clamp, emotions } = settings;
  return new Writer().message(1, (header) => {
    header.message(1, (audio) => audio.uint(2, 1).uint(3, sampleRate).uint(4, 16));
    header.message(2, (face) => face.floats(1, parameters));
    header.message(4, (shapes) => {
      shapes.floats(1, multipliers).floats(2, offsets);
      if (clamp !== undefined) shapes.uint(3, Number(clamp));
    });
    if (emotions) header.message(5, (start) => start.floats(2, emotions));
  }).finish();
}

/** `AudioStream.audio_with_emotion`. */
export function audioMessage(samples: Int16Array, keys: readonly EmotionKey[] = []): Uint8Array<ArrayBuffer> {
  return new Writer().message(2, (sound) => {
    sound.blob(1, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    for (const { time, emotions } of keys) sound.message(2, (key) => key.double(1, time).floats(2, emotions));
  }).finish();
}

/** `AudioStream.end_of_audio`. */
export function endMessage(): Uint8Array<ArrayBuffer> {
  return new Writer().message(3, () => undefined).finish();
}

/** Reads an `AnimationDataStream`; undefined for a part that is not known.  Throws RangeError when it is damaged. */
export function readMessage(bytes: Uint8Array): Message | undefined {
  for (const { number, bytes: body } of fields(bytes)) {
    if (number === 1) return header(body);
    if (number === 2) return { kind: "frame", frame: frame(body) };
    if (number === 3) return { kind: "event", type: first(body, 1)?.value ?? 0 };
    if (number === 4) {
      const message = first(body, 2);
      return { kind: "status", code: STATUS[first(body, 1)?.value ?? 0] ?? "error", message: message ? text(message.bytes) : "" };
    }
  }
  return undefined;
}

function header(bytes: Uint8Array): Message {
  const audio = first(bytes, 1);
  const shapes = first(bytes, 2);
  return {
    kind: "header",
    names: shapes ? [...fields(shapes.bytes)].filter((f) => f.number === 1).map((f) => text(f.bytes)) : [],
    sampleRate: audio && first(audio.bytes, 3)?.value,
  };
}

function frame(bytes: Uint8Array): Frame {
  const skeleton = first(bytes, 1);
  const row = skeleton && first(skeleton.bytes, 1);
  const audio = first(bytes, 2);
  return {
    time: (row && first(row.bytes, 1)?.value) ?? 0,
    weights: floats((row && first(row.bytes, 2)?.bytes) ?? new Uint8Array()),
    audio: audio && first(audio.bytes, 2)?.bytes.slice(),
    emotions: emotions(bytes),
  };
}

/** From `metadata["emotion_aggregate"]`, an Any of EmotionAggregate: its `a2f_smoothed_output`. */
function emotions(data: Uint8Array): Readonly<Record<string, number>> | undefined {
  for (const entry of fields(data)) {
    if (entry.number !== 4) continue;
    const key = first(entry.bytes, 1);
    const any = first(entry.bytes, 2);
    const aggregate = key && any && text(key.bytes) === "emotion_aggregate" ? first(any.bytes, 2) : undefined;
    const last = aggregate && first(aggregate.bytes, 3);
    if (last) return map(last.bytes, 2);
  }
  return undefined;
}

function map(bytes: Uint8Array, number: number): Record<string, number> {
  const out: Record<string, number> = {};
  for (const entry of fields(bytes)) {
    if (entry.number !== number) continue;
    const name = first(entry.bytes, 1);
    if (name) out[text(name.bytes)] = first(entry.bytes, 2)?.value ?? 0;
  }
  return out;
}

function first(bytes: Uint8Array, number: number): Field | undefined {
  for (const field of fields(bytes)) if (field.number === number) return field;
  return undefined;
}
