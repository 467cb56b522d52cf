"""The optimiser: hidden kernels move by orthogonalised momentum (Muon), everything else by AdamW.

Muon (Jordan et al. 2024) replaces a matrix's momentum by the nearest matrix with equal singular values, found by
five Newton-Schulz steps, so that rare directions are learnt as fast as common ones; scaled by 0.2 sqrt(larger
side) (Liu et al. 2025) it takes AdamW's learning rates.  One class with one state, so that a checkpoint holds it
as it holds any optimiser.

Imports torch: import this module when training begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

__all__ = ["Muon"]

_MOMENTUM, _BETAS, _EPSILON = 0.95, (0.9, 0.999), 1e-8
_NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


class Muon(torch.optim.Optimizer):  # type: ignore[misc]
    """Optimiser of named parameters; kernels of hidden layers go by Muon."""

    def __init__(self, parameters: Mapping[str, torch.Tensor], lr: float, weight_decay: float = 0.01) -> None:
        """Take the first and the last kernel, and every bias, as AdamW's."""
        kernels = [name for name, value in parameters.items() if value.ndim > 1]
        hidden = kernels[1:-1]
        groups = [
            {"params": [parameters[name] for name in hidden], "orthogonal": True},
            {"params": [v for name, v in parameters.items() if name not in hidden], "orthogonal": False},
        ]
        super().__init__([g for g in groups if g["params"]], {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def step(self, closure: Any = None) -> None:
        """Move every parameter that has a gradient."""
        for group in self.param_groups:
            for value in group["params"]:
                if value.grad is None:
                    continue
                value.mul_(1 - group["lr"] * group["weight_decay"])
                move = self._orthogonal if group["orthogonal"] else self._adaptive
                value.sub_(move(value.grad, self.state[value]), alpha=group["lr"])

    @staticmethod
    def _orthogonal(gradient: torch.Tensor, state: dict[str, Any]) -> torch.Tensor:
        momentum = _kept(state, "momentum", gradient)
        momentum.lerp_(gradient, 1 - _MOMENTUM)
        matrix = gradient.lerp(momentum, _MOMENTUM).flatten(1)
        return (0.2 * max(matrix.shape) ** 0.5 * orthogonalised(matrix)).view_as(gradient)

    @staticmethod
    def _adaptive(gradient: torch.Tensor, state: dict[str, Any]) -> torch.Tensor:
        mean, square = _kept(state, "mean", gradient), _kept(state, "square", gradient)
        state["step"] = count = state.get("step", 0) + 1
        mean.lerp_(gradient, 1 - _BETAS[0])
        square.lerp_(gradient.square(), 1 - _BETAS[1])
        scale = (square / (1 - _BETAS[1] ** count)).sqrt_().add_(_EPSILON)
        return mean / (1 - _BETAS[0] ** count) / scale


def _kept(state: dict[str, Any], name: str, like: torch.Tensor) -> torch.Tensor:
    """Return what an earlier step left, or zeros."""
    if name not in state:
        state[name] = torch.zeros_like(like)
    found: torch.Tensor = state[name]
    return found


def orthogonalised(matrix: torch.Tensor) -> torch.Tensor:
    """Return a matrix [m, n] with the same singular vectors and singular values of about 1."""
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    found = wide.bfloat16() / (wide.norm() + 1e-7)
    a, b, c = _NEWTON_SCHULZ
    for _ in range(5):
        square = found @ found.T
        found = torch.addmm(found, torch.addmm(square, square, square, beta=b, alpha=c), found, beta=a)
    return (found.T if wide is not matrix else found).to(matrix.dtype)
