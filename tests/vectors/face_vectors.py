"""Vectors of the face: windows and frame times, animators, the blend-shape solver (formats: README.md beside this)."""

from __future__ import annotations

from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.face import (
    EyeAnimator,
    SkinAnimator,
    SolverSystem,
    face_mask,
    fit_jaw,
    pack_parameters,
    pose_tongue,
)
from a2fbridge.face._admm import solve_admm
from a2fbridge.face._bvls import solve_bvls_numpy
from a2fbridge.packs import BlendshapeSet, Identity, SolverConfig
from a2fbridge.timeline import FrameClock, Windows

__all__ = ["face_vectors"]

_FRAMES = 12
_PERIOD = 1 / 60
_SETTINGS: dict[str, dict[str, float]] = {
    "defaults": {},
    "everything": {
        "skinStrength": 0.8,
        "upperFaceStrength": 0.9,
        "lowerFaceStrength": 1.4,
        "upperFaceSmoothing": 0.01,
        "lowerFaceSmoothing": 0.05,
        "faceMaskLevel": 0.45,
        "faceMaskSoftness": 0.1,
        "eyelidOpenOffset": 0.3,
        "blinkOffset": 0.6,
        "blinkStrength": 1.5,
        "lipOpenOffset": -0.1,
        "tongueStrength": 2.0,
        "tongueHeightOffset": -0.4,
        "tongueDepthOffset": 0.7,
        "lowerTeethStrength": 0.5,
        "lowerTeethHeightOffset": 0.2,
        "lowerTeethDepthOffset": -0.3,
        "eyeballsStrength": 0.5,
        "saccadeStrength": 1.5,
        "eyeSaccadeSeed": 3.0,
        "rightEyeRotXOffset": 1.0,
        "leftEyeRotYOffset": -2.0,
    },
    "no smoothing": {"upperFaceSmoothing": 0.0, "lowerFaceSmoothing": 0.0},
}


def face_vectors() -> dict[str, Any]:
    """Return the content of each file of ``face/``."""
    return {
        "face/windows.json": _windows(),
        "face/animators.json": _animators(),
        "face/solver.json": _solver(),
    }


def _windows() -> list[dict[str, Any]]:
    sixty, thirty, ntsc = Fraction(60), Fraction(30), Fraction(30000, 1001)
    cases = [
        ("regression 60", Windows(8320, -4160, Fraction(4160), 16000 / sixty, 1), sixty),
        ("regression 30", Windows(8320, -4160, Fraction(4160), 16000 / thirty, 1), thirty),
        ("regression 29.97", Windows(8320, -4160, Fraction(4160), 16000 / ntsc, 1), ntsc),
        ("diffusion 60", Windows(16000, -16000, Fraction(4000), Fraction(8000), 30), sixty),
        ("diffusion 24", Windows(16000, -16000, Fraction(4000), Fraction(8000), 30), Fraction(24)),
        (
            "diffusion of 30 frames a second",
            Windows(16000, -16000, Fraction(16000 * 7, 30), Fraction(8000), 15),
            thirty,
        ),
        ("the SDK's test", Windows(8, -4, Fraction(4), Fraction(10, 3), 1), Fraction(4800)),
    ]
    return [_window_case(*case) for case in cases]


def _window_case(name: str, windows: Windows, rate: Fraction) -> dict[str, Any]:
    clock = FrameClock(rate)
    samples = [0, 1, 10, 13, 14, 16, 17, 4159, 4160, 7360, 8000, 12000, 16000, 64000, 98044]
    return {
        "name": name,
        "size": windows.size,
        "start": windows.start,
        "target": [windows.target.numerator, windows.target.denominator],
        "stride": [windows.stride.numerator, windows.stride.denominator],
        "frames": windows.frames,
        "frame_rate": [rate.numerator, rate.denominator],
        "starts": [windows.start_of(k) for k in range(8)],
        "targets": [windows.target_of(g) for g in range(64)],
        "frame_samples": [clock.sample_of(k) for k in range(12)],
        "audio": [
            {
                "samples": n,
                "frames": clock.frames_in(n),
                "open": windows.ready(n, closed=False),
                "closed": windows.ready(n, closed=True),
                "known_emotions": windows.known(n),
            }
            for n in samples
        ],
    }


def _identity() -> Identity:
    rng = np.random.default_rng(11)

    def some(*shape: int, scale: float = 1.0) -> NDArray[np.float32]:
        return np.round(rng.normal(size=shape) * scale, 3).astype(np.float32)

    empty = SolverConfig(1.0, 1.0, 0.0, 0.0, 10.0, (True,), (-1,), (-1,), (1.0,), (0.0,))
    poses = BlendshapeSet(
        ("jawOpen",), np.zeros((1, 3), np.float32), np.zeros((1, 1, 3), np.float32), None, empty
    )
    return Identity(
        name="vector",
        parameters={},
        implicit_emotion=np.zeros(0, np.float32),
        skin_basis=None,
        skin_mean=some(6, 3, scale=6.0),
        lip_open=some(6, 3, scale=0.3),
        eye_close=some(6, 3, scale=0.3),
        tongue_basis=None,
        tongue_mean=some(3, 3, scale=2.0),
        neutral_jaw=some(5, 3, scale=3.0),
        saccade=some(7, 2),
        skin=poses,
        tongue=None,
    )


