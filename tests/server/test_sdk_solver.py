"""What NVIDIA's SDK tests of its solver and its rigid animators, with its tolerances (spec: regression, 7.1)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from in_memory import make_pack
from numpy.typing import NDArray
from scipy.optimize import lsq_linear
from scipy.spatial.transform import Rotation

from a2fbridge.face import EyeAnimator, Face, FaceSettings, PoseSettings, SolverSystem
from a2fbridge.face._bvls import solve_bvls
from a2fbridge.packs import BlendshapeSet, SolverConfig

Array = NDArray[np.float64]
RNG = np.random.default_rng(11)


def rig(vertices: int, poses: int, radius: float, seed: int) -> BlendshapeSet:
    """A head or a tongue with smooth bumps, as the SDK's test solves for: L1 0.5, L2 0.7, nothing else."""
    rng = np.random.default_rng(seed)
    neutral = rng.normal(size=(vertices, 3))
    neutral *= radius / np.linalg.norm(neutral, axis=1, keepdims=True)
    centres = neutral[rng.choice(vertices, poses, replace=poses > vertices)]
    near = np.exp(-(np.linalg.norm(neutral[None] - centres[:, None], axis=2) ** 2) / (0.3 * radius) ** 2)
    deltas = near[..., None] * rng.normal(size=(poses, 1, 3)) * 0.1 * radius
    none = (-1,) * poses
    config = SolverConfig(
        0.5, 0.7, 0.0, 0.0, 54.7, (True,) * poses, none, none, (1.0,) * poses, (0.0,) * poses
    )
    names = tuple(f"pose{i}" for i in range(poses))
    return BlendshapeSet(names, neutral.astype(np.float32), deltas.astype(np.float32), None, config)


RIGS = {
    "skin, 52 poses": (1500, 52, 15.0),
    "tongue, 16 poses": (400, 16, 3.0),
    "180 poses": (3000, 180, 15.0),
}


def solved(system: SolverSystem, b: Array, sides: NDArray[np.int8] | None = None) -> Array:
    count = len(system.active)
    state = np.zeros((1, count), np.int8) if sides is None else sides[None].copy()
    return solve_bvls(system, b[None], np.zeros(1, np.intp), np.zeros((1, count)), state)[0]


