"""``train export``: a fit becomes a model pack in NVIDIA's regression layout (spec: regression, section 1).

The pack runs through the very code that runs Mark, Claire and James.  ``card.json`` beside it says where it
comes from: voices and their terms, configuration, seeds, losses, date.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import PackError
from a2fbridge._resources import data_dir
from a2fbridge.training import _network as network
from a2fbridge.training._compose import channel, compose
from a2fbridge.training._config import SAMPLE_RATE, ExportConfig, Progress, silent
from a2fbridge.training._corpus import load_corpus
from a2fbridge.training._expression import express
from a2fbridge.training._fit import load_fit
from a2fbridge.training._fold import Fold, fold
from a2fbridge.training._gaze import saccades
from a2fbridge.training._graph import IMPLICIT, OFFSET, WINDOW, build_graph
from a2fbridge.training.head import Head, load_head

__all__ = [
    "PARAMETERS",
    "check_network",
    "export",
    "export_parameters",
    "savez",
    "tensorrt_info",
    "write_json",
]

Array = NDArray[Any]

_LARGEST = 8_000_000
"""Bytes that a pack may take."""
PARAMETERS: dict[str, Any] = {
    "input_strength": 1.0, "source_shot": "neutral", "source_frame": 0,
    "upper_face_smoothing": 0.001, "lower_face_smoothing": 0.006,
    "upper_face_strength": 1.0, "lower_face_strength": 1.0,
    "face_mask_level": 0.6, "face_mask_softness": 0.0085,
    "skin_strength": 1.0, "blink_strength": 1.0, "eyelid_open_offset": 0.0, "lip_open_offset": 0.0,
    "tongue_strength": 1.0, "tongue_height_offset": 0.0, "tongue_depth_offset": 0.0,
    "lower_teeth_strength": 1.0, "lower_teeth_height_offset": 0.0, "lower_teeth_depth_offset": 0.0,
    "eyeballs_strength": 1.0, "saccade_strength": 0.6, "eye_saccade_seed": 0,
    "right_eye_rot_x_offset": 0.0, "right_eye_rot_y_offset": 0.0,
    "left_eye_rot_x_offset": 0.0, "left_eye_rot_y_offset": 0.0,
}  # fmt: skip


def export(
    fitted: Path, corpus: Path, out: Path, config: ExportConfig, progress: Progress = silent
) -> dict[str, Any]:
    """Write the pack folder ``out`` from a fit and the corpus it was made on; return the card.

    Raises PackError when the network misbehaves or the pack grows beyond 8 MB; then nothing should be
    shipped.
    """
    return export_parameters(*load_fit(fitted), corpus, out, config, progress)


def export_parameters(
    parameters: network.Parameters,
    about: dict[str, Any],
    corpus: Path,
    out: Path,
    config: ExportConfig,
    progress: Progress = silent,
) -> dict[str, Any]:
    """:func:`export` from parameters in memory and what is known of them."""
    out.mkdir(parents=True, exist_ok=True)
    head = load_head()
    progress("head and fit read", 0.1)
    folded = fold(head, _typical(corpus), config.skin_shapes)
    model = build_graph(parameters, folded.matrix, config.decision)
    (out / "network.onnx").write_bytes(model.SerializeToString())
    progress("network written", 0.3)
    write_json(out, _documents(config, head, folded))
    _write_arrays(out, config, head, folded)
    progress("pack written", 0.6)
    checks = check_network(out / "network.onnx")
    card = _card(config, about, checks, parameters)
    write_json(out, {"card.json": card})
    size = sum(file.stat().st_size for file in out.iterdir())
    if size > _LARGEST:
        raise PackError(
            f"{out}: the pack takes {size} bytes; right is at most {_LARGEST} (fewer skin shapes)"
        )
    progress(f"pack of {size / 1e6:.2f} MB in {out}", 1.0)
    return card


def check_network(path: Path) -> dict[str, float]:
    """Run the network on silence and noise, alone and in a batch; return what was measured.

    Raises PackError unless results are finite and equal in any batch.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    sound = (rng.standard_normal((8, 1, WINDOW)) * 0.05).astype(np.float32)
    sound[0] = 0.0
    emotion = session.get_inputs()[1].shape[2]
    mood = np.zeros((8, 1, emotion), np.float32)
    mood[4:, 0, IMPLICIT:] = rng.random((4, emotion - IMPLICIT))
    together = session.run(None, {"input": sound, "emotion": mood})[0]
    alone = [session.run(None, {"input": sound[i : i + 1], "emotion": mood[i : i + 1]})[0] for i in range(8)]
    apart = float(np.abs(np.concatenate(alone) - together).max())
    if not np.isfinite(together).all() or apart > 1e-4:
        raise PackError(f"{path}: results are not finite, or differ by {apart:.1e} between batch sizes")
    return {"batch_difference": apart, "result_at_silence": float(np.abs(together[0]).max())}


def _typical(corpus: Path) -> NDArray[np.float64]:
    """Return up to 20000 frames of weights from a corpus, many in a mood: what the bases must carry."""
    rng = np.random.default_rng(0)
    tracks = load_corpus(corpus).tracks
    rows = np.sort(rng.choice(len(tracks), min(20_000, len(tracks)), replace=False))
    chosen = np.asarray(tracks[rows], np.float64)
    moods = rng.random((len(rows), 10)) * (rng.random((len(rows), 10)) < 0.08)
    return express(compose(chosen), channel(chosen, "seal"), moods)


