"""``train corpus``: sentences spoken by every voice, varied, labelled, and kept as features with target
weights.

A corpus folder holds ``features.npy`` [N, 32] float16 (log band power, every 10 ms), ``targets.npy`` [N, 69]
float16 (68 weights and the lip seal, neutral mood), ``clips.npy`` [C, 4] int64 (first frame, frames, voice
or -1 for no speech, 1 when held out of training) and ``corpus.json`` (configuration, voices, measured label
shifts).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training import _augment, _labels
from a2fbridge.training._articulation import articulate
from a2fbridge.training._config import SAMPLE_RATE, CorpusConfig, Progress, silent
from a2fbridge.training._features import HOP, powers
from a2fbridge.training._phones import Segment, Utterance
from a2fbridge.training._text import sentences
from a2fbridge.training._voices import LICENCES, speak

__all__ = ["Corpus", "labelled", "load_corpus", "make_corpus"]

_HELD_OUT = 12
"""Every twelfth sentence of a voice is kept for evaluation."""
_EDGE = 0.3
"""Seconds of silence put around each sentence."""


class Corpus(NamedTuple):
    """A corpus folder in memory; the arrays are described in the module's first lines."""

    features: NDArray[np.float16]
    targets: NDArray[np.float16]
    clips: NDArray[np.int64]
    about: dict[str, Any]


class _Clip(NamedTuple):
    features: NDArray[np.float16]
    targets: NDArray[np.float16]
    voice: int
    held_out: bool


def make_corpus(folder: Path, config: CorpusConfig, progress: Progress = silent) -> dict[str, object]:
    """Speak, label, vary and write a corpus into ``folder``; return what ``corpus.json`` says.

    Raises ConfigError when a voice is unknown or cannot speak on this machine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shifts: dict[str, float] = {}
    clips = [*_spoken(config, shifts, progress), *_rest(config)]
    lengths = np.array([len(clip.features) for clip in clips])
    firsts = np.cumsum(lengths) - lengths
    table = [(first, n, c.voice, c.held_out) for first, n, c in zip(firsts, lengths, clips, strict=True)]
    np.save(folder / "features.npy", np.concatenate([clip.features for clip in clips]))
    np.save(folder / "targets.npy", np.concatenate([clip.targets for clip in clips]))
    np.save(folder / "clips.npy", np.array(table, np.int64))
    about: dict[str, object] = {
        "config": asdict(config),
        "hours": round(float(lengths.sum()) * HOP / SAMPLE_RATE / 3600, 2),
        "label_shift_ms": {voice: round(1000 * shift, 1) for voice, shift in shifts.items()},
        "voices": {voice: LICENCES[voice] for voice in config.voices},
    }
    (folder / "corpus.json").write_text(json.dumps(about, indent=2))
    progress(f"corpus of {about['hours']} hours in {folder}", 1.0)
    return about


def load_corpus(folder: Path) -> Corpus:
    """Open a corpus folder that :func:`make_corpus` wrote; features and targets stay on disk."""
    features, targets = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("features", "targets"))
    about = json.loads((folder / "corpus.json").read_text())
    return Corpus(features, targets, np.load(folder / "clips.npy"), about)


def labelled(voice: str, texts: list[str], seed: int) -> tuple[list[Utterance], float]:
    """Return sentences spoken with labels put right against the sound, and the voice's shift in seconds."""
    spoken = list(speak(voice, texts, seed))
    shift = float(np.mean(_labels.measure_shift(spoken[:60])))
    moved = (_labels.shifted(utterance, shift) for utterance in spoken)
    return [_labels.with_strength(_labels.refine(utterance)) for utterance in moved], shift


def _spoken(config: CorpusConfig, shifts: dict[str, float], progress: Progress) -> Iterator[_Clip]:
    for number, voice in enumerate(config.voices):
        texts = sentences(config.sentences, config.seed * 1000 + number)
        utterances, shifts[voice] = labelled(voice, texts, config.seed)
        done = number / len(config.voices)
        progress(
            f"{voice}: {len(utterances)} sentences, labels moved by {1000 * shifts[voice]:+.0f} ms", done
        )
        rng = np.random.default_rng([config.seed, number])
        for i, utterance in enumerate(utterances):
            for variant in range(config.variants):
                yield _clip(utterance, rng, number, variant == 0, i % _HELD_OUT == 0)


def _clip(utterance: Utterance, rng: np.random.Generator, voice: int, plain: bool, held_out: bool) -> _Clip:
    """Vary one utterance and label it; the feature grid starts at a random sample within one hop."""
    quiet = np.zeros(int(_EDGE * SAMPLE_RATE), np.float32)
    sound, ratio = _augment.vary(np.concatenate([quiet, utterance.samples, quiet]), rng, plain)
    offset = int(rng.integers(0, HOP))
    frames = (len(sound) - offset) // HOP
    late = _EDGE * ratio - offset / SAMPLE_RATE
    segments = [_moved(segment, ratio, late) for segment in utterance.segments]
    weights, seal = articulate(segments, frames, SAMPLE_RATE / HOP)
    targets = np.concatenate([weights, seal[:, None]], axis=1).astype(np.float16)
    return _Clip(_logs(sound, frames, offset), targets, voice, held_out)


def _moved(segment: Segment, ratio: float, late: float) -> Segment:
    return replace(segment, start=segment.start * ratio + late, end=segment.end * ratio + late)


def _logs(sound: NDArray[np.float32], frames: int, offset: int) -> NDArray[np.float16]:
    return np.asarray(np.log(powers(sound, frames, offset) + 1e-13), np.float16)


def _rest(config: CorpusConfig) -> Iterator[_Clip]:
    """Yield clips that hold no speech, with a face at rest as their target."""
    rng = np.random.default_rng([config.seed, 99])
    for i in range(config.non_speech):
        sound = _augment.non_speech(rng)
        frames = len(sound) // HOP
        yield _Clip(_logs(sound, frames, 0), np.zeros((frames, 69), np.float16), -1, i % _HELD_OUT == 0)
