/** What went wrong with a stream, in words that can be shown. */
export declare class LiveError extends Error {
    readonly name = "LiveError";
}
