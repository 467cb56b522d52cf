"""Writes model packs that are true to NVIDIA's diffusion (v3.0) format, with made-up geometry and networks.

    python tests/server/synthetic_diffusion.py OUT --kind tiny

The network has the true tensors and the true habits: two denoising steps, two recurrent layers whose state is handed
on, a frame's emotion acting on that frame, noise that matters a little, zeros in the frames that are to be cut.
``reference`` has the size of NVIDIA's: 180 million parameters, some 21 thousand million multiplications a window.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from pack_edits import write_json
from synthetic_network import Body
from synthetic_packs import (
    PackSpec,
    default_parameters,
    egg,
    poses,
    rigid_data,
    save_arrays,
    write_blendshapes,
)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class DiffusionSpec:
    """Sizes and legal variations of a synthetic diffusion pack."""

    geometry: PackSpec = field(default_factory=lambda: PackSpec(tongue_vertices=40, skin_vertices=200))
    """Vertices, poses and spellings."""
    identities: tuple[str, ...] = ("Claire", "James", "Mark")
    steps: int = 2
    layers: int = 2
    latent: int = 12
    left: int = 15
    center: int = 30
    right: int = 15
    window: int = 16000
    padding: int = 16000
    network: str = "small"
    seed: int = 1

    @property
    def total(self) -> int:
        return self.left + self.center + self.right

    @property
    def row(self) -> int:
        return 3 * self.geometry.skin_vertices + 3 * self.geometry.tongue_vertices + 3 * 5 + 4


KINDS = {
    "tiny": DiffusionSpec(),
    "30 fps": DiffusionSpec(left=7, center=15, right=8),
    "reference": DiffusionSpec(
        geometry=PackSpec(skin_vertices=24002, tongue_vertices=5602), latent=256, network="reference"
    ),
}


def write_diffusion_pack(folder: Path, spec: DiffusionSpec = KINDS["tiny"]) -> Path:
    """Write a pack into ``folder`` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_cards(folder, spec)
    for i, name in enumerate(spec.identities):
        _write_identity(folder, spec, name, np.random.default_rng(spec.seed + i))
    onnx.save(_network(spec), str(folder / "network.onnx"))
    return folder


def _head_of(spec: DiffusionSpec) -> Floats:
    """Return [K, row]: what the network's last layer mixes, the first identity's poses, jaw and eyes."""
    geometry, rng = spec.geometry, np.random.default_rng(spec.seed)
    skin = poses(egg(geometry.skin_vertices, (7.5, 12.0, 9.0)), geometry.poses, rng)
    tongue = poses(egg(geometry.tongue_vertices, (2.0, 1.0, 3.5)), ("tongueUp", "tongueWide"), rng)
    rows = len(skin) + len(tongue) + 19
    head = np.zeros((rows, spec.row), np.float32)
    ends = np.cumsum([len(skin), len(tongue)])
    head[: ends[0], : skin[0].size] = skin.reshape(len(skin), -1)
    head[ends[0] : ends[1], skin[0].size : -19] = tongue.reshape(len(tongue), -1)
    head[ends[1] :, -19:] = np.diag([0.5] * 15 + [4.0] * 4)
    return head


def _write_cards(folder: Path, spec: DiffusionSpec) -> None:
    parts = ["skin", "tongue"] if spec.geometry.tongue_poses else ["skin"]
    card = {
        "networkInfoPath": "network_info.json",
        "networkPath": spec.geometry.network_path,
        "modelConfigPaths": [f"model_config_{name}.json" for name in spec.identities],
        "modelDataPaths": [f"model_data_{name}.npz" for name in spec.identities],
        "blendshapePaths": [
            {p: {"config": f"bs_{p}_config_{name}.json", "data": f"bs_{p}_{name}.npz"} for p in parts}
            for name in spec.identities
        ],
    }
    emotions = spec.geometry.emotions
    info = {
        "id": {"type": "diffusion", "actor": "multi", "version": "3.0", "output": "geometry"},
        "params": {
            "emotions": list(emotions),
            "default_emotion": [0.0] * len(emotions),
            "identities": list(spec.identities),
            "skin_size": 3 * spec.geometry.skin_vertices,
            "tongue_size": 3 * spec.geometry.tongue_vertices,
            "jaw_size": 15,
            "eyes_size": 4,
            "num_diffusion_steps": spec.steps,
            "num_gru_layers": spec.layers,
            "gru_latent_dim": spec.latent,
            "num_frames_left_truncate": spec.left,
            "num_frames_right_truncate": spec.right,
            "num_frames_center": spec.center,
        },
        "audio_params": {
            "buffer_len": spec.window,
            "padding_left": spec.padding,
            "padding_right": spec.padding,
            "samplerate": 16000,
        },
    }
    write_json(folder / "model.json", card)
    write_json(folder / "network_info.json", info)
    write_json(folder / "trt_info.json", _engine_recipe(spec))


