"""From the classifier's logits to ten emotions: NVIDIA's post-processing, step by step in its order
(spec: diffusion and emotion, section B.5).

Streams are rows ("slots") of shared arrays; one call advances each of its streams by one frame.  float32, as there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from a2fbridge.emotion._settings import ChainSettings

__all__ = ["EmotionChain"]

Floats = NDArray[np.float32]
Slots = NDArray[np.intp]

_T = TypeVar("_T", bound=np.generic)

_SHORTEST: Final = 0.001
"""Seconds: a transition that is shorter counts as this."""


@dataclass(slots=True, eq=False)
class _State:
    """[slots, sliders] each, as in the specification: the last output, the live blend, the transition."""

    last: Floats
    live: Floats
    faded: Floats


class EmotionChain:
    """Post-processing of many streams; not thread-safe."""

    def __init__(self, correspondence: tuple[int, ...], sliders: int, period: float) -> None:
        """``correspondence`` [C] is the slider of each class, -1 for none; ``period`` the seconds between frames."""
        self._mapped = np.flatnonzero(np.array(correspondence) >= 0)
        self._targets = np.array(correspondence)[self._mapped]
        self._unmapped = np.flatnonzero(np.array(correspondence) < 0)
        self._classes, self._sliders = len(correspondence), sliders
        self._period = period
        self._state = _State(*(np.zeros((0, sliders), np.float32) for _ in range(3)))
        self._beginning = np.zeros((0, sliders), np.float32)
        self._first = np.zeros(0, np.bool_)
        self._scalars = np.zeros((0, 5), np.float32)
        """contrast, live blend, preferred strength, transition weight, strength"""
        self._kept = np.zeros(0, np.intp)
        self._free: list[int] = []

    def open(self, settings: ChainSettings, beginning: Floats) -> int:
        """Take a slot; ``beginning`` [sliders] is what its first frame starts from."""
        slot = self._free.pop() if self._free else self._grow()
        weight = min(self._period / max(settings.transition, _SHORTEST), 1.0)
        self._scalars[slot] = [
            settings.contrast,
            settings.live_blend,
            settings.preferred_strength,
            weight,
            settings.strength,
        ]
        self._kept[slot] = min(settings.max_emotions, self._classes)
        self._beginning[slot] = beginning
        self.reset(slot)
        return slot

    def close(self, slot: int) -> None:
        """Give the slot back."""
        self._free.append(slot)

    def reset(self, slot: int) -> None:
        """Forget the past: the next frame is a first one."""
        self._first[slot] = True

    def step(
        self, logits: Floats, slots: Slots, preferred: Floats, wanted: NDArray[np.bool_]
    ) -> tuple[Floats, Floats]:
        """Advance each slot, which may stand here once, by a frame.

        ``logits`` [R, C]; ``preferred`` [R, sliders] takes part where ``wanted`` [R].  Returns [R, sliders] twice: what
        was heard, blended with what is preferred (step 7), and the final emotion (step 9).
        """
        state, first = self._state, self._first[slots]
        contrast, live, q, fade, strength = (self._scalars[slots, i : i + 1] for i in range(5))
        beginning = self._beginning[slots]
        a = np.where(first[:, None], beginning, state.last[slots])
        a[:, self._targets] = self._probabilities(contrast * logits, self._kept[slots])[:, self._mapped]
        source = np.where(first[:, None], beginning, state.live[slots])
        a = (1 - live) * a + live * source
        state.live[slots] = a
        a = np.where(wanted[:, None], (1 - q) * a + q * preferred, a)
        blended = a
        a = np.where(first[:, None], a, fade * a + (1 - fade) * state.faded[slots])
        state.faded[slots] = a
        a = strength * a
        state.last[slots] = a
        self._first[slots] = False
        return blended, a

    def _probabilities(self, z: Floats, kept: Slots) -> Floats:
        """Return softmax [R, C] with unmapped classes at 0 and only the ``kept`` [R] largest left."""
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p: Floats = e / e.sum(axis=1, keepdims=True)
        p[:, self._unmapped] = 0
        order = np.argsort(p, axis=1, kind="stable")
        smallest = np.arange(self._classes) < (self._classes - kept)[:, None]
        np.put_along_axis(p, order, np.where(smallest, 0, np.take_along_axis(p, order, axis=1)), axis=1)
        return p

    def _grow(self) -> int:
        """Make room for eight more slots and return the first of them."""
        slots = len(self._first)
        new = slots + 8
        state = self._state
        self._state = _State(_longer(state.last, new), _longer(state.live, new), _longer(state.faded, new))
        self._beginning, self._first = _longer(self._beginning, new), _longer(self._first, new)
        self._scalars, self._kept = _longer(self._scalars, new), _longer(self._kept, new)
        self._free += range(new - 1, slots, -1)
        return slots


def _longer(array: NDArray[_T], rows: int) -> NDArray[_T]:
    out = np.zeros((rows, *array.shape[1:]), array.dtype)
    out[: len(array)] = array
    return out
