/** Reads the frames of a clip as they come. */
import { readMessage } from "../../packages/a2fbridge-live/src/messages";
import { Clip } from "../player/clip";
import { ApiError } from "./api";

/** Frames that are gathered before the page is told. */
const GATHERED = 30;

/**
 * Returns the whole animation.  `grown` is called now and then with what is there so far and its number of frames, laid over
 * `before` (frames of earlier settings) where that has the same names and rate.
 */
export async function readFrames(
  stream: ReadableStream<Uint8Array>, rate: string, seconds: number, before: Clip | undefined, grown: (clip: Clip, fresh: number) => void,
): Promise<Clip> {
  const [numerator, denominator] = ratio(rate);
  let names: readonly string[] = [];
  let weights = new Float32Array();
  let count = 0;
  const clip = (rows: number) => new Clip(names, "a2f", [numerator, denominator], weights.subarray(0, rows * names.length));
  for await (const bytes of messages(stream)) {
    const message = readMessage(bytes);
    if (message?.kind === "header") {
      names = message.names;
      weights = new Float32Array((Math.ceil((seconds * numerator) / denominator) + 1) * names.length);
      if (before?.names.join() !== names.join() || before.rate.join() !== [numerator, denominator].join()) before = undefined;
      else weights.set(before.weights.subarray(0, weights.length));
    } else if (message?.kind === "frame") {
      if ((count + 1) * names.length > weights.length) throw new ApiError("the studio sent more frames than the sound has");
      weights.set(message.frame.weights, count++ * names.length);
      if (count % GATHERED === 0) grown(clip(Math.max(count, before?.length ?? 0)), count);
    } else if (message?.kind === "status" && message.code === "error") throw new ApiError(message.message);
  }
  return clip(count);
}

/** Messages, each behind its length as a little-endian u32. */
async function* messages(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let rest = new Uint8Array();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const all = new Uint8Array(rest.length + value.length);
      all.set(rest);
      all.set(value, rest.length);
      const view = new DataView(all.buffer);
      let at = 0;
      while (at + 4 <= all.length && at + 4 + view.getUint32(at, true) <= all.length) {
        const length = view.getUint32(at, true);
        yield all.subarray(at + 4, at + 4 + length);
        at += 4 + length;
      }
      rest = all.slice(at);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (rest.length) throw new ApiError("the studio's answer was cut off");
}

/** `30000/1001` or `60` as numerator and denominator. */
export function ratio(text: string): [number, number] {
  const [numerator, denominator = 1] = text.split("/").map(Number);
  return numerator! > 0 && denominator > 0 ? [numerator!, denominator] : [30, 1];
}
