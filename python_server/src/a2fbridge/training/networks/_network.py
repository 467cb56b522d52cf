"""What a network for a dataset is to the stages: sizes in, an answer, a graph and a price out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training.fitting import Parameters, Tensors

__all__ = ["Answer", "Network", "Sizes", "Units"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many values a dataset's frames have, by part, and how many emotions it names."""

    skin: int
    tongue: int
    jaw: int
    eyes: int
    emotions: int

    @property
    def result(self) -> int:
        """Values of a frame, in the order skin, tongue, jaw, eyes."""
        return self.skin + self.tongue + self.jaw + self.eyes


class Units(NamedTuple):
    """What a network's raw answer is multiplied by and starts from: the dataset's own spread and mean.

    An optimiser's steps then fit every dataset, whatever the units of its mesh.  Exported graphs hold them in their
    last layer.
    """

    unit: NDArray[np.float32]
    """[R]"""
    centre: NDArray[np.float32]
    """[R]"""

    @classmethod
    def none(cls, sizes: Sizes) -> Units:
        """Return units that change nothing."""
        return cls(np.ones(sizes.result, np.float32), np.zeros(sizes.result, np.float32))

    def applied(self, raw: Any) -> Any:
        """Return a torch answer [..., R] in the dataset's units."""
        import torch

        unit, centre = (torch.from_numpy(part).to(raw.device) for part in self)
        return raw * unit + centre


class Answer(NamedTuple):
    """What a network makes of a batch of sequences."""

    result: Any
    """[B, L, R] skin and tongue coefficients, jaw, eyes."""
    phonemes: dict[str, Any]
    """Language to log probabilities [B, L, 25, P], where the network has such a head."""


class Network(Protocol):
    """One architecture with its sizes; parameters are the caller's."""

    @property
    def sizes(self) -> Sizes:
        """Return how many values a frame has."""

    @property
    def implicit(self) -> int:
        """Return the length of the learned row before the explicit emotions in ``emotion``."""

    @property
    def uses_implicit(self) -> bool:
        """Return whether the row changes the answer; if not, packs hold zeros."""

    def initial(self, seed: int) -> Parameters:
        """Return fresh parameters."""

    def forward(
        self,
        parameters: Tensors,
        windows: Any,
        emotion: Any,
        features: Any = None,
        training: bool = False,
    ) -> Answer:
        """Return the answer to torch ``windows`` [B, L, 8320] in moods ``emotion`` [B, L, implicit + E].

        ``features`` [B, L, 25, 768] is what a front end made of the windows, where the network has one.  ``training``
        turns dropout on.
        """

    def graph(self, parameters: Parameters) -> Any:
        """Return the run-time form as an ONNX model with a pack's tensors."""

    def cost(self, parameters: Parameters) -> dict[str, int]:
        """Return multiply-adds per frame by part, with ``total``."""
