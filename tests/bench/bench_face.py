"""What a frame costs outside the network: right-hand side folded and naive, each solver, everything together.

    python tests/bench/bench_face.py [PACK]

One pinned core; rows are network outputs of real speech-like sound, streams advance frame by frame, so the solver is
as warm as it is in use.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from interleaved import interleave, one_core

from a2fbridge.backends import open_backend
from a2fbridge.face import FaceModel, FaceSettings, SkinAnimator, SolverSystem
from a2fbridge.packs import load
from a2fbridge.streams import Stream

BATCHES = (1, 16, 64)
FRAMES = 240


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="?", default="builtin")
    options = parser.parse_args()
    one_core()
    pack = load(options.pack)
    models = {name: FaceModel(pack, open_backend(pack.network, threads=1), name) for name in ("bvls", "admm")}
    network = _network_rows(models["bvls"])
    face = models["bvls"].face()
    slot = models["bvls"].open(FaceSettings(), 1 / 30)
    rows = face.project(network, np.full(len(network), slot, np.intp))
    cases: dict[str, tuple[Callable[[], object], int]] = {}
    for batch in BATCHES:
        for name, model in models.items():
            cases[f"{name}: all after the network, batch {batch}"] = (_whole(model, rows, batch), batch)
            cases[f"{name}: solve only, batch {batch}"] = (_solve(model, rows, batch), batch)
        cases[f"right-hand side folded, batch {batch}"] = (
            _folded(models["bvls"], network, slot, batch),
            batch,
        )
    cases["right-hand side naive, batch 1"] = (_naive(models["bvls"], network), 1)
    timings = interleave(cases, rounds=15, repeat=4)
    info = pack.info
    print(f"pack {pack.id}: {info.skin_columns} skin values, {info.skin_vertices} vertices, one core")
    for name, timing in timings.items():
        print(f"  {name:48} {timing.text():>28} us a frame")
    ratio = (
        timings["right-hand side naive, batch 1"].median / timings["right-hand side folded, batch 16"].median
    )
    print(f"  folding makes the right-hand side {ratio:.0f} times faster (naive at 1, folded at 16)")


def _network_rows(model: FaceModel) -> np.ndarray:
    """Network results [FRAMES, R] of syllables of noise."""
    rng = np.random.default_rng(0)
    t = np.arange(FRAMES * 16000 // 30) / 16000
    sound = (0.2 * rng.normal(size=len(t)) * np.clip(np.sin(2 * np.pi * 3 * t), 0, 1)).astype(np.float32)
    info = model.pack.info
    with Stream(model) as stream:
        stream.push(sound)
        stream.end()
        audio = np.empty((FRAMES, info.window), np.float32)
        emotion = np.zeros((FRAMES, 1, len(info.emotions)), np.float32)
        stream.fill(audio, emotion)
        slots = np.full(32, stream.slot, np.intp)
        turns = [(audio[i : i + 32], emotion[i : i + 32]) for i in range(0, FRAMES, 32)]
        return np.concatenate([model.infer(*turn, slots[: len(turn[0])]).rows[:, 0].copy() for turn in turns])


class _Steps:
    """Gives batch after batch: one row per stream, every stream at its own place."""

    def __init__(self, rows: np.ndarray, batch: int) -> None:
        self._rows, self._starts, self._step = rows, np.arange(batch) * 7, 0

    def __call__(self) -> np.ndarray:
        self._step += 1
        return self._rows[(self._starts + self._step) % len(self._rows)]


def _slots(model: FaceModel, batch: int) -> np.ndarray:
    return np.array([model.open(FaceSettings(), 1 / 30) for _ in range(batch)], np.intp)


def _whole(model: FaceModel, rows: np.ndarray, batch: int) -> Callable[[], object]:
    steps, slots = _Steps(rows, batch), _slots(model, batch)
    return lambda: model.animate(steps(), slots)


def _folded(model: FaceModel, rows: np.ndarray, slot: int, batch: int) -> Callable[[], object]:
    steps, slots, face = _Steps(rows, batch), np.full(batch, slot, np.intp), model.face()
    return lambda: face.project(steps(), slots)


def _naive(model: FaceModel, rows: np.ndarray) -> Callable[[], object]:
    face = model.face()
    animator = SkinAnimator(face.identity, face.parameters, 1 / 30)
    system = SolverSystem.build(face.identity.skin)
    steps, count = _Steps(rows, 1), model.pack.info.skin_columns
    return lambda: system.right_hand_side(animator(steps()[0, :count]))


def _solve(model: FaceModel, rows: np.ndarray, batch: int) -> Callable[[], object]:
    """Skin and tongue together, right-hand sides made beforehand."""
    captured: list[tuple[object, np.ndarray]] = []
    slots = _slots(model, batch)
    face = model.face()
    parts = [part for part in (face._skin, face._tongue) if part]
    originals = [part.solve for part in parts]
    for part, solve in zip(parts, originals, strict=True):
        part.solve = lambda name, b, at, part=part, solve=solve: (
            captured.append((part, b)),
            solve(name, b, at),
        )[1]
    steps = _Steps(rows, batch)
    for _ in range(40):
        model.animate(steps(), slots)
    for part in parts:
        del part.solve
    turns = [captured[i : i + len(parts)] for i in range(0, len(captured), len(parts))]
    counter = iter(range(10**9))

    def run() -> None:
        for part, b in turns[next(counter) % len(turns)]:
            part.solve(model.solver, b, slots)

    return run


if __name__ == "__main__":
    main()
