"""A regression pack from its folder: the card, then every file it names (spec: regression, section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import nearest
from a2fbridge.packs import _limits as limits
from a2fbridge.packs._blendshapes import read_blendshapes
from a2fbridge.packs._findings import Report, fault
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._json import Fields, read_json
from a2fbridge.packs._model import BlendshapeSet, NetworkInfo, RegressionPack
from a2fbridge.packs._npz import Archive
from a2fbridge.packs._onnx import describe_dims, inspect_network
from a2fbridge.packs._parameters import read_network_info, read_parameters
from a2fbridge.packs._tensors import TensorFile

__all__: list[str] = []

CARD: Final = "model.json"
NETWORK: Final = "network.onnx"
_FLOAT32: Final = 1
"""TensorProto.FLOAT"""
_SACCADE_ROWS: Final = 5000


@dataclass(frozen=True, slots=True, eq=False)
class _Geometry:
    """``model_data.npz``; shapes as in RegressionPack."""

    skin_basis: NDArray[np.float32]
    skin_mean: NDArray[np.float32]
    lip_open: NDArray[np.float32]
    eye_close: NDArray[np.float32]
    tongue_basis: NDArray[np.float32]
    tongue_mean: NDArray[np.float32]
    neutral_jaw: NDArray[np.float32]
    saccade: NDArray[np.float32]


def card_kind(card: Fields) -> str:
    """Return ``regression``, ``diffusion`` or ``emotion``, told by the keys of the card."""
    if "modelConfigPaths" in card or "modelDataPaths" in card:
        return "diffusion"
    geometry = "modelDataPath" in card or "emotionDatabasePath" in card or "blendshapePaths" in card
    return "regression" if geometry or "modelConfigPath" not in card else "emotion"


def read_pack(folder: PackFolder, report: Report) -> RegressionPack | None:
    """Read and check everything; returns None when ``report`` has errors.  Never executes anything."""
    card = report.attempt(_read_card, folder, report)
    if card is None:
        return None
    info = report.attempt(_read_info, folder, card, report)
    if info is None:
        return None
    geometry = report.attempt(_read_geometry, folder, card, info, report)
    implicit = report.attempt(_read_emotion, folder, card, info, report)
    skin = report.attempt(_read_part, folder, card, "skin", info.skin_vertices, geometry, report)
    tongue = report.attempt(_read_part, folder, card, "tongue", info.tongue_vertices, geometry, report)
    network = report.attempt(_read_network, folder, card, info, report)
    if report.errors or geometry is None or implicit is None or skin is None or network is None:
        return None
    parameters, row = implicit
    parts = {name: getattr(geometry, name) for name in _Geometry.__slots__}
    return RegressionPack(
        id=folder.root.name,
        root=folder.root,
        network_path=network,
        info=info,
        parameters=parameters,
        implicit_emotion=row,
        skin=skin,
        tongue=tongue,
        **parts,
    )


def _read_card(folder: PackFolder, report: Report) -> Fields:
    card = read_json(folder, CARD, CARD, "", report)
    kind = card_kind(card)
    if kind == "emotion":
        raise fault(
            CARD, "", "a face pack", "an emotion pack (Audio2Emotion), which animates nothing by itself"
        )
    if kind != "regression":
        raise fault(CARD, "", "a regression pack", f"{kind} packs are not supported by this version")
    return card


def _read_info(folder: PackFolder, card: Fields, report: Report) -> NetworkInfo:
    return read_network_info(_json(folder, card, "networkInfoPath", report))


def _json(folder: PackFolder, card: Fields, key: str, report: Report) -> Fields:
    return read_json(folder, card.path(key), card.file, key, report)


def _archive(folder: PackFolder, card: Fields, key: str, report: Report) -> Archive:
    return Archive(folder, card.path(key), card.file, key, report)


def open_model_data(
    folder: PackFolder, name: str, source: str, key: str, report: Report
) -> Archive | TensorFile:
    """Open the arrays of a model: an .npz archive, or by any other name NVIDIA's older container."""
    if name.lower().endswith(".npz"):
        return Archive(folder, name, source, key, report)
    return TensorFile(folder, name, source, key)


