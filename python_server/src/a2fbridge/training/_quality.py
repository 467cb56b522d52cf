"""How well a mouth follows speech, measured so that nothing but following it scores.

Works on three curves of any engine (lip distance, rounding, lip under teeth) and timed phones, so the same
table serves our packs and other engines.  Every figure has its count and a 95 % interval from a bootstrap
over blocks of about two seconds.  A mouth that never moves, flaps blindly or speaks another sentence scores
near zero on the composite, because each part of it is measured against chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.training._compose import lip_gap
from a2fbridge.training._phones import DIPHTHONGS, SILENCE, VOWELS, Segment

__all__ = ["FRAME_RATE", "METRICS", "Figure", "Mouth", "Take", "assess", "mouth_of"]

Curve = NDArray[np.floating]

FRAME_RATE: Final = 60
"""Frames per second of all curves."""


class Mouth(NamedTuple):
    """What an engine made a mouth do, 60 times a second."""

    gap: Curve
    """[N] lip distance in any unit, 0 when the lips meet."""
    rounding: Curve
    """[N] pucker and funnel in any unit."""
    bite: Curve
    """[N] lower lip under the upper teeth, in any unit."""


class Take(NamedTuple):
    """One recording, what was said in it and what a mouth did."""

    segments: tuple[Segment, ...]
    """Timed phones, silences included; after the last the sound is over."""
    mouth: Mouth
    """May go on after the sound has ended."""


class Figure(NamedTuple):
    """A measured value with its 95 % interval and the number of things it was measured on."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        """Return ``0.91 (0.84-0.97, n 57)``."""
        digits = 0 if abs(self.value) >= 20 else 2 if abs(self.value) < 10 else 1
        return f"{self.value:.{digits}f} ({self.low:.{digits}f}..{self.high:.{digits}f}, n {self.n})"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LABIALS, _BITES = _words("p b m"), _words("f v")
_ROUND = _words("uw ow w ao sh ch zh jh r er uh oy o oe ue")
_SPREAD = _words("iy ih eh ae ey s z t d n e")
_HEIGHTS = {
    "p b m": 0.0, "f v": 0.1, "s z sh zh ch jh w": 0.2, "t d n dx l r th dh y uw ue": 0.25, "k g ng hh iy": 0.35,
    "uh ih er": 0.4, "ax o oe e ey ow": 0.55, "eh ah ao oy": 0.7, "ae": 0.9, "aa ay aw": 1.0, SILENCE: 0.0,
}  # fmt: skip
_OPENNESS: Final = {phone: value for names, value in _HEIGHTS.items() for phone in names.split()}
"""Opening of each phone by the height of its vowel (IPA chart) or its stricture: a yardstick of no engine's."""
CLOSED: Final = 0.15
"""Share of the mouth's own large opening (95th percentile in speech) below which lips count as closed."""
_WINDOW = 0.030
"""Seconds by which a closure may miss its phone, for the aligner's sake."""
_LONGEST = 0.30
"""Seconds beyond which shut lips are no closure of p, b or m."""
_BLOCK = 2.0
_RESAMPLES = 400
_LAGS: Final = np.arange(-9, 10)


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """Values that belong to blocks, of two kinds or one."""

    block: NDArray[np.int64]
    value: NDArray[np.float64]
    kind: NDArray[np.bool_]


def mouth_of(weights: Curve) -> Mouth:
    """Return the curves of weights [N, 68] in the ``a2f`` convention."""
    w = np.asarray(weights, np.float64)
    rounding = w[:, shapes.INDEX["MouthPucker"]] + w[:, shapes.INDEX["MouthFunnel"]]
    return Mouth(np.maximum(lip_gap(w), 0.0), rounding, w[:, shapes.INDEX["MouthRollLower"]])


