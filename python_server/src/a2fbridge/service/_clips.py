"""Clips that clients uploaded for single poses: bounded in bytes, forgotten when nobody asks for them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from a2fbridge._errors import ServerBusyError

__all__ = ["Clip", "ClipStore"]


@dataclass(slots=True)
class Clip:
    """One clip as it came."""

    id: str
    """SHA-256 of the sound, hexadecimal."""
    pcm: bytes
    """s16le mono"""
    sample_rate: int
    used: float = 0.0


class ClipStore:
    """Clips by id, the longest unused first to go."""

    def __init__(self, most_bytes: int, seconds: float, clock: Callable[[], float]) -> None:
        """``seconds`` without use after which a clip is forgotten, on ``clock``."""
        self._most, self._seconds, self._clock = most_bytes, seconds, clock
        self._clips: OrderedDict[str, Clip] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._clips)

    def add(self, clip: Clip) -> None:
        """Keep a clip; older ones make room.  Raises ServerBusyError for one that cannot fit at all."""
        self._drop(clip.id)
        if len(clip.pcm) > self._most:
            raise ServerBusyError(
                f"the clip has {len(clip.pcm)} bytes; this server keeps {self._most} in all",
                "RESOURCE_EXHAUSTED",
            )
        self._forget_unused()
        while self._bytes + len(clip.pcm) > self._most:
            self._drop(next(iter(self._clips)))
        clip.used = self._clock()
        self._clips[clip.id] = clip
        self._bytes += len(clip.pcm)

    def get(self, key: str) -> Clip | None:
        """Return a clip and mark it as used; None when it is not, or no longer, here."""
        self._forget_unused()
        if clip := self._clips.get(key):
            clip.used = self._clock()
            self._clips.move_to_end(key)
        return clip

    def _forget_unused(self) -> None:
        while self._clips and next(iter(self._clips.values())).used < self._clock() - self._seconds:
            self._drop(next(iter(self._clips)))

    def _drop(self, key: str) -> None:
        if clip := self._clips.pop(key, None):
            self._bytes -= len(clip.pcm)
