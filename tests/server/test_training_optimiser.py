"""Muon: kernels of hidden layers move orthogonally, the rest as AdamW does, and a saved state goes on alike."""

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from a2fbridge.training._optimiser import Muon, orthogonalised  # noqa: E402


def parameters() -> dict[str, "torch.Tensor"]:
    shapes = {"in.w": (4, 1, 3, 3), "in.b": (4,), "mid.w": (6, 4, 1, 3), "mid.b": (6,), "out.w": (2, 6, 1, 1)}
    generator = torch.Generator().manual_seed(3)
    return {name: torch.randn(shape, generator=generator).requires_grad_() for name, shape in shapes.items()}


def loss(values: dict[str, "torch.Tensor"]) -> "torch.Tensor":
    return sum((value - 0.1).square().mean() for value in values.values())


def run(optimiser: Muon, values: dict[str, "torch.Tensor"], steps: int) -> float:
    for _ in range(steps):
        found = loss(values)
        optimiser.zero_grad()
        found.backward()
        optimiser.step()
    return float(loss(values).detach())


@pytest.mark.parametrize("shape", [(6, 40), (40, 6), (12, 12)])
def test_orthogonalised_matrices_have_singular_values_near_one(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1)) * 1e-4
    values = torch.linalg.svdvals(orthogonalised(matrix))
    assert values.min() > 0.4
    assert values.max() < 1.3


def test_only_hidden_kernels_move_orthogonally() -> None:
    values = parameters()
    optimiser = Muon(values, lr=0.01)
    kinds = {id(p): group["orthogonal"] for group in optimiser.param_groups for p in group["params"]}
    assert [name for name, value in values.items() if kinds[id(value)]] == ["mid.w"]


def test_a_first_step_of_the_others_is_adamws() -> None:
    ours, theirs = parameters(), parameters()
    run(Muon(ours, lr=0.01, weight_decay=0.1), ours, 3)
    optimiser = torch.optim.AdamW(theirs.values(), lr=0.01, weight_decay=0.1)
    for _ in range(3):
        optimiser.zero_grad()
        loss(theirs).backward()
        optimiser.step()
    for name in ("in.w", "in.b", "mid.b", "out.w"):
        assert torch.allclose(ours[name], theirs[name], atol=1e-6), name


def test_it_goes_down_and_a_restored_state_goes_on_as_if_uninterrupted() -> None:
    whole, broken = parameters(), parameters()
    first = float(loss(whole).detach())
    straight = run(Muon(whole, lr=0.02), whole, 40)
    assert straight < 0.3 * first
    optimiser = Muon(broken, lr=0.02)
    run(optimiser, broken, 15)
    state, copied = optimiser.state_dict(), {k: v.detach().clone() for k, v in broken.items()}
    again = {name: value.requires_grad_() for name, value in copied.items()}
    resumed = Muon(again, lr=0.02)
    resumed.load_state_dict(state)
    assert run(resumed, again, 25) == straight
