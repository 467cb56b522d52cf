"""A small random pack and a small network in memory, for tests of everything above packs and backends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.face import FaceModel
from a2fbridge.packs import (
    BlendshapeSet,
    FacePack,
    Identity,
    NetworkSpec,
    RegressionInfo,
    SolverConfig,
)

SKIN_SHAPES, TONGUE_SHAPES, SKIN_VERTICES, TONGUE_VERTICES = 20, 6, 150, 60


def _poses(
    names: tuple[str, ...],
    neutral: NDArray[np.float32],
    rng: np.random.Generator,
    temporal: float,
    mask: int | None,
) -> BlendshapeSet:
    camel = tuple(shapes.camel_case(name) for name in names)
    base = rng.normal(size=(12, *neutral.shape))
    deltas = (
        np.tensordot(rng.normal(size=(len(names), 12)), base, 1) * 0.2
        + rng.normal(size=(len(names), *neutral.shape)) * 0.2
    )
    sides: dict[str, int] = {}
    symmetric = [sides.setdefault(n.replace("Left", "").replace("Right", ""), len(sides)) for n in names]
    symmetric = [i if symmetric.count(i) == 2 else -1 for i in symmetric]
    return BlendshapeSet(
        names=camel,
        neutral=neutral + np.float32(0.01),
        deltas=deltas.astype(np.float32),
        mask=None
        if mask is None
        else np.sort(rng.choice(len(neutral), mask, replace=False)).astype(np.int32),
        config=SolverConfig(
            l1=0.5,
            l2=0.5,
            temporal=temporal,
            symmetry=10.0,
            template_size=30.0,
            active=tuple(name not in shapes.DEFAULT_INACTIVE for name in names),
            cancel=(-1,) * len(names),
            symmetric=tuple(symmetric),
            multipliers=(1.0,) * len(names),
            offsets=(0.0,) * len(names),
        ),
    )


def make_pack(seed: int = 0, temporal: float = 0.3) -> FacePack:
    """Return a pack of random, correlated poses with everything in it switched on."""
    rng = np.random.default_rng(seed)
    skin = (rng.normal(size=(SKIN_VERTICES, 3)) * 6).astype(np.float32)
    tongue = (rng.normal(size=(TONGUE_VERTICES, 3)) * 2).astype(np.float32)
    identity = Identity(
        name="test",
        parameters={
            "input_strength": 1.3,
            "skin_strength": 1.1,
            "upper_face_strength": 0.9,
            "lower_face_strength": 1.4,
            "upper_face_smoothing": 0.001,
            "lower_face_smoothing": 0.02,
            "face_mask_level": 0.6,
            "face_mask_softness": 0.05,
            "blink_strength": 1.0,
            "eyelid_open_offset": 0.06,
            "lip_open_offset": -0.03,
            "tongue_strength": 1.3,
            "tongue_height_offset": 0.2,
            "tongue_depth_offset": -0.1,
            "saccade_strength": 0.9,
            "lower_teeth_strength": 1.2,
            "lower_teeth_height_offset": -0.1,
        },
        implicit_emotion=rng.normal(size=16).astype(np.float32),
        skin_basis=(rng.normal(size=(SKIN_SHAPES, SKIN_VERTICES, 3)) * 3.0).astype(np.float32),
        skin_mean=skin,
        lip_open=(rng.normal(size=(SKIN_VERTICES, 3)) * 0.3).astype(np.float32),
        eye_close=(rng.normal(size=(SKIN_VERTICES, 3)) * 0.3).astype(np.float32),
        tongue_basis=(rng.normal(size=(TONGUE_SHAPES, TONGUE_VERTICES, 3)) * 2.0).astype(np.float32),
        tongue_mean=tongue,
        neutral_jaw=(rng.normal(size=(5, 3)) * 3).astype(np.float32),
        saccade=rng.normal(size=(50, 2)).astype(np.float32),
        skin=_poses(shapes.ARKIT_NAMES, skin, rng, temporal, 90),
        tongue=_poses(shapes.TONGUE_NAMES, tongue, rng, temporal, None),
    )
    return FacePack(
        id="in-memory",
        root=Path("in-memory"),
        network=NetworkSpec("in-memory", Path("in-memory/network.onnx"), (), ()),
        info=RegressionInfo(
            actor="test",
            version="0",
            emotions=shapes.EMOTION_NAMES,
            default_emotion=(0.0,) * 10,
            implicit_length=16,
            skin_shapes=SKIN_SHAPES,
            skin_vertices=SKIN_VERTICES,
            tongue_shapes=TONGUE_SHAPES,
            tongue_vertices=TONGUE_VERTICES,
            jaw_size=15,
            eyes_size=4,
            window=8320,
            offset=4160,
            sample_rate=16000,
        ),
        identities=(identity,),
    )


class RandomNetwork:
    """A backend: a fixed random network with every output a smooth function of the window and the emotion."""

    name = "random"
    max_batch = 64

    def __init__(self, pack: FacePack, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        info = pack.info
        assert isinstance(info, RegressionInfo)
        self._audio = (rng.normal(size=(info.window, 24)) / 30).astype(np.float32)
        self._emotion = (rng.normal(size=(info.implicit_length + len(info.emotions), 24)) / 5).astype(
            np.float32
        )
        self._out = (rng.normal(size=(24, info.row_size)) / 3).astype(np.float32)
        self.calls: list[int] = []
        self.poison = False

    def run(self, feeds: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        audio, emotion = feeds["input"][:, 0], feeds["emotion"][:, 0]
        self.calls.append(len(audio))
        result = np.tanh(audio @ self._audio + emotion @ self._emotion) @ self._out
        if self.poison:
            result[np.abs(audio).max(axis=1) > 1.1] = np.nan
        return {"result": np.asarray(result[:, None], np.float32)}

    def describe(self) -> dict[str, object]:
        return {"name": self.name}

    def close(self) -> None:
        pass


@dataclass
class Made:
    """What a batch of one-frame windows gave; jaw and eyes by row."""

    weights: NDArray[np.float32]
    ok: NDArray[np.bool_]
    jaw: dict[int, NDArray[np.float32]]
    eyes: dict[int, NDArray[np.float32]]


def run(
    model: FaceModel, audio: NDArray[np.float32], emotion: NDArray[np.float32], slots: NDArray[np.intp]
) -> Made:
    """Infer and animate rows of a regression model: audio [R, window], emotion [R, E]."""
    inferred = model.infer(audio, emotion[:, None], slots)
    rows, good = inferred.projected[:, 0], np.flatnonzero(inferred.ok)
    made = Made(np.zeros((len(slots), len(model.face().names)), np.float32), inferred.ok, {}, {})
    made.weights[good] = model.animate(rows[good], slots[good])
    for row in good.tolist():
        jaw, eyes = model.face_of(slots[row]).rig(rows[row : row + 1], int(slots[row]))
        if jaw is not None and eyes is not None:
            made.jaw[row], made.eyes[row] = jaw[0], eyes[0]
    return made


def speechlike(seconds: float, sample_rate: int = 16000, seed: int = 2) -> NDArray[np.float32]:
    """Return noise with syllables and pauses, peak below 0.9."""
    rng = np.random.default_rng(seed)
    n = round(seconds * sample_rate)
    t = np.arange(n) / sample_rate
    loud = np.clip(np.sin(2 * np.pi * 3.1 * t) * np.sin(2 * np.pi * 0.4 * t), 0, 1)
    return (0.25 * np.clip(rng.normal(size=n), -3, 3) * loud).astype(np.float32)
