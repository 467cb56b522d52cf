"""Our compact network on a dataset: the ear and convolutions of ``_network`` with a linear answer and a mood.

Its explicit emotions are added, through a linear layer, to what the sixth layer hears; there is no implicit row, so
packs hold zeros for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from a2fbridge.training import _features as ear
from a2fbridge.training import _network as layers
from a2fbridge.training._graph import IMPLICIT, OFFSET, GraphWriter, ear_nodes, finished, hidden_nodes
from a2fbridge.training.config import CompactConfig
from a2fbridge.training.fitting import Parameters, Tensors
from a2fbridge.training.networks._level import level_node, levelled
from a2fbridge.training.networks._network import Answer, Sizes, Units

__all__ = ["CompactNetwork"]


@dataclass(frozen=True, slots=True)
class CompactNetwork:
    """The architecture with its sizes."""

    config: CompactConfig
    sizes: Sizes
    units: Units
    implicit: int = IMPLICIT
    uses_implicit: bool = False

    def initial(self, seed: int) -> Parameters:
        """Return fresh parameters; the answer starts at the mean face."""
        found = layers.initial(seed, self.config.width)
        rng, mixed = np.random.default_rng([seed, 8]), len(found["mix.w"])
        kernel = 0.1 * rng.standard_normal((self.sizes.result, mixed, 1, 1)) / np.sqrt(mixed)
        found["answer.w"] = kernel.astype(np.float32)
        found["answer.b"] = np.zeros(self.sizes.result, np.float32)
        if self.sizes.emotions:
            found["mood.w"] = (0.1 * rng.standard_normal((mixed, self.sizes.emotions))).astype(np.float32)
        return found

    def forward(
        self, parameters: Tensors, windows: Any, emotion: Any, features: Any = None, training: bool = False
    ) -> Answer:
        """Return the answer (see :class:`Network`)."""
        batch, length = windows.shape[:2]
        heard = _hear(levelled(windows, self.config.level).reshape(batch * length, 1, -1))
        mood = emotion.reshape(batch * length, -1)[:, self.implicit :]
        added = mood @ parameters["mood.w"].T if self.sizes.emotions else None
        drop = self.config.dropout if training else 0.0
        result = layers.forward(dict(parameters), heard, drop=drop, mood=added)
        return Answer(self.units.applied(result.reshape(batch, length, -1)), {})

    def graph(self, parameters: Parameters) -> Any:
        """Return the run-time form as an ONNX model."""
        w = GraphWriter()
        mood = None
        if self.sizes.emotions:
            explicit = w.slice("explicit", "emotion", self.implicit, self.implicit + self.sizes.emotions)
            image = w.reshape("explicit.image", explicit, 0, self.sizes.emotions, 1, 1)
            mood = w.conv("mood", image, parameters["mood.w"][:, :, None, None])
        heard = hidden_nodes(w, parameters, ear_nodes(w, level_node(w, self.config.level)), mood)
        unit, centre = self.units
        kernel = parameters["answer.w"] * layers.MEAN * unit[:, None, None, None]
        answer = w.conv("answer", heard, kernel, parameters["answer.b"] * unit + centre)
        w.reshape("result", answer, 0, 1, self.sizes.result)
        return finished(w, self.implicit + self.sizes.emotions, self.sizes.result)

    def cost(self, parameters: Parameters) -> dict[str, int]:
        """Return multiply-adds per frame by part."""
        found = layers.multiply_adds(parameters)
        del found["face"], found["total"]
        found["mood"] = parameters["mood.w"].size if self.sizes.emotions else 0
        return found | {"total": sum(found.values())}


def _hear(windows: Any) -> Any:
    """Return compressed band powers [N, 37, bands] of windows [N, 1, 8320], as the graph hears them."""
    import torch

    frames = 2 * ear.CONTEXT + 1
    used = (frames - 1) * ear.HOP + (len(ear.POOL) - 1) * ear.STEP + ear.TAPS
    first = OFFSET - used // 2
    bank = torch.from_numpy(ear.filters().reshape(-1, 1, ear.TAPS)).to(windows.device)
    bands = torch.nn.functional.conv1d(windows[..., first : first + used], bank, stride=ear.STEP).square()
    power = bands[:, : ear.BANDS] + bands[:, ear.BANDS :]
    pool = torch.from_numpy(np.tile(ear.POOL, (ear.BANDS, 1, 1))).to(windows.device)
    pooled = torch.nn.functional.conv1d(power, pool, stride=2, groups=ear.BANDS)
    return ((torch.log(pooled + ear.FLOOR) + 12.0) / 4.0).transpose(1, 2)
