"""What the optimiser's loop needs to know of whatever is being fitted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError
from a2fbridge.training._config import Device

__all__ = ["Learner", "Parameters", "Tensors", "chosen_device", "import_torch"]

Parameters = dict[str, NDArray[np.float32]]
"""Everything training finds, by name."""
Tensors = Mapping[str, Any]
"""The same as torch tensors."""


class Learner(Protocol):
    """A network, its data and its losses.  The loop owns parameters, optimiser, averages, checkpoints and logs."""

    epoch: int
    """Steps in which all the data is heard about once."""
    parts: tuple[str, ...]
    """Names of the losses that :meth:`loss` tells."""
    measures: tuple[str, ...]
    """Names of what :meth:`validate` tells, the first being what is to be small."""

    def initial(self) -> Parameters:
        """Return fresh parameters, decided by the seed."""

    def rate(self, name: str) -> float | None:
        """Return None for the network's own parameters; for a table beside it its relative learning rate."""

    def batch(self, step: int, rng: np.random.Generator) -> Any:
        """Return the batch of a step; everything random comes from ``rng``, which checkpoints keep."""

    def loss(self, parameters: Tensors, batch: Any, done: float) -> tuple[Any, dict[str, float]]:
        """Return the loss to be minimised and its parts; ``done`` is how much of the fit is done, 0..1."""

    def validate(self, parameters: Tensors) -> dict[str, float]:
        """Return how good averaged parameters are on data that training never sees; uses no random state."""

    def state(self) -> dict[str, float]:
        """Return what the losses remember from step to step."""

    def restore(self, state: dict[str, float]) -> None:
        """Take back what :meth:`state` returned."""


def import_torch() -> Any:
    """Return torch, told not to spin; raises ConfigError when it is not installed."""
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "PASSIVE"
    )  # threads that spin starve on a machine that is shared
    try:
        import torch
    except ImportError:
        raise ConfigError("training needs torch: pip install 'a2fbridge[train]'") from None
    return torch


def chosen_device(device: Device) -> Any:
    """Return the torch device; raises ConfigError for cuda where torch sees none."""
    torch = import_torch()
    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise ConfigError("device cuda: this torch sees no GPU; right is auto or cpu")
    return torch.device("cuda" if found and device != "cpu" else "cpu")
