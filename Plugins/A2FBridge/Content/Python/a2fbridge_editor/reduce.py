"""Leaving out the keys of a curve that a straight line says as well."""

from __future__ import annotations

from collections.abc import Sequence


def kept_keys(times: Sequence[float], values: Sequence[float], tolerance: float) -> list[int]:
    """Return the indices of the keys to keep: the line through them lies within ``tolerance`` of all others.

    Douglas and Peucker's method on the values alone: the times of the keys are not touched.  ``tolerance`` 0 keeps
    what bends at all.
    """
    if len(times) <= 2:
        return list(range(len(times)))
    kept = {0, len(times) - 1}
    spans = [(0, len(times) - 1)]
    while spans:
        first, last = spans.pop()
        furthest, distance = _furthest(times, values, first, last)
        if distance > tolerance:
            kept.add(furthest)
            spans += [(first, furthest), (furthest, last)]
    return sorted(kept)


def _furthest(times: Sequence[float], values: Sequence[float], first: int, last: int) -> tuple[int, float]:
    """Return the key between two that lies furthest from the line through them, and how far."""
    slope = (values[last] - values[first]) / (times[last] - times[first])
    furthest, distance = first, 0.0
    for i in range(first + 1, last):
        off = abs(values[i] - values[first] - slope * (times[i] - times[first]))
        if off > distance:
            furthest, distance = i, off
    return furthest, distance
