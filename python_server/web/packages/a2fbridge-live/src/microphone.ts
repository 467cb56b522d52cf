/** Sound of a microphone, or of any MediaStream, into a session. */
import { LiveError } from "./errors.js";
import type { LiveSession } from "./session.js";

export interface MicrophoneOptions {
  /** Instead of the microphone: a call's or a speech synthesiser's stream. */
  readonly stream?: MediaStream;
  /** Where `capture-worklet.js` lies; by default beside this module. */
  readonly worklet?: string | URL;
  /** Constraints for the microphone. */
  readonly constraints?: MediaTrackConstraints;
}

const CONSTRAINTS: MediaTrackConstraints = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * Opens the microphone.  Open it before the session: `connect(url, { sampleRate: microphone.sampleRate })`.
 * Must follow a click or key press.  Throws LiveError when there is none or the user does not allow it.
 */
export async function openMicrophone(options: MicrophoneOptions = {}): Promise<Microphone> {
  const own = options.stream === undefined;
  const stream = options.stream ?? (await ask(options.constraints));
  try {
    const { context, source } = connected(stream);
    await context.audioWorklet.addModule(String(options.worklet ?? new URL("./capture-worklet.js", import.meta.url)));
    await context.resume();
    return new Microphone(context, source, stream, own);
  } catch (error) {
    if (own) for (const track of stream.getTracks()) track.stop();
    throw error;
  }
}

export class Microphone {
  private readonly node: AudioWorkletNode;

  /** Use {@link openMicrophone}. */
  constructor(
    private readonly context: AudioContext, source: AudioNode, private readonly stream: MediaStream, private readonly own: boolean,
  ) {
    this.node = new AudioWorkletNode(context, "a2fbridge-capture", { numberOfOutputs: 0 });
    source.connect(this.node);
  }

  get sampleRate(): number {
    return this.context.sampleRate;
  }

  /** Sends what is heard from now on; `heard` is told the level (0..1) and the samples of each piece. */
  start(session: LiveSession, heard?: (level: number, samples: Float32Array) => void): void {
    if (session.sampleRate !== this.sampleRate) {
      throw new LiveError(`the session takes ${session.sampleRate} samples a second, the microphone gives ${this.sampleRate}`);
    }
    this.node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      session.push(data);
      heard?.(data.reduce((most, value) => Math.max(most, Math.abs(value)), 0), data);
    };
  }

  /** Stops listening and lets the microphone go. */
  async stop(): Promise<void> {
    this.node.port.onmessage = null;
    if (this.own) for (const track of this.stream.getTracks()) track.stop();
    await this.context.close();
  }
}

/** At 16 kHz, what the network hears; where a browser cannot (Firefox), at the device's rate, and the server resamples. */
function connected(stream: MediaStream): { context: AudioContext; source: AudioNode } {
  for (const options of [{ sampleRate: 16000, latencyHint: "interactive" }, { latencyHint: "interactive" }] as AudioContextOptions[]) {
    const context = new AudioContext(options);
    try {
      return { context, source: context.createMediaStreamSource(stream) };
    } catch {
      void context.close();
    }
  }
  throw new LiveError("the stream has no sound that this browser can read");
}

async function ask(constraints: MediaTrackConstraints = CONSTRAINTS): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new LiveError("a microphone needs a page from https: or from this machine");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: constraints });
  } catch (error) {
    const name = (error as DOMException).name;
    if (name === "NotAllowedError") throw new LiveError("the microphone was not allowed: the browser's address bar shows how to allow it");
    if (name === "NotFoundError") throw new LiveError("there is no microphone");
    throw new LiveError(`the microphone cannot be opened: ${String(error)}`);
  }
}
