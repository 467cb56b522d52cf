/**
 * Live facial animation in a web page: sound goes to an A2FBridge server over a WebSocket, frames come back and move any head
 * with ARKit's morph targets.
 *
 * @packageDocumentation
 */
export { FrameBuffer } from "./buffer.js";
export { convert, type Convention } from "./conventions.js";
export { LiveError } from "./errors.js";
export type { Opening, StreamOptions } from "./leg.js";
export { LiveClock } from "./live-clock.js";
export type { EmotionKey, FaceSettings, Frame } from "./messages.js";
export { type Microphone, type MicrophoneOptions, openMicrophone } from "./microphone.js";
export { type MorphMesh, type MorphOptions, type MorphScene, MorphTargets, morphTargets } from "./morph.js";
export { ARKIT_COUNT, FACE_NAMES } from "./names.js";
export { type Changes, type LiveSession, type SessionEvents, connect } from "./session.js";
export { Speech } from "./speech.js";