@pytest.mark.parametrize(("vertices", "poses", "radius"), RIGS.values(), ids=RIGS.keys())
def test_a_pose_of_sparse_weights_is_found_again(vertices: int, poses: int, radius: float) -> None:
    """Weights to pose to weights to pose: 0.2 cm a vertex on average at most."""
    shapes = rig(vertices, poses, radius, poses)
    system = SolverSystem.build(shapes)
    weights = np.zeros(poses)
    weights[:: max(1, poses // 5)] = [0.2, 0.9, 0.5, 1.0, 0.7, 0.3][: len(weights[:: max(1, poses // 5)])]
    pose = shapes.neutral + np.tensordot(weights, shapes.deltas, 1)
    found = solved(system, system.right_hand_side(pose))
    again = shapes.neutral + np.tensordot(found, shapes.deltas, 1)
    assert np.abs(pose - shapes.neutral).max() > 0.2
    assert np.linalg.norm(again - pose, axis=1).mean() <= 0.2
    assert ((found >= 0) & (found <= 1)).all()


@pytest.fixture(scope="module")
def problem() -> tuple[SolverSystem, Array]:
    """A system with right-hand sides whose optimum lies on both bounds and between."""
    system = SolverSystem.build(rig(400, 40, 15.0, 3))
    rng = np.random.default_rng(4)
    return system, rng.normal(scale=1.0, size=(20, 40)) @ (system.deltas.T @ system.deltas)


def cost(system: SolverSystem, w: Array, b: Array) -> float:
    return 0.5 * float(np.square(system.matrix @ w - b).sum())


def test_the_bounded_minimum_beats_its_neighbours(problem: tuple[SolverSystem, Array]) -> None:
    """A thousandth to either side of every weight, within the bounds, is never better."""
    system, rows = problem
    for b in rows:
        best = solved(system, b)
        least = cost(system, best, b)
        for i in range(len(best)):
            for step in (-0.001, 0.001):
                moved = best.copy()
                moved[i] = np.clip(moved[i] + step, 0, 1)
                assert cost(system, moved, b) >= least - 1e-6


def test_the_gradient_vanishes_or_points_out_of_the_box(problem: tuple[SolverSystem, Array]) -> None:
    """By finite differences, 5e-4 of the largest."""
    system, rows = problem
    for b in rows:
        w, step = solved(system, b), 1e-4
        gradient = np.array(
            [
                (cost(system, w + step * e, b) - cost(system, w - step * e, b)) / (2 * step)
                for e in np.eye(len(w))
            ]
        )
        exact = system.matrix @ (system.matrix @ w - b)
        scale = np.abs(exact).max()
        np.testing.assert_allclose(gradient, exact, atol=5e-4 * scale)
        tight = 1e-6 * scale
        assert (np.abs(exact[(w > 0) & (w < 1)]) < tight).all()
        assert (exact[w == 0] > -tight).all()
        assert (exact[w == 1] < tight).all()


def test_any_start_ends_at_the_librarys_minimum(problem: tuple[SolverSystem, Array]) -> None:
    """A hundred random warm starts: 1e-6 on the norm of the solution, and no start costs more."""
    system, rows = problem
    for b in rows[:5]:
        right = lsq_linear(system.matrix, b, (0, 1), method="bvls", tol=1e-15).x
        for _ in range(100):
            start = RNG.integers(-1, 2, len(b)).astype(np.int8)
            found = solved(system, b, start)
            assert np.linalg.norm(found - right) <= 1e-6 * max(1.0, np.linalg.norm(right))
            assert cost(system, found, b) <= cost(system, right, b) + 1e-6


def test_multiplier_zero_leaves_the_offset_and_neither_moves_the_solver() -> None:
    pack = make_pack()
    face = Face(pack.identities[0], pack.info, "bvls", PoseSettings())
    gains = dict.fromkeys(face.names, 0.0)
    offsets = {name: 0.01 * i for i, name in enumerate(face.names)}
    face.open(0, FaceSettings(), 1 / 60)
    face.open(1, FaceSettings(multipliers=gains, offsets=offsets), 1 / 60)
    rows = np.random.default_rng(0).normal(size=(6, pack.info.row_size)).astype(np.float32)
    slots = np.array([0, 1], np.intp)
    for row in rows:
        both = np.stack([row, row])
        plain, offset = face.animate(face.project(both, slots), slots)
        np.testing.assert_array_equal(offset, np.float32([offsets[name] for name in face.names]))
        assert face._skin is not None
        np.testing.assert_array_equal(face._skin.previous[0], face._skin.previous[1])
        assert plain[:52].any()


def test_eyes_are_network_and_darts_each_with_its_own_strength() -> None:
    """A hundred pairs of angles, a hundred places of the darts: 1e-4; either term can be switched off."""
    identity = make_pack().identities[0]
    rng = np.random.default_rng(2)
    zero = {f"{side}EyeRot{axis}Offset": 0.0 for side in ("right", "left") for axis in "XY"}
    for _ in range(100):
        strengths = {"eyeballsStrength": rng.uniform(0, 2), "saccadeStrength": rng.uniform(0, 2)}
        for off in ({}, {"eyeballsStrength": 0.0}, {"saccadeStrength": 0.0}):
            values = zero | strengths | off | {"eyeSaccadeSeed": float(rng.integers(0, 5000))}
            angles = rng.uniform(-20, 20, 4).astype(np.float32)
            frame = int(rng.integers(0, 1000))
            animator = EyeAnimator(identity, values, 1 / 30)
            animator.seek(frame)
            dart = identity.saccade[int(values["eyeSaccadeSeed"] + frame) % len(identity.saccade)]
            right = values["eyeballsStrength"] * angles.reshape(2, 2) + values["saccadeStrength"] * dart
            found = animator(angles)
            np.testing.assert_allclose(found[:, :2], right, atol=1e-4)
            assert not found[:, 2].any()


def test_teeth_strength_zero_is_the_identity_and_offsets_are_a_translation() -> None:
    pack = make_pack()
    identity = replace(pack.identities[0], neutral_jaw=pack.identities[0].neutral_jaw)
    face = Face(identity, pack.info, "bvls", PoseSettings())
    turned = Rotation.from_euler("xyz", [9, -4, 3], degrees=True).apply(identity.neutral_jaw)
    row = np.zeros((1, pack.info.row_size), np.float32)
    ends = face._ends
    row[0, ends[1] : ends[2]] = (turned - identity.neutral_jaw).ravel()
    still = {"lowerTeethStrength": 0.0, "lowerTeethHeightOffset": 0.0, "lowerTeethDepthOffset": 0.0}
    for values, right in (
        (still, np.zeros(3)),
        (still | {"lowerTeethHeightOffset": -0.5, "lowerTeethDepthOffset": 1.25}, np.array([0, -0.5, 1.25])),
    ):
        face.open(0, FaceSettings(values, rig=True), 1 / 60)
        found = face.rig(face.project(row, np.zeros(1, np.intp)), 0)
        assert found is not None
        np.testing.assert_allclose(found[0][0][:3, :3], np.eye(3), atol=1e-4)
        np.testing.assert_allclose(found[0][0][:3, 3], right, atol=1e-4)
