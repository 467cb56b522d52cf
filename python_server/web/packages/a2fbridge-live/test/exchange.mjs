/**
 * One stream, for a test in Python: reads {options, pushes, answers} as JSON on standard input, where sound is samples and answers
 * are base64, and writes what the module sent and what it made of the answers.
 */
import { readFileSync } from "node:fs";
import { FakeSocket } from "./fake-socket.mjs";

globalThis.WebSocket = FakeSocket;
const { connect } = await import(process.argv[2]);
const script = JSON.parse(readFileSync(0, "utf8"));

const connected = connect("ws://server/live", script.options);
const socket = FakeSocket.made[0];
socket.open();
const [header, ...rest] = script.answers.map((text) => Buffer.from(text, "base64"));
socket.say(header);
const session = await connected;
const heard = { frames: [], warnings: [], closed: null };
session.addEventListener("frame", ({ detail }) => heard.frames.push({ ...detail, weights: [...detail.weights], audio: detail.audio && [...detail.audio] }));
session.addEventListener("warning", ({ detail }) => heard.warnings.push(detail));
session.addEventListener("close", ({ detail }) => (heard.closed = detail ? detail.message : "well"));
for (const samples of script.pushes) session.push(Int16Array.from(samples));
if (script.feel) session.feel(script.feel);
session.end();
socket.say(...rest);
socket.hangUp();
const sent = socket.sent.map((bytes) => Buffer.from(bytes).toString("base64"));
process.stdout.write(JSON.stringify({ sent, url: socket.url, protocols: socket.protocols, names: session.names, ...heard }));
