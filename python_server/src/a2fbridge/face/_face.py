"""One identity: everything between the network's rows and the weights, with the state of its streams.

Streams are rows ("slots") of shared arrays; a batch may hold several consecutive rows of one stream.  A row of the
network is first projected (:meth:`Face.project`: linear; what the mesh says, in some hundred numbers); animators and
solver then run on projected rows, in order.  Not thread-safe but for :meth:`Face.fold`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError, nearest
from a2fbridge.face._animators import (
    EyeAnimator,
    SkinAnimator,
    fit_jaw,
    half_life_gain,
    pose_tongue,
    skin_offsets,
)
from a2fbridge.face._folds import Fold, fold_skin, fold_tongue
from a2fbridge.face._parameters import check_parameters, pack_parameters
from a2fbridge.face._part import Part, Solver, grown
from a2fbridge.face._settings import FaceSettings, PoseSettings, check_skipped, pose_name, posed
from a2fbridge.face._smoothing import smooth
from a2fbridge.packs import Identity, NetworkInfo

__all__ = ["Face"]

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Slots = NDArray[np.intp]
_FOLD_BYTES: Final = 256 << 20
"""Memory of cached folds; one is always kept (v3.0: 10 MB each, Mark: 0.2 MB)."""


class Face:
    """Turns rows of the network into weights, jaw, eyes and vertices."""

    def __init__(self, identity: Identity, info: NetworkInfo, solver: Solver, poses: PoseSettings) -> None:
        """Raises ParameterError for a bad pose name."""
        skin, tongue = posed(identity, poses)
        self.identity = identity
        self.solver: Solver = solver
        self.names = tuple(pose_name(name) for part in (skin, tongue) if part for name in part.names)
        """[K] weight names in frame order; none where a pack brings no blend shapes: there are vertices only."""
        self.parameters = pack_parameters(identity.parameters)
        """The identity's defaults by wire name."""
        sets = [part.config for part in (skin, tongue) if part]
        self._multiplier = np.array([m for config in sets for m in config.multipliers], np.float64)
        self._offset = np.array([o for config in sets for o in config.offsets], np.float64)
        self._skin, self._tongue = Part(skin, 0) if skin else None, Part(tongue, 0) if tongue else None
        self._tongue_fold = fold_tongue(identity, self._tongue.system) if self._tongue else None
        self._skin_count = len(skin.names) if skin else 0
        ends = np.cumsum([info.skin_columns, info.tongue_columns, info.jaw_size, info.eyes_size])
        self._ends: list[int] = ends.tolist()
        active = len(self._skin.system.active) if self._skin else 0
        self._weights = 2 * active
        self._rigid = self._weights + (len(self._tongue.system.active) if self._tongue else 0)
        self._jaw_end = self._rigid + info.jaw_size
        self.width = self._jaw_end + info.eyes_size
        """[M] values of a projected row: skin [2 K], tongue [K], jaw, eyes."""
        self._fold_lock = threading.Lock()
        self._folds: OrderedDict[tuple[float, float], Fold] = OrderedDict()
        self._fold_of: dict[int, Fold | None] = {}
        self._settings: dict[int, tuple[FaceSettings, dict[str, float], float]] = {}
        self._eyes: dict[int, EyeAnimator] = {}
        self._meshes: dict[int, SkinAnimator] = {}
        self._stages = np.zeros((0, 2, 2, active))
        self._started = np.zeros(0, np.bool_)
        self._gains = np.zeros((0, 2))
        self._scalars = np.zeros((0, 8))
        self._multipliers = np.zeros((0, len(self.names)))
        self._offsets = np.zeros((0, len(self.names)))
        self._clamp = np.zeros(0, np.bool_)
        self._shown = np.ones((0, 2), np.bool_)
        self.fold(self.parameters)

    def check(self, settings: FaceSettings) -> dict[str, float]:
        """Return the parameters in force for these settings; raises ParameterError for a bad name or value."""
        check_skipped(settings.skip)
        if not self.names and not settings.geometry:
            raise ParameterError(
                f"{self.identity.name} has vertices and no weights: the pack's model.json names no blendshapePaths; "
                "right is to ask for geometry (--geometry), or a pack with blend shapes"
            )
        for name in (*settings.multipliers, *settings.offsets):
            if name not in self.names:
                raise ParameterError(f"unknown blend shape '{name}'{nearest(name, self.names)}")
        for name, value in (*settings.multipliers.items(), *settings.offsets.items()):
            if not np.isfinite(value):
                raise ParameterError(
                    f"gain or offset of blend shape '{name}' is {value}; right is a finite number"
                )
        return self.parameters | check_parameters(settings.parameters)

    def fold(self, parameters: Mapping[str, float]) -> Fold | None:
        """Return the skin's fold for a mask level and softness, from a bounded cache; building one takes milliseconds.

        None for a skin without weights.

        The only method that other threads may call, so that a fold is ready before its stream opens.
        """
        if self._skin is None:
            return None
        key = (parameters["faceMaskLevel"], parameters["faceMaskSoftness"])
        with self._fold_lock:
            if key not in self._folds:
                self._folds[key] = fold_skin(self.identity, self._skin.system, *key)
            self._folds.move_to_end(key)
            most = max(1, _FOLD_BYTES // max(self._folds[key].nbytes, 1))
            while len(self._folds) > most:
                self._folds.popitem(last=False)
            return self._folds[key]

    def open(self, slot: int, settings: FaceSettings, period: float) -> None:
        """Take a slot for a stream with frames ``period`` seconds apart; raises ParameterError."""
        parameters = self.check(settings)
        fold = self.fold(parameters)
        if slot >= len(self._started):
            self._grow(max(8, 2 * slot))
        self._fold_of[slot] = fold
        self._settings[slot] = settings, parameters, period
        self._gains[slot] = [
            half_life_gain(period, parameters["upperFaceSmoothing"]),
            half_life_gain(period, parameters["lowerFaceSmoothing"]),
        ]
        self._scalars[slot] = [
            parameters["skinStrength"],
            *skin_offsets(parameters),
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
        self._shown[slot] = ["skin" not in settings.skip, "tongue" not in settings.skip]
        self.reset(slot)

    def close(self, slot: int) -> None:
        """Give the slot back."""
        for table in (self._settings, self._fold_of, self._eyes, self._meshes):
            table.pop(slot, None)

    def reset(self, slot: int) -> None:
        """Forget the stream's past: the next row is a first frame."""
        settings, parameters, period = self._settings[slot]
        self._started[slot] = False
        for part in (self._skin, self._tongue):
            if part:
                part.reset(slot)
        if settings.rig and "eyes" not in settings.skip:
            self._eyes[slot] = EyeAnimator(self.identity, parameters, period)
        if settings.geometry and "skin" not in settings.skip:
            self._meshes[slot] = SkinAnimator(self.identity, parameters, period)

    def remember(self, slots: Slots) -> list[NDArray[Any]]:
        """Return what animators and solver know of the past of streams, for :meth:`recall`."""
        return [array[slots] for array in self._past()]

    def recall(self, slots: Slots, past: Sequence[NDArray[Any]]) -> None:
        """Let streams be where they were."""
        for array, values in zip(self._past(), past, strict=True):
            array[slots] = values

    def _past(self) -> list[NDArray[Any]]:
        parts = [part for part in (self._skin, self._tongue) if part]
        return [self._started, self._stages, *(a for part in parts for a in (part.previous, part.sides))]

    def seek(self, slot: int, frame: int) -> None:
        """Let ``frame`` be the stream's next one: a first frame, the eyes where they are at its time."""
        self.reset(slot)
        if slot in self._eyes:
            self._eyes[slot].seek(frame)

    def input_strength(self, slot: int) -> float:
        """Gain of the audio that the stream's windows must be filled with."""
        return self._settings[slot][1]["inputStrength"]

    def project(self, rows: Floats, slots: Slots) -> Array:
        """Return projected rows [R, M] of the network's rows [R, row size]."""
        skin, tongue, _, end = self._ends
        out = np.zeros((len(rows), self.width))
        if self._skin and self._shown[slots, 0].any():
            for fold, chosen in self._by_fold(slots):
                out[chosen, : self._weights] = fold.project(rows[chosen, :skin])
        if self._tongue_fold and self._shown[slots, 1].any():
            out[:, self._weights : self._rigid] = self._tongue_fold.project(rows[:, skin:tongue])
        out[:, self._rigid :] = rows[:, tongue:end]
        return out

    def animate(self, projected: Array, slots: Slots) -> Floats:
        """Return weights [R, K] of projected rows [R, M], rows of a stream in frame order."""
        out = np.zeros((len(slots), len(self.names)))
        if self._skin:
            solved = self._solve_skin(self._skin, projected[:, : self._weights], slots)
            out[:, self._skin.system.active] = solved
        if self._tongue:
            solved = self._solve_tongue(projected[:, self._weights : self._rigid], slots)
            out[:, self._skin_count + self._tongue.system.active] = solved
        out *= self._multipliers[slots]
        out += self._offsets[slots]
        clamp = self._clamp[slots]
        if clamp.any():
            out[clamp] = np.clip(out[clamp], 0.0, 1.0)
        shown = self._shown[slots]
        if not shown.all():
            out[~shown[:, 0], : self._skin_count] = 0.0
            out[~shown[:, 1], self._skin_count :] = 0.0
        return out.astype(np.float32)

    def rig(self, projected: Array, slot: int) -> tuple[Floats | None, Floats | None]:
        """Return jaw [n, 4, 4] and eyes [n, 2, 3] of one stream's projected rows; None what it did not ask for."""
        settings, parameters, _ = self._settings[slot]
        jaw = self._jaw(projected, parameters) if settings.rig and "jaw" not in settings.skip else None
        if slot not in self._eyes:
            return jaw, None
        angles = projected[:, self._jaw_end : self.width].astype(np.float32)
        return jaw, np.stack([self._eyes[slot](row) for row in angles])

    def _jaw(self, projected: Array, p: Mapping[str, float]) -> Floats:
        shift = np.array([0.0, p["lowerTeethHeightOffset"], p["lowerTeethDepthOffset"]])
        moved = projected[:, self._rigid : self._jaw_end].reshape(len(projected), -1, 3)
        neutral = self.identity.neutral_jaw
        return fit_jaw(neutral, neutral + p["lowerTeethStrength"] * moved + shift)

    def geometry(self, rows: Floats, slot: int) -> tuple[Floats | None, Floats | None]:
        """Return skin [n, Vs, 3] and tongue [n, Vt, 3] vertices of one stream's rows; None what it did not ask for."""
        settings, parameters, _ = self._settings[slot]
        skin, tongue = self._ends[:2]
        vertices = posed = None
        if slot in self._meshes:
            vertices = np.stack([self._meshes[slot](row[:skin]) for row in rows]).astype(np.float32)
        if settings.geometry and "tongue" not in settings.skip:
            # Row by row, as the skin: a product of many rows would round otherwise.
            tongues = [pose_tongue(self.identity, parameters, row[skin:tongue]) for row in rows]
            posed = np.stack(tongues).astype(np.float32)
        return vertices, posed

    def _solve_skin(self, skin: Part, projected: Array, slots: Slots) -> Array:
        count = len(skin.system.active)
        scalars = self._scalars[slots]
        values = projected * scalars[:, :1]
        for fold, chosen in self._by_fold(slots):
            values[chosen] += fold.shift(scalars[chosen, 1:3])
        smoothed = smooth(values.reshape(-1, 2, count), slots, self._gains, self._started, self._stages)
        b = smoothed[:, 0] * scalars[:, 3:4] + smoothed[:, 1] * scalars[:, 4:5] + fold.constant
        return skin.solve(self.solver, b, slots)

    def _by_fold(self, slots: Slots) -> list[tuple[Fold, Any]]:
        """Return each fold that these rows use, and its rows; nearly always one fold and all rows."""
        folds = [fold for slot in slots.tolist() if (fold := self._fold_of[slot])]
        if all(fold is folds[0] for fold in folds):
            return [(folds[0], slice(None))]
        return [(fold, [i for i, f in enumerate(folds) if f is fold]) for fold in set(folds)]

    def _solve_tongue(self, projected: Array, slots: Slots) -> Array:
        assert self._tongue
        assert self._tongue_fold
        fold, scalars = self._tongue_fold, self._scalars[slots]
        b = projected * scalars[:, 5:6] + fold.shift(scalars[:, 6:8]) + fold.constant
        return self._tongue.solve(self.solver, b, slots)

    def _grow(self, slots: int) -> None:
        self._stages = grown(self._stages, slots)
        self._started = grown(self._started, slots)
        self._gains = grown(self._gains, slots)
        self._scalars = grown(self._scalars, slots)
        self._multipliers = grown(self._multipliers, slots)
        self._offsets = grown(self._offsets, slots)
        self._clamp = grown(self._clamp, slots)
        self._shown = grown(self._shown, slots)
        for part in (self._skin, self._tongue):
            if part:
                part.grow(slots)
