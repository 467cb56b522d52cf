"""The frame clock: integer sample indices for frames of any rational rate, and the audio window of a frame.

Pure arithmetic on integers (spec: regression, section 2.3).  A frame is named by its sample index in the audio;
nothing here knows the clock of a machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from a2fbridge._errors import ParameterError

__all__ = ["MAX_FRAME_RATE", "MIN_FRAME_RATE", "FrameClock", "WindowSpec", "parse_frame_rate"]

MIN_FRAME_RATE: Final = Fraction(1)
"""Each frame carries its slice of sound: a lower rate would make messages without bound."""
MAX_FRAME_RATE: Final = Fraction(1000)
_TEXT: Final = re.compile(r"\s*[+-]?[0-9]{1,19}([./][0-9]{1,19})?\s*", re.ASCII)
_MAX_BITS: Final = 63
"""Of numerator and denominator: files and arrays hold them as int64."""


def parse_frame_rate(value: str | int | float | Fraction) -> Fraction:
    """Parse ``"30"``, ``"30000/1001"``, ``"29.97"`` or a number into an exact frame rate in frames per second.

    Raises ParameterError unless 1 <= rate <= 1000 and numerator and denominator fit 63 bits.  Texts with exponents
    or of hostile length are refused before anything is computed from them.
    """
    rate = _exact(value)
    if rate is None:
        raise ParameterError(f"frame rate {_shown(value)} is not a number such as 30, 59.94 or 30000/1001")
    if not MIN_FRAME_RATE <= rate <= MAX_FRAME_RATE:
        raise ParameterError(
            f"frame rate {_shown(value)} is out of range: right is {MIN_FRAME_RATE} to {MAX_FRAME_RATE}"
        )
    if max(rate.numerator.bit_length(), rate.denominator.bit_length()) > _MAX_BITS:
        raise ParameterError(f"frame rate {_shown(value)} has too many digits")
    return rate


def _exact(value: str | int | float | Fraction) -> Fraction | None:
    if isinstance(value, str) and not _TEXT.fullmatch(value):
        return None
    try:
        return Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, ZeroDivisionError):  # not a number, infinity, a denominator of 0
        return None


def _shown(value: str | int | float | Fraction) -> str:
    """Return a value fit for a message: short, printable, whoever sent it."""
    try:
        text = str(value)
    except ValueError:  # Python's own limit on the digits of a number
        text = "of thousands of digits"
    return ascii(text if len(text) <= 40 else text[:37] + "...")


@dataclass(frozen=True, slots=True)
class FrameClock:
    """Frame k stands at sample ``floor(k * sample_rate / frame_rate)``; strides are never accumulated."""

    frame_rate: Fraction
    sample_rate: int = 16000

    def sample_of(self, frame: int) -> int:
        """Return the sample index of a frame (its time stamp)."""
        return frame * self.sample_rate * self.frame_rate.denominator // self.frame_rate.numerator

    def time_of(self, frame: int) -> float:
        """Return the time code of a frame in seconds: index / frame rate."""
        return frame * self.frame_rate.denominator / self.frame_rate.numerator

    def frames_in(self, samples: int) -> int:
        """Return how many frames start within the first ``samples`` samples: ceil(samples * rate / sample rate)."""
        stride = self.sample_rate * self.frame_rate.denominator
        return -(-samples * self.frame_rate.numerator // stride)

    @property
    def period(self) -> float:
        """Nominal time between frames in seconds."""
        return self.frame_rate.denominator / self.frame_rate.numerator


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """The audio that the network sees for one frame: ``size`` samples, the frame's own sample at ``offset``."""

    size: int
    offset: int

    @property
    def look_ahead(self) -> int:
        """Samples beyond the frame's own that must be there before it can be computed."""
        return self.size - self.offset

    def ready_frames(self, clock: FrameClock, samples: int, closed: bool) -> int:
        """Return how many frames can be computed from the first ``samples`` samples.

        Open audio: frames whose window ends within it.  Closed audio: frames that start within it; what lies
        beyond is silence.
        """
        if closed:
            return clock.frames_in(samples)
        last_target = samples - self.look_ahead
        return clock.frames_in(last_target + 1) if last_target >= 0 else 0
