"""One pack on one backend: audio windows of many streams in, weights out.

Streams are rows ("slots") of shared arrays; a batch may hold several consecutive rows of one stream.  Knows nothing
of audio buffers, clocks or threads; not thread-safe: one thread owns it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError, ParameterError, nearest
from a2fbridge.backends import Backend, finite_rows
from a2fbridge.face._animators import EyeAnimator, fit_jaw, half_life_gain, skin_offsets
from a2fbridge.face._folds import SkinFold, TongueFold
from a2fbridge.face._parameters import check_parameters, pack_parameters
from a2fbridge.face._part import SOLVERS, Part, Solver, grown
from a2fbridge.face._settings import FaceSettings, PoseSettings, pose_name, posed
from a2fbridge.face._smoothing import smooth
from a2fbridge.packs import RegressionPack

__all__ = ["FaceModel", "Result"]

Array = NDArray[np.float64]
Slots = NDArray[np.intp]
_MAX_FOLDS: Final = 32


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What one batch of R rows gave."""

    weights: NDArray[np.float32]
    """[R, K]"""
    ok: NDArray[np.bool_]
    """[R] False where the network gave no finite values; such rows hold zeros and left their stream's state alone."""
    jaw: dict[int, NDArray[np.float32]]
    """Row -> [4, 4], for streams that asked for the rig."""
    eyes: dict[int, NDArray[np.float32]]
    """Row -> [2, 3] degrees."""


