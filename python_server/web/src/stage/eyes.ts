/** Eyeballs: a drawn iris behind a clear cornea that mirrors the lights. */
import { AdditiveBlending, MeshPhysicalMaterial, type Texture } from "three";
import { NOISE, after, withNoise } from "./shader";

/** The eyeball's own surface; `socket` is the attribute `rest`, the vertex about the eye's centre. */
export function eyeMaterial(radius: number): MeshPhysicalMaterial {
  const material = new MeshPhysicalMaterial({ color: 0xffffff, roughness: 0.38, specularIntensity: 0.4 });
  material.onBeforeCompile = (shader) => {
    withNoise(shader);
    after(shader, "vertexShader", "common", "attribute vec3 rest;\nvarying vec3 vRest;");
    after(shader, "vertexShader", "begin_vertex", "vRest = rest;");
    after(shader, "fragmentShader", "common", `varying vec3 vRest;\n${NOISE}`);
    after(shader, "fragmentShader", "color_fragment", IRIS.replace("RADIUS", radius.toFixed(4)));
    after(shader, "fragmentShader", "aomap_fragment", SOCKET);
  };
  return material;
}

/** Radii of pupil and iris on the ball are angles from its axis in radians. */
const IRIS = /* glsl */ `
const float PUPIL = 0.150, EDGE = 0.425;
vec3 ball = vRest / RADIUS;
float angle = acos(clamp(ball.z, -1.0, 1.0));
float around = atan(ball.y, ball.x);
float along = clamp((angle - PUPIL) / (EDGE - PUPIL), 0.0, 1.0);
vec2 spoke = vec2(cos(around), sin(around));
float fibre = noise3(vec3(spoke * 17.0, along * 1.6)) * 0.6 + noise3(vec3(spoke * 41.0, along * 3.0)) * 0.4;
float ruff = smoothstep(0.42, 0.10, along + (fibre - 0.5) * 0.30);
vec3 iris = mix(vec3(0.030, 0.042, 0.036), vec3(0.115, 0.135, 0.095), smoothstep(0.25, 0.75, fibre));
iris = mix(iris, vec3(0.17, 0.095, 0.035), ruff * 0.75);
iris *= mix(0.75, 1.5, smoothstep(0.5, -0.8, ball.y / sin(EDGE)) * smoothstep(0.0, 0.5, along));
iris *= mix(1.0, 0.10, smoothstep(0.74, 1.0, along));
float blood = noise3(vec3(ball.xy * 9.0, 1.0)) * noise3(vec3(ball.xy * vec2(7.0, 26.0), 4.0));
vec3 sclera = mix(vec3(0.71, 0.67, 0.64), vec3(0.62, 0.33, 0.28), smoothstep(0.35, 1.15, angle) * (0.25 + 0.5 * blood));
vec3 eye = mix(iris, sclera, smoothstep(EDGE - 0.035, EDGE + 0.045, angle));
eye = mix(vec3(0.004), eye, smoothstep(PUPIL - 0.016, PUPIL + 0.012, angle + (fibre - 0.5) * 0.012));
diffuseColor.rgb = eye;
`;

/** The lids keep light from the ball: darker towards the upper lid and the corners. */
const SOCKET = /* glsl */ `
float shade = mix(1.0, 0.42, smoothstep(0.05, 0.42, ball.y)) * mix(1.0, 0.55, smoothstep(0.45, 0.95, abs(ball.x)));
shade *= mix(1.0, 0.75, smoothstep(-0.12, -0.4, ball.y));
reflectedLight.indirectDiffuse *= shade;
reflectedLight.directDiffuse *= mix(1.0, shade, 0.6);
`;

/** A clear shell before the eyeball that adds mirrored light and nothing else. */
export function corneaMaterial(room: Texture): MeshPhysicalMaterial {
  return new MeshPhysicalMaterial({
    color: 0x000000,
    roughness: 0.04,
    ior: 1.5,
    envMap: room,
    envMapIntensity: 1.1,
    transparent: true,
    blending: AdditiveBlending,
    depthWrite: false,
  });
}
