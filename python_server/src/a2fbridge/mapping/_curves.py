"""Short forms of curve names: ``name@lr``, ``name@quad``, ``name@side``, and the mirror image of an entry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from a2fbridge._errors import nearest
from a2fbridge.mapping._fields import Name, fold
from a2fbridge.mapping._profiles import Profile

__all__ = ["find_curves", "swap_tokens"]

_SUFFIXES: Final = {"lr": ("L", "R"), "quad": ("UL", "UR", "DL", "DR")}


def find_curves(profile: Profile, curve: Name, channel: str | None = None) -> tuple[str, ...]:
    """Return the curves that a name stands for, in the profile's spelling.

    ``@lr`` is L, R; ``@quad`` is UL, UR, DL, DR; ``@side`` is the side of ``channel`` (``...Left`` is L,
    ``...Right`` is R).  Raises MappingError for an unknown suffix or curve.
    """
    base, at, suffix = curve.text.partition("@")
    endings = _endings(curve, suffix, channel) if at else ("",)
    return tuple(_find(profile, curve, base + ending) for ending in endings)


def _endings(curve: Name, suffix: str, channel: str | None) -> tuple[str, ...]:
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if suffix != "side":
        raise curve.place.error("suffix", f"'@{suffix}' is unknown; right are @lr, @quad and @side")
    for ending, letter in (("left", "L"), ("right", "R")):
        if channel is not None and fold(channel).endswith(ending):
            return (letter,)
    where = f"'{channel}' has" if channel is not None else "an output has"
    raise curve.place.error("suffix", f"@side needs a source that ends with Left or Right; {where} no side")


def _find(profile: Profile, curve: Name, name: str) -> str:
    found = profile.find(name)
    if found is None:
        known = (*profile.curves, *profile.plain)
        raise curve.place.error(
            "unknown_target", f"{profile.name} has no curve '{name}'{nearest(name, known)}"
        )
    return found


def swap_tokens(text: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Swap the two tokens of every pair wherever they stand, from left to right, compared without case."""
    partner = {fold(a): b for a, b in pairs} | {fold(b): a for a, b in pairs}
    pattern = "|".join(re.escape(token) for pair in pairs for token in pair)
    return re.sub(pattern, lambda match: partner[fold(match[0])], text, flags=re.IGNORECASE | re.ASCII)