class FaceModel:
    """Runs batches of rows and keeps every stream's animator and solver state."""

    def __init__(
        self, pack: RegressionPack, backend: Backend, solver: str = "bvls", poses: PoseSettings | None = None
    ) -> None:
        """Raises ConfigError for an unknown solver, ParameterError for a bad pose name or pack default."""
        if solver not in SOLVERS:
            raise ConfigError(
                f"unknown solver '{solver}'{nearest(solver, SOLVERS)}; right is one of {', '.join(SOLVERS)}"
            )
        poses = poses or PoseSettings()
        skin, tongue = posed(pack, poses)
        self.pack, self.backend = pack, backend
        self.solver: Solver = "admm" if solver == "admm" else "bvls"
        self.names = tuple(pose_name(n) for n in skin.names + (tongue.names if tongue else ()))
        self.parameters = pack_parameters(pack.parameters)
        self._multiplier = np.array(
            skin.config.multipliers + (tongue.config.multipliers if tongue else ()), np.float64
        )
        self._offset = np.array(skin.config.offsets + (tongue.config.offsets if tongue else ()), np.float64)
        self._skin_count = len(skin.names)
        self._free: list[int] = []
        self._count = 0
        self._skin = Part(skin, 0)
        self._tongue = Part(tongue, 0) if tongue else None
        self._tongue_fold = TongueFold.build(pack, self._tongue.system) if self._tongue else None
        self._fold_lock = threading.Lock()
        self._folds: OrderedDict[tuple[float, float], SkinFold] = OrderedDict()
        self._fold_of: list[SkinFold] = []
        self._eyes: dict[int, EyeAnimator] = {}
        self._settings: dict[int, dict[str, float]] = {}
        columns = pack.info.skin_shapes + 2
        self._stages = np.zeros((0, 2, 2, columns))
        self._started = np.zeros(0, np.bool_)
        self._gains = np.zeros((0, 2))
        self._scalars = np.zeros((0, 8))
        self._multipliers = np.zeros((0, len(self.names)))
        self._offsets = np.zeros((0, len(self.names)))
        self._clamp = np.zeros(0, np.bool_)
        self.fold(self.parameters)

    def check(self, settings: FaceSettings) -> dict[str, float]:
        """Return the parameters in force for these settings; raises ParameterError for a bad name or value."""
        for name in (*settings.multipliers, *settings.offsets):
            if name not in self.names:
                raise ParameterError(f"unknown blend shape '{name}'{nearest(name, self.names)}")
        for name, value in (*settings.multipliers.items(), *settings.offsets.items()):
            if not np.isfinite(value):
                raise ParameterError(
                    f"gain or offset of blend shape '{name}' is {value}; right is a finite number"
                )
        return self.parameters | check_parameters(settings.parameters)

    def fold(self, parameters: Mapping[str, float]) -> SkinFold:
        """Return the skin fold for a mask level and softness, from a bounded cache; building one takes milliseconds.

        The only method that other threads may call, so that a fold is ready before its stream opens.
        """
        key = (parameters["faceMaskLevel"], parameters["faceMaskSoftness"])
        with self._fold_lock:
            if key not in self._folds:
                self._folds[key] = SkinFold.build(self.pack, self._skin.system, *key)
            self._folds.move_to_end(key)
            while len(self._folds) > _MAX_FOLDS:
                self._folds.popitem(last=False)
            return self._folds[key]

    def open(self, settings: FaceSettings, period: float) -> int:
        """Take a slot for a stream with frames ``period`` seconds apart; raises ParameterError."""
        parameters = self.check(settings)
        fold = self.fold(parameters)
        slot = self._free.pop() if self._free else self._new_slot()
        self._fold_of[slot] = fold
        self._settings[slot] = parameters
        self._gains[slot] = [
            half_life_gain(period, parameters["upperFaceSmoothing"]),
            half_life_gain(period, parameters["lowerFaceSmoothing"]),
        ]
        eye_close, lip_open = skin_offsets(parameters)
        self._scalars[slot] = [
            parameters["skinStrength"],
            eye_close,
            lip_open,
            parameters["upperFaceStrength"],
            parameters["lowerFaceStrength"],
            parameters["tongueStrength"],
            parameters["tongueHeightOffset"],
            parameters["tongueDepthOffset"],
        ]
        for i, name in enumerate(self.names):
            self._multipliers[slot, i] = settings.multipliers.get(name, self._multiplier[i])
            self._offsets[slot, i] = settings.offsets.get(name, self._offset[i])
        self._clamp[slot] = settings.clamp
        self._eyes.pop(slot, None)
        if settings.rig:
            self._eyes[slot] = EyeAnimator(self.pack, parameters, period)
        self.reset(slot, period)
        return slot

    def close(self, slot: int) -> None:
        """Give the slot back."""
        self._settings.pop(slot)
        self._eyes.pop(slot, None)
        self._free.append(slot)

    def reset(self, slot: int, period: float) -> None:
        """Forget the stream's past: the next row is a first frame."""
        self._started[slot] = False
        self._skin.reset(slot)
        if self._tongue:
            self._tongue.reset(slot)
        if slot in self._eyes:
            self._eyes[slot] = EyeAnimator(self.pack, self._settings[slot], period)

    def input_strength(self, slot: int) -> float:
        """Gain of the audio that the stream's windows must be filled with."""
        return self._settings[slot]["inputStrength"]

    def run(self, audio: NDArray[np.float32], emotion: NDArray[np.float32], slots: Slots) -> Result:
        """Infer and animate R rows: audio [R, window], emotion [R, implicit + E]; rows of a slot in frame order."""
        result = self.backend.run(audio, emotion)
        ok = finite_rows(result)
        weights = np.zeros((len(slots), len(self.names)), np.float32)
        jaw: dict[int, NDArray[np.float32]] = {}
        eyes: dict[int, NDArray[np.float32]] = {}
        good = np.flatnonzero(ok)
        if len(good):
            weights[good] = self.animate(result[good], slots[good])
            self._rig(result, slots, good, jaw, eyes)
        return Result(weights, ok, jaw, eyes)

    def animate(self, result: NDArray[np.float32], slots: Slots) -> NDArray[np.float32]:
        """Return weights [R, K] of network rows [R, result size]: everything after the network, without the mesh."""
        solved = self._solve_skin(result, slots)
        out = np.zeros((len(slots), len(self.names)))
        out[:, self._skin.system.active] = solved
        if self._tongue:
            out[:, self._skin_count + self._tongue.system.active] = self._solve_tongue(result, slots)
        out *= self._multipliers[slots]
        out += self._offsets[slots]
        clamp = self._clamp[slots]
        if clamp.any():
            out[clamp] = np.clip(out[clamp], 0.0, 1.0)
        return out.astype(np.float32)

    def _solve_skin(self, result: NDArray[np.float32], slots: Slots) -> Array:
        count = self.pack.info.skin_shapes
        values = np.empty((len(slots), count + 2))
        np.multiply(result[:, :count], self._scalars[slots, :1], out=values[:, :count])
        values[:, count:] = self._scalars[slots, 1:3]
        smoothed = smooth(values, slots, self._gains, self._started, self._stages)
        upper, lower = self._scalars[slots, 3], self._scalars[slots, 4]
        folds = [self._fold_of[slot] for slot in slots]
        if all(fold is folds[0] for fold in folds):
            b = folds[0].right_hand_side(smoothed, upper, lower)
        else:
            b = np.empty((len(slots), len(self._skin.system.active)))
            for fold in set(folds):
                rows = np.array([i for i, f in enumerate(folds) if f is fold])
                b[rows] = fold.right_hand_side(smoothed[rows], upper[rows], lower[rows])
        return self._skin.solve(self.solver, b, slots)

    def _solve_tongue(self, result: NDArray[np.float32], slots: Slots) -> Array:
        assert self._tongue
        assert self._tongue_fold
        start, count = self.pack.info.skin_shapes, self.pack.info.tongue_shapes
        values = np.empty((len(slots), count + 2))
        np.multiply(result[:, start : start + count], self._scalars[slots, 5:6], out=values[:, :count])
        values[:, count:] = self._scalars[slots, 6:8]
        return self._tongue.solve(self.solver, self._tongue_fold.right_hand_side(values), slots)

    def _rig(
        self,
        result: NDArray[np.float32],
        slots: Slots,
        rows: Slots,
        jaw: dict[int, NDArray[np.float32]],
        eyes: dict[int, NDArray[np.float32]],
    ) -> None:
        info = self.pack.info
        start = info.skin_shapes + info.tongue_shapes
        for row in rows.tolist():
            slot = int(slots[row])
            if slot not in self._eyes:
                continue
            p = self._settings[slot]
            shift = np.array([0.0, p["lowerTeethHeightOffset"], p["lowerTeethDepthOffset"]])
            moved = result[row, start : start + info.jaw_size].astype(np.float64).reshape(1, -1, 3)
            posed = self.pack.neutral_jaw + p["lowerTeethStrength"] * moved + shift
            jaw[row] = fit_jaw(self.pack.neutral_jaw, posed)[0]
            eyes[row] = self._eyes[slot](result[row, start + info.jaw_size :])

    def _new_slot(self) -> int:
        if self._count == len(self._started):
            self._grow(max(8, 2 * self._count))
        self._count += 1
        self._fold_of.append(self.fold(self.parameters))
        return self._count - 1

    def _grow(self, slots: int) -> None:
        self._stages = grown(self._stages, slots)
        self._started = grown(self._started, slots)
        self._gains = grown(self._gains, slots)
        self._scalars = grown(self._scalars, slots)
        self._multipliers = grown(self._multipliers, slots)
        self._offsets = grown(self._offsets, slots)
        self._clamp = grown(self._clamp, slots)
        self._skin.grow(slots)
        if self._tongue:
            self._tongue.grow(slots)
