"""The frame clock: integer sample indices for frames of any rational rate, and the audio windows of a network.

Pure arithmetic on integers (spec: regression, section 2.3).  A frame is named by its sample index in the audio;
nothing here knows the clock of a machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Final

from a2fbridge._errors import ParameterError

__all__ = ["MAX_FRAME_RATE", "MIN_FRAME_RATE", "FrameClock", "Windows", "parse_frame_rate"]

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
class Windows:
    """The windows of audio that a network sees, and the frames that each of them yields.

    Window k begins at ``start + floor(k * stride)`` and holds ``frames`` frames; frame g of all windows stands
    at ``start + floor(target) + floor(g * stride / frames)`` (spec: diffusion, C.2).  A regression network has a
    window a frame; a diffusion network many frames a window, the first of which may lie before the audio.
    """

    size: int
    """Samples of a window."""
    start: int
    """First sample of window 0; before the audio there is silence."""
    target: Fraction
    """Place of a window's first frame within it, samples."""
    stride: Fraction
    """Samples between windows."""
    frames: int
    """Frames a window yields."""

    @property
    def rate(self) -> Fraction:
        """Frames a sample."""
        return self.frames / self.stride

    @property
    def look_ahead(self) -> float:
        """Samples of sound beyond a window's first frame that must be there before it can be had."""
        return float(self.size - self.target)

    def start_of(self, window: int) -> int:
        """Return the first sample of a window."""
        return self.start + window * self.stride.numerator // self.stride.denominator

    def target_of(self, frame: int) -> int:
        """Return the sample index of a frame; negative before the audio."""
        return self._first + frame * self.stride.numerator // (self.stride.denominator * self.frames)

    def place_of(self, sample: Fraction) -> Fraction:
        """Return where an exact position in samples lies among the frames: 2.5 is half way from frame 2 to 3."""
        return (sample - self.start - self.target) * self.rate

    def frames_to(self, place: int, clock: FrameClock) -> int:
        """Return how many frames of a clock lie at or before frame ``place`` of the windows."""
        sample = self.start + self.target + place / self.rate
        return max(0, floor(sample * clock.frame_rate / clock.sample_rate) + 1)

    def ready(self, samples: int, closed: bool) -> int:
        """Return how many windows can be computed from the first ``samples`` samples.

        Open audio: windows that end within it, as does the sound of their last frame.  Closed audio: windows whose
        first frame lies within it; what lies beyond is silence.
        """
        if closed:
            return max(0, self._windows_in(samples - self._first))
        whole = self._windows_in(samples - self.start - self.size + 1)
        heard = self._windows_in(samples - self._first + 1) - 1
        return max(0, min(whole, heard))

    def known(self, sample: int) -> int:
        """Return how many windows have all their frames at or before a sample."""
        frames = -(
            -(sample - self._first + 1) * self.stride.denominator * self.frames // self.stride.numerator
        )
        return max(0, frames // self.frames)

    @property
    def _first(self) -> int:
        """Sample index of frame 0."""
        return self.start + self.target.numerator // self.target.denominator

    def _windows_in(self, samples: int) -> int:
        """Return ceil(samples / stride)."""
        return -(-samples * self.stride.denominator // self.stride.numerator)
