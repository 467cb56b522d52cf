"""Round trip with the head's solver settings: speech-like weights, mesh, solver, weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from a2fbridge import shapes
from a2fbridge._resources import data_dir
from a2fbridge.training.head import Head, load_head, solver_settings

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ReferenceSolver:
    """The solver of section 5, by SciPy's BVLS on the normal equations."""

    deltas: Array
    """[rows, K] over active poses."""
    matrix: Array
    """[K, K]"""
    active: NDArray[np.int64]
    temporal: float

    @classmethod
    def make(
        cls, neutral: NDArray[np.float32], deltas: NDArray[np.float32], mask: Any, block: dict[str, Any]
    ) -> ReferenceSolver:
        p = block["blendshape_params"]
        active = np.flatnonzero(p["bsSolveActivePoses"])
        rows = np.arange(len(neutral)) if mask is None else mask
        d = deltas[active][:, rows].reshape(len(active), -1).T.astype(np.float64)
        sigma = (np.linalg.norm(np.ptp(neutral, axis=0)) / p["templateBBSize"]) ** 2
        ids = np.array(p["bsSolveSymmetryPoses"])[active]
        pairs = [np.flatnonzero(ids == i) for i in np.unique(ids[ids >= 0])]
        pick = np.zeros((len(pairs), len(active)))
        for row, (first, second) in enumerate(pairs):
            pick[row, first], pick[row, second] = 1.0, -1.0
        one = np.eye(len(active))
        matrix = d.T @ d + p["strengthL1regularization"] ** 2 * 0.25 * sigma
        matrix += (p["strengthL2regularization"] * 10 + p["strengthTemporalSmoothing"] * 100) * sigma * one
        matrix += p["strengthSymmetry"] * 10 * sigma * pick.T @ pick
        return cls(d, matrix, active, p["strengthTemporalSmoothing"] * sigma)

    def solve(self, weights: Array) -> Array:
        """Return the weights [N, K_total] that the solver finds for the meshes of weights [N, K_total]."""
        out, previous = np.zeros_like(weights), np.zeros(len(self.active))
        for row, given in zip(out, weights, strict=True):
            b = self.deltas.T @ (self.deltas @ given[self.active]) + self.temporal * previous
            previous = lsq_linear(self.matrix, b, (0, 1), method="bvls", tol=1e-10).x
            row[self.active] = previous
        return out


