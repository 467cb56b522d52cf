"""NVIDIA's regression architecture ``conv_w2v_autocorr`` (training_and_dcc.md 1.8), in torch.

Parameters are named ``<layer>.w`` and ``.b``; convolutions have the layout [out, in, time, lag].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from a2fbridge.training.config import ReferenceConfig
from a2fbridge.training.fitting import Parameters, Tensors
from a2fbridge.training.networks._autocorrelation import LAGS, STEPS, WIDTH, autocorrelation
from a2fbridge.training.networks._level import levelled
from a2fbridge.training.networks._network import Answer, Sizes, Units

__all__ = ["EMBEDDED", "FEATURES", "FREQUENCY", "HIDDEN", "TIME", "ReferenceNetwork"]

FREQUENCY: Final = (("freq1", 1, 72, 3), ("freq2", 72, 108, 3), ("freq3", 108, 162, 3), ("freq4", 162, 243, 3),
                    ("freq5", 243, 256, 2))  # fmt: skip
"""Convolutions over lags: name, inputs, outputs, kernel; those of 3 have stride 2 and a border of 1."""
TIME: Final = ("time1", "time2", "time3", "time4")
"""Convolutions over the 25 steps: kernel 3, stride 2, a border of 1; emotion is appended after each."""
HIDDEN: Final = 256
EMBEDDED: Final = 8
"""Values that the explicit emotions are embedded in."""
FEATURES: Final = 768
"""Values of a step of a front end."""
_ROOT2: Final = math.sqrt(2.0)


@dataclass(frozen=True, slots=True)
class ReferenceNetwork:
    """The architecture with its sizes.  ``phonemes`` is the number of them by language, for the training-only head."""

    config: ReferenceConfig
    sizes: Sizes
    units: Units
    phonemes: tuple[tuple[str, int], ...] = ()
    uses_implicit: bool = True

    @property
    def implicit(self) -> int:
        """Return the length of the implicit row."""
        return self.config.implicit

    @property
    def hears(self) -> bool:
        """Whether a front end is heard beside the autocorrelation."""
        return self.config.front_end != "none"

    @property
    def mood(self) -> int:
        """Return the channels that emotion appends."""
        return self.implicit + (EMBEDDED if self.sizes.emotions else 0)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every parameter."""
        mixed, s = HIDDEN + self.mood, self.sizes
        found: dict[str, tuple[int, ...]] = {}
        for name, inputs, outputs, kernel in FREQUENCY:
            found |= {f"{name}.w": (outputs, inputs, 1, kernel), f"{name}.b": (outputs,)}
        if self.hears:
            found |= {"layer": (1,), "front.w": (HIDDEN, FEATURES), "front.b": (HIDDEN,)}
        for name in TIME:
            inputs = HIDDEN * (1 + self.hears) if name == "time1" else mixed
            found |= {f"{name}.w": (HIDDEN, inputs, 3, 1), f"{name}.b": (HIDDEN,)}
        found |= {"time5.w": (HIDDEN, 2 * mixed), "time5.b": (HIDDEN,)}
        if s.emotions:
            found |= {"emotion.w": (EMBEDDED, s.emotions), "emotion.b": (EMBEDDED,)}
        for head, size in (("face", s.skin + s.jaw + s.eyes), ("tongue", s.tongue)):
            if size:
                found |= {f"{head}1.w": (size, mixed), f"{head}1.b": (size,)}
                found |= {f"{head}2.w": (size, size), f"{head}2.b": (size,)}
        if self.phonemes:
            for name in ("phone1", "phone2"):
                found |= {f"{name}.w": (HIDDEN, HIDDEN, 3, 1), f"{name}.b": (HIDDEN,)}
            for language, count in self.phonemes:
                found |= {f"phone.{language}.w": (count, HIDDEN), f"phone.{language}.b": (count,)}
        return found

    def initial(self, seed: int) -> Parameters:
        """Return fresh parameters: normal with variance 1 / inputs, which NormRelu keeps; answers start small."""
        rng = np.random.default_rng([seed, 8])
        found: Parameters = {}
        for name, shape in self.shapes().items():
            value = np.ones(shape) if name == "layer" else np.zeros(shape)
            if name.endswith(".w"):
                value = rng.standard_normal(shape) / math.sqrt(math.prod(shape[1:]))
            found[name] = (value * (0.1 if name.endswith("2.w") and "time" not in name and "freq" not in name and
                                    "phone" not in name else 1.0)).astype(np.float32)  # fmt: skip
        return found

    def forward(
        self, parameters: Tensors, windows: Any, emotion: Any, features: Any = None, training: bool = False
    ) -> Answer:
        """Return the answer (see :class:`Network`)."""
        import torch

        batch, length = windows.shape[:2]
        p = parameters
        drop = _Dropout(torch, batch, length, self.config.spread if training else 1.0)
        heard = autocorrelation(levelled(windows, self.config.level).reshape(batch * length, -1))[:, None]
        for name, _, _, kernel in FREQUENCY:
            heard = drop(
                _conv(torch, p, name, heard, (1, 2) if kernel == 3 else 1, (0, 1) if kernel == 3 else 0)
            )
        voice = heard
        if self.hears:
            features = features.reshape(batch * length, STEPS, FEATURES) * p["layer"]
            voice = torch.relu(features @ p["front.w"].T + p["front.b"]).transpose(1, 2)[..., None]
            heard = torch.cat([voice, heard], dim=1)
        mood = self._mood(torch, p, emotion.reshape(batch * length, -1))
        for name in TIME:
            heard = drop(_conv(torch, p, name, heard, (2, 1), (1, 0)))
            heard = torch.cat([heard, mood[:, :, None, None].expand(-1, -1, heard.shape[2], 1)], dim=1)
        hidden = _ROOT2 * torch.relu(heard.flatten(1) @ p["time5.w"].T + p["time5.b"])
        result = self._heads(torch, p, torch.cat([hidden, mood], dim=1))
        spoken = self._phonemes(torch, p, voice, drop) if training and self.phonemes else {}
        return Answer(
            self.units.applied(result.reshape(batch, length, -1)),
            {k: v.reshape(batch, length, STEPS, -1) for k, v in spoken.items()},
        )

    def _mood(self, torch: Any, p: Tensors, emotion: Any) -> Any:
        """Return implicit row and embedded explicit emotions [N, mood]."""
        row, explicit = emotion[:, : self.implicit], emotion[:, self.implicit :]
        if not self.sizes.emotions:
            return row
        return torch.cat([row, explicit @ p["emotion.w"].T + p["emotion.b"]], dim=1)

    def _heads(self, torch: Any, p: Tensors, hidden: Any) -> Any:
        """Return skin, tongue, jaw and eyes [N, R]."""

        def head(name: str) -> Any:
            return (hidden @ p[f"{name}1.w"].T + p[f"{name}1.b"]) @ p[f"{name}2.w"].T + p[f"{name}2.b"]

        face, skin = head("face"), self.sizes.skin
        tongue = [head("tongue")] if self.sizes.tongue else []
        return torch.cat([face[:, :skin], *tongue, face[:, skin:]], dim=1)

    def _phonemes(self, torch: Any, p: Tensors, voice: Any, drop: _Dropout) -> dict[str, Any]:
        for name in ("phone1", "phone2"):
            voice = drop(_conv(torch, p, name, voice, 1, (1, 0)))
        steps = voice[..., 0].transpose(1, 2)
        return {
            language: torch.log_softmax(steps @ p[f"phone.{language}.w"].T + p[f"phone.{language}.b"], dim=-1)
            for language, _ in self.phonemes
        }

    def graph(self, parameters: Parameters) -> Any:
        """Return the run-time form as an ONNX model."""
        from a2fbridge.training.networks._reference_graph import reference_graph

        return reference_graph(self, parameters)

    def cost(self, parameters: Parameters) -> dict[str, int]:
        """Return multiply-adds per frame by part as the architecture defines them, a front end's own left out."""
        lags, found = LAGS, {"autocorrelation": STEPS * LAGS * WIDTH, "frequency": 0, "time": 0}
        for _, inputs, outputs, kernel in FREQUENCY:
            lags = lags // 2 if kernel == 3 else 1
            found["frequency"] += STEPS * lags * inputs * outputs * kernel
        if self.hears:
            found["front"] = STEPS * parameters["front.w"].size
        steps = STEPS
        for name in TIME:
            steps = (steps + 1) // 2
            found["time"] += steps * parameters[f"{name}.w"].size
        found["time"] += parameters["time5.w"].size
        heads = ("face1.w", "face2.w", "tongue1.w", "tongue2.w", "emotion.w")
        found["heads"] = sum(parameters[name].size for name in heads if name in parameters)
        return found | {"total": sum(found.values())}


class _Dropout:
    """Multiplicative dropout: spread^N(0, 1) for each sequence and channel, of unit power over channels."""

    def __init__(self, torch: Any, batch: int, length: int, spread: float) -> None:
        self._torch, self._batch, self._length, self._log = torch, batch, length, math.log(spread)

    def __call__(self, x: Any) -> Any:
        if self._log == 0.0:
            return x
        noise = self._torch.randn(self._batch, 1, x.shape[1], device=x.device)
        factor = self._torch.exp(self._log * noise)
        factor = factor / factor.square().mean(dim=2, keepdim=True).sqrt()
        shared = factor.expand(-1, self._length, -1).reshape(-1, x.shape[1])
        return x * shared[:, :, None, None]


def _conv(torch: Any, p: Tensors, name: str, x: Any, stride: Any, pad: Any) -> Any:
    """Return NormRelu (ReLU times the root of 2) of a convolution."""
    return _ROOT2 * torch.relu(torch.nn.functional.conv2d(x, p[f"{name}.w"], p[f"{name}.b"], stride, pad))
