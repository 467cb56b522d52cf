"""How good a fit is, in numbers a face can feel: do lips close, round and open when they should, and rest in
silence.

Works on any speech with timed phones: synthetic sentences that training never saw, and recordings of people
aligned with pocketsphinx (``NAME.wav`` beside ``NAME.phone.json``, as in its own test data).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.training._articulation import articulate
from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._corpus import labelled
from a2fbridge.training._graph import IMPLICIT, OFFSET, WINDOW, build_graph
from a2fbridge.training._labels import measure_shift, shifted, with_strength
from a2fbridge.training._network import Parameters
from a2fbridge.training._phones import DIPHTHONGS, SILENCE, VOWELS, Segment, Utterance, normalise
from a2fbridge.training._targets import TARGETS
from a2fbridge.training._text import sentences

__all__ = [
    "FRAME_RATE",
    "Predict",
    "aligned_recordings",
    "evaluate",
    "lip_gap",
    "predictor",
    "spoken_sentences",
]

Curves = NDArray[np.float32]
Predict = Callable[[NDArray[np.float32], NDArray[np.float32]], Curves]
"""Samples at 16 kHz and emotions [10] in; weights [N, 68] at 60 frames per second out."""

FRAME_RATE = 60
_UNHEARD = 20_011
"""Seed of sentences for evaluation; corpora take theirs from seeds that are far smaller."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SEALED = 0.05
"""Lip gap (in whole JawOpens) below which lips count as closed."""
_ROUND = _words("uw ow w ao sh ch zh jh r er uh oy")
_SPREAD = _words("iy ih eh ae ey s z t d n")
_WIDE, _NARROW = _words("aa ae ao ay aw"), _words("iy ih uw uh")


@dataclass(frozen=True, slots=True, eq=False)
class _Scored:
    utterance: Utterance
    weights: Curves
    ideal: NDArray[np.float64]


def predictor(parameters: Parameters) -> Predict:
    """Return a function that runs the run-time form of the network, one row per frame, on ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    identity = np.eye(len(shapes.FACE_NAMES))
    graph = build_graph(parameters, identity, np.zeros(len(identity))).SerializeToString()
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def predict(samples: NDArray[np.float32], emotions: NDArray[np.float32]) -> Curves:
        padded = np.pad(samples, (OFFSET, WINDOW))
        starts = np.arange(0, len(samples) * FRAME_RATE // SAMPLE_RATE) * SAMPLE_RATE // FRAME_RATE
        mood = np.concatenate([np.zeros(IMPLICIT), emotions]).astype(np.float32)[None, None]
        rows = []
        for chunk in np.array_split(starts, max(1, len(starts) // 32)):
            windows = np.stack([padded[s : s + WINDOW] for s in chunk])[:, None].astype(np.float32)
            feeds = {"input": windows, "emotion": np.repeat(mood, len(chunk), axis=0)}
            rows.append(session.run(None, feeds)[0][:, 0])
        return np.asarray(np.concatenate(rows), np.float32)

    return predict


def aligned_recordings(folder: Path) -> list[Utterance]:
    """Read WAV files (16 kHz) with alignments; the aligner's constant lead is measured and taken out."""
    import soundfile

    found = []
    for path in sorted(folder.glob("*.phone.json")):
        samples, _ = soundfile.read(path.with_name(path.name.replace(".phone.json", ".wav")), dtype="float32")
        words = json.loads(path.read_text())["w"]
        segments = [
            Segment(normalise(p["t"]), p["b"], p["b"] + p["d"]) for word in words for p in word.get("w", ())
        ]
        found.append(Utterance(path.stem, samples, tuple(segments)))
    shift = float(np.mean(measure_shift(found)))
    return [with_strength(shifted(utterance, shift)) for utterance in found]


def spoken_sentences(voice: str, count: int = 16) -> list[Utterance]:
    """Return sentences spoken by a voice of the corpus that no corpus holds, with corrected labels."""
    return labelled(voice, sentences(count, _UNHEARD), _UNHEARD)[0]


