"""Both solvers against SciPy and against the algorithm written out naively."""

from dataclasses import replace

import numpy as np
import pytest
from in_memory import make_pack
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from a2fbridge._errors import PackError
from a2fbridge.face import SolverSystem
from a2fbridge.face._admm import solve_admm
from a2fbridge.face._bvls import COMPILED, solve_bvls, solve_bvls_numpy
from a2fbridge.packs import BlendshapeSet

STREAMS, FRAMES = 4, 12
Array = NDArray[np.float64]


def _poses(cancel: bool = False, temporal: float = 0.3) -> BlendshapeSet:
    poses = make_pack(temporal=temporal).identities[0].skin
    ids = [-1] * len(poses.names)
    if cancel:
        ids[poses.names.index("jawLeft")] = ids[poses.names.index("jawRight")] = 4
        ids[poses.names.index("mouthSmileLeft")] = ids[poses.names.index("mouthFrownLeft")] = 7
    return replace(poses, config=replace(poses.config, cancel=tuple(ids)))


def _right_hand_sides(system: SolverSystem) -> tuple[Array, NDArray[np.intp]]:
    """Correlated frames of several streams, interleaved, with weights beyond both bounds."""
    rng = np.random.default_rng(3)
    count = len(system.active)
    walk = np.cumsum(rng.normal(size=(FRAMES, STREAMS, count)) * 0.2, axis=0)
    b = walk.reshape(-1, count) @ (system.deltas.T @ system.deltas)
    return b, np.tile(np.arange(STREAMS), FRAMES).astype(np.intp)


def _state(system: SolverSystem) -> tuple[Array, NDArray[np.int8]]:
    return np.zeros((STREAMS, len(system.active))), np.zeros((STREAMS, len(system.active)), np.int8)


def _oracle(system: SolverSystem, b: Array, slots: NDArray[np.intp]) -> Array:
    previous = np.zeros((STREAMS, len(system.active)))
    out = []
    for row, slot in zip(b, slots, strict=True):
        rhs = row + system.temporal * previous[slot]
        w = lsq_linear(system.matrix, rhs, (0, 1), method="bvls", tol=1e-15).x
        if len(system.cancel):
            upper = np.ones(len(w))
            for i, j in system.cancel:
                upper[j if w[i] >= w[j] else i] = 1e-10
            w = lsq_linear(system.matrix, rhs, (0, upper), method="bvls", tol=1e-15).x
        previous[slot] = w
        out.append(w)
    return np.array(out)


@pytest.mark.parametrize("cancel", [False, True])
def test_bvls_is_the_exact_optimum(cancel: bool) -> None:
    system = SolverSystem.build(_poses(cancel))
    b, slots = _right_hand_sides(system)
    expected = _oracle(system, b, slots)
    assert ((expected > 1e-3) & (expected < 0.999)).mean() > 0.1
    assert (expected <= 1e-9).mean() > 0.1
    np.testing.assert_allclose(solve_bvls(system, b, slots, *_state(system)), expected, atol=1e-8)
    np.testing.assert_allclose(solve_bvls_numpy(system, b, slots, *_state(system)), expected, atol=1e-8)


def test_the_compiled_path_is_the_one_that_runs() -> None:
    assert COMPILED


def test_bvls_does_not_depend_on_the_batch() -> None:
    system = SolverSystem.build(_poses())
    b, slots = _right_hand_sides(system)
    whole = solve_bvls(system, b, slots, *_state(system))
    state = _state(system)
    parts = [solve_bvls(system, b[i : i + 5], slots[i : i + 5], *state) for i in range(0, len(b), 5)]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-12)


def test_bvls_survives_hard_rows() -> None:
    """Huge, tiny and degenerate right-hand sides still give the optimum's cost."""
    system = SolverSystem.build(_poses(temporal=0.0))
    rng = np.random.default_rng(5)
    count = len(system.active)
    b = np.concatenate(
        [rng.normal(size=(20, count)) * s for s in (1e-12, 1e-3, 1.0, 1e6)] + [np.zeros((2, count))]
    )
    slots = np.zeros(len(b), np.intp)
    ours = solve_bvls(system, b, slots, np.zeros((1, count)), np.zeros((1, count), np.int8))
    assert ((ours >= 0) & (ours <= 1)).all()
    for row, w in zip(b, ours, strict=True):
        best = lsq_linear(system.matrix, row, (0, 1), method="bvls", tol=1e-15)
        assert np.linalg.norm(system.matrix @ w - row) <= np.sqrt(2 * best.cost) * (1 + 1e-9) + 1e-10


@pytest.mark.parametrize("cancel", [False, True])
def test_admm_is_nvidias_four_steps(cancel: bool) -> None:
    """Against section 5.6 written out for one row at a time."""
    system = SolverSystem.build(_poses(cancel))
    b, slots = _right_hand_sides(system)
    a, previous = system.matrix, np.zeros((STREAMS, len(system.active)))
    expected = []

    def four_steps(rhs: Array, upper: Array) -> Array:
        w2 = (0.25 * np.sqrt(np.diag(a.T @ a))) ** 2
        inverse = np.linalg.inv(a.T @ a + np.diag(w2))
        u, z = np.zeros(len(rhs)), np.clip(np.linalg.inv(a) @ rhs, 0, upper)
        for _ in range(4):
            x = inverse @ (w2 * (z - u) + a.T @ rhs)
            z_next = np.clip(x + u, 0, upper)
            u, z = u + 1.9 * (x - z_next), z_next
        return z

    for row, slot in zip(b, slots, strict=True):
        rhs = row + system.temporal * previous[slot]
        upper = np.ones(len(rhs))
        z = four_steps(rhs, upper)
        for i, j in system.cancel:
            upper[j if z[i] >= z[j] else i] = 1e-10
        z = four_steps(rhs, upper) if cancel else z
        previous[slot] = z
        expected.append(z)
    np.testing.assert_allclose(solve_admm(system, b, slots, np.zeros_like(previous)), expected, atol=1e-9)


def test_system_matrix_is_the_formula() -> None:
    poses = _poses()
    config = poses.config
    system = SolverSystem.build(poses)
    active = [i for i, on in enumerate(config.active) if on]
    assert poses.mask is not None
    d = poses.deltas[active][:, poses.mask].reshape(len(active), -1).T.astype(float)
    scale = np.linalg.norm(np.ptp(poses.neutral.astype(float), axis=0)) ** 2 / config.template_size**2
    p = []
    for pair in set(config.symmetric) - {-1}:
        members = [k for k, pose in enumerate(active) if config.symmetric[pose] == pair]
        if not members:
            continue
        i, j = members
        p.append(np.eye(len(active))[i] - np.eye(len(active))[j])
    expected = (
        d.T @ d
        + config.l1**2 * 0.25 * scale
        + np.eye(len(active)) * scale * (10 * config.l2 + 100 * config.temporal)
        + config.symmetry * 10 * scale * np.array(p).T @ np.array(p)
    )
    np.testing.assert_allclose(system.matrix, expected, rtol=1e-12)


def test_no_active_pose_is_refused() -> None:
    poses = _poses()
    config = replace(poses.config, active=(False,) * len(poses.names))
    with pytest.raises(PackError, match="no pose is active"):
        SolverSystem.build(replace(poses, config=config))