@pytest.fixture(scope="module")
def head() -> Head:
    return load_head()


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((data_dir() / "head" / "solver.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def skin_solver(head: Head, settings: dict[str, Any]) -> ReferenceSolver:
    return ReferenceSolver.make(head.skin_neutral, head.skin_deltas, head.frontal_mask, settings["skin"])


_PAIRED = {
    "MouthSmile": (0.4, 0.7),
    "MouthFrown": (0.3, 0.6),
    "MouthDimple": (0.3, 0.5),
    "MouthStretch": (0.4, 0.6),
    "MouthPress": (0.3, 0.7),
    "MouthLowerDown": (0.5, 0.9),
    "MouthUpperUp": (0.4, 0.7),
    "EyeBlink": (0.3, 1.0),
    "EyeSquint": (0.3, 0.6),
    "BrowDown": (0.3, 0.7),
    "BrowOuterUp": (0.3, 0.8),
    "CheekSquint": (0.3, 0.6),
    "NoseSneer": (0.3, 0.5),
}
_SINGLE = {
    "JawOpen": (0.8, 0.5),
    "MouthClose": (0.4, 0.25),
    "MouthFunnel": (0.4, 0.8),
    "MouthPucker": (0.4, 0.8),
    "MouthRollLower": (0.3, 0.7),
    "MouthRollUpper": (0.3, 0.6),
    "MouthShrugLower": (0.3, 0.6),
    "MouthShrugUpper": (0.3, 0.6),
    "BrowInnerUp": (0.3, 0.8),
    "JawForward": (0.2, 0.3),
    "MouthLeft": (0.1, 0.3),
    "JawLeft": (0.1, 0.2),
    "CheekPuff": (0.1, 0.3),
}
"""How often a shape is used, and how much at most."""


def speech(count: int, seed: int) -> Array:
    """Return sparse, nearly symmetric weights [count, 52] as speech with expression uses them."""
    random = np.random.default_rng(seed)
    out = np.zeros((count, 52))
    for row in out:
        for name, (often, most) in _SINGLE.items():
            row[shapes.INDEX[name]] = (random.random() < often) * random.uniform(0, most)
        for name, (often, most) in _PAIRED.items():
            value, lean = (random.random() < often) * random.uniform(0, most), random.uniform(-0.1, 0.1)
            row[shapes.INDEX[f"{name}Left"]] = min(value * (1 + lean), 1.0)
            row[shapes.INDEX[f"{name}Right"]] = min(value * (1 - lean), 1.0)
    return out


def test_shipped_settings_are_those_of_the_code(head: Head, settings: dict[str, Any]) -> None:
    assert settings == solver_settings(head)
    skin = settings["skin"]["blendshape_params"]
    assert skin["numPoses"] == 52
    assert sum(skin["bsSolveActivePoses"]) == 43
    for ids in range(13):
        assert skin["bsSolveSymmetryPoses"].count(ids) == 2


def test_skin_round_trip(skin_solver: ReferenceSolver) -> None:
    given = speech(40, seed=3)
    error = (skin_solver.solve(given) - given)[:, skin_solver.active]
    assert np.sqrt((error**2).mean()) < 0.02
    assert np.sqrt((error**2).mean(axis=0)).max() < 0.05
    assert np.linalg.cond(skin_solver.matrix) < 2e4


def test_tongue_round_trip(head: Head, settings: dict[str, Any]) -> None:
    solver = ReferenceSolver.make(head.tongue_neutral, head.tongue_deltas, None, settings["tongue"])
    random, given = np.random.default_rng(5), np.zeros((40, 16))
    opposite = [
        "TipUp-TipDown",
        "TipLeft-TipRight",
        "RollUp-RollDown",
        "RollLeft-RollRight",
        "Up-Down",
        "Left-Right",
        "In-Stretch",
        "Wide-Narrow",
    ]
    for row in given:
        for pair in opposite:
            chosen = "Tongue" + pair.split("-")[random.integers(2)]
            row[shapes.TONGUE_NAMES.index(chosen)] = (random.random() < 0.5) * random.uniform(0, 0.8)
    error = solver.solve(given) - given
    assert np.sqrt((error**2).mean()) < 0.02


_CLOSED = [
    {"MouthClose": 0.05},
    {"MouthClose": 0.15},
    {"MouthClose": 0.3},
    {"MouthClose": 0.1, "MouthPressLeft": 0.6, "MouthPressRight": 0.6},
    {"MouthClose": 0.2, "MouthRollLower": 0.4, "MouthRollUpper": 0.3},
    {"MouthClose": 0.25, "MouthPucker": 0.4},
    {"MouthClose": 0.2, "MouthSmileLeft": 0.5, "MouthSmileRight": 0.5},
    {"MouthPressLeft": 0.8, "MouthPressRight": 0.8, "MouthShrugLower": 0.3},
    {
        "MouthClose": 0.1,
        "MouthFrownLeft": 0.4,
        "MouthFrownRight": 0.4,
        "BrowDownLeft": 0.5,
        "BrowDownRight": 0.5,
    },
]


@pytest.mark.parametrize("pose", _CLOSED, ids=lambda pose: "+".join(pose))
def test_closed_lips_stay_closed(head: Head, skin_solver: ReferenceSolver, pose: dict[str, float]) -> None:
    weights = np.zeros((1, 52))
    for name, value in pose.items():
        weights[0, shapes.INDEX[name]] = value
    given = head.skin(weights.astype(np.float32))
    solved = head.skin(skin_solver.solve(weights).astype(np.float32))
    assert head.mouth_aperture(given)[0] < 0.03
    assert abs(head.mouth_aperture(solved)[0] - head.mouth_aperture(given)[0]) < 0.03
