"""Heights on the face as linear maps of skin coefficients: how far lips and eyelids are apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Heights", "face_regions", "heights", "measured"]

Heights = tuple[NDArray[np.float32], NDArray[np.float32]]
"""[S, K] per coefficient, [K] at the mean."""


def heights(
    basis: NDArray[np.float32], mean: NDArray[np.float32], upper: NDArray[Any], lower: NDArray[Any]
) -> Heights:
    """Return Y(upper) - Y(lower) of pairs of vertices for ``basis`` [S, V, 3] and ``mean`` [V, 3]."""
    slope = basis[:, upper, 1] - basis[:, lower, 1]
    return np.ascontiguousarray(slope, np.float32), np.asarray(mean[upper, 1] - mean[lower, 1], np.float32)


def measured(skin: Any, region: tuple[Any, Any]) -> Any:
    """Return heights [..., K] of coefficients [..., S]; both torch or both NumPy."""
    return skin @ region[0] + region[1]


def face_regions(
    regions: Mapping[str, NDArray[Any]], basis: NDArray[np.float32], mean: NDArray[np.float32]
) -> dict[str, Heights]:
    """Return those of ``lips``, ``eyes``, ``upper_lip`` and ``lower_lip`` that the dataset knows."""
    pairs = {
        "lips": ("lip_upper", "lip_lower"),
        "eyes": ("eye_upper", "eye_lower"),
        "upper_lip": ("lip_size_upper_top", "lip_size_upper_bottom"),
        "lower_lip": ("lip_size_lower_top", "lip_size_lower_bottom"),
    }
    return {
        name: heights(basis, mean, regions[upper], regions[lower])
        for name, (upper, lower) in pairs.items()
        if upper in regions and lower in regions
    }
