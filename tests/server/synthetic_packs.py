"""Writes model packs that are true to NVIDIA's regression format, with made-up geometry and networks.

    python tests/server/synthetic_packs.py OUT --kind tiny

Everything follows from ``PackSpec.seed``: the same specification gives the same pack.  The face is an egg
with smooth bumps for poses, the network a filter bank whose energies move the face, so the output follows the
sound. Needs the ``onnx`` package.
"""

from __future__ import annotations

import argparse
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from pack_edits import write_json
from synthetic_network import make_network

from a2fbridge.packs import PARAMETER_RANGES
from a2fbridge.shapes import ARKIT_NAMES, DEFAULT_INACTIVE, EMOTION_NAMES, TONGUE_NAMES, camel_case

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class PackSpec:
    """Sizes and legal variations of a synthetic pack."""

    skin_shapes: int = 12
    skin_vertices: int = 300
    tongue_shapes: int = 4
    tongue_vertices: int = 60
    jaw_points: int = 5
    implicit: int = 16
    emotions: tuple[str, ...] = EMOTION_NAMES
    window: int = 8320
    offset: int = 4160
    saccade_rows: int = 5000
    poses: tuple[str, ...] = tuple(camel_case(name) for name in ARKIT_NAMES)
    tongue_poses: tuple[str, ...] | None = tuple(camel_case(name) for name in TONGUE_NAMES)
    """None leaves the tongue out of ``blendshapePaths``."""
    names: str = "S"
    """dtype kind of names: ``S`` (NVIDIA's) or ``U``."""
    mask: str | None = "i4"
    """dtype of ``frontalMask``; None leaves it out."""
    floats: str = "f4"
    compressed: bool = False
    container: str = "npz"
    """``bin``: model data in the SDK's older container."""
    symmetric: bool = True
    """Left/right pairs in the solver's configuration."""
    cancel: bool = False
    """JawLeft and JawRight exclude each other."""
    network: str = "small"
    """``small``, or ``reference``: about 1.5e9 multiplications a row, as NVIDIA's."""
    network_path: str = "network.trt"
    """What the card names; the file written is ``network.onnx``."""
    seed: int = 1


KINDS = {
    "tiny": PackSpec(),
    "bare": PackSpec(tongue_poses=None, mask=None, symmetric=False),
    "medium": PackSpec(skin_shapes=64, skin_vertices=4000, tongue_shapes=8, tongue_vertices=600),
    "mark": PackSpec(skin_shapes=272, skin_vertices=61520, tongue_shapes=10, tongue_vertices=5602),
    "reference": PackSpec(network="reference"),
}


def write_pack(folder: Path, spec: PackSpec = KINDS["tiny"]) -> Path:
    """Write a pack into ``folder`` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(spec.seed)
    skin = egg(spec.skin_vertices, (7.5, 12.0, 9.0))
    tongue = egg(spec.tongue_vertices, (2.0, 1.0, 3.5))
    skin_poses = poses(skin, spec.poses, rng)
    tongue_poses = poses(tongue, spec.tongue_poses or ("tongueUp",), rng)
    _write_cards(folder, spec)
    _write_data(folder, spec, rng, (skin, skin_poses), (tongue, tongue_poses))
    write_blendshapes(folder, "skin", spec, spec.poses, skin, skin_poses, rng)
    if spec.tongue_poses:
        write_blendshapes(
            folder, "tongue", replace(spec, mask=None), spec.tongue_poses, tongue, tongue_poses, rng
        )
    onnx.save(make_network(spec), str(folder / "network.onnx"))
    return folder


def egg(vertices: int, radii: tuple[float, float, float]) -> Floats:
    """Return points [vertices, 3] spread evenly over an ellipsoid, centimetres, y up."""
    step = np.arange(vertices) + 0.5
    height, angle = 1 - 2 * step / vertices, step * np.pi * (3 - np.sqrt(5))
    ring = np.sqrt(1 - height**2)
    points = np.stack([ring * np.cos(angle), height, ring * np.sin(angle)], axis=1)
    return (points * radii).astype(np.float32)


def poses(neutral: Floats, names: tuple[str, ...], rng: np.random.Generator) -> Floats:
    """Return smooth bumps [K, V, 3], about 1 cm; ...Right is the mirror image of ...Left."""
    size = np.abs(neutral).max(axis=0)
    deltas = np.empty((len(names), *neutral.shape), np.float32)
    recipes: dict[str, tuple[Any, Any]] = {}
    for row, name in zip(deltas, names, strict=True):
        stem = name.removesuffix("Left").removesuffix("Right")
        centre, move = recipes.setdefault(stem, (rng.uniform(-0.8, 0.8, 3) * size, rng.normal(size=3) * 0.6))
        mirror = (-1, 1, 1) if name.endswith("Right") else (1, 1, 1)
        distance = np.linalg.norm((neutral - centre * mirror) / size, axis=1)
        row[:] = np.exp(-((distance / 0.6) ** 2))[:, None] * (move * mirror)
    return deltas


def _basis(shapes: int, poses: Floats, rng: np.random.Generator) -> Floats:
    """Return rows [shapes, V, 3] of length 1 at right angles: mixtures of the poses and a little of everything else."""
    flat = poses.reshape(len(poses), -1)
    basis = np.empty((shapes, flat.shape[1]), np.float32)
    for row in basis:
        row[:] = rng.normal(size=len(poses)).astype(np.float32) @ flat
        row += 0.01 * rng.standard_normal(len(row), np.float32)
    rows = np.linalg.qr(basis.T)[0].T if shapes <= flat.shape[1] else basis
    return np.ascontiguousarray(rows, np.float32).reshape(shapes, *poses.shape[1:])


def save_arrays(path: Path, spec: PackSpec, arrays: dict[str, NDArray[Any]]) -> None:
    converted = {
        name: value.astype(spec.floats) if value.dtype.kind == "f" else value
        for name, value in arrays.items()
    }
    save = np.savez_compressed if spec.compressed else np.savez
    save(path, allow_pickle=False, **converted)


def tensor_file(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return the SDK's container: u32 count, then per tensor u32 length, name, u32 floats, float32 values."""
    parts = [struct.pack("<I", len(arrays))]
    for name, values in arrays.items():
        raw = name.encode()
        parts += [struct.pack("<I", len(raw)), raw, struct.pack("<I", values.size)]
        parts.append(values.astype("<f4").tobytes())
    return b"".join(parts)


