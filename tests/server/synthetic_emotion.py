"""Writes Audio2Emotion packs in NVIDIA's layout with a made-up classifier, and says what it computes.

The classifier looks at four numbers of a window: mean level, mean change, power of its first and of its last
thousand samples.  :func:`logits` is the same in NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from pack_edits import write_json
from synthetic_network import Body

CLASSES = ("angry", "disgust", "fear", "happy", "neutral", "sad")
CORRESPONDENCE = (1, 3, 4, 6, -1, 9)
POST: dict[str, Any] = {
    "output_emotion_length": 10,
    "emotion_correspondence": list(CORRESPONDENCE),
    "emotion_contrast": 1.0,
    "max_emotions": 6,
    "live_blend_coef": 0.7,
    "enable_preferred_emotion": False,
    "preferred_emotion": [0.0] * 10,
    "preferred_emotion_strength": 0.5,
    "transition_smoothing": 0.5,
    "fixed_dt": 0.033,
    "emotion_strength": 0.6,
}
"""Values of Audio2Emotion v2.2 (spec: diffusion and emotion, B.2)."""
_ENDS = 1000


@dataclass(frozen=True)
class EmotionSpec:
    """Sizes and legal variations of a synthetic emotion pack."""

    classes: tuple[str, ...] = CLASSES
    post: dict[str, Any] = field(default_factory=dict)
    """Changes to POST."""
    batch: str | int = "batch"
    length: str | int = "length"
    lengths: tuple[int, int, int] = (5000, 30000, 60000)
    recipe: bool = True
    network_path: str = "network.trt"
    seed: int = 3


def weights(spec: EmotionSpec) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the matrix [4, classes] and the offset [classes] of the classifier."""
    rng = np.random.default_rng(spec.seed)
    matrix = rng.normal(scale=[[12.0], [25.0], [30.0], [30.0]], size=(4, len(spec.classes)))
    return matrix.astype(np.float32), rng.normal(scale=0.5, size=len(spec.classes)).astype(np.float32)


def logits(window: NDArray[np.float32], spec: EmotionSpec | None = None) -> NDArray[np.float64]:
    """Return what the classifier says of one window [samples]."""
    matrix, offset = weights(spec or EmotionSpec())
    x = window.astype(np.float64)
    seen = [
        np.abs(x).mean(),
        np.abs(np.diff(x)).mean(),
        np.square(x[:_ENDS]).mean(),
        np.square(x[-_ENDS:]).mean(),
    ]
    return np.array(seen) @ matrix + offset


def write_emotion_pack(folder: Path, spec: EmotionSpec | None = None) -> Path:
    """Write a pack into ``folder`` and return it."""
    spec = spec or EmotionSpec()
    folder.mkdir(parents=True, exist_ok=True)
    card = {"networkInfoPath": "network_info.json", "networkPath": spec.network_path}
    write_json(folder / "model.json", card | {"modelConfigPath": "model_config.json"})
    info = {"audio_params": {"samplerate": 16000}, "emotions": list(spec.classes)}
    write_json(folder / "network_info.json", info)
    write_json(folder / "model_config.json", {"post_processing_config": POST | spec.post})
    if spec.recipe:
        ends = zip(
            ("min", "opt", "max"), ("1", "{OPT_BATCH_SIZE}", "{MAX_BATCH_SIZE}"), spec.lengths, strict=True
        )
        recipe = {
            "trt_build_param": {"batch": [f"--{e}Shapes=input_values:{b}x{n}" for e, b, n in ends]},
            "defaults": {"MAX_BATCH_SIZE": 128, "OPT_BATCH_SIZE": 10},
        }
        write_json(folder / "trt_info.json", recipe)
    onnx.save(_network(spec), str(folder / "network.onnx"))
    return folder


def _network(spec: EmotionSpec) -> onnx.ModelProto:
    body = Body()
    level = _mean(body, body.add("Abs", ["input_values"]))
    later = _cut(body, 1, 1 << 40)
    sooner = _cut(body, 0, -1)
    change = _mean(body, body.add("Abs", [body.add("Sub", [later, sooner])]))
    first = _mean(body, _square(body, _cut(body, 0, _ENDS)))
    last = _mean(body, _square(body, _cut(body, -_ENDS, 1 << 40)))
    seen = body.add("Concat", [level, change, first, last], axis=1)
    matrix, offset = weights(spec)
    body.add(
        "Add", [body.add("MatMul", [seen, body.constant(matrix)]), body.constant(offset)], output="output"
    )
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        body.nodes,
        "feeling",
        [value("input_values", TensorProto.FLOAT, [spec.batch, spec.length])],
        [value("output", TensorProto.FLOAT, [spec.batch, len(spec.classes)])],
        body.constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)


def _mean(body: Body, name: str) -> str:
    return body.add("ReduceMean", [name], axes=[1], keepdims=1)


def _square(body: Body, name: str) -> str:
    return body.add("Mul", [name, name])


def _cut(body: Body, start: int, end: int) -> str:
    return body.add(
        "Slice", ["input_values", body.integers([start]), body.integers([end]), body.integers([1])]
    )
