"""``train fit`` of the built-in kind: what the network's weights are to be good at, on a corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.export import atomic_file
from a2fbridge.training import _network as network
from a2fbridge.training._batches import Batch, batches, context
from a2fbridge.training._compose import MOVES, compose, lip_gap
from a2fbridge.training._config import FitConfig, Progress, silent
from a2fbridge.training._corpus import Corpus, load_corpus
from a2fbridge.training._features import CONTEXT, compress
from a2fbridge.training.fitting import (
    Outcome,
    Parameters,
    Tensors,
    chosen_device,
    import_torch,
    run_loop,
    save_parameters,
)

__all__ = ["SpeechLearner", "fit", "importance", "load_fit", "write_fit"]

_MOTION, _GAP, _STILL, _REST, _GATE = 20.0, 5.0, 20.0, 2.0, (1.0, 0.5)
"""Weights of the losses on velocity, on the distance of the lips, on movement where none should be, of errors at
rest beyond those elsewhere, and of the decisions to seal and to bite."""
_LEAK = 0.05
"""What remains of a move below zero in the loss: the run-time form clips it, so zero has a margin."""


_UNHEARD = 48
"""Held-out crops that validation looks at."""


def importance() -> NDArray[np.float32]:
    """Return [68] how much an error of each weight shows on a face, relative to a lip corner's."""
    by_prefix = {
        "JawOpen": 6.0, "MouthClose": 4.0, "MouthFunnel": 3.0, "MouthPucker": 3.0, "MouthLowerDown": 2.0,
        "MouthUpperUp": 2.0, "MouthRoll": 2.5, "MouthPress": 2.0, "Mouth": 1.0, "Tongue": 0.5, "Brow": 0.6,
    }  # fmt: skip

    def value(name: str) -> float:
        return next((v for prefix, v in by_prefix.items() if name.startswith(prefix)), 0.6)

    return np.array([value(name) for name in shapes.FACE_NAMES], np.float32)