def assess(takes: Sequence[Take], closed: float = CLOSED) -> dict[str, Figure]:
    """Return every metric of ``METRICS`` over the takes, in that order; nan where nothing could be measured."""
    large = _large([(t, _speech(t)) for t in takes])
    measured = {
        "closures": _sample(takes, lambda t: _closures(t, closed * large)),
        "events": _sample(takes, lambda t: _events(t, closed * large)),
        "bite": _sample(takes, lambda t: _levels(t, t.mouth.bite, _BITES, VOWELS | _SPREAD)),
        "rounding": _sample(takes, lambda t: _levels(t, t.mouth.rounding, _ROUND, _SPREAD)),
        "pauses": _sample(takes, _pauses),
        "rest": _sample(takes, lambda t: _rest(t, 0.1 * large)),
        "jerk": _sample(takes, lambda t: _jerk(t, large)),
    }
    sums, counts = _correlation_sums(takes)
    draws = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), _RESAMPLES)
    rows = [_all_metrics(measured, sums, draw.astype(np.float64)) for draw in (np.ones(len(sums)), *draws)]
    found = {}
    for name, (source, _) in METRICS.items():
        value, *resampled = [row[name] for row in rows]
        known = np.array(resampled)[np.isfinite(resampled)]
        low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
        n = counts if source == "frames" else len(measured[source].value)
        if name == "closure recall":
            n = int(measured[source].kind.sum())
        found[name] = Figure(value, float(low), float(high), n)
    return found


METRICS: Final[dict[str, tuple[str, str]]] = {
    "composite": ("frames", "mean of the parts below that are marked *, each 0 for chance and 1 for perfect"),
    "closure recall": ("closures", "share of p, b, m in which the lips meet"),
    "closure precision": ("events", "share of short lip closures that belong to a p, b or m"),
    "closure excess": (
        "closures",
        "* closure recall less the share of equal windows on other phones that close",
    ),
    "labiodental AUC": ("bite", "* chance that f, v show more lip under teeth than other phones"),
    "rounding AUC": ("rounding", "* chance that a rounded phone shows more rounding than a spread one"),
    "openness r": ("frames", "* correlation of lip distance with vowel height, at the best delay"),
    "lag ms": ("frames", "* that delay; late is positive"),
    "pause opening": ("pauses", "* lip distance in pauses relative to that in speech"),
    "rest ms": ("rest", "time after the last phone until the mouth stays at rest, mean"),
    "jerk": ("jerk", "mean third difference of lip distance relative to its range, x 1000"),
}
"""Metric -> (what it counts, meaning)."""


def _all_metrics(
    measured: dict[str, _Sample], sums: NDArray[np.float64], draw: NDArray[np.float64]
) -> dict[str, float]:
    closures, weight = measured["closures"], draw[measured["closures"].block]
    recall = _mean(closures.value, weight * closures.kind)
    elsewhere = _mean(closures.value, weight * ~closures.kind)
    pauses, heard = measured["pauses"], draw[measured["pauses"].block]
    pause = _mean(pauses.value, heard * pauses.kind) / max(_mean(pauses.value, heard * ~pauses.kind), 1e-9)
    r, lag = _best_delay(np.tensordot(draw, sums, 1))
    bite, rounding = _auc(measured["bite"], draw), _auc(measured["rounding"], draw)
    timing = max(r, 0.0) * max(0.0, 1.0 - abs(lag) / 100.0)
    still = max(r, 0.0) * float(np.clip(1.0 - np.nan_to_num(pause, nan=0.0), 0.0, 1.0))
    parts = [recall - elsewhere, 2 * bite - 1, 2 * rounding - 1, r, timing, still]
    return {
        "composite": float(np.mean(np.nan_to_num(parts))),
        "closure recall": recall,
        "closure precision": _mean(measured["events"].value, draw[measured["events"].block]),
        "closure excess": recall - elsewhere,
        "labiodental AUC": bite,
        "rounding AUC": rounding,
        "openness r": r,
        "lag ms": lag,
        "pause opening": pause,
        "rest ms": 1000 * _mean(measured["rest"].value, draw[measured["rest"].block]),
        "jerk": 1000 * _mean(measured["jerk"].value, draw[measured["jerk"].block]),
    }


