"""``fit`` and ``evaluate``: windows of random length, place, level, room and noise; two voices are never trained on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from a2fbridge.training._augment import vary
from a2fbridge.training.emotion._corpus import HELD_OUT, VOICES, Corpus, load_corpus
from a2fbridge.training.emotion._network import EmotionNetwork
from a2fbridge.training.emotion._prosody import CLASSES

__all__ = ["WINDOW", "evaluate", "fit", "load_network"]

WINDOW: Final = 32000
"""Samples that a window of the pack has: 2 s."""
_BATCH: Final = 48
_SHORTEST: Final = 12000

Sound = NDArray[np.float32]
Say = Callable[[str], None]


def fit(
    folder: Path, minutes: float = 8.0, seed: int = 5, threads: int = 1, say: Say = lambda text: None
) -> Path:
    """Train on the corpus in ``folder`` for some minutes and write ``fit.pt`` there."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    corpus, rng, network = load_corpus(folder), np.random.default_rng(seed), EmotionNetwork()
    trained = _clips(corpus, held_out=False)
    optimiser = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=1e-2)
    start, step, losses = time.monotonic(), 0, []
    network.train()
    while (done := (time.monotonic() - start) / (60 * minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * min(1.0, step / 100) * (0.5 + 0.5 * np.cos(np.pi * done))
        sound, moods = _batch(corpus, trained, rng)
        loss = torch.nn.functional.cross_entropy(network(sound), moods, label_smoothing=0.1)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        step += 1
        if step % 100 == 0:
            say(f"step {step}, {100 * done:.0f} %, loss {np.mean(losses[-100:]):.3f}")
    torch.save(network.state_dict(), folder / "fit.pt")
    about = {"steps": step, "minutes": minutes, "seed": seed, "loss": round(float(np.mean(losses[-100:])), 4)}
    (folder / "fit.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    return folder / "fit.pt"


def load_network(folder: Path) -> EmotionNetwork:
    """Return the fitted network."""
    network = EmotionNetwork()
    network.load_state_dict(torch.load(folder / "fit.pt", weights_only=True))
    network.eval()
    return network


def evaluate(folder: Path, rounds: int = 2) -> dict[str, Any]:
    """Return accuracy and confusion [class, guess] on the held-out voices, on plain windows of 2 s."""
    corpus, network, rng = load_corpus(folder), load_network(folder), np.random.default_rng(1)
    confusion = np.zeros((len(CLASSES), len(CLASSES)), int)
    for clip in np.repeat(_clips(corpus, held_out=True), rounds, axis=0):
        window = _crop(_sound(corpus, clip), WINDOW, rng)
        with torch.no_grad():
            guess = int(network(torch.from_numpy(window[None])).argmax())
        confusion[clip[2], guess] += 1
    right = confusion.diagonal().sum() / confusion.sum()
    recalls = confusion.diagonal() / confusion.sum(axis=1)
    return {
        "held_out_voices": HELD_OUT,
        "accuracy": round(float(right), 3),
        "recall": {name: round(float(r), 3) for name, r in zip(CLASSES, recalls, strict=True)},
        "confusion": confusion.tolist(),
    }


def _clips(corpus: Corpus, held_out: bool) -> NDArray[np.int64]:
    kept = [VOICES.index(voice) for voice in HELD_OUT]
    chosen = np.isin(corpus.clips[:, 3], kept)
    return corpus.clips[chosen if held_out else ~chosen]


def _sound(corpus: Corpus, clip: NDArray[np.int64]) -> Sound:
    return corpus.sound[clip[0] : clip[0] + clip[1]].astype(np.float32) / np.float32(32768)


def _batch(
    corpus: Corpus, clips: NDArray[np.int64], rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return windows of one random length and their classes, each class as often."""
    length = int(rng.choice([24000, WINDOW, WINDOW, 40000]))
    rows, moods = [], rng.integers(0, len(CLASSES), _BATCH)
    for mood in moods:
        clip = rng.choice(clips[clips[:, 2] == mood])
        sound, _ = vary(_sound(corpus, clip), rng, plain=rng.random() < 0.3)
        rows.append(_crop(sound, length, rng) * 10 ** rng.uniform(-1.5, 0))
    return torch.from_numpy(np.stack(rows).astype(np.float32)), torch.from_numpy(moods)


def _crop(sound: Sound, length: int, rng: np.random.Generator) -> Sound:
    """Return a window of the sound; silence fills what is missing, before it more often than after."""
    out = np.zeros(length, np.float32)
    if len(sound) >= length and rng.random() < 0.7:
        first = int(rng.integers(0, len(sound) - length + 1))
        return sound[first : first + length]
    piece = sound[: max(_SHORTEST, int(rng.integers(_SHORTEST, length)))][:length]
    before = int(rng.integers(0, length - len(piece) + 1)) if rng.random() < 0.4 else length - len(piece)
    out[before : before + len(piece)] = piece
    return out