def lip_gap(weights: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return how far lips are apart [...], in units of a whole JawOpen."""
    names = ("MouthLowerDownLeft", "MouthLowerDownRight", "MouthUpperUpLeft", "MouthUpperUpRight")
    lips = sum(weights[..., shapes.INDEX[name]] for name in names)
    return np.asarray(weights[..., shapes.INDEX["JawOpen"]] + 0.2 * lips)


def evaluate(predict: Predict, utterances: Sequence[Utterance]) -> dict[str, float]:
    """Return metrics by name over all utterances, spoken in a neutral mood."""
    calm = np.zeros(10, np.float32)
    scored = []
    for utterance in utterances:
        weights = predict(utterance.samples, calm)
        ideal, _ = articulate(utterance.segments, len(weights), FRAME_RATE)
        scored.append(_Scored(utterance, weights, ideal))
    lag, match = _lag(scored)
    return {
        "p/b/m closed": _closed(scored, frozenset("pbm")),
        "vowels closed (bad)": _closed_vowels(scored),
        "f/v AUC": _auc(scored, ("MouthRollLower",), frozenset("fv"), VOWELS | _SPREAD),
        "rounding AUC": _auc(scored, ("MouthPucker", "MouthFunnel"), _ROUND, _SPREAD),
        "open vowels AUC": _auc(scored, ("JawOpen", "MouthClose"), _WIDE, _NARROW),
        "vowel openness r": _openness(scored),
        "jaw curve r": match,
        "lag ms (late > 0)": lag,
        "silence mouth mean": _silence(scored, np.mean),
        "silence mouth p95": _silence(scored, lambda x: np.percentile(x, 95)),
        "silence tremor": _tremor(scored, frozenset((SILENCE,)), False),
        "vowel tremor": _tremor(scored, VOWELS, False),
        "vowel tremor, ideal": _tremor(scored, VOWELS, True),
        "peak jaw p95": float(np.percentile(np.concatenate([_jaw(s.weights) for s in scored]), 95)),
    }


def _frames(segment: Segment, count: int, before: float = 0.0, after: float = 0.0) -> slice:
    first = int(np.clip(np.floor((segment.start - before) * FRAME_RATE), 0, count - 1))
    return slice(first, int(np.clip(np.ceil((segment.end + after) * FRAME_RATE), first + 1, count)))


def _each(scored: Iterable[_Scored], phones: Iterable[str]) -> Iterable[tuple[_Scored, Segment]]:
    wanted = set(phones)
    return ((s, segment) for s in scored for segment in s.utterance.segments if segment.phone in wanted)


def _closed(scored: Sequence[_Scored], phones: frozenset[str]) -> float:
    """Share of closures in which the lips meet, allowing the aligner 30 ms either side."""
    found = [
        lip_gap(s.weights[_frames(seg, len(s.weights), 0.03, 0.03)]).min() < _SEALED
        for s, seg in _each(scored, phones)
    ]
    return float(np.mean(found))


def _closed_vowels(scored: Sequence[_Scored]) -> float:
    """Share of vowels during whose middle the lips are shut."""
    found = [
        lip_gap(s.weights[_frames(seg, len(s.weights), -0.025, -0.025)]).min() < _SEALED
        for s, seg in _each(scored, VOWELS)
        if seg.end - seg.start > 0.07
    ]
    return float(np.mean(found))


def _auc(scored: Sequence[_Scored], names: Sequence[str], yes: frozenset[str], no: frozenset[str]) -> float:
    """Chance that a phone that should has more of the shapes than one that should not."""
    columns = [shapes.INDEX[name] for name in names]

    def values(phones: frozenset[str]) -> NDArray[np.float64]:
        cuts = (s.weights[_frames(seg, len(s.weights)), columns] for s, seg in _each(scored, phones))
        return np.array([cut.sum(axis=1).mean() for cut in cuts])

    return float((values(yes)[:, None] > values(no - yes)[None, :]).mean())


def _jaw(weights: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(weights[..., shapes.INDEX["JawOpen"]] + weights[..., shapes.INDEX["MouthClose"]])


def _openness(scored: Sequence[_Scored]) -> float:
    """Correlation of each vowel's largest jaw opening with what the table asks for."""
    pairs = [
        (
            _jaw(s.weights[_frames(seg, len(s.weights))]).max(),
            TARGETS[DIPHTHONGS.get(seg.phone, (seg.phone,))[0]][0],
        )
        for s, seg in _each(scored, VOWELS)
    ]
    return float(np.corrcoef(np.array(pairs).T)[0, 1])


def _lag(scored: Sequence[_Scored]) -> tuple[float, float]:
    """Return the delay of the lip gap behind the ideal one in ms, and their correlation at that delay."""
    shifts = np.arange(-8, 9)
    total = np.zeros(len(shifts))
    for s in scored:
        got, ideal = lip_gap(s.weights), lip_gap(s.ideal)
        for i, shift in enumerate(shifts):
            total[i] += np.corrcoef(np.roll(got, -shift)[8:-8], ideal[8:-8])[0, 1] / len(scored)
    best = int(total.argmax())
    if 0 < best < len(shifts) - 1:
        left, middle, right = total[best - 1 : best + 2]
        return float(
            (shifts[best] + 0.5 * (left - right) / (left - 2 * middle + right)) / FRAME_RATE * 1000
        ), float(middle)
    return float(shifts[best] / FRAME_RATE * 1000), float(total[best])


_MOUTH = [i for i, name in enumerate(shapes.FACE_NAMES) if name.startswith(("Jaw", "Mouth"))]


def _silence(scored: Sequence[_Scored], statistic: Callable[[NDArray[np.floating]], np.floating]) -> float:
    """A statistic of the largest mouth weight in silences, 100 ms away from speech."""
    found = [
        s.weights[_frames(seg, len(s.weights), -0.1, -0.1)][:, _MOUTH].max(axis=1)
        for s, seg in _each(scored, (SILENCE,))
        if seg.end - seg.start > 0.25
    ]
    return float(statistic(np.concatenate(found))) if found else float("nan")


def _tremor(scored: Sequence[_Scored], phones: frozenset[str], ideal: bool) -> float:
    """Mean size of the jaw's second difference, times 1000, inside the phones."""
    found = []
    for s, seg in _each(scored, phones):
        jaw = _jaw(s.ideal if ideal else s.weights)[_frames(seg, len(s.weights), -0.02, -0.02)]
        found.append(np.abs(np.diff(jaw, 2)))
    return float(1000 * np.concatenate(found).mean())
