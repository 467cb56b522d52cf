/** Drawing on canvases: curves, waveform, spectrogram, time axis. */
import { fitted } from "./dom";
import { BINS, spectrogram } from "./spectrum";
import type { Curve } from "./timeline";

/** A piece of time in seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Mono sound, samples in -1..1. */
export interface Sound {
  readonly samples: Float32Array;
  readonly rate: number;
}

const AXIS = 18;
/** Level that is black in a spectrogram, decibels. */
const FLOOR = -75;

export function drawCurves(canvas: HTMLCanvasElement, curves: readonly Curve[], span: Span): void {
  const { context, width, height } = fitted(canvas);
  const ink = getComputedStyle(canvas).color;
  const bottom = height - AXIS;
  const [low, high] = range(curves);
  const y = (value: number) => bottom - 4 - ((value - low) / (high - low)) * (bottom - 10);
  context.font = "11px system-ui, sans-serif";
  context.strokeStyle = context.fillStyle = ink;
  for (const value of [0, 0.5, 1]) {
    context.globalAlpha = value === 0 ? 0.35 : 0.15;
    line(context, [0, y(value), width, y(value)]);
    context.globalAlpha = 0.6;
    context.fillText(String(value), 4, y(value) + (value === 0 ? -3 : 12));
  }
  axis(context, span, width, height);
  context.globalAlpha = 1;
  for (const curve of curves) trace(context, curve, span, width, y);
}

function range(curves: readonly Curve[]): [number, number] {
  let [low, high] = [0, 1];
  for (const { name, clip } of curves) {
    for (let i = clip.names.indexOf(name); i >= 0 && i < clip.weights.length; i += clip.names.length) {
      low = Math.min(low, clip.weights[i]!);
      high = Math.max(high, clip.weights[i]!);
    }
  }
  return [low, high];
}

function trace(context: CanvasRenderingContext2D, curve: Curve, span: Span, width: number, y: (value: number) => number): void {
  const { clip } = curve;
  const column = clip.names.indexOf(curve.name);
  if (column < 0 || !clip.length) return;
  context.beginPath();
  context.strokeStyle = curve.colour;
  context.lineWidth = 1.75;
  context.lineJoin = "round";
  context.setLineDash(curve.dashed ? [5, 4] : []);
  const last = clip.frameAt(span.to) + 1;
  for (let frame = clip.frameAt(span.from); frame <= Math.min(last, clip.length - 1); frame++) {
    const x = ((clip.timeOf(frame) - span.from) / (span.to - span.from)) * width;
    context.lineTo(x, y(clip.frame(frame)[column]!));
  }
  context.stroke();
  context.setLineDash([]);
}

/** Ticks of a second, or of a round share or multiple of it, so that they stand some 80 pixels apart. */
function axis(context: CanvasRenderingContext2D, span: Span, width: number, height: number): void {
  const rough = ((span.to - span.from) * 80) / width;
  const step = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60].find((s) => s >= rough) ?? 120;
  for (let i = Math.ceil(span.from / step); i * step <= span.to; i++) {
    const x = ((i * step - span.from) / (span.to - span.from)) * width;
    context.globalAlpha = 0.12;
    line(context, [x, 0, x, height - AXIS]);
    context.globalAlpha = 0.7;
    context.fillText(`${Number((i * step).toFixed(2))} s`, Math.min(x + 3, width - 30), height - 5);
  }
}

function line(context: CanvasRenderingContext2D, [x1, y1, x2, y2]: [number, number, number, number]): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.lineWidth = 1;
  context.stroke();
}

export function drawSound(canvas: HTMLCanvasElement, sound: Sound, span: Span, spectral: boolean): void {
  if (spectral) drawSpectrogram(canvas, sound, span);
  else drawWaveform(canvas, sound, span);
}

function drawWaveform(canvas: HTMLCanvasElement, { samples, rate }: Sound, span: Span): void {
  const { context, width, height } = fitted(canvas);
  context.fillStyle = getComputedStyle(canvas).color;
  const loudest = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0.05);
  for (let x = 0; x < width; x++) {
    const at = (share: number) => Math.round((span.from + (share / width) * (span.to - span.from)) * rate);
    let [low, high] = [0, 0];
    for (let i = at(x); i < at(x + 1); i++) {
      low = Math.min(low, samples[i] ?? 0);
      high = Math.max(high, samples[i] ?? 0);
    }
    const scale = height / 2 / loudest;
    context.fillRect(x, height / 2 - high * scale, 1, Math.max((high - low) * scale, 1));
  }
}

function drawSpectrogram(canvas: HTMLCanvasElement, { samples, rate }: Sound, span: Span): void {
  const { context, width, height } = fitted(canvas);
  const columns = Math.min(Math.round(width), 1200);
  const levels = spectrogram(samples, rate, span.from, span.to, columns);
  const image = new ImageData(columns, BINS);
  const ink = getComputedStyle(canvas).color.match(/[\d.]+/g)!.map(Number);
  for (let c = 0; c < columns; c++) {
    for (let k = 0; k < BINS; k++) {
      const at = ((BINS - 1 - k) * columns + c) * 4;
      image.data.set(ink.slice(0, 3), at);
      image.data[at + 3] = 255 * Math.min(Math.max((levels[c * BINS + k]! - FLOOR) / (-15 - FLOOR), 0), 1);
    }
  }
  const buffer = new OffscreenCanvas(columns, BINS);
  buffer.getContext("2d")!.putImageData(image, 0, 0);
  context.drawImage(buffer, 0, 0, width, height);
}
