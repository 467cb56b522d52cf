/** In the audio thread: collects a channel's samples into pieces and hands them to the page. */

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: unknown): void;
declare const sampleRate: number;

/** Seconds of one piece: short, because it waits for its end before it leaves. */
const PIECE = 0.02;

class Capture extends AudioWorkletProcessor {
  private readonly piece = new Float32Array(Math.round(sampleRate * PIECE));
  private filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const channels = inputs[0] ?? [];
    const count = channels[0]?.length ?? 0;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (const channel of channels) sum += channel[i]!;
      this.piece[this.filled++] = sum / channels.length;
      if (this.filled === this.piece.length) {
        this.port.postMessage(this.piece.slice());
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("a2fbridge-capture", Capture);
