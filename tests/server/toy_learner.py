"""A learner of three numbers, for tests of the loop: fits in milliseconds, and uses both random states."""

from __future__ import annotations

from typing import Any

import numpy as np


class ToyLearner:
    """Find a line and an offset in noise; a table beside the network learns at its own rate."""

    epoch = 4
    parts: tuple[str, ...] = ("squared",)
    measures: tuple[str, ...] = ("error", "R2")

    def __init__(self, validation: list[float] | None = None) -> None:
        self.remembered, self.validation, self.validated = 0.0, validation, 0
        self.stop_at: int | None = None

    def initial(self) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(5)
        shapes = {"in.w": (4, 3), "in.b": (4,), "mid.w": (4, 4), "out.w": (1, 4), "table": (6, 1)}
        return {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}

    def rate(self, name: str) -> float | None:
        return 0.5 if name == "table" else None

    def batch(self, step: int, rng: np.random.Generator) -> tuple[np.ndarray, int]:
        if self.stop_at == step:
            raise KeyboardInterrupt
        return rng.standard_normal((8, 3)).astype(np.float32), step % 6

    def loss(self, parameters: Any, batch: Any, done: float) -> tuple[Any, dict[str, float]]:
        import torch

        values, row = batch
        x = torch.from_numpy(values)
        guess = self.forward(parameters, x * (torch.rand(8, 1) < 0.8)) + parameters["table"][row]
        error = (guess[:, 0] - x @ torch.tensor([1.0, -2.0, 0.5])).square().mean()
        self.remembered = 0.9 * self.remembered + 0.1 * float(error.detach())
        return error * (1.0 + self.remembered) * (1.5 - done), {"squared": float(error.detach())}

    @staticmethod
    def forward(parameters: Any, x: Any) -> Any:
        import torch

        hidden = torch.tanh(x @ parameters["in.w"].T + parameters["in.b"]) @ parameters["mid.w"].T
        return hidden @ parameters["out.w"].T

    def validate(self, parameters: Any) -> dict[str, float]:
        import torch

        self.validated += 1
        if self.validation is not None:
            value = self.validation[min(self.validated, len(self.validation)) - 1]
            return {"error": value, "R2": 1.0 - value}
        x = torch.linspace(-1, 1, 30).reshape(10, 3)
        error = float(
            (self.forward(parameters, x)[:, 0] - x @ torch.tensor([1.0, -2.0, 0.5])).square().mean()
        )
        return {"error": error, "R2": 1.0 - error}

    def state(self) -> dict[str, float]:
        return {"remembered": self.remembered}

    def restore(self, state: dict[str, float]) -> None:
        self.remembered = state["remembered"]
