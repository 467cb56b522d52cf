"""``corpus``: every voice says sentences in every mood; kept as one long sound with a table of clips.

A corpus folder holds ``sound.npy`` [N] int16 at 16 kHz, ``clips.npy`` [C, 4] int64 (first sample, samples, class,
voice; voice -1 is no speech, its class neutral), and ``corpus.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._augment import non_speech
from a2fbridge.training._text import sentences
from a2fbridge.training._voices import LICENCES, speak
from a2fbridge.training.emotion._prosody import CLASSES, analyse, express

__all__ = ["HELD_OUT", "VOICES", "Corpus", "load_corpus", "make_corpus"]

VOICES: Final = ("hibari", "kokoro", "rms", "awb", "kal", "ked", "hts", "slt")
HELD_OUT: Final = ("slt", "ked")
"""Voices that are never trained on: one of a woman, one of a man."""
_REST: Final = 120
"""Clips of what is no speech."""

Sound = NDArray[np.float32]


class Corpus(NamedTuple):
    """A corpus folder in memory; the arrays are described in the module's first lines."""

    sound: NDArray[np.int16]
    clips: NDArray[np.int64]
    about: dict[str, Any]


def make_corpus(
    folder: Path, count: int = 50, seed: int = 5, say: Callable[[str], None] = lambda text: None
) -> Path:
    """Speak ``count`` sentences with every voice in every mood; raises ConfigError when a voice cannot speak."""
    folder.mkdir(parents=True, exist_ok=True)
    clips = [*_spoken(count, seed, say), *_rest(seed)]
    lengths = np.array([len(sound) for sound, _, _ in clips])
    firsts = np.cumsum(lengths) - lengths
    table = [
        (first, n, mood, voice) for first, n, (_, mood, voice) in zip(firsts, lengths, clips, strict=True)
    ]
    np.save(folder / "sound.npy", np.concatenate([np.int16(32767 * np.clip(s, -1, 1)) for s, _, _ in clips]))
    np.save(folder / "clips.npy", np.array(table, np.int64))
    about = {
        "sentences": count,
        "seed": seed,
        "hours": round(float(lengths.sum()) / 16000 / 3600, 2),
        "held_out": HELD_OUT,
        "voices": {voice: LICENCES[voice] for voice in VOICES},
    }
    (folder / "corpus.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    say(f"{len(clips)} clips, {about['hours']} hours")
    return folder


def load_corpus(folder: Path) -> Corpus:
    """Open what :func:`make_corpus` wrote."""
    about = json.loads((folder / "corpus.json").read_text("utf-8"))
    return Corpus(np.load(folder / "sound.npy", mmap_mode="r"), np.load(folder / "clips.npy"), about)


def _spoken(count: int, seed: int, say: Callable[[str], None]) -> Iterator[tuple[Sound, int, int]]:
    for number, voice in enumerate(VOICES):
        rng = np.random.default_rng((seed, number))
        texts = sentences(count, seed * 1000 + 500 + number)
        say(f"{voice}: {len(texts)} sentences in {len(CLASSES)} moods")
        for utterance in speak(voice, texts, seed):
            if len(utterance.samples) < 8000:
                continue  # a lone word carries no mood
            heard = analyse(utterance.samples)
            for mood, name in enumerate(CLASSES):
                yield express(heard, name, rng, float(rng.uniform(0.7, 1.15))), mood, number


def _rest(seed: int) -> Iterator[tuple[Sound, int, int]]:
    rng = np.random.default_rng((seed, 999))
    for _ in range(_REST):
        yield non_speech(rng), CLASSES.index("neutral"), -1