def _write_cards(folder: Path, spec: PackSpec) -> None:
    parts = ["skin", "tongue"] if spec.tongue_poses else ["skin"]
    card = {
        "networkInfoPath": "network_info.json",
        "networkPath": spec.network_path,
        "emotionDatabasePath": "implicit_emo_db.npz",
        "modelConfigPath": "model_config.json",
        "modelDataPath": f"model_data.{spec.container}",
        "blendshapePaths": {p: {"config": f"bs_{p}_config.json", "data": f"bs_{p}.npz"} for p in parts},
    }
    info = {
        "id": {"type": "regression", "actor": "egg", "version": "1.0", "output": "geometry"},
        "params": {
            "implicit_emotion_len": spec.implicit,
            "explicit_emotions": list(spec.emotions),
            "default_emotion": [0.0] * len(spec.emotions),
            "identities": ["egg"],
            "num_shapes_skin": spec.skin_shapes,
            "num_verts_skin": spec.skin_vertices,
            "num_shapes_tongue": spec.tongue_shapes,
            "num_verts_tongue": spec.tongue_vertices,
            "result_jaw_size": 3 * spec.jaw_points,
            "result_eyes_size": 4,
        },
        "audio_params": {"buffer_len": spec.window, "buffer_ofs": spec.offset, "samplerate": 16000},
    }
    emotion = spec.implicit + len(spec.emotions)
    ranges = [
        f"input:{n}x1x{spec.window},emotion:{n}x1x{emotion}"
        for n in ("1", "{OPT_BATCH_SIZE}", "{MAX_BATCH_SIZE}")
    ]
    recipe = {
        "trt_build_param": {
            "cuda_in_graphics": ["--memPoolSize=tacticSharedMem:0.046875"],
            "batch": [
                f"--{end}Shapes={text}" for end, text in zip(("min", "opt", "max"), ranges, strict=True)
            ],
        },
        "defaults": {"MAX_BATCH_SIZE": 128, "OPT_BATCH_SIZE": 10},
    }
    write_json(folder / "trt_info.json", recipe)
    config = default_parameters()
    write_json(folder / "model.json", card)
    write_json(folder / "network_info.json", info)
    write_json(
        folder / "model_config.json", {"config": config | {"source_shot": "neutral", "source_frame": 2}}
    )


def default_parameters() -> dict[str, Any]:
    """Return the animators' parameters of ``model_config.json``: gains of 1, offsets of 0, NVIDIA's smoothing."""
    config = {name: 1.0 if name.endswith("_strength") else 0.0 for name in PARAMETER_RANGES}
    config |= {"upper_face_smoothing": 0.001, "lower_face_smoothing": 0.006}
    return config | {"face_mask_level": 0.6, "face_mask_softness": 0.0085}