def _mean(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    total = float(weight.sum())
    return float((values * weight).sum() / total) if total else float("nan")


def _auc(sample: _Sample, draw: NDArray[np.float64]) -> float:
    """Return the chance that a value of one kind exceeds one of the other; ties count half."""
    weight = draw[sample.block]
    yes, no = weight * sample.kind, weight * ~sample.kind
    order = np.argsort(sample.value, kind="stable")
    values, yes, no = sample.value[order], yes[order], no[order]
    starts = np.flatnonzero(np.r_[True, np.diff(values) > 0]) if len(values) else np.zeros(0, np.int64)
    if not len(starts) or not yes.sum() or not no.sum():
        return float("nan")
    yes, no = np.add.reduceat(yes, starts), np.add.reduceat(no, starts)
    below = np.cumsum(no) - no
    return float((yes * (below + 0.5 * no)).sum() / (yes.sum() * no.sum()))


Found = Iterable[tuple[float, float, bool]]
"""Time in seconds, value, kind."""


def _sample(takes: Sequence[Take], measure: Callable[[Take], Found]) -> _Sample:
    rows, first = [], 0
    for take in takes:
        count = _block_count(take)
        rows += [
            (first + min(int(time / _BLOCK), count - 1), value, kind) for time, value, kind in measure(take)
        ]
        first += count
    block, value, kind = zip(*rows, strict=True) if rows else ((), (), ())
    return _Sample(np.array(block, np.int64), np.array(value, np.float64), np.array(kind, np.bool_))


def _block_count(take: Take) -> int:
    return max(1, int(take.segments[-1].end / _BLOCK))


def _speech(take: Take) -> slice:
    """Return the frames from the first phone to the last."""
    voiced = [s for s in take.segments if s.phone != SILENCE]
    return _frames(voiced[0].start, voiced[-1].end, len(take.mouth.gap))


def _frames(start: float, end: float, count: int) -> slice:
    first = int(np.clip(np.floor(start * FRAME_RATE), 0, count - 1))
    return slice(first, int(np.clip(np.ceil(end * FRAME_RATE), first + 1, count)))


def _large(spoken: Sequence[tuple[Take, slice]]) -> float:
    gaps = np.concatenate([take.mouth.gap[part] for take, part in spoken])
    return max(float(np.percentile(gaps, 95)), 1e-9)


def _far(take: Take, time: float, reach: float) -> bool:
    """Whether no lip consonant and no pause lies within ``reach`` seconds of a time."""
    near = _LABIALS | _BITES | {SILENCE}
    return not any(s.start - reach < time < s.end + reach for s in take.segments if s.phone in near)


def _closures(take: Take, threshold: float) -> Found:
    """Yield whether the lips meet in each p, b, m, and in an equal window on phones far from any of them."""
    gap = take.mouth.gap
    lengths = [s.end - s.start for s in take.segments if s.phone in _LABIALS]
    usual = float(np.median(lengths)) / 2 if lengths else 0.03
    for s in take.segments:
        middle = 0.5 * (s.start + s.end)
        if s.phone in _LABIALS:
            yield middle, gap[_frames(s.start - _WINDOW, s.end + _WINDOW, len(gap))].min() < threshold, True
        elif s.phone != SILENCE and _far(take, middle, usual + 2 * _WINDOW):
            window = _frames(middle - usual - _WINDOW, middle + usual + _WINDOW, len(gap))
            yield middle, gap[window].min() < threshold, False


def _events(take: Take, threshold: float) -> Found:
    """Yield whether each run of shut lips in speech is short and touches a p, b or m.

    Pauses hold no runs; short ones beside a pause, or that touch an f or v, count neither way.
    """
    part = _speech(take)
    shut = take.mouth.gap[part] < threshold
    for s in take.segments:
        if s.phone == SILENCE:
            first, last = (max(0, round(time * FRAME_RATE) - part.start) for time in (s.start, s.end))
            shut[first:last] = False
    edges = np.flatnonzero(np.diff(np.r_[False, shut, False].astype(int))) + part.start
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        start, end = first / FRAME_RATE, last / FRAME_RATE
        touched = {s.phone for s in take.segments if s.start - _WINDOW < end and start < s.end + _WINDOW}
        short = end - start < _LONGEST
        if touched & _LABIALS and short:
            yield start, True, True
        elif not touched & (_BITES | {SILENCE}) or not short:
            yield start, False, True


def _levels(take: Take, curve: Curve, yes: frozenset[str], no: frozenset[str]) -> Found:
    """Yield the mean of a curve in each phone of two classes."""
    for s in take.segments:
        if s.phone in yes or s.phone in no:
            yield (
                0.5 * (s.start + s.end),
                float(curve[_frames(s.start, s.end, len(curve))].mean()),
                s.phone in yes,
            )


def _pauses(take: Take) -> Found:
    """Yield lip distances in pauses, 100 ms away from speech (kind true), and in speech (kind false)."""
    gap = take.mouth.gap
    for s in take.segments:
        if s.phone != SILENCE:
            part = _frames(s.start, s.end, len(gap))
        elif s.end - s.start > 0.25:
            part = _frames(s.start + 0.1, s.end - 0.1, len(gap))
        else:
            continue
        quiet = s.phone == SILENCE
        yield from ((k / FRAME_RATE, float(gap[k]), quiet) for k in range(part.start, part.stop))


def _rest(take: Take, threshold: float) -> Found:
    """Yield the time from the end of the last phone until the mouth stays nearly shut."""
    end = _speech(take).stop
    after = take.mouth.gap[end:]
    if len(after) > 0.3 * FRAME_RATE:
        moving = np.flatnonzero(after > threshold)
        yield end / FRAME_RATE, (moving[-1] + 1 if len(moving) else 0) / FRAME_RATE, True


def _jerk(take: Take, large: float) -> Found:
    part = _speech(take)
    steps = np.abs(np.diff(take.mouth.gap[part], 3)) / large
    yield from ((part.start / FRAME_RATE + i / FRAME_RATE, float(step), True) for i, step in enumerate(steps))


def _height(take: Take) -> NDArray[np.float64]:
    """Return the yardstick of opening [N]: steps by phone, smoothed as far as a jaw is (30 ms)."""
    times = np.arange(len(take.mouth.gap)) / FRAME_RATE
    steps = np.zeros(len(times))
    for s in take.segments:
        middle = s.start + 0.6 * (s.end - s.start)
        first, second = DIPHTHONGS.get(s.phone, (s.phone, s.phone))
        steps[(times >= s.start) & (times < middle)] = _OPENNESS[first]
        steps[(times >= middle) & (times < s.end)] = _OPENNESS[second]
    reach = np.arange(-6, 7) / FRAME_RATE
    kernel = np.exp(-0.5 * np.square(reach / 0.03))
    return np.convolve(steps, kernel / kernel.sum(), "same")


def _correlation_sums(takes: Sequence[Take]) -> tuple[NDArray[np.float64], int]:
    """Return [blocks, lags, 6]: n, sums of x, y, xx, yy and xy of speech frames at each delay of the mouth."""
    tables, frames = [], 0
    for take in takes:
        part, count = _speech(take), _block_count(take)
        table = np.zeros((count, len(_LAGS), 6))
        ideal = _height(take)[part]
        frames += len(ideal)
        block = np.minimum((np.arange(part.start, part.stop) / FRAME_RATE / _BLOCK).astype(int), count - 1)
        for k, lag in enumerate(_LAGS):
            index = np.arange(part.start, part.stop) + lag
            x = take.mouth.gap[np.clip(index, 0, len(take.mouth.gap) - 1)]
            terms = np.stack([np.ones(len(x)), x, ideal, x * x, ideal * ideal, x * ideal], axis=1)
            np.add.at(table[:, k], block, terms)
        tables.append(table)
    return np.concatenate(tables), frames


def _best_delay(sums: NDArray[np.float64]) -> tuple[float, float]:
    """Return the best correlation over delays and that delay in ms, between frames by a parabola."""
    n, x, y, xx, yy, xy = sums.T
    spread = np.sqrt(np.maximum(n * xx - x * x, 0.0) * np.maximum(n * yy - y * y, 0.0))
    r = np.where(
        spread > 1e-9 * np.maximum(n * yy, 1e-12), (n * xy - x * y) / np.maximum(spread, 1e-300), 0.0
    )
    best = int(r.argmax())
    offset = 0.0
    if 0 < best < len(r) - 1:
        left, middle, right = r[best - 1 : best + 2]
        bend = left - 2 * middle + right
        offset = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(r[best]), float((_LAGS[best] + offset) / FRAME_RATE * 1000)
