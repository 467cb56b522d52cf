"""Emotions as expressions laid over speech: ten poses that add up, and never open sealed lips.

NumPy alone.  Weights are in the ``a2f`` convention, emotions in the order of ``shapes.EMOTION_NAMES``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes

__all__ = ["POSES", "express"]

Weights = NDArray[np.float64]

# emotion | how much more (or less) the mouth moves in speech | shapes at full strength; no side means both
_TABLE = """
amazement | +.10 | BrowInnerUp .55 BrowOuterUp .60 EyeWide .50 JawOpen .06 MouthFunnel .06
anger | +.12 | BrowDown .75 EyeSquint .35 NoseSneer .35 MouthPress .12 MouthFrown .25 MouthUpperUp .08
cheekiness | .00 | MouthSmileLeft .50 MouthSmileRight .18 MouthDimpleLeft .30 CheekSquint .25 \
    EyeSquint .15 BrowOuterUpLeft .40
disgust | -.05 | NoseSneer .65 MouthUpperUp .22 BrowDown .40 MouthFrown .28 EyeSquint .30 MouthShrugLower .12
fear | +.00 | BrowInnerUp .75 BrowOuterUp .20 EyeWide .55 MouthStretch .32 MouthFrown .15 JawOpen .04
grief | -.10 | BrowInnerUp .85 MouthFrown .55 EyeSquint .35 MouthShrugLower .25 MouthStretch .15 \
    CheekSquint .15
joy | +.08 | MouthSmile .58 CheekSquint .50 EyeSquint .25 MouthDimple .20 BrowOuterUp .12 MouthUpperUp .06
outofbreath | +.08 | JawOpen .14 MouthFunnel .10 BrowInnerUp .35 NoseSneer .10 MouthLowerDown .10 \
    EyeSquint .10
pain | +.00 | EyeSquint .70 BrowDown .50 BrowInnerUp .25 CheekSquint .50 NoseSneer .40 \
    MouthStretch .38 MouthUpperUp .15
sadness | -.12 | BrowInnerUp .60 MouthFrown .42 MouthShrugLower .18 EyeSquint .12
"""

_OPENERS = [
    shapes.INDEX[name]
    for name in shapes.ARKIT_NAMES
    if name.startswith(("MouthFunnel", "MouthLowerDown", "MouthUpperUp", "MouthStretch"))
]
_JAW, _CLOSE = shapes.INDEX["JawOpen"], shapes.INDEX["MouthClose"]
_MOUTH = [i for i, name in enumerate(shapes.ARKIT_NAMES) if name.startswith(("Jaw", "Mouth"))]


def _read_table() -> tuple[Weights, Weights]:
    poses, gains = np.zeros((len(shapes.EMOTION_NAMES), len(shapes.FACE_NAMES))), np.zeros(10)
    for line in _TABLE.strip().splitlines():
        name, gain, rest = (part.strip() for part in line.split("|"))
        row = shapes.EMOTION_NAMES.index(name)
        gains[row] = float(gain)
        words = rest.split()
        for shape, value in zip(words[::2], words[1::2], strict=True):
            sides = (shape,) if shape in shapes.INDEX else (shape + "Left", shape + "Right")
            for side in sides:
                poses[row, shapes.INDEX[side]] = float(value)
    return poses, gains


_POSES, _GAINS = _read_table()
POSES: Final[Weights] = _POSES
"""[10, 68] what each emotion adds at full strength to a face at rest."""


def express(weights: Weights, seal: Weights, emotions: Weights) -> Weights:
    """Return weights [..., 68] with emotions [..., 10] laid over them.

    ``seal`` [...] says how firmly the lips are shut: what an emotion would open there is left out, and the
    jaw it would drop goes into MouthClose, so that p, b and m stay closed in any mood.
    """
    open_lips = (1.0 - seal)[..., None]
    added = emotions @ _POSES
    jaw = added[..., _JAW].copy()
    added[..., _OPENERS] *= open_lips
    added[..., _JAW] = jaw * open_lips[..., 0]
    added[..., _CLOSE] = jaw * seal
    speech = weights.copy()
    speech[..., _MOUTH] *= 1.0 + (emotions @ _GAINS)[..., None]
    return np.asarray(np.clip(speech + added, 0.0, 1.0))
