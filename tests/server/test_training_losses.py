"""Each loss against its formula written out in NumPy, and the scale that brings losses into one measure."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from a2fbridge.training import losses  # noqa: E402

RNG = np.random.default_rng(0)
GUESS, TARGET = RNG.standard_normal((2, 3, 4, 9)).astype(np.float32)
B, L, R = GUESS.shape


def tensor(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))


def test_squared() -> None:
    naive = np.mean(
        [(GUESS[i, j, k] - TARGET[i, j, k]) ** 2 for i in range(B) for j in range(L) for k in range(R)]
    )
    assert float(losses.squared(tensor(GUESS), tensor(TARGET))) == pytest.approx(naive, rel=1e-5)


def test_motion() -> None:
    total = 0.0
    for i in range(B):
        for j in range(1, L):
            for k in range(R):
                moved = GUESS[i, j, k] - GUESS[i, j - 1, k]
                right = TARGET[i, j, k] - TARGET[i, j - 1, k]
                total += (moved - right) ** 2
    naive = total / (B * (L - 1) * R)
    assert float(losses.motion(tensor(GUESS), tensor(TARGET))) == pytest.approx(naive, rel=1e-5)


def test_implicit_change() -> None:
    naive = np.mean(np.diff(GUESS, axis=1) ** 2) / np.mean(GUESS**2)
    assert float(losses.implicit_change(tensor(GUESS))) == pytest.approx(naive, rel=1e-5)


@pytest.mark.parametrize("steepness", [0.0, 1.0, 10.0])
def test_lip_distance(steepness: float) -> None:
    total = 0.0
    for guess, right in zip(GUESS.ravel(), TARGET.ravel(), strict=True):
        weight = np.exp(-steepness * max(right, 0.0))
        total += (weight * guess - weight * right) ** 2
    found = float(losses.lip_distance(tensor(GUESS), tensor(TARGET), steepness))
    assert found == pytest.approx(total / GUESS.size, rel=1e-5)


def test_lip_size() -> None:
    naive = np.mean((GUESS[:2] - TARGET[:2]) ** 2) + np.mean((GUESS[2:] - TARGET[2:]) ** 2)
    pairs = [(tensor(values[:2]), tensor(values[2:])) for values in (GUESS, TARGET)]
    assert float(losses.lip_size(*pairs)) == pytest.approx(naive, rel=1e-5)


def test_stability() -> None:
    windows = (RNG.standard_normal((B, L, 100)) * np.array([0.0, 1e-4, 0.1])[:, None, None]).astype(
        np.float32
    )
    total = 0.0
    for i in range(B):
        moved = np.diff(GUESS[i, :, :-4], axis=0)
        total += np.exp(-5000 * np.mean(np.abs(windows[i]))) * np.mean(moved**2)
    found = float(losses.stability(tensor(GUESS), tensor(windows), eyes=4))
    assert found == pytest.approx(total / B, rel=1e-4)
    loud = float(losses.stability(tensor(GUESS), tensor(np.ones((B, L, 100))), eyes=4))
    assert loud < 1e-12


def test_phoneme() -> None:
    target = RNG.dirichlet(np.ones(R), (B, L)).astype(np.float32)
    share = np.exp(GUESS) / np.exp(GUESS).sum(axis=-1, keepdims=True)
    weights = np.array([0.3] + [1.0] * (R - 1))
    naive = np.mean(
        [-np.sum(weights * target[i, j] * np.log(share[i, j])) for i in range(B) for j in range(L)]
    )
    guess = torch.log_softmax(tensor(GUESS), dim=-1)
    assert float(losses.phoneme(guess, tensor(target), 0.3)) == pytest.approx(naive, rel=1e-5)


def test_heights_are_those_of_the_vertices() -> None:
    basis, mean = (
        RNG.standard_normal((5, 20, 3)).astype(np.float32),
        RNG.standard_normal((20, 3)).astype(np.float32),
    )
    upper, lower = np.array([1, 2, 3]), np.array([4, 5, 6])
    skin = RNG.standard_normal((7, 5)).astype(np.float32)
    face = mean + np.einsum("ns,svk->nvk", skin, basis)
    found = losses.measured(skin, losses.heights(basis, mean, upper, lower))
    assert np.allclose(found, face[:, upper, 1] - face[:, lower, 1], atol=1e-5)


def test_a_scaled_loss_is_near_one_and_fades() -> None:
    scale, root = losses.Scale(normalise=True, anneal=True), None
    for step in range(50):
        value = 3.0 + np.sin(step)
        square = value**2 if root is None else 0.99 * root + 0.01 * value**2
        root = square
        found = float(scale("mse", torch.tensor(value), done=0.25))
        assert found == pytest.approx((value / np.sqrt(root)) ** 0.75, rel=1e-5)
    end = torch.tensor(2.0, requires_grad=True)
    scale("mse", end, done=1.0).backward()
    assert float(end.grad) == 0.0
    assert set(scale.powers) == {"mse"}


def test_a_scale_that_is_off_changes_nothing() -> None:
    scale = losses.Scale(normalise=False, anneal=False)
    assert float(scale("mse", torch.tensor(7.0), done=0.5)) == 7.0
    assert not scale.powers
