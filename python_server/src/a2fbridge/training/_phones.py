"""Phones: one small alphabet (ARPAbet, lower case, without stress) for all voices.

``sil`` is silence.  Stress is not kept: how strongly a vowel is spoken is read from the sound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CONSONANTS",
    "DIPHTHONGS",
    "SILENCE",
    "VOWELS",
    "Segment",
    "Utterance",
    "from_misaki",
    "from_russian",
    "normalise",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SILENCE = "sil"
VOWELS = _words("aa ae ah ao ax eh er ih iy uh uw aw ay ey ow oy e o oe ue")
"""ARPAbet, and the vowels of other languages that it lacks: pure e and o, rounded oe and ue (as in French)."""
CONSONANTS = _words("b ch d dh dx f g hh jh k l m n ng p r s sh t th v w y z zh")
DIPHTHONGS = {
    "aw": ("aa", "uw"),
    "ay": ("aa", "iy"),
    "ey": ("eh", "iy"),
    "ow": ("ao", "uw"),
    "oy": ("ao", "iy"),
}
"""Two-target vowels and the targets they glide between."""

_ALIASES = {
    "pau": SILENCE,
    "h#": SILENCE,
    "ssil": SILENCE,
    "brth": SILENCE,
    "axr": "er",
    "em": "m",
    "en": "n",
}
_ALIASES |= {
    "el": "l",
    "nx": "n",
    "hv": "hh",
    "ux": "uw",
    "ix": "ih",
    "q": "hh",
    "hh": "hh",
    "+spn+": SILENCE,
}
_ALIASES |= {"<sil>": SILENCE, "+nsn+": SILENCE, "(null)": SILENCE, "#": SILENCE}
_MISAKI = {
    "A": "ey", "I": "ay", "O": "ow", "Q": "ow", "W": "aw", "Y": "oy", "ᵊ": "ax", "ʤ": "jh", "ʧ": "ch",
    "T": "dx", "ɾ": "dx", "ʔ": "hh", "ᵻ": "ih", "ɜ": "er", "ɚ": "er", "ɐ": "ah", "i": "iy", "u": "uw",
    "ɑ": "aa", "ɔ": "ao", "o": "o", "e": "e", "a": "aa", "y": "ue", "ø": "oe", "œ": "oe", "ɤ": "ah", "ɯ": "uh",
    "æ": "ae", "ɛ": "eh", "ɪ": "ih", "ʊ": "uh",
    "ʌ": "ah", "ə": "ax", "ɒ": "aa", "j": "y", "ɹ": "r", "ɡ": "g", "ŋ": "ng", "θ": "th", "ð": "dh",
    "ʃ": "sh", "ʒ": "zh", "h": "hh", "x": "hh", "ʁ": "hh", "r": "dx", "ɻ": "r", "ɲ": "n", "ɴ": "ng", "ʎ": "l",
    "ɕ": "sh", "ʂ": "sh", "ʨ": "ch", "ʥ": "jh", "ꭧ": "ch", "ʦ": "s",
} | {c: c for c in "bdfklmnpstvwz"}  # fmt: skip

_RUSSIAN = {
    "aa": "aa", "ee": "e", "ii": "iy", "oo": "o", "uu": "uw", "yy": "ih", "a": "ah", "e": "ih", "i": "ih",
    "u": "uw", "y": "ih", "ae": "ax", "ay": "ax", "ur": "uh", "c": "s", "sch": "sh", "h": "hh", "hh": "hh",
    "j": "y", "r": "dx", "rr": "dx", "pau": SILENCE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segment:
    """One phone in time."""

    phone: str
    start: float
    """Seconds."""
    end: float
    """Seconds."""
    strength: float = 1.0
    """How strongly a vowel is spoken: about 0.6 (reduced) to 1.3 (shouted or stressed)."""


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One spoken sentence."""

    text: str
    samples: NDArray[np.float32]
    """Mono at 16 kHz, -1..1."""
    segments: tuple[Segment, ...]
    """Phones that tile the sound from 0 to its end, silences included."""


def normalise(name: str) -> str:
    """Return a phone of our alphabet for an ARPAbet name of any engine (``AH0``, ``pau``, ``axr``).

    Raises KeyError for a name that no engine we use has.
    """
    plain = name.lower().rstrip("012") if not name.startswith("+") else name.lower()
    plain = _ALIASES.get(plain, plain)
    if plain != SILENCE and plain not in VOWELS and plain not in CONSONANTS:
        raise KeyError(name)
    return plain


def from_misaki(symbol: str) -> str | None:
    """Return our phone for one symbol of hibari's alphabet; None for stress marks, spaces and punctuation."""
    return _MISAKI.get(symbol)


def from_russian(name: str) -> str:
    """Return our phone for a phone of festival's Russian voice, whose doubled consonants are the soft ones."""
    return _RUSSIAN.get(name) or normalise(name if name in ("ch", "sh", "zh") else name[:1])