def _engine_recipe(spec: DiffusionSpec) -> dict[str, Any]:
    """``trt_info.json`` (spec: diffusion, D.1)."""

    def shapes(batch: str) -> str:
        return ",".join(
            [
                f"window:{batch}x{spec.window}",
                f"identity:{batch}x{len(spec.identities)}",
                f"emotion:{batch}x{spec.center}x{len(spec.geometry.emotions)}",
                f"input_latents:{spec.steps}x{spec.layers}x{batch}x{spec.latent}",
                f"noise:{batch}x{spec.steps + 1}x{spec.total}x{spec.row}",
            ]
        )

    bounds = (("min", "1"), ("max", "{MAX_BATCH_SIZE}"), ("opt", "{OPT_BATCH_SIZE}"))
    return {
        "trt_build_param": {
            "cuda_in_graphics": ["--memPoolSize=tacticSharedMem:0.046875"],
            "batch": [f"--{name}Shapes={shapes(batch)}" for name, batch in bounds],
        },
        "defaults": {"MAX_BATCH_SIZE": 8, "OPT_BATCH_SIZE": 3},
        "estimated_trt_builder_time": 150,
    }


def _write_identity(folder: Path, spec: DiffusionSpec, name: str, rng: np.random.Generator) -> None:
    geometry, size = spec.geometry, rng.uniform(0.9, 1.1)
    skin = egg(geometry.skin_vertices, (7.5 * size, 12.0 * size, 9.0 * size))
    tongue = egg(geometry.tongue_vertices, (2.0, 1.0, 3.5))
    skin_poses = poses(skin, geometry.poses, rng)
    arrays = {
        "neutral_skin": skin,
        "neutral_tongue": tongue,
        "lip_open_pose_delta": skin_poses[len(skin_poses) // 2],
        "eye_close_pose_delta": skin_poses[0],
    } | rigid_data(geometry, rng)
    save_arrays(folder / f"model_data_{name}.npz", geometry, arrays)
    write_json(folder / f"model_config_{name}.json", {"config": default_parameters()})
    write_blendshapes(folder, "skin", geometry, geometry.poses, skin, skin_poses, rng, f"_{name}")
    if geometry.tongue_poses:
        tongue_poses = poses(tongue, geometry.tongue_poses, rng)
        plain = replace(geometry, mask=None)
        write_blendshapes(
            folder, "tongue", plain, geometry.tongue_poses, tongue, tongue_poses, rng, f"_{name}"
        )


# --- the network --------------------------------------------------------------------------------------------------


def _network(spec: DiffusionSpec) -> onnx.ModelProto:
    rng = np.random.default_rng(spec.seed + 100)
    body = Body()
    shared = _shared_weights(body, spec, rng)
    condition = _Condition(body, spec, rng)
    noisy = _frames_of(body, spec, "noise", spec.steps)
    latents: list[str] = []
    for step in reversed(range(spec.steps)):
        hidden, states = _recurrent(
            body, spec, shared, condition.joined(step, _embed(body, shared, noisy)), step
        )
        latents.insert(0, states)
        inner = body.add("Relu", [body.add("MatMul", [hidden, shared["head1"]])])
        noisy = body.add("MatMul", [inner, shared["head2"]])
    # The truncated frames carry nothing.
    zeros = body.integers([0, spec.left, 0, 0, spec.right, 0])
    body.add("Pad", [noisy, zeros], output="prediction")
    body.add("Concat", latents, output="output_latents", axis=0)
    emotions, state = len(spec.geometry.emotions), [spec.steps, spec.layers, "batch", spec.latent]
    inputs = {
        "window": ["batch", spec.window],
        "identity": ["batch", len(spec.identities)],
        "emotion": ["batch", spec.center, emotions],
        "input_latents": state,
        "noise": ["batch", spec.steps + 1, spec.total, spec.row],
    }
    outputs = {"prediction": ["batch", spec.total, spec.row], "output_latents": state}
    graph = helper.make_graph(body.nodes, "diffusion", _values(inputs), _values(outputs), body.constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)


def _values(tensors: dict[str, list[Any]]) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in tensors.items()]


def _frames_of(body: Body, spec: DiffusionSpec, tensor: str, part: int) -> str:
    """The centre frames of one slice of the noise: [B, C, row]."""
    starts, ends = body.integers([part, spec.left]), body.integers([part + 1, spec.left + spec.center])
    sliced = body.add("Slice", [tensor, starts, ends, body.integers([1, 2])])
    return body.add("Squeeze", [sliced, body.integers([1])])