def _documents(config: ExportConfig, head: Head, folded: Fold) -> dict[str, Any]:
    info = {
        "id": {"type": "regression", "actor": config.actor, "version": config.version, "output": "geometry"},
        "params": {
            "implicit_emotion_len": IMPLICIT,
            "explicit_emotions": list(shapes.EMOTION_NAMES),
            "default_emotion": [0.0] * len(shapes.EMOTION_NAMES),
            "identities": [config.actor],
            "num_shapes_skin": len(folded.skin_basis),
            "num_verts_skin": len(head.skin_neutral),
            "num_shapes_tongue": len(folded.tongue_basis),
            "num_verts_tongue": len(head.tongue_neutral),
            "result_jaw_size": 15,
            "result_eyes_size": 4,
        },
        "audio_params": {"buffer_len": WINDOW, "buffer_ofs": OFFSET, "samplerate": SAMPLE_RATE},
    }
    solvers = json.loads((data_dir() / "head" / "solver.json").read_text())
    return {
        "model.json": {
            "networkInfoPath": "network_info.json",
            "networkPath": "network.trt",
            "emotionDatabasePath": "implicit_emo_db.npz",
            "modelConfigPath": "model_config.json",
            "modelDataPath": "model_data.npz",
            "blendshapePaths": {
                part: {"config": f"bs_{part}_config.json", "data": f"bs_{part}.npz"} for part in solvers
            },
        },
        "network_info.json": info,
        "model_config.json": {"config": PARAMETERS},
        "trt_info.json": tensorrt_info(IMPLICIT + len(shapes.EMOTION_NAMES)),
        **{f"bs_{part}_config.json": settings for part, settings in solvers.items()},
    }


def tensorrt_info(emotion: int) -> dict[str, Any]:
    """Return ``trt_info.json`` of a network with so many values of emotion."""
    shape = f"input:{{}}x1x{WINDOW},emotion:{{}}x1x{emotion}"
    sizes = {"min": "1", "max": "{MAX_BATCH_SIZE}", "opt": "{OPT_BATCH_SIZE}"}
    return {
        "trt_build_param": {"batch": [f"--{key}Shapes={shape.format(n, n)}" for key, n in sizes.items()]},
        "defaults": {"MAX_BATCH_SIZE": 128, "OPT_BATCH_SIZE": 10},
    }


def _write_arrays(out: Path, config: ExportConfig, head: Head, folded: Fold) -> None:
    """Write the four archives: uncompressed, float32 in C order, names as bytes, indices as int32."""
    data = {
        "shapes_matrix_skin": folded.skin_basis,
        "shapes_mean_skin": head.skin_neutral,
        "lip_open_pose_delta": head.lip_open,
        "eye_close_pose_delta": head.eye_close,
        "shapes_matrix_tongue": folded.tongue_basis,
        "shapes_mean_tongue": head.tongue_neutral,
        "neutral_jaw": head.jaw_neutral,
        "saccade_rot_matrix": saccades(config.saccade_seed),
    }
    savez(out / "model_data.npz", data)
    moods = {"emo_db": np.zeros((1, IMPLICIT)), "emo_spec_names": np.array([b"neutral"])}
    savez(
        out / "implicit_emo_db.npz",
        moods | {f"emo_spec_{k}": np.array([v]) for k, v in (("start", 0), ("size", 1))},
    )
    parts: tuple[tuple[str, tuple[str, ...], Array, Array, dict[str, Array]], ...] = (
        ("skin", shapes.ARKIT_NAMES, head.skin_neutral, head.skin_deltas, {"frontalMask": head.frontal_mask}),
        ("tongue", shapes.TONGUE_NAMES, head.tongue_neutral, head.tongue_deltas, {}),
    )
    for part, names, neutral, deltas, extra in parts:
        poses = {shapes.camel_case(name): delta for name, delta in zip(names, deltas, strict=True)}
        listed = np.array([b"neutral", *(name.encode() for name in poses)])
        savez(out / f"bs_{part}.npz", {"poseNames": listed, "neutral": neutral, **poses, **extra})


def savez(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an archive as NVIDIA's reader needs it: stored, float32 or int32, C order."""
    kinds = {"f": np.float32, "i": np.int32, "u": np.int32}
    typed = {k: np.ascontiguousarray(v, kinds.get(v.dtype.kind, v.dtype)) for k, v in arrays.items()}
    np.savez(path, allow_pickle=False, **typed)


def write_json(out: Path, documents: dict[str, Any]) -> None:
    """Write JSON files by name."""
    for name, content in documents.items():
        (out / name).write_text(json.dumps(content, indent=2) + "\n")


def _card(
    config: ExportConfig, about: dict[str, Any], checks: dict[str, float], parameters: network.Parameters
) -> dict[str, Any]:
    return {
        "name": config.actor,
        "made_by": "a2fbridge train run",
        "date": datetime.date.today().isoformat(),
        "export": asdict(config),
        "fit": about,
        "parameters": network.parameter_count(parameters),
        "multiply_adds_per_frame": network.multiply_adds(parameters),
        "checks": checks,
        "head": "MakeHuman base mesh and face units, CC0 1.0",
    }
