"""Weights as Apple means them, for formats that cannot say another convention."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import ConventionError
from a2fbridge.animation import Animation

__all__ = ["apple_weights"]


def apple_weights(animation: Animation, what: str) -> NDArray[np.float32]:
    """Return [N, 68] weights in the order of ``FACE_NAMES`` and Apple's convention.

    Shapes that the animation lacks are 0, values that are not numbers too.  Raises ConventionError, naming
    ``what``, after a mapping.
    """
    if animation.convention == "target":
        raise ConventionError(f"a mapped animation has no ARKit shapes; write {what} from the unmapped one")
    place = {name.lower(): i for i, name in enumerate(animation.names)}
    ordered = np.zeros((len(animation), len(shapes.FACE_NAMES)), dtype=np.float32)
    for i, name in enumerate(shapes.FACE_NAMES):
        if name.lower() in place:
            ordered[:, i] = animation.weights[:, place[name.lower()]]
    arkit = shapes.convert(ordered, animation.convention, "arkit")
    return np.nan_to_num(arkit, nan=0.0, posinf=1.0, neginf=0.0)