def rigid_data(spec: PackSpec, rng: np.random.Generator) -> dict[str, Floats]:
    """Return the jaw's points and the eyes' darts of ``model_data.npz``."""
    jaw = np.array([(0, -6, 7), (3, -5, 5), (-3, -5, 5), (5, -2, 0), (-5, -2, 0), (0, -4, 6)], np.float32)
    darts = np.cumsum(rng.normal(scale=0.3, size=(spec.saccade_rows, 2)), axis=0)
    return {
        "neutral_jaw": jaw[: spec.jaw_points],
        "saccade_rot_matrix": (2 * np.sin(darts)).astype(np.float32),
    }


def _write_data(
    folder: Path,
    spec: PackSpec,
    rng: np.random.Generator,
    skin: tuple[Floats, Floats],
    tongue: tuple[Floats, Floats],
) -> None:
    arrays = {
        "shapes_matrix_skin": _basis(spec.skin_shapes, skin[1], rng),
        "shapes_mean_skin": skin[0],
        "lip_open_pose_delta": skin[1][len(skin[1]) // 2],
        "eye_close_pose_delta": skin[1][0],
        "shapes_matrix_tongue": _basis(spec.tongue_shapes, tongue[1], rng),
        "shapes_mean_tongue": tongue[0],
    } | rigid_data(spec, rng)
    if spec.container == "npz":
        save_arrays(folder / "model_data.npz", spec, arrays)
    else:
        (folder / "model_data.bin").write_bytes(tensor_file(arrays))
    emotions = {
        "emo_db": rng.normal(size=(12, spec.implicit)).astype(np.float32),
        "emo_spec_names": np.array(["neutral", "joy"], spec.names),
        "emo_spec_start": np.array([0, 8], np.int32),
        "emo_spec_size": np.array([8, 4], np.int32),
    }
    save_arrays(folder / "implicit_emo_db.npz", spec, emotions)


def write_blendshapes(
    folder: Path,
    part: str,
    spec: PackSpec,
    names: tuple[str, ...],
    neutral: Floats,
    deltas: Floats,
    rng: np.random.Generator,
    tag: str = "",
) -> None:
    """Write a part's poses and solver configuration; ``tag`` stands in the files' names."""
    arrays: dict[str, NDArray[Any]] = dict(zip(names, deltas, strict=True))
    arrays |= {"neutral": neutral, "poseNames": np.array(["neutral", *names], spec.names)}
    if spec.mask:
        chosen = rng.permutation(len(neutral))[: max(1, len(neutral) * 2 // 3)]
        arrays["frontalMask"] = np.sort(chosen).astype(spec.mask)
    save_arrays(folder / f"bs_{part}{tag}.npz", spec, arrays)
    inactive = {camel_case(name) for name in DEFAULT_INACTIVE}
    lefts = [name for name in names if name.endswith("Left") and name.removesuffix("Left") + "Right" in names]
    pairs = [n for n in lefts if n not in inactive and n not in ("jawLeft", "mouthLeft", "tongueLeft")]
    config = {
        "strengthL1regularization": 0.5,
        "strengthL2regularization": 0.5,
        "strengthTemporalSmoothing": 0.3,
        "strengthSymmetry": 100.0,
        "templateBBSize": float(np.linalg.norm(np.ptp(neutral, axis=0))),
        "numPoses": len(names),
        "bsSolveActivePoses": [int(name not in inactive) for name in names],
        "bsSolveCancelPoses": _pair_ids(names, ["jawLeft"] if spec.cancel and "jawLeft" in names else []),
        "bsSolveSymmetryPoses": _pair_ids(names, pairs if spec.symmetric else []),
        "bsWeightMultipliers": [1.0] * len(names),
        "bsWeightOffsets": [0.0] * len(names),
    }
    write_json(folder / f"bs_{part}_config{tag}.json", {"blendshape_params": config})


def _pair_ids(names: tuple[str, ...], lefts: list[str]) -> list[int]:
    """Return the pair id of each name, -1 where it has none."""
    ids = {left: i for i, left in enumerate(lefts)}
    return [ids.get(name, ids.get(name.removesuffix("Right") + "Left", -1)) for name in names]


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a synthetic model pack.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=sorted(KINDS), default="tiny")
    parser.add_argument("--network", choices=["small", "reference"], help="default: what the kind has")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    spec = replace(KINDS[options.kind], seed=options.seed)
    if options.network:
        spec = replace(spec, network=options.network)
    folder = write_pack(options.folder, spec)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{folder}: {options.kind}, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
