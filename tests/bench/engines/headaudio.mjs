// Run HeadAudio (npm @met4citizen/headaudio) on many recordings: its own processor, model and easing, outside a browser.
// node headaudio.mjs PACKAGE_DIR JOBS.json; each job has "raw" (float32 mono 16 kHz) and "json", where names and values go.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , packageDir, jobs] = process.argv;
const load = (name) => import(pathToFileURL(`${packageDir}/modules/${name}`));
const FPS = 60, RATE = 16000, BLOCK = 128;

globalThis.AudioWorkletNode = class {
  constructor() { this.port = { postMessage: () => {} }; }
};
globalThis.fetch = async (path) => {
  const bytes = readFileSync(path);
  return { ok: true, arrayBuffer: async () => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) };
};
const { HeadAudio } = await load("headaudio.mjs");
const { Processor } = await load("processor.mjs");
const { Training } = await load("training.mjs");
const { model } = await new Training().loadModel(`${packageDir}/dist/model-en-mixed.bin`);

for (const job of JSON.parse(readFileSync(jobs, "utf8"))) {
  const bytes = readFileSync(job.raw);
  const sound = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const node = new HeadAudio(null);
  const values = new Map(node.visemeNames.map((name) => [name, 0]));
  node.onvalue = (name, value) => values.set(name, value);
  const port = { onmessage: null, postMessage: (data) => node._onmessage({ data }) };
  const processor = new Processor({ sampleRate: RATE }, { port });
  processor._onmessage({ data: { event: "model", model } });
  const frames = [];
  for (let at = 0; at < sound.length; at += BLOCK) {
    processor.process(sound.subarray(at, at + BLOCK));
    while ((frames.length + 1) * RATE / FPS <= at + BLOCK) {
      node.update(1000 / FPS);
      frames.push([...values.values()]);
    }
  }
  writeFileSync(job.json, JSON.stringify({ names: node.visemeNames.map((n) => n.slice(7)), values: frames }));
}