def _read_geometry(folder: PackFolder, card: Fields, info: NetworkInfo, report: Report) -> _Geometry:
    skin, tongue = (info.skin_vertices, 3), (info.tongue_vertices, 3)
    name = card.path("modelDataPath")
    with open_model_data(folder, name, card.file, "modelDataPath", report) as data:
        geometry = _Geometry(
            skin_basis=data.floats("shapes_matrix_skin", info.skin_shapes, *skin),
            skin_mean=data.floats("shapes_mean_skin", *skin),
            lip_open=data.floats("lip_open_pose_delta", *skin),
            eye_close=data.floats("eye_close_pose_delta", *skin),
            tongue_basis=data.floats("shapes_matrix_tongue", info.tongue_shapes, *tongue),
            tongue_mean=data.floats("shapes_mean_tongue", *tongue),
            neutral_jaw=data.floats("neutral_jaw", info.jaw_size // 3, 3),
            saccade=data.floats("saccade_rot_matrix", -1, 2),
        )
    _check_geometry(geometry, data.file, report)
    return geometry


def _check_geometry(geometry: _Geometry, file: str, report: Report) -> None:
    height = np.ptp(geometry.skin_mean[:, 1])
    if height <= 0:
        report.error(file, "shapes_mean_skin", "a face with height along y", "all vertices have one height")
    spread = (
        geometry.neutral_jaw - geometry.neutral_jaw.mean(axis=0)
        if len(geometry.neutral_jaw)
        else np.zeros((1, 3))
    )
    if np.linalg.matrix_rank(spread, tol=1e-4) < 2:
        report.warning(
            file, "neutral_jaw", "3 points or more not on one line", "the jaw's rotation cannot be found"
        )
    if len(geometry.saccade) != _SACCADE_ROWS:
        found = f"has {len(geometry.saccade)}"
        report.warning(file, "saccade_rot_matrix", f"{_SACCADE_ROWS} rows, the range of the seed", found)


def _read_emotion(
    folder: PackFolder, card: Fields, info: NetworkInfo, report: Report
) -> tuple[dict[str, float], NDArray[np.float32]]:
    """Return the parameters and the row of the emotion database that they choose."""
    config = _json(folder, card, "modelConfigPath", report)
    parameters, shot, frame = read_parameters(config)
    with _archive(folder, card, "emotionDatabasePath", report) as data:
        rows = (
            data.floats("emo_db", -1, info.implicit_length)
            if info.implicit_length
            else np.empty((0, 0), np.float32)
        )
        names = data.names("emo_spec_names", limits.SHOTS)
        starts = data.integers("emo_spec_start", len(names))
        sizes = data.integers("emo_spec_size", len(names))
    if not info.implicit_length:
        return parameters, np.empty(0, np.float32)
    _check_shots(starts, sizes, len(rows), data.file, report)
    if shot not in names:
        expected = f"a shot of {data.file}{nearest(shot, names)}"
        raise fault(config.file, "config.source_shot", expected, f"'{shot}' is unknown")
    index = names.index(shot)
    if frame >= sizes[index]:
        expected = f"a frame of '{shot}', below {sizes[index]}"
        raise fault(config.file, "config.source_frame", expected, f"is {frame}")
    return parameters, rows[starts[index] + frame].copy()


def _check_shots(
    starts: NDArray[np.int64], sizes: NDArray[np.int64], rows: int, file: str, report: Report
) -> None:
    if (
        min(starts.min(), sizes.min()) < 0
        or max(starts.max(), sizes.max()) > rows
        or (starts + sizes).max() > rows
    ):
        raise fault(
            file, "emo_spec_start", f"shots within the {rows} rows of emo_db", "a shot lies beyond them"
        )
    order = np.argsort(starts, kind="stable")
    if (starts[order][1:] < (starts + sizes)[order][:-1]).any():
        report.warning(file, "emo_spec_start", "shots that do not overlap", "some overlap")


def _read_part(
    folder: PackFolder, card: Fields, part: str, vertices: int, geometry: _Geometry | None, report: Report
) -> BlendshapeSet | None:
    """Return the blend shapes of a part; a pack may leave out the tongue, not the skin."""
    paths = card.child("blendshapePaths")
    if part == "tongue" and part not in paths:
        return None
    mean = getattr(geometry, f"{part}_mean", None)
    return read_blendshapes(folder, paths.child(part), mean, vertices, report)


def _read_network(folder: PackFolder, card: Fields, info: NetworkInfo, report: Report) -> Path:
    """Return the path of the ONNX network, checked against the sizes that ``info`` gives."""
    name = card.path("networkPath")
    if not name.lower().endswith(".onnx"):
        # NVIDIA's card names the TensorRT engine, which is built from this file on the machine that runs it.
        name = NETWORK
    path = folder.locate(name, card.file, "networkPath", limits.NETWORK_BYTES)
    network = inspect_network(folder, name)
    emotion = info.implicit_length + len(info.emotions)
    _check_tensors(network.inputs, {"input": info.window, "emotion": emotion}, name, "input", report)
    _check_tensors(network.outputs, {"result": info.result_size}, name, "output", report)
    return path


def _check_tensors(
    found: dict[str, tuple[int, tuple[int | None, ...]]],
    wanted: dict[str, int],
    file: str,
    kind: str,
    report: Report,
) -> None:
    for name in found.keys() - wanted.keys():
        report.error(file, name, f"{kind}s {', '.join(sorted(wanted))}", f"another {kind}")
    for name, size in wanted.items():
        if name not in found:
            report.error(file, name, f"{kind}s {', '.join(sorted(wanted))}", f"this {kind} is missing")
            continue
        element, dims = found[name]
        sizes_fit = len(dims) == 3 and all(
            n in (None, right) for n, right in zip(dims, (1, 1, size), strict=True)
        )
        if element != _FLOAT32 or not sizes_fit:
            what = describe_dims(dims) + ("" if element == _FLOAT32 else f" of ONNX type {element}")
            report.error(file, name, f"float32 n x 1 x {size}", f"{kind} is {what}")
