"""The blend-shape solver's settings for packs with this head, in the form of ``bs_*_config.json``.

Chosen by a round trip (docs/head.md): speech-like weights to mesh to solver.  The template size is the head's
own bounding box, so the solver's scale factor is 1 and the strengths are in the head's own units.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.shapes import ARKIT_NAMES, DEFAULT_INACTIVE, TONGUE_NAMES
from a2fbridge.training.head._head import Head

__all__ = ["solver_block", "solver_settings", "symmetry_pair"]

_SYMMETRIC = [
    "EyeBlink",
    "EyeWide",
    "MouthSmile",
    "MouthFrown",
    "MouthDimple",
    "MouthStretch",
    "MouthPress",
    "MouthLowerDown",
    "MouthUpperUp",
    "BrowOuterUp",
    "BrowDown",
    "CheekSquint",
    "NoseSneer",
]


def solver_settings(head: Head) -> dict[str, Any]:
    """Return ``{"skin": {"blendshape_params": ...}, "tongue": {...}}``."""
    pairs = [symmetry_pair(name) for name in ARKIT_NAMES]
    active = [int(name not in DEFAULT_INACTIVE) for name in ARKIT_NAMES]
    return {
        "skin": solver_block(head.skin_neutral, 0.01, 0.0005, 0.1, active, pairs),
        "tongue": solver_block(
            head.tongue_neutral, 0.01, 0.001, 0.0, [1] * len(TONGUE_NAMES), [-1] * len(TONGUE_NAMES)
        ),
    }


def symmetry_pair(name: str) -> int:
    """Return the number that a shape shares with its partner on the other side, -1 without one."""
    stem = name.removesuffix("Left").removesuffix("Right")
    return _SYMMETRIC.index(stem) if stem != name and stem in _SYMMETRIC else -1


def solver_block(
    neutral: NDArray[np.float32],
    l2: float,
    temporal: float,
    symmetry: float,
    active: list[int],
    pairs: list[int],
) -> dict[str, Any]:
    """Return one part's settings: strengths of L2, smoothness over time and symmetry; of each pose whether it is solved
    and the number that it shares with its partner.
    """
    count = len(active)
    return {
        "blendshape_params": {
            "strengthL1regularization": 0.0,
            "strengthL2regularization": l2,
            "strengthTemporalSmoothing": temporal,
            "strengthSymmetry": symmetry,
            "templateBBSize": round(float(np.linalg.norm(np.ptp(neutral, axis=0))), 5),
            "numPoses": count,
            "bsSolveActivePoses": active,
            "bsSolveCancelPoses": [-1] * count,
            "bsSolveSymmetryPoses": pairs,
            "bsWeightMultipliers": [1.0] * count,
            "bsWeightOffsets": [0.0] * count,
        }
    }
