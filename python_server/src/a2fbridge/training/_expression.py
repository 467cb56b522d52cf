"""Emotions as expressions laid over speech: ten poses that add up, and never open sealed lips.

NumPy alone.  Weights are in the ``a2f`` convention, emotions in the order of ``shapes.EMOTION_NAMES``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes

__all__ = ["EMOTION_TERMS", "GAINS", "HOLD", "POSES", "SEALED", "express"]

Weights = NDArray[np.float64]

# emotion | how much more (or less) the mouth moves in speech | shapes at full strength; no side means both
_TABLE = """
amazement | +.10 | BrowInnerUp .85 BrowOuterUp .95 EyeWide .85 JawOpen .16 MouthFunnel .14
anger | +.12 | BrowDown 1.0 EyeSquint .45 EyeWide .25 NoseSneer .45 MouthPress .30 MouthFrown .35 \
    MouthUpperUp .08 JawForward .25
cheekiness | .00 | MouthSmileLeft .65 MouthSmileRight .15 MouthDimpleLeft .40 CheekSquintLeft .50 \
    EyeSquint .20 BrowOuterUpLeft .70 BrowDownRight .30
disgust | -.05 | NoseSneer 1.0 MouthUpperUp .45 BrowDown .45 CheekSquint .60 MouthFrown .40 EyeSquint .55 \
    MouthShrugLower .25
fear | +.00 | BrowInnerUp 1.0 BrowDown .20 EyeWide 1.0 MouthStretch .75 MouthFrown .25 JawOpen .07 \
    MouthLowerDown .12
grief | -.10 | BrowInnerUp 1.0 BrowDown .30 MouthFrown .80 EyeSquint .50 MouthShrugLower .40 MouthStretch .30 \
    CheekSquint .35 EyeBlink .20
joy | +.08 | MouthSmile .72 CheekSquint .65 EyeSquint .30 MouthDimple .25 BrowOuterUp .18 MouthUpperUp .10
outofbreath | +.08 | JawOpen .16 MouthFunnel .14 BrowInnerUp .45 NoseSneer .15 MouthLowerDown .10 \
    EyeSquint .15
pain | +.00 | EyeSquint .90 EyeBlink .25 BrowDown .80 BrowInnerUp .40 CheekSquint .70 NoseSneer .55 \
    MouthStretch .55 MouthUpperUp .18
sadness | -.12 | BrowInnerUp .95 MouthFrown .62 MouthShrugLower .35 EyeSquint .15 EyeBlink .22
"""

# what is left of a shape's part in a mood while the lips are sealed (1 where not named)
_WHILE_SEALED = {
    "JawOpen": 0.0,
    "MouthFunnel": 0.0,
    "MouthLowerDown": 0.0,
    "MouthUpperUp": 0.0,
    "MouthStretch": 0.0,
}
_MOUTH = [i for i, name in enumerate(shapes.FACE_NAMES) if name.startswith(("Jaw", "Mouth"))]


def _columns(name: str) -> list[int]:
    return [shapes.INDEX[n] for n in ((name,) if name in shapes.INDEX else (name + "Left", name + "Right"))]


def _read_table() -> tuple[Weights, Weights]:
    poses, gains = np.zeros((len(shapes.EMOTION_NAMES), len(shapes.FACE_NAMES))), np.zeros(10)
    for line in _TABLE.strip().splitlines():
        name, gain, rest = (part.strip() for part in line.split("|"))
        row = shapes.EMOTION_NAMES.index(name)
        gains[row] = float(gain)
        words = rest.split()
        for shape, value in zip(words[::2], words[1::2], strict=True):
            poses[row, _columns(shape)] = float(value)
    return poses, gains


def _sealed(poses: Weights) -> Weights:
    """Return the poses as they are with sealed lips: the jaw they drop opens behind closed lips."""
    sealed = poses.copy()
    sealed[:, shapes.INDEX["MouthClose"]] += poses[:, shapes.INDEX["JawOpen"]]
    for name, left in _WHILE_SEALED.items():
        sealed[:, _columns(name)] *= left
    return sealed


_POSES, _GAINS = _read_table()
POSES: Final[Weights] = _POSES
"""[10, 68] what each emotion adds at full strength to a face at rest."""
SEALED: Final[Weights] = _sealed(_POSES)
"""[10, 68] what it adds while the lips are sealed."""
GAINS: Final[Weights] = np.outer(_GAINS, np.isin(np.arange(len(shapes.FACE_NAMES)), _MOUTH))
"""[10, 68] how much more (or less) each weight of speech becomes in each emotion."""
HOLD: Final = 1.7
"""How early a mood gives way: it is gone when the lips are sealed by 1 / 1.7, before speech itself has shut them."""
EMOTION_TERMS: Final = 2 * len(_POSES)
"""Products that moods add to the composition of a face: each with lips open and sealed."""


def express(weights: Weights, seal: Weights, emotions: Weights) -> Weights:
    """Return weights [..., 68] with emotions [..., 10] laid over them.

    ``seal`` [...] in 0..1 says how firmly the lips are shut: what an emotion would open there is left out, and
    the jaw it would drop goes into MouthClose, so that p, b and m stay closed in any mood.
    """
    firm = np.clip(HOLD * seal, 0.0, 1.0)[..., None]
    added = (1.0 - firm) * (emotions @ POSES) + firm * (emotions @ SEALED)
    return np.asarray(np.clip(weights * (1.0 + emotions @ GAINS) + added, 0.0, 1.0))
