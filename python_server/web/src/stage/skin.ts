/** The skin's look: soft reddish shadow edge, pores, moist lips and mouth, short hair on the scalp. */
import { MeshPhysicalMaterial } from "three";
import { NOISE, after, within, withNoise } from "./shader";

/**
 * How far light goes round the edge of a shadow, by colour: a cheap stand-in for scattering below the surface, where red
 * goes farthest (wrapped diffuse, normalised as in "Energy-Conserving Wrapped Diffuse", blog.stevemcauley.com, 2011).
 */
const WRAP = "vec3(0.42, 0.20, 0.13)";

export function skinMaterial(): MeshPhysicalMaterial {
  const material = new MeshPhysicalMaterial({ vertexColors: true, transparent: true, roughness: 0.52, specularIntensity: 0.55, ior: 1.42 });
  material.onBeforeCompile = (shader) => {
    withNoise(shader);
    after(shader, "vertexShader", "common", "attribute vec3 rest;\nattribute vec4 mask;\nvarying vec3 vRest;\nvarying vec4 vMask;");
    after(shader, "vertexShader", "begin_vertex", "vRest = rest;\nvMask = mask;");
    after(shader, "fragmentShader", "common", `varying vec3 vRest;\nvarying vec4 vMask;\n${NOISE}`);
    after(shader, "fragmentShader", "color_fragment", TONE);
    after(shader, "fragmentShader", "roughnessmap_fragment", ROUGHNESS);
    after(shader, "fragmentShader", "normal_fragment_maps", PORES);
    within(
      shader, "lights_physical_pars_fragment", "reflectedLight.directDiffuse += irradiance * diffuseBRDF * ( 1.0 - F );",
      `vec3 wrap = ${WRAP};
       vec3 around = max(vec3(dot(geometryNormal, directLight.direction)) + wrap, 0.0) / ((1.0 + wrap) * (1.0 + wrap));
       reflectedLight.directDiffuse += around * directLight.color * diffuseBRDF * ( 1.0 - F );`,
    );
    after(shader, "fragmentShader", "lights_fragment_begin", SHEEN);
    after(shader, "fragmentShader", "aomap_fragment", CAVITY);
  };
  return material;
}

/** Blotches of redder and paler skin; stubble and the brows' ground as fine noise. */
const TONE = /* glsl */ `
float blotch = noise3(vRest * 2.1) - 0.5;
diffuseColor.rgb *= 1.0 + blotch * vec3(0.04, 0.08, 0.10) * (1.0 - vMask.y);
if (vMask.y > 0.0) {
  float strand = noise3(vRest * vec3(30.0, 11.0, 30.0)) * 0.5 + noise3(vRest * 42.0) * 0.5;
  float hair = smoothstep(0.30, 0.75, vMask.y + (strand - 0.5) * 0.9) * vMask.y;
  diffuseColor.rgb = mix(diffuseColor.rgb, vec3(0.024, 0.016, 0.012), hair * (0.74 + 0.24 * strand));
}
diffuseColor.rgb = mix(diffuseColor.rgb, vec3(0.060, 0.034, 0.023), vMask.w * 0.62);
diffuseColor.a *= smoothstep(-9.9, -7.2, vRest.y);
`;

const ROUGHNESS = /* glsl */ `
float pores = noise3(vRest * 38.0);
roughnessFactor += (pores - 0.5) * 0.12 + vMask.y * 0.25 - vMask.x * 0.20 - vMask.z * 0.28;
`;

/** A bump of fine pores, taken from the noise's screen-space slope; fades out where a pore is smaller than a pixel. */
const PORES = /* glsl */ `
vec3 dx = dFdx(vRest), dy = dFdy(vRest);
vec3 sx = dFdx(-vViewPosition), sy = dFdy(-vViewPosition);
float pixel = max(length(dx), length(dy));
float fade = 1.0 - smoothstep(0.012, 0.045, pixel);
if (fade > 0.0) {
  float depth = 0.010 * fade * (1.0 - 0.6 * vMask.x);
  vec3 lines = vRest * mix(vec3(30.0), vec3(24.0, 7.0, 24.0), vMask.x);
  float h = noise3(lines), hx = noise3(lines + dx * 30.0) - h, hy = noise3(lines + dy * 30.0) - h;
  vec3 r1 = cross(sy, normal), r2 = cross(normal, sx);
  float det = dot(sx, r1);
  vec3 slope = depth * sign(det) * (hx * r1 + hy * r2) / max(abs(det), 1e-9);
  normal = normalize(normal - slope * min(1.0, 0.5 / max(length(slope), 1e-9)));
}
`;

/** What a rough surface mirrors of the room: its smoothed light, seen along the mirrored view. */
const SHEEN = /* glsl */ `
vec3 mirrored = inverseTransformDirection(reflect(-geometryViewDir, geometryNormal), viewMatrix);
radiance += max(shGetIrradianceAt(mirrored, lightProbe), 0.0) * RECIPROCAL_PI;
`;

/** The inside of the mouth lies in its own shadow: less of the surrounding light reaches it. */
const CAVITY = /* glsl */ `
float open = 1.0 - 0.8 * vMask.z;
reflectedLight.directDiffuse *= 1.0 - 0.45 * vMask.z;
reflectedLight.indirectDiffuse *= open;
reflectedLight.indirectSpecular *= open * open;
`;