def _animators() -> dict[str, Any]:
    identity, rng = _identity(), np.random.default_rng(12)
    skin = np.round(rng.normal(size=(_FRAMES, 18)), 3).astype(np.float32)
    tongue = np.round(rng.normal(size=(_FRAMES, 9)), 3).astype(np.float32)
    jaw = np.round(rng.normal(size=(_FRAMES, 15)) * 0.5, 3).astype(np.float32)
    eyes = np.round(rng.normal(size=(_FRAMES, 4)) * 4, 3).astype(np.float32)
    geometry = {
        name: getattr(identity, name).tolist()
        for name in ("skin_mean", "lip_open", "eye_close", "tongue_mean", "neutral_jaw", "saccade")
    }
    inputs = {"skin": skin.tolist(), "tongue": tongue.tolist(), "jaw": jaw.tolist(), "eyes": eyes.tolist()}
    cases = []
    for name, changes in _SETTINGS.items():
        parameters = pack_parameters({}) | changes
        animator, look = (
            SkinAnimator(identity, parameters, _PERIOD),
            EyeAnimator(identity, parameters, _PERIOD),
        )
        shift = np.array([0.0, parameters["lowerTeethHeightOffset"], parameters["lowerTeethDepthOffset"]])
        moved = jaw.reshape(-1, 5, 3).astype(np.float64) * parameters["lowerTeethStrength"] + shift
        mask = face_mask(identity.skin_mean, parameters["faceMaskLevel"], parameters["faceMaskSoftness"])
        cases.append(
            {
                "name": name,
                "parameters": parameters,
                "mask": _numbers(mask),
                "skin": _numbers(np.stack([animator(row) for row in skin])),
                "tongue": _numbers(pose_tongue(identity, parameters, tongue)),
                "jaw": _numbers(fit_jaw(identity.neutral_jaw, identity.neutral_jaw + moved)),
                "eyes": _numbers(np.stack([look(row) for row in eyes])),
            }
        )
    return {"frame_period": _PERIOD, "geometry": geometry, "network": inputs, "cases": cases}


def _solver() -> list[dict[str, Any]]:
    rng = np.random.default_rng(13)
    neutral = np.round(rng.normal(size=(9, 3)) * 5, 3).astype(np.float32)
    deltas = np.round(rng.normal(size=(6, 9, 3)) + rng.normal(size=(9, 3)), 3).astype(np.float32)
    weights = np.clip(rng.normal(size=(_FRAMES, 6)) * 0.8, -0.5, 1.5)
    frames = neutral + np.einsum("nk,kvc->nvc", weights, deltas) + rng.normal(size=(_FRAMES, 9, 3)) * 0.3
    frames = np.round(frames, 3)
    plain = SolverConfig(
        l1=0.5,
        l2=0.5,
        temporal=0.0,
        symmetry=0.0,
        template_size=20.0,
        active=(True,) * 6,
        cancel=(-1,) * 6,
        symmetric=(-1,) * 6,
        multipliers=(1.0,) * 6,
        offsets=(0.0,) * 6,
    )
    cases = {
        "plain": (plain, None),
        "temporal": (replace(plain, temporal=2.0), None),
        "symmetry and an inactive pose": (
            replace(plain, symmetry=50.0, symmetric=(0, 0, 1, -1, -1, 1), active=(True,) * 5 + (False,)),
            None,
        ),
        "cancel": (replace(plain, cancel=(4, -1, 4, -1, -1, -1), temporal=0.5), None),
        "mask, gains and offsets": (
            replace(
                plain, multipliers=(1.0, 0.5, 2.0, 1.0, 1.0, 0.0), offsets=(0.0, 0.1, 0.0, 0.0, -0.2, 0.3)
            ),
            (0, 2, 3, 5, 7, 8),
        ),
    }
    return [_solver_case(name, neutral, deltas, frames, *case) for name, case in cases.items()]


def _solver_case(
    name: str,
    neutral: NDArray[np.float32],
    deltas: NDArray[np.float32],
    frames: NDArray[np.float64],
    config: SolverConfig,
    mask: tuple[int, ...] | None,
) -> dict[str, Any]:
    names = tuple(f"pose{i}" for i in range(len(deltas)))
    chosen = None if mask is None else np.array(mask, np.int32)
    system = SolverSystem.build(BlendshapeSet(names, neutral, deltas, chosen, config))
    count = len(system.active)
    b, slots = system.right_hand_side(frames), np.zeros(len(frames), np.intp)
    exact = solve_bvls_numpy(system, b, slots, np.zeros((1, count)), np.zeros((1, count), np.int8))
    steps = solve_admm(system, b, slots, np.zeros((1, count)))
    return {
        "name": name,
        "config": {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(config).items()
        },
        "neutral": neutral.tolist(),
        "deltas": deltas.tolist(),
        "mask": mask,
        "frames": frames.tolist(),
        "bvls": _numbers(_full(exact, system, config)),
        "admm": _numbers(_full(steps, system, config)),
    }


def _full(solved: NDArray[np.float64], system: SolverSystem, config: SolverConfig) -> NDArray[np.float64]:
    out = np.zeros((len(solved), len(config.active)))
    out[:, system.active] = solved
    return out * np.array(config.multipliers) + np.array(config.offsets)


def _numbers(values: NDArray[Any]) -> Any:
    return np.round(values.astype(np.float64), 9).tolist()
