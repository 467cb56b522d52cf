/** One WebSocket connection: one `ProcessAudioStream` call.  A session is one leg, or two while settings change. */
import { LiveError } from "./errors.js";
import { type EmotionKey, type FaceSettings, type Frame, audioMessage, endMessage, headerMessage, readMessage } from "./messages.js";

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

/** Samples of one message at most: half a second at 16 kHz keeps the way back short. */
const PIECE = 8000;

export class Leg {
  private readonly socket: WebSocket;
  private opening: Opening | undefined;
  private finished: LiveError | "success" | undefined;
  private over = false;

  /** `start` is the place of the first sample in the session, seconds. */
  constructor(url: string | URL, options: StreamOptions, readonly start: number, private readonly events: LegEvents) {
    this.socket = new WebSocket(address(url, options), protocols(options.token));
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => {
      this.socket.send(headerMessage(options.sampleRate ?? 16000, options));
      // Also as a key: a plain NIM goes back from the beginning's emotions to none.
      if (options.emotions) this.push(new Int16Array(), [{ time: 0, emotions: options.emotions }]);
    };
    this.socket.onmessage = ({ data }) => this.receive(data as string | ArrayBuffer);
    this.socket.onclose = (event) => this.close(this.reason(event, url));
  }

  /** Bytes that wait for the network. */
  get waiting(): number {
    return this.socket.bufferedAmount;
  }

  push(samples: Int16Array, keys: readonly EmotionKey[] = []): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    for (let at = 0; at < samples.length || (at === 0 && keys.length); at += PIECE) {
      this.socket.send(audioMessage(samples.subarray(at, at + PIECE), at === 0 ? keys : []));
    }
  }

  end(): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(endMessage());
  }

  /** Ends the call at once. */
  cancel(): void {
    this.over = true;
    this.socket.close();
  }

  private receive(data: string | ArrayBuffer): void {
    try {
      if (typeof data === "string") this.opening = JSON.parse(data) as Opening;
      else this.accept(new Uint8Array(data));
    } catch (error) {
      this.close(new LiveError(`the server sent what is no message of the stream: ${String(error)}`));
      this.socket.close();
    }
  }

  private accept(bytes: Uint8Array): void {
    const message = readMessage(bytes);
    if (this.over || !message) return;
    if (message.kind === "header") {
      if (!this.opening) throw new RangeError("the header came before the settings");
      this.events.opened(message.names, this.opening);
    } else if (message.kind === "frame") {
      this.events.frame(message.frame);
    } else if (message.kind === "status") {
      if (message.code === "error") this.finished = new LiveError(message.message);
      else if (message.code === "success") this.finished = "success";
      else this.events.warning(message.message);
    }
  }

  private reason(event: CloseEvent, url: string | URL): LiveError | undefined {
    if (this.finished) return this.finished === "success" ? undefined : this.finished;
    const said = event.reason ? `: ${event.reason}` : "";
    if (!this.opening) return new LiveError(`no stream at ${String(url)}${said}; the server does not answer, or refuses this page or its settings`);
    return new LiveError(`the connection ended before the stream did (code ${event.code})${said}`);
  }

  private close(error: LiveError | undefined): void {
    if (this.over) return;
    this.over = true;
    this.events.closed(error);
  }
}

function address(url: string | URL, options: StreamOptions): URL {
  const made = new URL(url, globalThis.location?.href);
  made.protocol = made.protocol.replace("http", "ws");
  const query: Record<string, string | number | undefined> = {
    "frame-rate": options.frameRate, pack: options.pack, identity: options.identity, solver: options.solver,
    mapping: options.mapping, emotion: options.emotion === "auto" ? "auto" : undefined, audio: options.audio ? "1" : undefined,
  };
  for (const [key, value] of Object.entries(query)) if (value !== undefined) made.searchParams.set(key, String(value));
  return made;
}

function protocols(token: string | undefined): string[] {
  if (token === undefined) return ["a2fbridge.v1"];
  const bytes = String.fromCharCode(...new TextEncoder().encode(token));
  const word = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return ["a2fbridge.v1", `a2fbridge.token.${word}`];
}
