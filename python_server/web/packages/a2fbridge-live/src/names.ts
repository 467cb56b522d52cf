/** The 52 ARKit shapes, then 16 tongue shapes, in NVIDIA's order and spelling: the names on the wire. */
export const FACE_NAMES: readonly string[] = (
  "EyeBlinkLeft EyeLookDownLeft EyeLookInLeft EyeLookOutLeft EyeLookUpLeft EyeSquintLeft EyeWideLeft " +
  "EyeBlinkRight EyeLookDownRight EyeLookInRight EyeLookOutRight EyeLookUpRight EyeSquintRight EyeWideRight " +
  "JawForward JawLeft JawRight JawOpen MouthClose MouthFunnel MouthPucker MouthLeft MouthRight " +
  "MouthSmileLeft MouthSmileRight MouthFrownLeft MouthFrownRight MouthDimpleLeft MouthDimpleRight " +
  "MouthStretchLeft MouthStretchRight MouthRollLower MouthRollUpper MouthShrugLower MouthShrugUpper " +
  "MouthPressLeft MouthPressRight MouthLowerDownLeft MouthLowerDownRight MouthUpperUpLeft MouthUpperUpRight " +
  "BrowDownLeft BrowDownRight BrowInnerUp BrowOuterUpLeft BrowOuterUpRight CheekPuff CheekSquintLeft " +
  "CheekSquintRight NoseSneerLeft NoseSneerRight TongueOut " +
  "TongueTipUp TongueTipDown TongueTipLeft TongueTipRight TongueRollUp TongueRollDown TongueRollLeft " +
  "TongueRollRight TongueUp TongueDown TongueLeft TongueRight TongueIn TongueStretch TongueWide TongueNarrow"
).split(" ");

/** How many of {@link FACE_NAMES} are ARKit's. */
export const ARKIT_COUNT = 52;

/** Place of a name in {@link FACE_NAMES}. */
export const FACE_INDEX: ReadonlyMap<string, number> = new Map(FACE_NAMES.map((name, i) => [name, i]));
