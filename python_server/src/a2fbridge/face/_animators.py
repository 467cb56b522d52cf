"""Geometry animators: network output to posed skin, tongue, jaw and eyes (spec: regression, section 4).

The reference path and the way to geometry.  Weights take the folded path of ``_folds``, which gives the same
numbers without ever building the mesh.  Arrays are float64 unless said otherwise; one instance is one stream.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from a2fbridge.packs import Identity

__all__ = [
    "EyeAnimator",
    "SkinAnimator",
    "Smoother",
    "face_mask",
    "fit_jaw",
    "half_life_gain",
    "pose_tongue",
    "skin_offsets",
]

Array = NDArray[np.float64]


def face_mask(neutral: NDArray[np.float32], level: float, softness: float) -> Array:
    """Return [V] in 0..1: 1 on the lower face, 0 on the upper, logistic in height (spec 4.1)."""
    height = neutral[:, 1].astype(np.float64)
    low, high = height.min(), height.max()
    x = (level - (height - low) / (high - low)) / softness
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


def half_life_gain(period: float, half_life: float) -> float:
    """Return the gain of one smoothing stage per frame; 1 when there is no smoothing (spec 4.2)."""
    return 1.0 if half_life <= 0.0 else float(1.0 - 0.5 ** (period / half_life))


def skin_offsets(parameters: Mapping[str, float]) -> tuple[float, float]:
    """Return the gains of the eye-close and lip-open poses (spec 4.2, step 1)."""
    eye_close = -parameters["eyelidOpenOffset"] + parameters["blinkOffset"] * parameters["blinkStrength"]
    return eye_close, parameters["lipOpenOffset"]


class Smoother:
    """Two exponential stages in a row; the first frame after a reset passes unchanged (spec 4.2, step 2)."""

    def __init__(self, gain: float) -> None:
        self._gain = gain
        self._stages: tuple[Array, Array] | None = None

    def __call__(self, value: Array) -> Array:
        """Advance by one frame and return the smoothed value."""
        if self._stages is None or self._gain == 1.0:
            self._stages = (value, value)
        else:
            first = self._stages[0] + self._gain * (value - self._stages[0])
            self._stages = (first, self._stages[1] + self._gain * (first - self._stages[1]))
        return self._stages[1]


class SkinAnimator:
    """Skin vertices frame by frame (spec 4.2)."""

    def __init__(self, identity: Identity, parameters: Mapping[str, float], period: float) -> None:
        self._identity = identity
        self._strength = parameters["skinStrength"]
        eye_close, lip_open = skin_offsets(parameters)
        self._offset = eye_close * identity.eye_close.astype(np.float64) + lip_open * identity.lip_open
        mask = face_mask(identity.skin_mean, parameters["faceMaskLevel"], parameters["faceMaskSoftness"])[
            :, None
        ]
        self._upper_gain = parameters["upperFaceStrength"] * (1.0 - mask)
        self._lower_gain = parameters["lowerFaceStrength"] * mask
        self._upper = Smoother(half_life_gain(period, parameters["upperFaceSmoothing"]))
        self._lower = Smoother(half_life_gain(period, parameters["lowerFaceSmoothing"]))

    def __call__(self, values: NDArray[np.float32]) -> Array:
        """Return [V, 3] vertices of the next frame from the network's values for the skin."""
        delta = self._strength * offsets_of(values, self._identity.skin_basis) + self._offset
        return np.asarray(
            self._identity.skin_mean
            + self._upper(delta) * self._upper_gain
            + self._lower(delta) * self._lower_gain
        )


def pose_tongue(identity: Identity, parameters: Mapping[str, float], values: NDArray[np.float32]) -> Array:
    """Return [..., Vt, 3] tongue vertices from the network's values [..., C] for the tongue (spec 4.3)."""
    delta = offsets_of(values, identity.tongue_basis)
    shift = np.array([0.0, parameters["tongueHeightOffset"], parameters["tongueDepthOffset"]])
    return np.asarray(identity.tongue_mean + parameters["tongueStrength"] * delta + shift)


def offsets_of(values: NDArray[np.float32], basis: NDArray[np.float32] | None) -> Array:
    """Return [..., V, 3] offsets of vertices from PCA coefficients, or from the offsets in one row (no basis)."""
    if basis is None:
        return values.astype(np.float64).reshape(*values.shape[:-1], -1, 3)
    return np.asarray(np.tensordot(values.astype(np.float64), basis, axes=1))


def fit_jaw(neutral: NDArray[np.float32], moved: Array) -> NDArray[np.float32]:
    """Return [B, 4, 4] rigid transforms that take ``neutral`` [n, 3] to ``moved`` [B, n, 3] (Kabsch; spec 4.4).

    Column-vector convention: ``moved ~ T[:3, :3] @ neutral + T[:3, 3]``.
    """
    rest = neutral.astype(np.float64)
    rest_mean, moved_mean = rest.mean(0), moved.mean(1)
    covariance = np.einsum("ni,bnj->bij", rest - rest_mean, moved - moved_mean[:, None])
    u, _, vt = np.linalg.svd(covariance)
    sign = np.sign(np.linalg.det(u) * np.linalg.det(vt))
    vt[:, 2] *= sign[:, None]
    rotation = np.swapaxes(u @ vt, 1, 2)
    out = np.tile(np.eye(4), (len(moved), 1, 1))
    out[:, :3, :3] = rotation
    out[:, :3, 3] = moved_mean - rotation @ rest_mean
    return out.astype(np.float32)


class EyeAnimator:
    """Eye rotations frame by frame, with darts played at 30 frames per second whatever the output rate (spec 4.5)."""

    def __init__(self, identity: Identity, parameters: Mapping[str, float], period: float) -> None:
        self._saccade = identity.saccade
        self._offset = np.array(
            [
                [parameters["rightEyeRotXOffset"], parameters["rightEyeRotYOffset"]],
                [parameters["leftEyeRotXOffset"], parameters["leftEyeRotYOffset"]],
            ],
            np.float32,
        )
        self._eye_gain = np.float32(parameters["eyeballsStrength"])
        self._dart_gain = np.float32(parameters["saccadeStrength"])
        self._seed = np.float32(parameters["eyeSaccadeSeed"])
        self._step = np.float32(np.float32(period) * np.float32(30.0))
        self._live = np.float32(0.0)

    def seek(self, frame: int) -> None:
        """Let ``frame`` be the next one."""
        self._live = np.float32(np.mod(float(self._step) * frame, len(self._saccade)))

    def __call__(self, angles: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return [2, 3] degrees (right eye first, z = 0) from the network's [4] values."""
        rows = np.float32(len(self._saccade))
        dart = self._saccade[int(np.mod(self._seed + self._live, rows))]
        self._live = np.mod(self._live + self._step, rows)
        out = np.zeros((2, 3), np.float32)
        out[:, :2] = self._offset + self._eye_gain * angles.reshape(2, 2) + self._dart_gain * dart
        return out
