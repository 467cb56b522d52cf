/** What went wrong with a stream, in words that can be shown. */
export class LiveError extends Error {
  override readonly name = "LiveError";
}
