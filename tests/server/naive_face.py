"""The face pipelines as the specification writes them: one track, one frame after the other, the whole mesh.

Reads a pack's files with ``np.load`` and ``json`` and shares no code with the product.  The solver is SciPy's; the
network runs in ONNX Runtime.  Slow, and meant to be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

Array = NDArray[np.float64]
Emotion = Callable[[int], Array]
"""Emotion vector at a sample index."""


@dataclass
class Track:
    """What the oracle makes of one clip."""

    timestamps: list[int]
    weights: Array
    skin: list[Array]
    tongue: list[Array]
    jaw: list[Array]
    eyes: list[Array]


def regression(
    folder: Path, sound: Array, rate: Fraction, emotion: Emotion, changes: Mapping[str, float] | None = None
) -> Track:
    """Spec: regression, sections 2 to 5."""
    card, info = _json(folder, "model.json"), _json(folder, "network_info.json")
    params, audio = info["params"], info["audio_params"]
    config = _json(folder, card["modelConfigPath"])["config"] | dict(changes or {})
    data, database = np.load(folder / card["modelDataPath"]), np.load(folder / card["emotionDatabasePath"])
    shot = [n.decode() if isinstance(n, bytes) else n for n in database["emo_spec_names"].tolist()]
    row = database["emo_spec_start"][shot.index(config["source_shot"])] + config["source_frame"]
    implicit = database["emo_db"][row]
    session = onnxruntime.InferenceSession(folder / "network.onnx", providers=["CPUExecutionProvider"])
    size, offset = audio["buffer_len"], audio["buffer_ofs"]
    face = Animators(_solvers(folder, card["blendshapePaths"]), data, "shapes_mean", config, float(1 / rate))
    frames = -(-len(sound) * rate.numerator // (16000 * rate.denominator))
    ns, nt = params["num_shapes_skin"], params["num_shapes_tongue"]
    for k in range(frames):
        target = k * 16000 * rate.denominator // rate.numerator
        window = _window(sound * config["input_strength"], target - offset, size)
        feeds = {
            "input": window[None, None],
            "emotion": np.concatenate([implicit, emotion(target)])[None, None],
        }
        result = session.run(["result"], {n: v.astype(np.float32) for n, v in feeds.items()})[0][0, 0]
        skin = np.einsum(
            "s,svc->vc", result[:ns].astype(float), data["shapes_matrix_skin"].reshape(ns, -1, 3)
        )
        tongue = np.einsum(
            "s,svc->vc", result[ns : ns + nt].astype(float), data["shapes_matrix_tongue"].reshape(nt, -1, 3)
        )
        face.frame(target, skin, tongue, result[ns + nt : -4], result[-4:])
    return face.track()


def diffusion(
    folder: Path,
    identity: int,
    sound: Array,
    emotion: Emotion,
    noise: Callable[[int, tuple[int, ...]], NDArray[np.float32]],
    changes: Mapping[str, float] | None = None,
) -> Track:
    """Spec: diffusion, section A; ``noise(k, shape)`` gives the block of inference k."""
    card, info = _json(folder, "model.json"), _json(folder, "network_info.json")
    params, audio = info["params"], info["audio_params"]
    config = _json(folder, card["modelConfigPaths"][identity])["config"] | dict(changes or {})
    data = np.load(folder / card["modelDataPaths"][identity])
    session = onnxruntime.InferenceSession(folder / "network.onnx", providers=["CPUExecutionProvider"])
    left, center = params["num_frames_left_truncate"], params["num_frames_center"]
    total = left + center + params["num_frames_right_truncate"]
    window, padding = audio["buffer_len"], audio["padding_left"]
    stride, target_offset = window * center // total, window * left // total
    rate = Fraction(total * 16000, window)
    face = Animators(
        _solvers(folder, card["blendshapePaths"][identity]), data, "neutral", config, float(1 / rate)
    )
    row = params["skin_size"] + params["tongue_size"] + params["jaw_size"] + params["eyes_size"]
    latents = np.zeros(
        (params["num_diffusion_steps"], params["num_gru_layers"], 1, params["gru_latent_dim"]), np.float32
    )
    onehot = np.eye(len(params["identities"]), dtype=np.float32)[[identity]]
    k = 0
    while -padding + target_offset + k * stride < len(sound):
        targets = [
            -padding + target_offset + (g * stride) // center for g in range(k * center, (k + 1) * center)
        ]
        feeds = {
            "window": _window(sound * config["input_strength"], -padding + k * stride, window)[None],
            "identity": onehot,
            "emotion": np.stack([emotion(t) for t in targets])[None],
            "input_latents": latents,
            "noise": noise(k, (params["num_diffusion_steps"] + 1, total, row))[None],
        }
        feeds = {name: value.astype(np.float32) for name, value in feeds.items()}
        prediction, latents = session.run(["prediction", "output_latents"], feeds)
        for j, target in enumerate(targets):
            if 0 <= target < len(sound):
                skin, tongue, jaw, eyes = np.split(
                    prediction[0, left + j].astype(float),
                    np.cumsum([params["skin_size"], params["tongue_size"], params["jaw_size"]]),
                )
                face.frame(target, skin.reshape(-1, 3), tongue.reshape(-1, 3), jaw, eyes)
        k += 1
    return face.track()


class Animators:
    """Animators and solvers of one track (spec: regression, sections 4 and 5)."""

    def __init__(
        self, solvers: Mapping[str, Solver], data: Any, neutral: str, config: Mapping[str, float], dt: float
    ) -> None:
        self._config, self._dt = config, dt
        self._skin = data[f"{neutral}_skin"].reshape(-1, 3).astype(float)
        self._tongue = data[f"{neutral}_tongue"].reshape(-1, 3).astype(float)
        self._lip = data["lip_open_pose_delta"].reshape(-1, 3).astype(float)
        self._lid = data["eye_close_pose_delta"].reshape(-1, 3).astype(float)
        self._jaw = data["neutral_jaw"].reshape(-1, 3).astype(float)
        self._darts = data["saccade_rot_matrix"].reshape(-1, 2)
        y = self._skin[:, 1]
        height = (y - y.min()) / (y.max() - y.min())
        level, softness = config["face_mask_level"], config["face_mask_softness"]
        self._mask = (1 / (1 + np.exp(np.clip(-(level - height) / softness, -500, 500))))[:, None]
        self._stages: dict[str, Array] = {}
        self._live = 0.0
        self._parts = [(solvers[p], p) for p in ("skin", "tongue") if p in solvers]
        self._out = Track([], np.empty((0, 0)), [], [], [], [])
        self._weights: list[Array] = []

    def frame(self, target: int, skin: Array, tongue: Array, jaw: Any, eyes: Any) -> None:
        c = self._config
        blink = c.get("blink_offset", 0.0) * c["blink_strength"]
        delta = c["skin_strength"] * skin + (blink - c["eyelid_open_offset"]) * self._lid
        delta = delta + c["lip_open_offset"] * self._lip
        upper = self._smooth("upper", delta, c["upper_face_smoothing"])
        lower = self._smooth("lower", delta, c["lower_face_smoothing"])
        vertices = (
            self._skin
            + upper * c["upper_face_strength"] * (1 - self._mask)
            + lower * c["lower_face_strength"] * self._mask
        )
        tip = self._tongue + c["tongue_strength"] * tongue
        tip = tip + np.array([0, c["tongue_height_offset"], c["tongue_depth_offset"]])
        self._out.timestamps.append(target)
        self._out.skin.append(vertices)
        self._out.tongue.append(tip)
        self._out.jaw.append(self._rigid(np.asarray(jaw, float).reshape(-1, 3)))
        self._out.eyes.append(self._look(np.asarray(eyes, float)))
        poses = {"skin": vertices, "tongue": tip}
        if self._parts:
            weights = [solver.solve(poses[part]) for solver, part in self._parts]
            self._weights.append(np.concatenate(weights))

    def track(self) -> Track:
        self._out.weights = np.array(self._weights)
        return self._out

    def _smooth(self, name: str, value: Array, half_life: float) -> Array:
        if name + "1" not in self._stages or half_life == 0:
            self._stages[name + "1"] = self._stages[name + "2"] = value
        else:
            alpha = 1 - 0.5 ** (self._dt / half_life)
            first = self._stages[name + "1"] + alpha * (value - self._stages[name + "1"])
            self._stages[name + "1"] = first
            self._stages[name + "2"] = self._stages[name + "2"] + alpha * (first - self._stages[name + "2"])
        return self._stages[name + "2"]

    def _rigid(self, moved: Array) -> Array:
        c = self._config
        shift = np.array([0, c["lower_teeth_height_offset"], c["lower_teeth_depth_offset"]])
        p, q = self._jaw, self._jaw + c["lower_teeth_strength"] * moved + shift
        h = (p - p.mean(0)).T @ (q - q.mean(0))
        u, _, vt = np.linalg.svd(h)
        rotation = vt.T @ np.diag([1, 1, np.linalg.det(vt.T @ u.T)]) @ u.T
        out = np.eye(4)
        out[:3, :3], out[:3, 3] = rotation, q.mean(0) - rotation @ p.mean(0)
        return out

    def _look(self, eyes: Array) -> Array:
        c = self._config
        dart = self._darts[int((c["eye_saccade_seed"] + self._live) % len(self._darts))]
        self._live = np.float32((self._live + np.float32(np.float32(self._dt) * 30)) % len(self._darts))
        offset = np.array(
            [
                [c["right_eye_rot_x_offset"], c["right_eye_rot_y_offset"]],
                [c["left_eye_rot_x_offset"], c["left_eye_rot_y_offset"]],
            ]
        )
        turned = offset + c["eyeballs_strength"] * eyes.reshape(2, 2) + c["saccade_strength"] * dart
        return np.concatenate([turned, np.zeros((2, 1))], axis=1)


def _solvers(folder: Path, paths: Mapping[str, Any]) -> dict[str, Solver]:
    """The solvers of a pack's parts."""
    found = {}
    for part, files in paths.items():
        config = _json(folder, files["config"])["blendshape_params"]
        data = np.load(folder / files["data"])
        names = [n.decode() if isinstance(n, bytes) else n for n in data["poseNames"].tolist()][1:]
        neutral = data["neutral"].reshape(-1, 3).astype(float)
        deltas = np.stack([data[name].reshape(-1, 3) for name in names]).astype(float)
        mask = data.get("frontalMask")
        spelled = {
            "l1": config["strengthL1regularization"],
            "l2": config["strengthL2regularization"],
            "temporal": config["strengthTemporalSmoothing"],
            "symmetry": config["strengthSymmetry"],
            "template_size": config["templateBBSize"],
            "active": config["bsSolveActivePoses"],
            "cancel": config["bsSolveCancelPoses"],
            "symmetric": config["bsSolveSymmetryPoses"],
            "multipliers": config["bsWeightMultipliers"],
            "offsets": config["bsWeightOffsets"],
        }
        found[part] = Solver(spelled, neutral, deltas, mask)
    return found