class SpeechLearner:
    """The compact network that answers with articulators, on a corpus of synthetic speech."""

    parts: tuple[str, ...] = ("weights", "motion", "gap", "still", "gates")
    measures: tuple[str, ...] = ("loss", "R2")

    def __init__(self, corpus: Path, config: FitConfig) -> None:
        self._torch, self._config = import_torch(), config
        self._device = chosen_device(config.device)
        self.corpus = load_corpus(corpus)
        self.epoch = max(1, len(self.corpus.features) // (config.batch * config.crop))
        self._source: Iterator[Batch] | None = None
        self._unheard = _held_out(self.corpus, config.crop)

    def initial(self) -> Parameters:
        """Return fresh parameters."""
        return network.initial(self._config.seed, self._config.width)

    def rate(self, name: str) -> float | None:
        """Return None: all parameters are the network's."""
        return None

    def batch(self, step: int, rng: np.random.Generator) -> Batch:
        """Return random crops; the generator's state is the order of the data."""
        if self._source is None:
            self._source = batches(self.corpus, self._config.batch, self._config.crop, rng)
        return next(self._source)

    def loss(self, parameters: Tensors, batch: Batch, done: float) -> tuple[Any, dict[str, float]]:
        """Return the loss and its parts."""
        parts, _, _ = _losses(self._torch, self._device, parameters, batch, 0.1)
        return sum(parts.values()), {name: float(part.detach()) for name, part in parts.items()}

    def validate(self, parameters: Tensors) -> dict[str, float]:
        """Return loss and R2 of weights on sentences held out, heard as they are."""
        if self._unheard is None:
            return {}
        parts, guess, target = _losses(self._torch, self._device, parameters, self._unheard, 0.0)
        unexplained = (guess - target).square().mean() / target.var(dim=(0, 1), unbiased=False).mean()
        return {"loss": float(sum(parts.values())), "R2": 1.0 - float(unexplained)}

    def state(self) -> dict[str, float]:
        """Return nothing: these losses remember nothing."""
        return {}

    def restore(self, state: dict[str, float]) -> None:
        """Take back nothing."""


def _held_out(corpus: Corpus, crop: int) -> Batch | None:
    """Return the middles of clips that training never hears, or None where there are none."""
    clips = corpus.clips[(corpus.clips[:, 3] == 1) & (corpus.clips[:, 1] >= crop)]
    if not len(clips):
        return None
    chosen = clips[np.unique(np.linspace(0, len(clips) - 1, _UNHEARD).round().astype(int))]
    heard, meant = [], []
    for first, length, _, _ in chosen:
        start = int(length - crop) // 2
        logs = corpus.features[first : first + length]
        heard.append(compress(np.exp(context(logs, start - CONTEXT, crop + 2 * CONTEXT))))
        meant.append(corpus.tracks[first + start : first + start + crop])
    return np.stack(heard), np.stack(meant).astype(np.float32)


def fit(
    corpus: Path, out: Path, config: FitConfig, progress: Progress = silent, resume: bool = True
) -> dict[str, object]:
    """Fit the network to a corpus folder and write ``out`` (.npz) with a ``.json`` beside it; return the
    latter.

    Checkpoints, ``metrics.csv``, events and a plot go into a folder of the same name; with ``resume`` a fit goes on
    from the checkpoint there.  Raises ConfigError when torch is not installed.
    """
    learner = SpeechLearner(corpus, config)
    about = learner.corpus.about
    identity = {"fit": asdict(config), "corpus": {"config": about["config"], "hours": about["hours"]}}
    outcome = run_loop(
        learner, config, out.with_suffix(""), json.loads(json.dumps(identity)), progress, resume
    )
    return write_fit(out, outcome, {"config": asdict(config), "corpus": about}, config.start)


def write_fit(out: Path, outcome: Outcome, about: dict[str, Any], start: str | None) -> dict[str, object]:
    """Write a fit's parameters (.npz) and its description (.json); return the latter."""
    save_parameters(out, outcome.parameters)
    found = {"steps": outcome.steps, "loss": round(outcome.loss, 5)}
    described: dict[str, object] = about | found | ({"best": outcome.best} if outcome.best else {})
    if start is not None:
        described["start"] = _described(Path(start))
    with atomic_file(out.with_suffix(".json")) as file:
        file.write(json.dumps(described, indent=2).encode())
    return described


def _described(start: Path) -> object:
    """Return what the description beside an earlier fit says, or its name where there is none."""
    described = start.with_suffix(".json")
    return json.loads(described.read_text()) if described.exists() else start.name


def load_fit(path: Path) -> tuple[Parameters, dict[str, Any]]:
    """Read what :func:`fit` wrote: parameters and the description beside them."""
    with np.load(path) as archive:
        parameters = {name: archive[name] for name in archive.files}
    return parameters, json.loads(path.with_suffix(".json").read_text())


def _losses(
    torch: Any, device: Any, parameters: Tensors, batch: Batch, drop: float
) -> tuple[dict[str, Any], Any, Any]:
    """Return the losses of a batch (weights, velocities, lip distance, stillness at rest, decisions), its weights
    and the right ones."""
    features, target_tracks = (torch.from_numpy(x).to(device) for x in batch)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        raw = network.forward(dict(parameters), features, drop=drop)
    raw = raw.float()
    odds = raw[..., len(MOVES) :]
    moves = torch.nn.functional.leaky_relu(raw[..., : len(MOVES)], _LEAK)
    guess, target = (
        compose(tracks, lambda array: torch.from_numpy(array).float().to(device))
        for tracks in (torch.cat([moves, torch.sigmoid(odds)], dim=2), target_tracks)
    )
    scale = torch.from_numpy(importance()).to(device)
    error = guess - target
    velocity = error[:, 1:] - error[:, :-1]
    still = (target[:, 1:] - target[:, :-1]).abs().amax(dim=2, keepdim=True) < 1e-4
    rest = (target.abs().amax(dim=2, keepdim=True) < 1e-3).float()
    moved = guess[:, 1:] - guess[:, :-1]
    decided = torch.nn.functional.binary_cross_entropy_with_logits(
        odds, target_tracks[..., len(MOVES) :], reduction="none"
    )
    parts = {
        "weights": (scale * error.square() * (1.0 + _REST * rest)).mean() * 10,
        "motion": _MOTION * (scale * velocity.square()).mean() * 10,
        "gap": _GAP * (lip_gap(guess) - lip_gap(target)).square().mean(),
        "still": _STILL * (scale * moved.square() * still).mean(),
        "gates": (torch.tensor(_GATE, device=device) * decided).mean(),
    }
    return parts, guess, target
