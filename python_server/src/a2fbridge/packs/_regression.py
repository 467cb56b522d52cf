"""A regression pack from its folder: one face, one network (spec: regression, section 1)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import nearest
from a2fbridge.packs import _limits as limits
from a2fbridge.packs._findings import Report, fault
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._geometry import (
    Geometry,
    make_identity,
    open_model_data,
    read_geometry,
    read_network,
    read_poses,
)
from a2fbridge.packs._json import Fields, read_json
from a2fbridge.packs._model import BlendshapeSet, FacePack, NetworkSpec, RegressionInfo
from a2fbridge.packs._npz import Archive
from a2fbridge.packs._parameters import read_parameters, read_source

__all__: list[str] = []


def read_regression(
    folder: PackFolder, card: Fields, info: RegressionInfo, report: Report
) -> FacePack | None:
    """Read what the card names; returns None when ``report`` has errors."""
    geometry = report.attempt(_read_geometry, folder, card, info, report)
    emotion = report.attempt(_read_emotion, folder, card, info, report)
    skin = report.attempt(_read_part, folder, card, "skin", info.skin_vertices, geometry, report)
    tongue = report.attempt(_read_part, folder, card, "tongue", info.tongue_vertices, geometry, report)
    network = report.attempt(_read_network, folder, card, info, report)
    if report.errors or geometry is None or emotion is None or network is None:
        return None
    parameters, implicit = emotion
    identity = make_identity(info.actor, parameters, geometry, (skin, tongue), implicit)
    return FacePack(folder.root.name, folder.root, info, network, (identity,))


def _archive(folder: PackFolder, card: Fields, key: str, report: Report) -> Archive:
    return Archive(folder, card.path(key), card.file, key, report)


def _read_geometry(folder: PackFolder, card: Fields, info: RegressionInfo, report: Report) -> Geometry:
    name = card.path("modelDataPath")
    with open_model_data(folder, name, card.file, "modelDataPath", report) as data:
        skin_basis = data.floats("shapes_matrix_skin", info.skin_shapes, info.skin_vertices, 3)
        tongue_basis = data.floats("shapes_matrix_tongue", info.tongue_shapes, info.tongue_vertices, 3)
        geometry = read_geometry(data, info, "shapes_mean", report)
    return replace(geometry, skin_basis=skin_basis, tongue_basis=tongue_basis)


def _read_emotion(
    folder: PackFolder, card: Fields, info: RegressionInfo, report: Report
) -> tuple[dict[str, float], NDArray[np.float32]]:
    """Return the parameters and the row of the emotion database that they choose."""
    config = read_json(folder, card.path("modelConfigPath"), card.file, "modelConfigPath", report)
    parameters = read_parameters(config)
    shot, frame = read_source(config)
    with _archive(folder, card, "emotionDatabasePath", report) as data:
        rows = (
            data.floats("emo_db", -1, info.implicit_length)
            if info.implicit_length
            else np.empty((0, 0), np.float32)
        )
        names = data.names("emo_spec_names", limits.SHOTS)
        if info.implicit_length and data.dimensions("emo_db") != 2:
            report.warning(data.file, "emo_db", "2 dimensions for NVIDIA's reader", "has another number")
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
    folder: PackFolder, card: Fields, part: str, vertices: int, geometry: Geometry | None, report: Report
) -> BlendshapeSet | None:
    paths = card.child("blendshapePaths") if "blendshapePaths" in card else None
    return read_poses(folder, paths, part, vertices, geometry, report)


def _read_network(folder: PackFolder, card: Fields, info: RegressionInfo, report: Report) -> NetworkSpec:
    emotion = info.implicit_length + len(info.emotions)
    inputs = {"input": (None, 1, info.window), "emotion": (None, 1, emotion)}
    return read_network(folder, card, inputs, {"result": (None, 1, info.row_size)}, report)
