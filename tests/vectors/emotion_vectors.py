"""Vectors of the emotion chain: logits in, ten emotions out, frame by frame (formats: README.md beside this)."""

from __future__ import annotations

from typing import Any

import numpy as np

from a2fbridge.emotion._chain import EmotionChain
from a2fbridge.emotion._settings import ChainSettings

__all__ = ["emotion_vectors"]

_CORRESPONDENCE = (1, 3, 4, 6, -1, 9)
_WORKED = [2.0, 0.0, -1.0, 1.0, 0.5, -0.5]
"""Logits of the specification's worked example (diffusion and emotion, B.5)."""
_V22 = {
    "contrast": 1.0,
    "max_emotions": 6,
    "live_blend": 0.7,
    "enable_preferred": False,
    "preferred_strength": 0.5,
    "transition": 0.5,
    "strength": 0.6,
}
"""Audio2Emotion v2.2's own."""


def emotion_vectors() -> dict[str, Any]:
    """Return the content of each file of ``emotion/``."""
    rng = np.random.default_rng(6)
    amazed, breathless = (np.eye(10, dtype=np.float32)[i] for i in (0, 7))
    wandering = np.cumsum(rng.normal(scale=0.7, size=(24, 6)), axis=0).astype(np.float32)
    wishes = np.clip(np.cumsum(rng.normal(scale=0.2, size=(24, 10)), axis=0), 0, 1).astype(np.float32)
    held = np.tile(np.float32(_WORKED), (3, 1))
    wished = {"enable_preferred": True}
    cases = [
        _case("worked example A: v2.2", {}, held),
        _case("worked example B: two emotions, no transition", {"max_emotions": 2, "transition": 0.0}, held),
        _case("worked example C: preferred and beginning", wished, held, amazed, np.tile(breathless, (3, 1))),
        _case("v2.2 on a voice", {}, wandering),
        _case("a server's defaults", {"max_emotions": 3} | wished, wandering, None, wishes),
        _case("all of what is preferred", wished | {"preferred_strength": 1.0, "strength": 1.0, "transition": 0.0},
              wandering, amazed, wishes),
        _case("frozen", {"live_blend": 1.0}, wandering, amazed),
        _case("contrast", {"contrast": 3.0, "max_emotions": 1, "live_blend": 0.0, "transition": 2.0}, wandering),
        _case("nothing kept", {"max_emotions": 0}, wandering, amazed),
    ]  # fmt: skip
    return {"emotion/chain.json": {"period": 1 / 30, "correspondence": _CORRESPONDENCE, "cases": cases}}


def _case(
    name: str,
    changes: dict[str, Any],
    logits: np.ndarray,
    beginning: np.ndarray | None = None,
    preferred: np.ndarray | None = None,
) -> dict[str, Any]:
    settings = ChainSettings(**_V22 | changes)
    start = np.zeros(10, np.float32) if beginning is None else beginning
    chain = EmotionChain(_CORRESPONDENCE, 10, 1 / 30)
    slots = np.array([chain.open(settings, start)])
    blended, final = [], []
    for i, row in enumerate(logits):
        wish = np.zeros(10, np.float32) if preferred is None else preferred[i]
        made = chain.step(row[None], slots, wish[None], np.array([preferred is not None]))
        blended.append(made[0][0].tolist())
        final.append(made[1][0].tolist())
    return {
        "name": name,
        "settings": {key: getattr(settings, key) for key in _V22},
        "beginning": start.tolist(),
        "logits": _numbers(logits),
        "preferred": None if preferred is None else _numbers(preferred),
        "blended": _numbers(blended),
        "final": _numbers(final),
    }


def _numbers(rows: Any) -> list[list[float]]:
    """float32 as its shortest decimal, so that the same values are read again."""
    return [[float(str(np.float32(value))) for value in row] for row in rows]
