"""The optimiser's loop: the same for every network, resumable after any step.

A fit that is interrupted and goes on from its checkpoint ends with the same bits as one that was not: the
checkpoint holds parameters, their average, the optimiser, both random states and what the losses remember.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from a2fbridge._errors import ConfigError
from a2fbridge.export import atomic_file
from a2fbridge.training._config import LoopConfig, Progress, silent
from a2fbridge.training.fitting._checkpoint import load_checkpoint, save_checkpoint
from a2fbridge.training.fitting._learner import Learner, Parameters, chosen_device, import_torch
from a2fbridge.training.fitting._log import FitLog, draw_losses
from a2fbridge.training.fitting._stop import stop_signals

__all__ = ["CHECKPOINT", "Outcome", "run_loop", "save_parameters"]

CHECKPOINT = "checkpoint.pt"
_TELL = 50
"""Steps between two rows of the log and two words of progress."""


@dataclass(slots=True)
class Outcome:
    """What a fit found."""

    parameters: Parameters
    steps: int
    loss: float
    """Running mean of the training loss."""
    best: dict[str, float] = field(default_factory=dict)
    """What validation said of the parameters that are kept, and ``step``, where they are from."""


def run_loop(
    learner: Learner,
    config: LoopConfig,
    folder: Path,
    identity: dict[str, Any],
    progress: Progress = silent,
    resume: bool = True,
) -> Outcome:
    """Fit, keeping checkpoints, logs and plots in ``folder``.

    ``identity`` is what a checkpoint must agree with.  SIGINT and SIGTERM end the fit after the step, with a
    checkpoint.  Raises ConfigError when the checkpoint in the folder belongs to another fit, or the loss is lost.
    """
    loop = _Loop(learner, config, folder, identity)
    if not resume:
        loop.path.unlink(missing_ok=True)
    if loop.path.exists():
        loop.restore()
        progress(f"going on from step {loop.step}", loop.done)
    with stop_signals() as wish:
        log = FitLog(folder, loop.columns, loop.step)
        try:
            while not loop.ended:
                loop.advance()
                if loop.step % _TELL == 0 or loop.ended:
                    loop.tell(log)
                    progress(f"step {loop.step}, loss {loop.recent:.4f}", loop.done)
                if wish.signal is not None or loop.step % config.checkpoint_every == 0 or loop.ended:
                    loop.save()
                    log.write()
                    if wish.signal is not None and not loop.ended:
                        progress(f"interrupted; step {loop.step} is kept", loop.done)
                        wish.obey()
        finally:
            log.close()
    draw_losses(folder)
    return loop.outcome()


class _Loop:
    """The state of a fit between two steps."""

    def __init__(self, learner: Learner, config: LoopConfig, folder: Path, identity: dict[str, Any]) -> None:
        self.torch = torch = import_torch()
        self.learner, self.config, self.identity = learner, config, identity
        self.path = folder / CHECKPOINT
        folder.mkdir(parents=True, exist_ok=True)
        torch.set_num_threads(config.threads)
        torch.manual_seed(config.seed)
        self.device = chosen_device(config.device)
        self.first = _begin(learner, config)
        self.parameters = {
            k: torch.tensor(v, device=self.device, requires_grad=True) for k, v in self.first.items()
        }
        self.average = {k: v.detach().clone() for k, v in self.parameters.items()}
        self.optimiser = _optimiser(torch, learner, config, self.parameters)
        self.rng = np.random.default_rng(config.seed)
        self.step, self.done, self.recent, self.spent = 0, 0.0, 0.0, 0.0
        self.sums: dict[str, float] = {}
        self.summed = 0
        self.measured: dict[str, float] = {}
        self.best: dict[str, Any] | None = None
        self.unimproved = 0
        self.clock = time.monotonic()

    @property
    def columns(self) -> tuple[str, ...]:
        measures = tuple(f"validation {name}" for name in self.learner.measures)
        return ("rate", "loss", *self.learner.parts, *measures)

    @property
    def ended(self) -> bool:
        patience = self.config.patience
        return self.done >= 1.0 or bool(patience and self.unimproved >= patience)

    def advance(self) -> None:
        """Take one step."""
        config, torch = self.config, self.torch
        now = time.monotonic()
        self.spent, self.clock = self.spent + now - self.clock, now
        spent = self.spent / (60 * config.minutes) if config.minutes else 0.0
        self.done = min(max(spent, (self.step + 1) / config.steps), 1.0)
        self.set_rate()
        loss, parts = self.learner.loss(self.parameters, self.learner.batch(self.step, self.rng), self.done)
        self.optimiser.zero_grad()
        loss.backward()
        if config.clip:
            torch.nn.utils.clip_grad_norm_(self.parameters.values(), config.clip)
        self.optimiser.step()
        self.step += 1
        decay = min(config.average, self.step / (self.step + 10)) if config.average else 0.0
        for name, value in self.average.items():
            value.lerp_(self.parameters[name].detach(), 1 - decay)
        self.note(float(loss.detach()), parts)
        if self.step % config.validate_every == 0 or self.done >= 1.0:
            self.validate()

    def set_rate(self) -> None:
        config = self.config
        rate = config.learning_rate * min(1.0, (self.step + 1) / max(config.warmup, 1))
        if config.schedule == "cosine":
            rate *= 0.5 + 0.5 * np.cos(np.pi * self.done)
        else:
            rate *= config.decay ** (self.step // max(self.learner.epoch, 1))
        self.rate = float(rate)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * group.get("factor", 1.0)

    def note(self, loss: float, parts: dict[str, float]) -> None:
        if not math.isfinite(loss):
            raise ConfigError(
                f"the loss is {loss} at step {self.step}: a smaller learning_rate may help; the last checkpoint is kept"
            )
        self.recent = 0.98 * self.recent + 0.02 * loss if self.recent else loss
        for name, value in ({"loss": loss} | parts).items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.summed += 1

    def validate(self) -> None:
        """Look at validation data and keep the average if it is the best so far."""
        with self.torch.no_grad():
            self.measured = self.learner.validate(self.average)
        first = self.learner.measures[0] if self.learner.measures else ""
        value = self.measured.get(first)
        if value is None or not self.config.patience:
            return
        if self.best is None or value < self.best["measured"][first]:
            kept = {name: tensor.detach().cpu().clone() for name, tensor in self.average.items()}
            self.best = {"step": self.step, "measured": dict(self.measured), "parameters": kept}
            self.unimproved = 0
        else:
            self.unimproved += 1

    def tell(self, log: FitLog) -> None:
        means = {name: value / max(self.summed, 1) for name, value in self.sums.items()}
        validation = {f"validation {name}": value for name, value in self.measured.items()}
        log.add(self.step, {"rate": self.rate, **means, **validation})
        self.sums, self.summed, self.measured = {}, 0, {}

    def save(self) -> None:
        torch = self.torch
        state = {
            "parameters": {k: v.detach() for k, v in self.parameters.items()},
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "numpy": json.dumps(self.rng.bit_generator.state),
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if self.device.type == "cuda" else [],
            "learner": self.learner.state(),
            "best": self.best,
            **{name: getattr(self, name) for name in _SCALARS},
        }
        save_checkpoint(self.path, state, self.identity)

    def restore(self) -> None:
        torch, state = self.torch, load_checkpoint(self.path, self.identity)
        with torch.no_grad():
            for name, value in state["parameters"].items():
                self.parameters[name].copy_(value)
                self.average[name].copy_(state["average"][name])
        self.optimiser.load_state_dict(state["optimiser"])
        self.rng.bit_generator.state = json.loads(state["numpy"])
        torch.set_rng_state(state["torch"])
        if state["cuda"] and self.device.type == "cuda":
            torch.cuda.set_rng_state_all(state["cuda"])
        self.learner.restore(state["learner"])
        self.best = state["best"]
        for name in _SCALARS:
            setattr(self, name, state[name])
        self.clock = time.monotonic()

    def outcome(self) -> Outcome:
        blend = self.config.blend
        kept = self.best["parameters"] if self.best else self.average
        parameters = {
            k: np.asarray(v.cpu().numpy() * (1 - blend) + self.first[k] * blend, np.float32)
            for k, v in kept.items()
        }
        best = {"step": self.best["step"], **self.best["measured"]} if self.best else {}
        return Outcome(parameters, self.step, self.recent, best)


_SCALARS = ("step", "done", "recent", "spent", "sums", "summed", "measured", "unimproved")


def _optimiser(torch: Any, learner: Learner, config: LoopConfig, parameters: dict[str, Any]) -> Any:
    """Return the optimiser; tables beside the network have groups, and rates, of their own."""
    own = {name: value for name, value in parameters.items() if learner.rate(name) is None}
    if config.optimiser == "muon":
        from a2fbridge.training._optimiser import Muon

        found: Any = Muon(own, config.learning_rate, config.weight_decay)
    else:
        found = torch.optim.AdamW(own.values(), lr=config.learning_rate, weight_decay=config.weight_decay)
    for name, value in parameters.items():
        if (rate := learner.rate(name)) is not None:
            group = {"params": [value], "factor": rate}
            found.add_param_group(group | ({"orthogonal": False} if config.optimiser == "muon" else {}))
    return found


def _begin(learner: Learner, config: LoopConfig) -> Parameters:
    """Return the parameters to begin with.  Raises ConfigError when ``start`` is no fit of this network."""
    fresh = learner.initial()
    if config.start is None:
        return fresh
    try:
        with np.load(config.start) as archive:
            found = {name: archive[name] for name in archive.files}
    except (OSError, ValueError) as error:
        raise ConfigError(f"start {config.start}: cannot be read: {error}") from None
    for name, value in fresh.items():
        kind, right = found.get(name, np.zeros(0)).shape[2:], value.shape[2:]
        if name not in found or kind != right or found[name].ndim != value.ndim:
            raise ConfigError(
                f"{config.start} is no fit to start from: {name} has kernel {kind}, right is {right}"
            )
    return {name: found[name] for name in fresh}


def save_parameters(path: Path, parameters: Parameters) -> None:
    """Write a fit's parameters; the file is there whole or not at all."""
    with atomic_file(path) as file:
        np.savez(file, allow_pickle=False, **parameters)
