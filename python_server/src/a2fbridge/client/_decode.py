"""Single parts of a server's answer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import ServerError
from a2fbridge._proto.nvidia_ace.emotion_aggregate import v1_pb2 as emotion_aggregate

__all__ = ["read_emotions", "read_settings"]


def read_settings(value: str | bytes) -> dict[str, Any]:
    """Return the settings in force from the initial metadata; empty when they are no JSON object."""
    try:
        parsed = json.loads(value)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def read_emotions(data: Any) -> NDArray[np.float32]:
    """Return [10] emotions of a frame; NaN when the server sends none."""
    out = np.full(len(shapes.EMOTION_NAMES), np.nan, np.float32)
    packed = data.metadata.get("emotion_aggregate")
    if packed is None:
        return out
    aggregate = emotion_aggregate.EmotionAggregate()
    # By value, not by type URL: NVIDIA's two stub families name the same message differently.
    try:
        aggregate.ParseFromString(packed.value)
    except Exception as error:
        raise ServerError(f"an emotion aggregate cannot be read: {error}", "INTERNAL") from None
    if aggregate.a2f_smoothed_output:
        values = aggregate.a2f_smoothed_output[0].emotion
        out[:] = [values.get(name, 0.0) for name in shapes.EMOTION_NAMES]
    return out
