"""What voices said, kept: speaking takes most of a corpus's time, varying and labelling it little.

A voice's file holds its sound as 16-bit PCM and its phones as numbers, under a key of everything that shaped
them; a corpus made again with other rooms, noises or articulation speaks nothing twice.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np

from a2fbridge.training._phones import CONSONANTS, SILENCE, VOWELS, Segment, Utterance
from a2fbridge.training._text import plain
from a2fbridge.training._voices import VOICES, speak, voice_named

__all__ = ["spoken"]

_PHONES = (SILENCE, *sorted(VOWELS), *sorted(CONSONANTS))


def spoken(voice: str, count: int, seed: int, folder: Path) -> list[Utterance]:
    """Return a voice's sentences with the engine's own label times, from ``folder`` if there.

    ``count`` sentences of its script come first, then its share of plain ones.  Each voice reads its own.
    Raises ConfigError when the voice is unknown or has to speak and cannot.
    """
    scripts = {"": (voice_named(voice).script, count), "-plain": (plain, round(count * VOICES[voice].plain))}
    found = []
    for kind, (script, number) in scripts.items():
        path = folder / f"{voice}{kind}-{number}-{seed}.npz"
        if number and not path.exists():
            own = zlib.crc32(f"{seed} {voice}{kind.replace('-', ' ')}".encode())
            _write(path, list(speak(voice, script(number, own), own)))
        found += _read(path) if number else []
    return found


def _write(path: Path, utterances: list[Utterance]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = [np.round(np.clip(u.samples, -1, 1) * 32767).astype(np.int16) for u in utterances]
    rows = [(_PHONES.index(s.phone), s.start, s.end) for u in utterances for s in u.segments]
    unfinished = path.with_suffix(".part.npz")
    np.savez(
        unfinished,
        texts=np.array([u.text for u in utterances]),
        sound=np.concatenate(sound),
        lengths=np.array([len(piece) for piece in sound]),
        segments=np.array(rows),
        counts=np.array([len(u.segments) for u in utterances]),
    )
    unfinished.replace(path)


def _read(path: Path) -> list[Utterance]:
    with np.load(path) as kept:
        sound = kept["sound"].astype(np.float32) / 32767
        pieces = np.split(sound, np.cumsum(kept["lengths"])[:-1])
        rows = np.split(kept["segments"], np.cumsum(kept["counts"])[:-1])
        texts = [str(text) for text in kept["texts"]]
    return [
        Utterance(text, piece, tuple(Segment(_PHONES[int(p)], float(a), float(b)) for p, a, b in phones))
        for text, piece, phones in zip(texts, pieces, rows, strict=True)
    ]
