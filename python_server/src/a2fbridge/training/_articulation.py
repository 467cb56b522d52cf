"""From timed phones to blend-shape weights: what a mouth does when it says them.

Each phone has a target for a few articulators (jaw, lip opening, pucker, funnel, spread, tongue) and a
dominance, how firmly it insists on it; neighbours blend by overlapping dominance (after Cohen and Massaro
1993).  Lips that seal (p, b, m) and teeth on the lip (f, v) are gates on top, exact in time, so that no
blend can leave them open.

NumPy alone.  Knows nothing of audio, voices or networks.  Weights are in the ``a2f`` convention.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.training._compose import CHANNELS, channel, compose
from a2fbridge.training._phones import DIPHTHONGS, SILENCE, VOWELS, Segment
from a2fbridge.training._targets import ARTICULATORS, DOMINANCE, GROUPS, TARGETS, TONGUE

__all__ = ["articulate", "tracks"]

Curve = NDArray[np.float64]

_REACH = {"jaw": (0.055, 0.060), "lips": (0.050, 0.055), "shape": (0.100, 0.075), "tongue": (0.040, 0.040)}
"""Seconds over which a phone is felt before it begins and after it ends, per group."""
_SMOOTH = 0.012
"""Standard deviation in seconds of the final smoothing of articulators."""
_SEAL_SHARE = {"p": 0.70, "b": 0.80, "m": 1.0}
"""Share of the phone for which the lips stay closed; the rest is burst and aspiration."""
_HOLD = 0.12
"""Seconds for which a gate lasts into silence."""


def articulate(segments: Sequence[Segment], frames: int, rate: float = 100.0) -> tuple[Curve, Curve]:
    """Return weights [frames, 68] in 0..1 and the lip seal [frames] in 0..1 at ``rate`` frames per second.

    Frame k stands at k / rate seconds.  Time outside the segments is silence, and silence is rest: weights
    of 0.
    """
    found = tracks(segments, frames, rate)
    return np.clip(compose(found), 0.0, 1.0), channel(found, "seal")


def tracks(segments: Sequence[Segment], frames: int, rate: float = 100.0) -> Curve:
    """Return the articulators [frames, 24] that :func:`articulate` composes weights from (``CHANNELS``)."""
    times = np.arange(frames) / rate
    steps = _expand(segments, frames / rate)
    found = _blended(steps, times, rate)
    found["seal"] = _gate(steps, times, _SEAL_SHARE, lead=0.055, tail=0.050)
    found["bite"] = _gate(steps, times, {"f": 1.0, "v": 1.0}, lead=0.060, tail=0.055)
    found["accent"] = _accent(segments, times, rate)
    return np.stack([found[name] for name in CHANNELS], axis=1)


def _expand(segments: Sequence[Segment], length: float) -> list[Segment]:
    """Split diphthongs into their two targets and put silence around and between."""
    steps: list[Segment] = [Segment(SILENCE, -1.0, segments[0].start if segments else length + 1.0)]
    for segment in segments:
        if segment.phone in DIPHTHONGS:
            first, second = DIPHTHONGS[segment.phone]
            middle = segment.start + 0.6 * (segment.end - segment.start)
            steps.append(Segment(first, segment.start, middle, segment.strength))
            steps.append(Segment(second, middle, segment.end, 0.9 * segment.strength))
        else:
            steps.append(segment)
    steps.append(Segment(SILENCE, steps[-1].end, max(length, steps[-1].end) + 1.0))
    return [step for step in steps if step.end > step.start]


def _blended(steps: Sequence[Segment], times: Curve, rate: float) -> dict[str, Curve]:
    """Blend the targets of all steps into one smooth curve per articulator."""
    starts, ends = (np.array([getattr(s, key) for s in steps]) for key in ("start", "end"))
    margin = np.minimum(0.25 * (ends - starts), 0.03)
    before = np.maximum(starts + margin - times[:, None], 0.0)
    after = np.maximum(times[:, None] - (ends - margin), 0.0)
    found: dict[str, Curve] = {}
    for group, (anticipation, carry) in _REACH.items():
        felt = np.exp(-np.square(before / anticipation) - np.square(after / carry))
        felt = felt * np.array([_dominance(step, group) for step in steps]) + 1e-12
        targets = np.array([_target(step, group) for step in steps])
        blended = _smooth((felt @ targets) / felt.sum(axis=1, keepdims=True), _SMOOTH * rate)
        names = shapes.TONGUE_NAMES if group == "tongue" else GROUPS[group]
        found.update(zip(names, blended.T, strict=True))
    return found


def _dominance(step: Segment, group: str) -> float:
    """Return how firmly a step insists on its targets; a short pause barely does."""
    if step.phone == SILENCE:
        return float(np.clip((step.end - step.start) / 0.25, 0.15, 1.0))
    return DOMINANCE[step.phone][group]


def _target(step: Segment, group: str) -> Curve:
    if group == "tongue":
        return TONGUE[step.phone]
    values = np.array([TARGETS[step.phone][ARTICULATORS.index(name)] for name in GROUPS[group]])
    grows = group in ("jaw", "lips") and step.phone in VOWELS
    return values * step.strength if grows else values


def _smooth(curves: Curve, sigma: float) -> Curve:
    """Convolve [T, C] along time with a Gaussian, edges held."""
    half = max(1, int(np.ceil(3 * sigma)))
    kernel = np.exp(-0.5 * np.square(np.arange(-half, half + 1) / max(sigma, 1e-6)))
    kernel /= kernel.sum()
    padded = np.pad(curves, ((half, half), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, kernel, "valid") for column in padded.T], axis=1)


def _gate(steps: Sequence[Segment], times: Curve, share: dict[str, float], lead: float, tail: float) -> Curve:
    """Return a curve that is 1 while one of the phones holds, with soft flanks before and after.

    Next to silence it holds longer: a mouth at rest does not part its lips before a first or after a last p.
    """
    gate = np.zeros_like(times)
    for last, step, following in zip(steps, steps[1:], steps[2:], strict=False):
        if step.phone not in share:
            continue
        early = lead + _HOLD * (last.phone == SILENCE)
        late = tail + _HOLD * (following.phone == SILENCE)
        end = step.start + max(share[step.phone] * (step.end - step.start), 0.045)
        rise = _ramp((times - (step.start - early + 0.010)) / lead)
        fall = _ramp((end + late - 0.010 - times) / tail)
        gate = np.maximum(gate, np.minimum(rise, fall))
    return gate


def _ramp(x: Curve) -> Curve:
    """Rise smoothly from 0 at x = 0 to 1 at x = 1, with flat ends (smoothstep)."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def _accent(segments: Sequence[Segment], times: Curve, rate: float) -> Curve:
    """Return a slow 0..1 curve that swells on strongly spoken vowels: what brows answer to."""
    pulses = np.zeros_like(times)
    for s in segments:
        if s.phone in VOWELS:
            inside = (times >= s.start) & (times < s.end)
            pulses[inside] = np.clip((s.strength - 0.95) / 0.3, 0.0, 1.0)
    return _smooth(pulses[:, None], 0.09 * rate)[:, 0]
