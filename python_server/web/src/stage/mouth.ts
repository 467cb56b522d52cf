/** Tongue and teeth: moist, and darker the deeper they lie in the mouth. */
import { MeshPhysicalMaterial } from "three";
import { after } from "./shader";

/** Places along z in centimetres between which the light of the mouth's opening fades; the lips meet at 9.5. */
const [DEEP, FRONT] = [5.0, 9.6];

export function tongueMaterial(): MeshPhysicalMaterial {
  return shaded(new MeshPhysicalMaterial({ color: 0x7d4442, roughness: 0.42, specularIntensity: 0.4 }), 0.02, 0.8);
}

export function toothMaterial(): MeshPhysicalMaterial {
  return shaded(new MeshPhysicalMaterial({ vertexColors: true, color: 0xded6d2, roughness: 0.28, specularIntensity: 0.5 }), 0.05, 0.95);
}

/** Scales all light between `deep` and `front`. */
function shaded(material: MeshPhysicalMaterial, deep: number, front: number): MeshPhysicalMaterial {
  material.onBeforeCompile = (shader) => {
    after(shader, "vertexShader", "common", "varying float vDepth;");
    after(shader, "vertexShader", "begin_vertex", "vDepth = (modelMatrix * vec4(transformed, 1.0)).z;");
    after(shader, "fragmentShader", "common", "varying float vDepth;");
    after(shader, "fragmentShader", "aomap_fragment", `
      float reach = mix(${deep.toFixed(3)}, ${front.toFixed(3)}, smoothstep(${DEEP.toFixed(2)}, ${FRONT.toFixed(2)}, vDepth));
      reflectedLight.directDiffuse *= reach;
      reflectedLight.indirectDiffuse *= reach;
      reflectedLight.directSpecular *= reach;
      reflectedLight.indirectSpecular *= reach;`);
  };
  material.customProgramCacheKey = () => `mouth ${deep} ${front}`;
  return material;
}
