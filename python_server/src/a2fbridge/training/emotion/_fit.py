"""``fit`` and ``evaluate``: windows of random place and level; two voices are never trained on.

The filter banks are fixed, so every clip passes them once, as it is and in other rooms and microphones; the fit draws
its windows from what they gave.
"""

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
from a2fbridge.training.emotion._network import HOP, EmotionNetwork
from a2fbridge.training.emotion._prosody import CLASSES

__all__ = ["WINDOW", "evaluate", "fit", "load_network"]

WINDOW: Final = 32000
"""Samples that a window of the pack has: 2 s."""
_BATCH: Final = 64
_SHORTEST: Final = 40
"""Frames of sound that a window holds at least, 20 ms each."""
_VARIANTS: Final = 2
"""Times that each clip is heard: once as it is, then varied."""

Sound = NDArray[np.float32]
Say = Callable[[str], None]


def fit(
    folder: Path, steps: int = 2500, seed: int = 5, threads: int = 1, say: Say = lambda text: None
) -> Path:
    """Train on the corpus in ``folder`` and write ``fit.pt`` there."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    network, rng = EmotionNetwork(), np.random.default_rng(seed)
    heard = _heard(network, load_corpus(folder), rng, say)
    optimiser = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=1e-2)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, steps, pct_start=0.1)
    losses, start = [], time.monotonic()
    network.train()
    for step in range(1, steps + 1):
        timbre, pitch, moods = _batch(heard, rng)
        loss = torch.nn.functional.cross_entropy(network.judge(timbre, pitch), moods, label_smoothing=0.1)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        rate.step()
        losses.append(float(loss.detach()))
        if step % 250 == 0:
            say(f"step {step} of {steps}, loss {np.mean(losses[-250:]):.3f}")
    torch.save(network.state_dict(), folder / "fit.pt")
    about = {"steps": steps, "seed": seed, "loss": round(float(np.mean(losses[-250:])), 4)}
    say(f"fitted in {time.monotonic() - start:.0f} s")
    (folder / "fit.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    return folder / "fit.pt"


def load_network(folder: Path) -> EmotionNetwork:
    """Return the fitted network."""
    network = EmotionNetwork()
    network.load_state_dict(torch.load(folder / "fit.pt", weights_only=True))
    network.eval()
    return network


def evaluate(folder: Path, rounds: int = 2) -> dict[str, Any]:
    """Return accuracy and confusion [class, guess] on the held-out voices, on windows of 2 s."""
    corpus, network, rng = load_corpus(folder), load_network(folder), np.random.default_rng(1)
    confusion = np.zeros((len(CLASSES), len(CLASSES)), int)
    for clip in np.repeat(_clips(corpus, held_out=True), rounds, axis=0):
        window = np.zeros(WINDOW, np.float32)
        sound = _sound(corpus, clip)
        first = int(rng.integers(0, max(len(sound) - WINDOW, 0) + 1))
        piece = sound[first : first + WINDOW]
        window[WINDOW - len(piece) :] = piece
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


def _heard(
    network: EmotionNetwork, corpus: Corpus, rng: np.random.Generator, say: Say
) -> list[list[tuple[torch.Tensor, torch.Tensor]]]:
    """Return for each class the band powers of its clips, several variants each."""
    heard: list[list[tuple[torch.Tensor, torch.Tensor]]] = [[] for _ in CLASSES]
    clips = _clips(corpus, held_out=False)
    for number, clip in enumerate(clips):
        for variant in range(_VARIANTS):
            sound, _ = vary(_sound(corpus, clip), rng, plain=variant == 0)
            with torch.no_grad():
                timbre, pitch = network.powers(torch.from_numpy(sound[None]))
            heard[clip[2]].append((timbre[0], pitch[0]))
        if number % 500 == 0:
            say(f"heard {number} of {len(clips)} clips")
    return heard


def _clips(corpus: Corpus, held_out: bool) -> NDArray[np.int64]:
    kept = [VOICES.index(voice) for voice in HELD_OUT]
    chosen = np.isin(corpus.clips[:, 3], kept)
    return corpus.clips[chosen if held_out else ~chosen]


def _sound(corpus: Corpus, clip: NDArray[np.int64]) -> Sound:
    return corpus.sound[clip[0] : clip[0] + clip[1]].astype(np.float32) / np.float32(32768)


def _batch(
    heard: list[list[tuple[torch.Tensor, torch.Tensor]]], rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return windows of one random length and their classes, each class as often."""
    frames = int(rng.choice([75, WINDOW // HOP, WINDOW // HOP, 120]))
    moods = rng.integers(0, len(CLASSES), _BATCH)
    rows = [_window(heard[mood][int(rng.integers(len(heard[mood])))], frames, rng) for mood in moods]
    return (
        torch.stack([timbre for timbre, _ in rows]),
        torch.stack([pitch for _, pitch in rows]),
        torch.from_numpy(moods),
    )


def _window(
    heard: tuple[torch.Tensor, torch.Tensor], frames: int, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Cut a window and set its level; silence fills what is missing, before the sound more often than after."""
    count = heard[0].shape[1]
    gain = float(10 ** rng.uniform(-3, 0))
    size = min(frames, count)
    if rng.random() < 0.3:
        size = min(size, int(rng.integers(_SHORTEST, frames)))
    first = int(rng.integers(0, count - size + 1))
    missing = frames - size
    before = missing if rng.random() < 0.6 else int(rng.integers(0, missing + 1))
    pad = (before, missing - before)
    cut = [torch.nn.functional.pad(gain * part[:, first : first + size], pad) for part in heard]
    return cut[0], cut[1]
