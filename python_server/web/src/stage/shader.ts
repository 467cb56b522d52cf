/** Changing three's own shaders at named places, so that a place that is gone is an error and not a silent no-op. */
import { Data3DTexture, LinearFilter, RedFormat, RepeatWrapping, ShaderChunk, type WebGLProgramParametersWithUniforms } from "three";

type Stage = "vertexShader" | "fragmentShader";

/** Puts `text` behind the include of a chunk. */
export function after(shader: WebGLProgramParametersWithUniforms, stage: Stage, chunk: string, text: string): void {
  swap(shader, stage, `#include <${chunk}>`, `#include <${chunk}>\n${text}`);
}

/** Replaces a piece of a chunk. */
export function within(
  shader: WebGLProgramParametersWithUniforms, chunk: keyof typeof ShaderChunk, piece: string, text: string,
): void {
  const source = ShaderChunk[chunk];
  if (!source.includes(piece)) throw new Error(`shader chunk ${chunk} has no '${piece}'`);
  swap(shader, "fragmentShader", `#include <${chunk}>`, source.replace(piece, text));
}

function swap(shader: WebGLProgramParametersWithUniforms, stage: Stage, piece: string, text: string): void {
  if (!shader[stage].includes(piece)) throw new Error(`the shader has no '${piece}'`);
  shader[stage] = shader[stage].replace(piece, text);
}

/** Smooth noise in three dimensions, 0..1; features are about one unit large. */
export const NOISE = /* glsl */ `
uniform highp sampler3D noiseTexture;
float noise3(vec3 p) { return texture(noiseTexture, p * (1.0 / 32.0)).r; }
`;

/** Gives a shader the texture that {@link NOISE} reads. */
export function withNoise(shader: WebGLProgramParametersWithUniforms): void {
  shader.uniforms.noiseTexture = { value: (texture ??= noiseTexture()) };
}

let texture: Data3DTexture | undefined;

/** 32 x 32 x 32 random bytes, repeated and filtered: value noise at the cost of one look-up. */
function noiseTexture(): Data3DTexture {
  const bytes = new Uint8Array(32 ** 3);
  let state = 0x2545f491;
  for (let i = 0; i < bytes.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state & 0xff;
  }
  const made = new Data3DTexture(bytes, 32, 32, 32);
  made.format = RedFormat;
  made.minFilter = made.magFilter = LinearFilter;
  made.wrapS = made.wrapT = made.wrapR = RepeatWrapping;
  made.needsUpdate = true;
  return made;
}
