"""``train corpus``: sentences spoken by every voice, varied, labelled, and kept as features with targets.

A corpus folder holds ``features.npy`` [N, 32] float16 (log band power, every 10 ms), ``tracks.npy`` [N, 24]
float16 (articulators, ``_compose.CHANNELS``), ``clips.npy`` [C, 4] int64 (first frame, frames, voice or -1 for
no speech, 1 when held out of training), ``corpus.json`` (configuration, voices, what was measured of labels) and
``spoken/`` (what the voices said, to be varied again without speaking).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training import _augment, _labels
from a2fbridge.training._articulation import tracks
from a2fbridge.training._compose import CHANNELS
from a2fbridge.training._config import SAMPLE_RATE, CorpusConfig, Progress, silent
from a2fbridge.training._features import HOP, powers
from a2fbridge.training._phones import SILENCE, Segment, Utterance
from a2fbridge.training._spoken import spoken
from a2fbridge.training._voices import VOICES, voice_named

__all__ = ["Corpus", "labelled", "load_corpus", "make_corpus"]

_HELD_OUT = 16
"""Every sixteenth sentence of a voice is kept for evaluation."""
_EDGE = 0.3
"""Seconds of silence put around each sentence."""


class Corpus(NamedTuple):
    """A corpus folder in memory; the arrays are described in the module's first lines."""

    features: NDArray[np.float16]
    tracks: NDArray[np.float16]
    clips: NDArray[np.int64]
    about: dict[str, Any]


class _Clip(NamedTuple):
    features: NDArray[np.float16]
    tracks: NDArray[np.float16]
    voice: int
    held_out: bool


def make_corpus(folder: Path, config: CorpusConfig, progress: Progress = silent) -> dict[str, object]:
    """Speak, label, vary and write a corpus into ``folder``; return what ``corpus.json`` says.

    Raises ConfigError when a voice is unknown or cannot speak on this machine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    labels: dict[str, dict[str, float]] = {}
    clips = [*_speech(folder, config, labels, progress), *_rest(config)]
    lengths = np.array([len(clip.features) for clip in clips])
    firsts = np.cumsum(lengths) - lengths
    table = [(first, n, c.voice, c.held_out) for first, n, c in zip(firsts, lengths, clips, strict=True)]
    np.save(folder / "features.npy", np.concatenate([clip.features for clip in clips]))
    np.save(folder / "tracks.npy", np.concatenate([clip.tracks for clip in clips]))
    np.save(folder / "clips.npy", np.array(table, np.int64))
    about: dict[str, object] = {
        "config": asdict(config),
        "hours": round(float(lengths.sum()) * HOP / SAMPLE_RATE / 3600, 2),
        "labels": labels,
        "voices": {voice: VOICES[voice].licence for voice in config.voices},
    }
    (folder / "corpus.json").write_text(json.dumps(about, indent=2))
    progress(f"corpus of {about['hours']} hours in {folder}", 1.0)
    return about


def load_corpus(folder: Path) -> Corpus:
    """Open a corpus folder that :func:`make_corpus` wrote; features and tracks stay on disk."""
    features, targets = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("features", "tracks"))
    about = json.loads((folder / "corpus.json").read_text())
    return Corpus(features, targets, np.load(folder / "clips.npy"), about)


def labelled(utterances: list[Utterance]) -> tuple[list[Utterance], dict[str, float]]:
    """Return a voice's sentences with labels put right against the sound, and what the sound said of them.

    ``sibilants_ms`` and ``vowels_ms`` are the constant shifts that either ask for, ``applied_ms`` is their mean,
    ``closures_db`` how far the sound falls in closures as labelled in the end.
    """
    sibilants, vowels = _labels.measure_shift(utterances[:60])
    shift = 0.5 * (sibilants + vowels)
    moved = (_labels.shifted(utterance, shift) for utterance in utterances)
    found = [_labels.with_strength(_labels.refine(utterance)) for utterance in moved]
    times = {"sibilants_ms": sibilants, "vowels_ms": vowels, "applied_ms": shift}
    depth = {"closures_db": round(_labels.closure_depth(found), 1)}
    return found, {name: round(1000 * value, 1) for name, value in times.items()} | depth


def _speech(
    folder: Path, config: CorpusConfig, labels: dict[str, dict[str, float]], progress: Progress
) -> Iterator[_Clip]:
    for number, voice in enumerate(config.voices):
        count = max(1, round(config.sentences * voice_named(voice).share))
        said, labels[voice] = labelled(spoken(voice, count, config.seed, folder / "spoken"))
        moved = labels[voice]["applied_ms"]
        progress(
            f"{voice}: {len(said)} sentences, labels moved by {moved:+.0f} ms", number / len(config.voices)
        )
        rng = np.random.default_rng([config.seed, zlib.crc32(voice.encode())])
        for i, utterance in enumerate(said):
            for variant in range(config.variants):
                yield _clip(utterance, rng, number, variant == 0, i % _HELD_OUT == 0)


def _clip(utterance: Utterance, rng: np.random.Generator, voice: int, plain: bool, held_out: bool) -> _Clip:
    """Vary one utterance and label it; the feature grid starts at a random sample within one hop."""
    quiet = np.zeros(int(_EDGE * SAMPLE_RATE), np.float32)
    sound = np.concatenate([quiet, utterance.samples, quiet])
    if not plain:
        sound = _augment.breathe(sound, _gaps(utterance), rng)
    sound, ratio = _augment.vary(sound, rng, plain)
    offset = int(rng.integers(0, HOP))
    frames = (len(sound) - offset) // HOP
    late = _EDGE * ratio - offset / SAMPLE_RATE
    segments = [_moved(segment, ratio, late) for segment in utterance.segments]
    targets = tracks(segments, frames, SAMPLE_RATE / HOP).astype(np.float16)
    return _Clip(_logs(sound, frames, offset), targets, voice, held_out)


def _gaps(utterance: Utterance) -> list[tuple[float, float]]:
    """Return the silences, moved by the edge put before the sentence."""
    return [(s.start + _EDGE, s.end + _EDGE) for s in utterance.segments if s.phone == SILENCE]


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
        yield _Clip(
            _logs(sound, frames, 0), np.zeros((frames, len(CHANNELS)), np.float16), -1, i % _HELD_OUT == 0
        )
