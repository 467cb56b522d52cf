"""Names, order, spellings and conventions of the 68 blend shapes and the ten emotions.

Knows nothing of audio, models or files.  The order is NVIDIA's (spec: wire protocol, section 2.4): 52 ARKit
shapes, then 16 tongue shapes.  Inside A2FBridge and on the wire names are PascalCase.

Conventions
    ``a2f``    NVIDIA's: the pose MouthClose contains JawOpen, so ``JawOpen`` is only the *open* share of the jaw.
    ``arkit``  Apple's, Live Link's, VRM's: ``JawOpen`` is the whole jaw, MouthClose only brings the lips together.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConventionError

__all__ = [
    "ARKIT_NAMES",
    "DEFAULT_INACTIVE",
    "EMOTION_ALIASES",
    "EMOTION_NAMES",
    "FACE_NAMES",
    "INDEX",
    "TONGUE_NAMES",
    "Convention",
    "a2f_to_arkit",
    "arkit_to_a2f",
    "camel_case",
    "convert",
]

Convention = Literal["a2f", "arkit", "target"]

ARKIT_NAMES: Final[tuple[str, ...]] = tuple(
    """EyeBlinkLeft EyeLookDownLeft EyeLookInLeft EyeLookOutLeft EyeLookUpLeft EyeSquintLeft EyeWideLeft
    EyeBlinkRight EyeLookDownRight EyeLookInRight EyeLookOutRight EyeLookUpRight EyeSquintRight EyeWideRight
    JawForward JawLeft JawRight JawOpen MouthClose MouthFunnel MouthPucker MouthLeft MouthRight
    MouthSmileLeft MouthSmileRight MouthFrownLeft MouthFrownRight MouthDimpleLeft MouthDimpleRight
    MouthStretchLeft MouthStretchRight MouthRollLower MouthRollUpper MouthShrugLower MouthShrugUpper
    MouthPressLeft MouthPressRight MouthLowerDownLeft MouthLowerDownRight MouthUpperUpLeft MouthUpperUpRight
    BrowDownLeft BrowDownRight BrowInnerUp BrowOuterUpLeft BrowOuterUpRight CheekPuff CheekSquintLeft
    CheekSquintRight NoseSneerLeft NoseSneerRight TongueOut""".split()
)
TONGUE_NAMES: Final[tuple[str, ...]] = tuple(
    """TongueTipUp TongueTipDown TongueTipLeft TongueTipRight TongueRollUp TongueRollDown TongueRollLeft
    TongueRollRight TongueUp TongueDown TongueLeft TongueRight TongueIn TongueStretch TongueWide
    TongueNarrow""".split()
)
FACE_NAMES: Final[tuple[str, ...]] = ARKIT_NAMES + TONGUE_NAMES
INDEX: Final[dict[str, int]] = {name: i for i, name in enumerate(FACE_NAMES)}

DEFAULT_INACTIVE: Final[frozenset[str]] = frozenset(
    name for name in ARKIT_NAMES if name.startswith("EyeLook") or name == "TongueOut"
)
"""Poses that NVIDIA's solver leaves out: gaze and TongueOut; their weight is always 0."""

EMOTION_NAMES: Final[tuple[str, ...]] = (
    "amazement",
    "anger",
    "cheekiness",
    "disgust",
    "fear",
    "grief",
    "joy",
    "outofbreath",
    "pain",
    "sadness",
)
EMOTION_ALIASES: Final[dict[str, str]] = {"out_of_breath": "outofbreath"}

_JAW_OPEN = INDEX["JawOpen"]
_MOUTH_CLOSE = INDEX["MouthClose"]


def camel_case(name: str) -> str:
    """Return the ARKit and solver spelling of a PascalCase name: ``JawOpen`` -> ``jawOpen``."""
    return name[:1].lower() + name[1:]


def a2f_to_arkit(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert weights [..., 52 or 68] from NVIDIA's convention to Apple's.

    ``JawOpen' = clamp01(JawOpen + MouthClose)``; MouthClose keeps its value (spec: mapping, section 3.4).
    """
    out = weights.copy()
    out[..., _JAW_OPEN] = np.clip(weights[..., _JAW_OPEN] + weights[..., _MOUTH_CLOSE], 0.0, 1.0)
    return out


def arkit_to_a2f(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert weights [..., 52 or 68] from Apple's convention to NVIDIA's.

    ``MouthClose' = min(MouthClose, JawOpen)`` (lips cannot close further than the jaw is open) and
    ``JawOpen' = JawOpen - MouthClose'``.  The inverse of :func:`a2f_to_arkit` wherever that one does not clamp.
    """
    out = weights.copy()
    jaw = np.maximum(weights[..., _JAW_OPEN], 0.0)
    out[..., _MOUTH_CLOSE] = np.minimum(weights[..., _MOUTH_CLOSE], jaw)
    out[..., _JAW_OPEN] = jaw - np.maximum(out[..., _MOUTH_CLOSE], 0.0)
    return out


def convert(weights: NDArray[np.float32], source: Convention, to: Convention) -> NDArray[np.float32]:
    """Convert weights between ``a2f`` and ``arkit``; equal conventions give the array itself.

    Raises ConventionError for any other pair: a mapped animation cannot be converted back.
    """
    if source == to:
        return weights
    if (source, to) == ("a2f", "arkit"):
        return a2f_to_arkit(weights)
    if (source, to) == ("arkit", "a2f"):
        return arkit_to_a2f(weights)
    raise ConventionError(
        f"weights in convention '{source}' cannot be converted to '{to}'; right are a2f and arkit"
    )
