"""A diffusion pack from its folder: one network, several identities (spec: diffusion, section A)."""

from __future__ import annotations

from dataclasses import replace

from a2fbridge.packs._findings import Report
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
from a2fbridge.packs._model import DiffusionInfo, FacePack, Identity, NetworkSpec
from a2fbridge.packs._parameters import read_parameters

__all__: list[str] = []


def read_diffusion(folder: PackFolder, card: Fields, info: DiffusionInfo, report: Report) -> FacePack | None:
    """Read what the card names; returns None when ``report`` has errors."""
    count = len(info.identities)
    configs = report.attempt(card.paths, "modelConfigPaths", count)
    data = report.attempt(card.paths, "modelDataPaths", count)
    poses = report.attempt(_poses, card, count)
    _check_kind(card, report)
    network = report.attempt(_read_network, folder, card, info, report)
    if configs is None or data is None or poses is None:
        return None
    identities = [
        _read_identity(folder, card.file, info, name, (configs[i], data[i], poses[i]), report)
        for i, name in enumerate(info.identities)
    ]
    if report.errors or network is None:
        return None
    return FacePack(folder.root.name, folder.root, info, network, tuple(i for i in identities if i))


def _poses(card: Fields, count: int) -> tuple[Fields | None, ...]:
    return card.children("blendshapePaths", count) if "blendshapePaths" in card else (None,) * count


def _check_kind(card: Fields, report: Report) -> None:
    for key in ("emotionDatabasePath", "modelConfigPath", "modelDataPath"):
        if key in card:
            report.warning(card.file, key, "keys of a diffusion pack", "belongs to regression packs")


def _read_identity(
    folder: PackFolder,
    card: str,
    info: DiffusionInfo,
    name: str,
    paths: tuple[str, str, Fields | None],
    report: Report,
) -> Identity | None:
    config, data, poses = paths
    geometry = report.attempt(_read_data, folder, card, data, info, report)
    parameters = report.attempt(_read_config, folder, card, config, report)
    skin = report.attempt(read_poses, folder, poses, "skin", info.skin_vertices, geometry, report)
    tongue = report.attempt(read_poses, folder, poses, "tongue", info.tongue_vertices, geometry, report)
    if geometry is None or parameters is None:
        return None
    return make_identity(name, parameters, geometry, (skin, tongue))


def _read_data(folder: PackFolder, card: str, path: str, info: DiffusionInfo, report: Report) -> Geometry:
    with open_model_data(folder, path, card, "modelDataPaths", report) as data:
        return read_geometry(data, info, "neutral", report)


def _read_config(folder: PackFolder, card: str, path: str, report: Report) -> dict[str, float]:
    return read_parameters(read_json(folder, path, card, "modelConfigPaths", report))


def _read_network(folder: PackFolder, card: Fields, info: DiffusionInfo, report: Report) -> NetworkSpec:
    latents = (info.steps, info.layers, None, info.latent)
    network = read_network(
        folder,
        card,
        {
            "window": (None, info.window),
            "identity": (None, len(info.identities)),
            "emotion": (None, info.center, len(info.emotions)),
            "input_latents": latents,
            "noise": (None, info.steps + 1, info.total, info.row_size),
        },
        {"prediction": (None, info.total, info.row_size), "output_latents": latents},
        report,
    )
    centre = (info.left, info.left + info.center)
    outputs = tuple(replace(t, wanted=centre) if t.name == "prediction" else t for t in network.outputs)
    return replace(network, outputs=outputs, state=("input_latents", "output_latents"))
