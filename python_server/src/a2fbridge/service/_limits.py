"""When a stream has to end although nothing is wrong with its data: idle, too long, or fed too slowly."""

from __future__ import annotations

import math

from grpc import StatusCode

from a2fbridge.service._advanced import InputLimits
from a2fbridge.service._refusal import Refusal

__all__ = ["Watch"]

_NOMINAL_FPS = 30


class Watch:
    """The deadlines of one stream.  Pure arithmetic on the times it is told, in seconds of one clock."""

    def __init__(self, limits: InputLimits, now: float) -> None:
        self._limits = limits
        self._started = now
        self._progress = now
        self._feed_started = math.inf
        self._received = 0.0
        self._feeding = True

    def progress(self, now: float) -> None:
        """Note that something came in or went out."""
        self._progress = now

    def received(self, seconds: float, now: float) -> None:
        """Note how much audio has come in altogether."""
        self._feed_started = min(self._feed_started, now)
        self._received = seconds

    def fed(self) -> None:
        """Note that all audio is in: the feed has no rate any more."""
        self._feeding = False

    @property
    def due(self) -> float | None:
        """When the stream is to be ended unless something happens before; None for never."""
        earliest = min(self._idle_due(), self._processing_due(), self._feed_due())
        return None if math.isinf(earliest) else earliest

    def refusal(self) -> Refusal:
        """Return the reason that comes first."""
        limits = self._limits
        reasons = {
            self._feed_due(): f"audio comes more than {limits.low_fps_max_duration_second} s later than at "
            f"{limits.low_fps} frames per second",
            self._processing_due(): f"the stream took more than {limits.max_processing_duration_second} s",
            self._idle_due(): f"nothing came in or went out for {limits.max_wait_time_idle_ms / 1000:g} s",
        }
        return Refusal(StatusCode.DEADLINE_EXCEEDED, reasons[min(reasons)])

    def _idle_due(self) -> float:
        idle = self._limits.max_wait_time_idle_ms
        return self._progress + idle / 1000 if idle else math.inf

    def _processing_due(self) -> float:
        longest = self._limits.max_processing_duration_second
        return self._started + longest if longest else math.inf

    def _feed_due(self) -> float:
        allowed = self._limits.low_fps_max_duration_second
        if not (allowed and self._feeding):
            return math.inf
        return self._feed_started + self._received * _NOMINAL_FPS / self._limits.low_fps + allowed