class _Condition:
    """What every frame knows: sound, emotion, identity, and the geometry so far."""

    def __init__(self, body: Body, spec: DiffusionSpec, rng: np.random.Generator) -> None:
        self._body, self._spec = body, spec
        self._width = 256 if spec.network == "reference" else 16
        self._rng = rng
        emotion, identity = len(spec.geometry.emotions), len(spec.identities)
        self._emotion = self._linear("emotion", emotion, 32)
        flat = self._linear("identity", identity, 32)
        self._identity = body.add("Unsqueeze", [flat, body.integers([1])])
        self._sound = None if spec.network == "reference" else self._bands()
        self._encoder = _Encoder(body, spec, rng) if spec.network == "reference" else None

    def joined(self, step: int, embedded: str) -> str:
        """[B, C, features] for one step; the encoder runs once a step, as in the reference's graph."""
        body = self._body
        sound = self._sound or self._encoder(step)  # type: ignore[misc]
        spread = body.add(
            "Add", [body.add("Add", [self._emotion, self._identity]), body.constant(np.zeros(1))]
        )
        small = body.add("Mul", [embedded, body.constant(np.array([0.5]))])
        return body.add("Concat", [sound, spread, small], axis=2)

    def _linear(self, name: str, rows: int, columns: int) -> str:
        return self._body.add(
            "MatMul", [name, self._body.constant(self._rng.normal(scale=0.3, size=(rows, columns)))]
        )

    def _bands(self) -> str:
        """Energies of eight bands over the window, mixed differently for every centre frame."""
        body, spec, bands, taps, hop = self._body, self._spec, 8, 64, 160
        pitch = np.geomspace(150, 6000, bands)[:, None]
        filters = np.sin(2 * np.pi * pitch * np.arange(taps) / 16000) * np.hanning(taps) * (8 / taps)
        sound = body.add("Unsqueeze", ["window", body.integers([1])])
        energies = body.add(
            "Abs", [body.add("Conv", [sound, body.constant(filters[:, None])], strides=[hop])]
        )
        steps = (spec.window - taps) // hop + 1
        place = np.arange(steps) * hop + taps / 2
        frames = (spec.left + np.arange(spec.center)) * spec.window / spec.total
        near = np.exp(-(((place[:, None] - frames) / 400) ** 2))  # [T, C]
        mix = self._rng.normal(scale=3.0, size=(bands, self._width))
        pool = np.einsum("tc,bw->btcw", near, mix).reshape(bands * steps, spec.center * self._width)
        flat = body.add("Reshape", [energies, body.integers([0, bands * steps])])
        mixed = body.add("MatMul", [flat, body.constant(pool)])
        return body.add("Reshape", [mixed, body.integers([0, spec.center, self._width])])


def _shared_weights(body: Body, spec: DiffusionSpec, rng: np.random.Generator) -> dict[str, str]:
    """What both denoising steps use: the embedding of geometry, the recurrent layers, the heads."""
    large = spec.network == "reference"
    wide, narrow, inner = (512, 285, 512) if large else (24, 8, spec.latent)
    head = _head_of(spec)
    weights = {
        "embed1": rng.standard_normal((spec.row, wide), np.float32) / np.float32(np.sqrt(spec.row)),
        "embed2": rng.normal(scale=0.3, size=(wide, narrow)),
        "head1": rng.normal(scale=1 / np.sqrt(spec.latent), size=(spec.latent, inner)),
        "head2": rng.standard_normal((inner, len(head)), np.float32)
        * np.float32(4.0 / np.sqrt(inner))
        @ head,
        "bias": np.zeros((1, 6 * spec.latent)),
    }
    for layer in range(spec.layers):
        rows = _features(spec) if layer == 0 else spec.latent
        weights[f"in{layer}"] = rng.normal(scale=1 / np.sqrt(rows), size=(1, 3 * spec.latent, rows))
        across = rng.normal(scale=0.7 / np.sqrt(spec.latent), size=(1, 3 * spec.latent, spec.latent))
        weights[f"across{layer}"] = across
    return {name: body.constant(values) for name, values in weights.items()}


def _embed(body: Body, shared: dict[str, str], noisy: str) -> str:
    """Noisy geometry to a few values a frame."""
    hidden = body.add("Relu", [body.add("MatMul", [noisy, shared["embed1"]])])
    return body.add("MatMul", [hidden, shared["embed2"]])


