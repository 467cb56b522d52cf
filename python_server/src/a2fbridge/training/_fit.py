"""``train fit``: find the network's weights for a corpus on the CPU, in so many steps or so much time."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import ConfigError
from a2fbridge.training import _network as network
from a2fbridge.training._batches import Batch, batches
from a2fbridge.training._compose import MOVES, compose, lip_gap
from a2fbridge.training._config import FitConfig, Progress, silent
from a2fbridge.training._corpus import load_corpus

__all__ = ["fit", "importance", "load_fit"]

_AVERAGE = 0.998
"""Decay of the running average of parameters, which is what is kept."""
_MOTION, _GAP, _STILL, _REST, _GATE = 20.0, 5.0, 20.0, 2.0, (1.0, 0.5)
"""Weights of the losses on velocity, on the distance of the lips, on movement where none should be, of errors at
rest beyond those elsewhere, and of the decisions to seal and to bite."""
_KEEP = 500
"""Steps after which the average so far is written, to be looked at while the fit goes on."""
_LEAK = 0.05
"""What remains of a move below zero in the loss: the run-time form clips it, so zero has a margin."""


def importance() -> NDArray[np.float32]:
    """Return [68] how much an error of each weight shows on a face, relative to a lip corner's."""
    by_prefix = {
        "JawOpen": 6.0, "MouthClose": 4.0, "MouthFunnel": 3.0, "MouthPucker": 3.0, "MouthLowerDown": 2.0,
        "MouthUpperUp": 2.0, "MouthRoll": 2.5, "MouthPress": 2.0, "Mouth": 1.0, "Tongue": 0.5, "Brow": 0.6,
    }  # fmt: skip

    def value(name: str) -> float:
        return next((v for prefix, v in by_prefix.items() if name.startswith(prefix)), 0.6)

    return np.array([value(name) for name in shapes.FACE_NAMES], np.float32)


def fit(corpus: Path, out: Path, config: FitConfig, progress: Progress = silent) -> dict[str, object]:
    """Fit the network to a corpus folder and write ``out`` (.npz) with a ``.json`` beside it; return the
    latter.

    Raises ConfigError when torch is not installed.
    """
    torch = _torch()
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    data = load_corpus(corpus)
    first = _begin(config)
    parameters = {k: torch.tensor(v, requires_grad=True) for k, v in first.items()}
    average = {k: v.detach().clone() for k, v in parameters.items()}
    from a2fbridge.training._optimiser import Muon

    optimiser = Muon(parameters, config.learning_rate)
    source = batches(data, config.batch, config.crop, config.seed)
    begin, step, done, recent = time.monotonic(), 0, 0.0, 0.0
    while done < 1.0:
        spent = (time.monotonic() - begin) / (60 * config.minutes) if config.minutes else 0.0
        done = min(max(spent, (step + 1) / config.steps), 1.0)
        rate = config.learning_rate * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * np.cos(np.pi * done))
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = _loss(torch, parameters, next(source))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimiser.step()
        step += 1
        decay = min(_AVERAGE, step / (step + 10))
        for name, value in average.items():
            value.lerp_(parameters[name].detach(), 1 - decay)
        recent = 0.98 * recent + 0.02 * float(loss.detach()) if recent else float(loss.detach())
        if step % 50 == 0:
            progress(f"step {step}, loss {recent:.4f}", done)
        if step % _KEEP == 0 or done == 1.0:
            kept = {k: v.numpy() * (1 - config.blend) + first[k] * config.blend for k, v in average.items()}
            np.savez(out, **kept)
    about: dict[str, object] = {
        "config": asdict(config),
        "steps": step,
        "loss": round(recent, 5),
        "corpus": data.about,
    }
    if config.start is not None:
        about["start"] = _described(Path(config.start))
    out.with_suffix(".json").write_text(json.dumps(about, indent=2))
    return about


def _described(start: Path) -> object:
    """Return what the description beside an earlier fit says, or its name where there is none."""
    described = start.with_suffix(".json")
    return json.loads(described.read_text()) if described.exists() else start.name


def _begin(config: FitConfig) -> network.Parameters:
    """Return the parameters to begin with.  Raises ConfigError when ``start`` is no fit of this network."""
    fresh = network.initial(config.seed, config.width)
    if config.start is None:
        return fresh
    with np.load(config.start) as archive:
        found = {name: archive[name] for name in archive.files}
    for name, value in fresh.items():
        kind, right = found.get(name, np.zeros(0)).shape[2:], value.shape[2:]
        if name not in found or kind != right:
            raise ConfigError(
                f"{config.start} is no fit to start from: {name} has kernel {kind}, right is {right}"
            )
    return {name: found[name] for name in fresh}


def load_fit(path: Path) -> tuple[network.Parameters, dict[str, Any]]:
    """Read what :func:`fit` wrote: parameters and the description beside them."""
    with np.load(path) as archive:
        parameters = {name: archive[name] for name in archive.files}
    return parameters, json.loads(path.with_suffix(".json").read_text())


def _torch() -> Any:
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "PASSIVE"
    )  # threads that spin starve on a machine that is shared
    try:
        import torch
    except ImportError:
        raise ConfigError("training needs torch: pip install 'a2fbridge[train]'") from None
    return torch


def _loss(torch: Any, parameters: dict[str, Any], batch: Batch) -> Any:
    """Return the training loss of a batch: weights, velocities, lip distance, decisions, stillness at rest."""
    features, target_tracks = (torch.from_numpy(x) for x in batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        raw = network.forward(parameters, features, drop=0.1)
    raw = raw.float()
    odds = raw[..., len(MOVES) :]
    moves = torch.nn.functional.leaky_relu(raw[..., : len(MOVES)], _LEAK)
    guess, target = (
        compose(tracks, lambda array: torch.from_numpy(array).float())
        for tracks in (torch.cat([moves, torch.sigmoid(odds)], dim=2), target_tracks)
    )
    scale = torch.from_numpy(importance())
    error = guess - target
    velocity = error[:, 1:] - error[:, :-1]
    still = (target[:, 1:] - target[:, :-1]).abs().amax(dim=2, keepdim=True) < 1e-4
    rest = (target.abs().amax(dim=2, keepdim=True) < 1e-3).float()
    moved = guess[:, 1:] - guess[:, :-1]
    decided = torch.nn.functional.binary_cross_entropy_with_logits(
        odds, target_tracks[..., len(MOVES) :], reduction="none"
    )
    return (
        (scale * error.square() * (1.0 + _REST * rest)).mean() * 10
        + _MOTION * (scale * velocity.square()).mean() * 10
        + _GAP * (lip_gap(guess) - lip_gap(target)).square().mean()
        + _STILL * (scale * moved.square() * still).mean()
        + (torch.tensor(_GATE) * decided).mean()
    )