class Solver:
    """Bounded least squares over all masked vertices of one part (spec: regression, section 5)."""

    def __init__(self, config: Mapping[str, Any], neutral: Array, deltas: Array, mask: Any) -> None:
        mask = np.arange(len(neutral)) if mask is None else np.asarray(mask)
        self._mask, self._neutral, self._count = mask, neutral[mask], len(deltas)
        self._active = [i for i, on in enumerate(config["active"]) if on]
        self._gain, self._offset = np.array(config["multipliers"]), np.array(config["offsets"])
        self._deltas = np.stack([deltas[i][mask].ravel() for i in self._active], 1)
        box = np.linalg.norm(neutral.max(0) - neutral.min(0))
        sigma = (box / config["template_size"]) ** 2
        self._pull = config["temporal"] * sigma
        k = len(self._active)
        self._exclusive = self._pairs(config["cancel"])
        p = np.zeros((0, k))
        for i, j in self._pairs(config["symmetric"]):
            p = np.vstack([p, np.eye(k)[i] - np.eye(k)[j]])
        self._a = (
            self._deltas.T @ self._deltas
            + config["l1"] ** 2 * 0.25 * sigma * np.ones((k, k))
            + config["l2"] * 10 * sigma * np.eye(k)
            + config["temporal"] * 100 * sigma * np.eye(k)
            + config["symmetry"] * 10 * sigma * p.T @ p
        )
        self._last = np.zeros(k)

    def _pairs(self, ids: Any) -> list[tuple[int, int]]:
        """Places within the active set that share an id of 0 or more."""
        places = range(len(self._active))
        return [
            (i, j)
            for i in places
            for j in places
            if i < j and ids[self._active[i]] >= 0 and ids[self._active[i]] == ids[self._active[j]]
        ]

    def restart(self) -> None:
        self._last = np.zeros(len(self._last))

    def solve(self, vertices: Array, four_steps: bool = False) -> Array:
        bounded = self._four_steps if four_steps else self._bounded
        residual = (vertices[self._mask] - self._neutral).ravel()
        b = self._deltas.T @ residual + self._pull * self._last
        self._last = bounded(b, np.ones(len(b)))
        if self._exclusive:
            upper = np.ones(len(b))
            for i, j in self._exclusive:
                upper[j if self._last[i] >= self._last[j] else i] = 1e-10
            self._last = bounded(b, upper)
        out = np.zeros(self._count)
        out[self._active] = self._last
        return out * self._gain + self._offset

    def _four_steps(self, b: Array, upper: Array) -> Array:
        """NVIDIA's GPU algorithm (spec: regression, 5.6)."""
        square = self._a.T @ self._a
        w = 0.25 * np.sqrt(np.diag(square))
        m, c, u = np.linalg.inv(square + np.diag(w**2)), self._a.T @ b, np.zeros(len(b))
        z = np.clip(np.linalg.inv(self._a) @ b, 0, upper)
        for _ in range(4):
            x = m @ (w**2 * (z - u) + c)
            z = np.clip(x + u, 0, upper)
            u = u + 1.9 * (x - z)
        return z

    def _bounded(self, b: Array, upper: Array) -> Array:
        return lsq_linear(self._a, b, (0, upper), method="bvls", tol=1e-12, max_iter=2000).x


def _window(sound: Array, start: int, size: int) -> Array:
    return np.array([sound[i] if 0 <= i < len(sound) else 0.0 for i in range(start, start + size)])


def _json(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text("utf-8"))