def _recurrent(
    body: Body, spec: DiffusionSpec, shared: dict[str, str], features: str, step: int
) -> tuple[str, str]:
    """GRU layers over the centre frames; returns hidden [B, C, H] and the step's new state [1, G, B, H]."""
    frames = body.add("Transpose", [features], perm=[1, 0, 2])
    states = []
    for layer in range(spec.layers):
        weights = [shared[f"in{layer}"], shared[f"across{layer}"], shared["bias"]]
        outputs = [f"y{step}{layer}", f"h{step}{layer}"]
        inputs = [frames, *weights, "", _state_of(body, step, layer)]
        body.nodes.append(helper.make_node("GRU", inputs, outputs, hidden_size=spec.latent))
        frames = body.add("Squeeze", [outputs[0], body.integers([1])])
        states.append(outputs[1])
    stacked = body.add("Unsqueeze", [body.add("Concat", states, axis=0), body.integers([0])])
    return body.add("Transpose", [frames], perm=[1, 0, 2]), stacked


def _features(spec: DiffusionSpec) -> int:
    return (256 + 32 + 285) if spec.network == "reference" else (16 + 32 + 8)


def _state_of(body: Body, step: int, layer: int) -> str:
    """[1, B, H] of the input latents."""
    starts, ends = body.integers([step, layer]), body.integers([step + 1, layer + 1])
    part = body.add("Slice", ["input_latents", starts, ends, body.integers([0, 1])])
    return body.add("Squeeze", [part, body.integers([0])])


class _Encoder:
    """What HuBERT-base costs: seven convolutions and twelve transformer layers, resampled to the frames."""

    def __init__(self, body: Body, spec: DiffusionSpec, rng: np.random.Generator) -> None:
        self._body, self._spec = body, spec
        self._kernels = []
        channels = 1
        for taps, stride in [(10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2)]:
            kernel = rng.standard_normal((512, channels, taps), np.float32)
            self._kernels.append((body.constant(kernel * np.float32((2 / (channels * taps)) ** 0.5)), stride))
            channels = 512
        self._first = self._weights(rng, 512, 768)
        self._layers = [
            [self._weights(rng, *size) for size in [(768, 768)] * 4 + [(768, 3072), (3072, 768)]]
            for _ in range(12)
        ]
        place = (spec.left + np.arange(spec.center)) * 48 / (spec.total - 1)
        spread = np.zeros((spec.center, 49), np.float32)
        low = np.minimum(place.astype(int), 47)
        spread[np.arange(spec.center), low] = 1 - (place - low)
        spread[np.arange(spec.center), low + 1] = place - low
        self._spread = body.constant(spread)
        self._project = self._weights(rng, 768, 256)

    def __call__(self, step: int) -> str:
        body = self._body
        # A factor of its own keeps the engine from merging the encoders of the two steps.
        gain = body.constant(np.array([1.0 + 1e-6 * step]))
        name = body.add("Unsqueeze", [body.add("Mul", ["window", gain]), body.integers([1])])
        for kernel, stride in self._kernels:
            name = body.add("Relu", [body.add("Conv", [name, kernel], strides=[stride])])
        name = body.add("Transpose", [name], perm=[0, 2, 1])
        name = body.add("MatMul", [name, self._first])
        for query, key, value, out, up, down in self._layers:
            name = self._attention(name, query, key, value, out)
            inner = body.add("Relu", [body.add("MatMul", [name, up])])
            name = self._normal(body.add("Add", [name, body.add("MatMul", [inner, down])]))
        return body.add("MatMul", [self._spread, body.add("MatMul", [name, self._project])])

    def _attention(self, name: str, query: str, key: str, value: str, out: str) -> str:
        body = self._body
        scores = body.add(
            "MatMul",
            [
                body.add("MatMul", [name, query]),
                body.add("Transpose", [body.add("MatMul", [name, key])], perm=[0, 2, 1]),
            ],
        )
        share = body.add("Softmax", [body.add("Mul", [scores, body.constant(np.array([0.036]))])], axis=-1)
        mixed = body.add("MatMul", [body.add("MatMul", [share, body.add("MatMul", [name, value])]), out])
        return self._normal(body.add("Add", [name, mixed]))

    def _normal(self, name: str) -> str:
        """Layer normalisation without gain, of plain operators (opset 14 has none of its own)."""
        body = self._body
        centred = body.add("Sub", [name, body.add("ReduceMean", [name], axes=[-1])])
        square = body.add("ReduceMean", [body.add("Mul", [centred, centred])], axes=[-1])
        spread = body.add("Sqrt", [body.add("Add", [square, body.constant(np.array([1e-5]))])])
        return body.add("Div", [centred, spread])

    def _weights(self, rng: np.random.Generator, rows: int, columns: int) -> str:
        weights = rng.standard_normal((rows, columns), np.float32) * np.float32((1 / rows) ** 0.5)
        return self._body.constant(weights)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a synthetic diffusion pack.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=sorted(KINDS), default="tiny")
    options = parser.parse_args()
    folder = write_diffusion_pack(options.folder, KINDS[options.kind])
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{folder}: {options.kind}, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
