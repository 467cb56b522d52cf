"""The recordings that pages have brought, as the network hears them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.audio import decode, float_to_pcm16, resample
from a2fbridge.studio._guard import Problem

__all__ = ["RATE", "Clip", "Clips"]

RATE: Final = 16_000
_MAX_BYTES: Final = 256 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One recording."""

    id: str
    name: str
    samples: NDArray[np.int16]
    """[n] mono, 16 kHz."""

    def described(self) -> dict[str, Any]:
        """Return what the page needs to know."""
        count = len(self.samples)
        return {
            "clip": self.id,
            "name": self.name,
            "seconds": count / RATE,
            "samples": count,
            "sample_rate": RATE,
        }


class Clips:
    """Keeps clips until room is needed; the oldest go first."""

    def __init__(self, max_seconds: float, max_bytes: int = _MAX_BYTES) -> None:
        self._max_seconds, self._max_bytes = max_seconds, max_bytes
        self._clips: dict[str, Clip] = {}

    def add(self, name: str, content: bytes) -> Clip:
        """Decode a file (blocking) and keep it.  Raises AudioError."""
        samples, rate = decode(content, self._max_seconds)
        pcm = np.frombuffer(float_to_pcm16(resample(samples, rate, RATE)), np.int16)
        clip = Clip(secrets.token_urlsafe(12), name, pcm)
        self._clips[clip.id] = clip
        self._make_room()
        return clip

    def get(self, clip_id: str) -> Clip:
        """Return a clip; raises Problem (404) when it is not known any more."""
        if clip_id not in self._clips:
            raise Problem(404, "this recording is not there any more; bring it again")
        clip = self._clips[clip_id] = self._clips.pop(clip_id)  # the one used last goes last
        return clip

    def _make_room(self) -> None:
        total = sum(clip.samples.nbytes for clip in self._clips.values())
        for oldest in list(self._clips)[:-1]:
            if total <= self._max_bytes:
                return
            total -= self._clips.pop(oldest).samples.nbytes
