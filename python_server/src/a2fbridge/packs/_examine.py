"""What loads here but deserves a word: rules of NVIDIA's own loader and builder that our reader does not need
(spec: training and DCC, part 3)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.packs._findings import Report
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._geometry import NETWORK, open_model_data
from a2fbridge.packs._json import Fields, read_json
from a2fbridge.packs._model import FacePack, Identity
from a2fbridge.packs._onnx import NetworkFile, inspect_network
from a2fbridge.packs._pack import CARD
from a2fbridge.packs._recipe import RECIPE, check_recipe, read_recipe

__all__: list[str] = []

_OPSET: Final = 14
"""ONNX operator set of NVIDIA's own exports."""
_BASIS_TOLERANCE: Final = 0.05
"""How far PCA rows may be from unit length and from right angles."""
_NEUTRAL_TOLERANCE: Final = 1e-3
"""Centimetres."""
_DIFFUSION_KEYS: Final = ("modelConfigPaths", "modelDataPaths")


def examine_face(folder: PackFolder, pack: FacePack, report: Report) -> None:
    """Add warnings about a face pack that was read without errors."""
    card = read_json(folder, CARD, CARD, "", report)
    if pack.info.kind == "regression":
        for key in _DIFFUSION_KEYS:
            if key in card:
                report.warning(CARD, key, "keys of one kind of pack", "is a key of diffusion packs")
        files: tuple[str, ...] = (card.path("modelDataPath"),)
    else:
        files = card.paths("modelDataPaths", len(pack.identities))
        _check_order(card, pack, report)
        _check_strengths(card, pack, report)
    for file, identity in zip(files, pack.identities, strict=True):
        _examine_identity(folder, file, identity, report)
    examine_engine(folder, card, report)


def _check_order(card: Fields, pack: FacePack, report: Report) -> None:
    """Files that bear the name of an identity must stand in that identity's place."""
    names = [identity.name for identity in pack.identities]
    for key in _DIFFUSION_KEYS:
        for place, file in enumerate(card.paths(key, len(names))):
            _check_place(key, file, names, place, report)
    if "blendshapePaths" in card:
        for place, parts in enumerate(card.children("blendshapePaths", len(names))):
            for part in parts.names():
                for what in ("config", "data"):
                    file = parts.child(part).path(what)
                    _check_place(f"blendshapePaths[{place}].{part}.{what}", file, names, place, report)


def _check_place(key: str, file: str, names: list[str], place: int, report: Report) -> None:
    others = [name for name in names if name.lower() in file.lower()]
    if others and names[place] not in others:
        right = f"a file of {names[place]}, in the order of params.identities"
        report.warning(CARD, key, right, f"'{file}' bears the name of {others[0]}")


def _check_strengths(card: Fields, pack: FacePack, report: Report) -> None:
    files = card.paths("modelConfigPaths", len(pack.identities))
    for file, identity in zip(files, pack.identities, strict=True):
        strength = identity.parameters["input_strength"]
        if strength != 1.0:
            right = "1, with which NVIDIA's executor runs diffusion packs whatever stands here"
            report.warning(file, "config.input_strength", right, f"is {strength:g}")


def _examine_identity(folder: PackFolder, file: str, identity: Identity, report: Report) -> None:
    missing = [part for part in ("skin", "tongue") if getattr(identity, part) is None]
    if missing:
        right = "skin and tongue for NVIDIA's weight output"
        found = f"the {' and the '.join(missing)} of {identity.name} {'are' if missing[1:] else 'is'} missing"
        more = "; there are vertices, but no weights" if missing[1:] else ""
        report.warning(CARD, "blendshapePaths", right, found + more)
    _check_poses(identity, report)
    if identity.skin_basis is not None:
        _check_neutrals(folder, file, identity, report)
        _check_basis(file, "shapes_matrix_skin", identity.skin_basis, report)
    if identity.tongue_basis is not None:
        _check_basis(file, "shapes_matrix_tongue", identity.tongue_basis, report)


def _check_poses(identity: Identity, report: Report) -> None:
    """A face without one of NVIDIA's shapes never moves it, whatever a mapping table makes of that."""
    for part, right in (("skin", shapes.ARKIT_NAMES), ("tongue", shapes.TONGUE_NAMES)):
        poses = getattr(identity, part)
        missing = [n for n in right if n not in identity.names] if poses else []
        if missing:
            more = f" and {len(missing) - 1} more" if missing[1:] else ""
            found = f"the {part} of {identity.name} has no {shapes.camel_case(missing[0])}{more}"
            report.warning(
                CARD, "blendshapePaths", f"the {len(right)} {part} shapes of NVIDIA's packs", found
            )


def _check_neutrals(folder: PackFolder, file: str, identity: Identity, report: Report) -> None:
    """Optional copies of the neutral pose must be the neutral pose."""
    with open_model_data(folder, file, CARD, "modelDataPath", report) as data:
        for array, mean in (("neutral_skin", identity.skin_mean), ("neutral_tongue", identity.tongue_mean)):
            copy = report.attempt(data.floats, array, *mean.shape) if array in data else None
            if copy is not None and np.abs(copy - mean).max(initial=0.0) > _NEUTRAL_TOLERANCE:
                found = f"differs by {np.abs(copy - mean).max():.3g} cm"
                report.warning(file, array, f"equal to shapes_mean_{array.removeprefix('neutral_')}", found)


def _check_basis(file: str, array: str, basis: NDArray[np.float32], report: Report) -> None:
    rows = basis.reshape(len(basis), -1)
    if not rows.size:
        return
    product = rows @ rows.T
    lengths = np.sqrt(np.diagonal(product))
    worst = lengths[np.abs(lengths - 1).argmax()]
    if abs(worst - 1) > _BASIS_TOLERANCE:
        report.warning(file, array, "PCA rows of length 1", f"one has length {worst:.3g}")
        return
    slant = np.abs(product - np.diag(np.diagonal(product))).max()
    if slant > _BASIS_TOLERANCE:
        report.warning(file, array, "PCA rows at right angles", f"two have a product of {slant:.3g}")


def examine_engine(folder: PackFolder, card: Fields, report: Report) -> None:
    """Add warnings about the network, its engine and how one is built."""
    named = card.path("networkPath")
    name = named if named.lower().endswith(".onnx") else NETWORK
    if name == named:
        right = "a TensorRT engine (network.trt), which NVIDIA's loader reads"
        report.warning(CARD, "networkPath", right, f"is '{named}'")
    network = inspect_network(folder, name)
    if network.opset and network.opset < _OPSET:
        report.warning(name, "opset", f"{_OPSET} or newer, as NVIDIA exports", f"is {network.opset}")
    _check_age(folder, named, name, report)
    _check_recipe(folder, network, report)


def _check_age(folder: PackFolder, engine: str, network: str, report: Report) -> None:
    path = folder.root / engine
    if engine != network and path.is_file():
        if path.stat().st_mtime < (folder.root / network).stat().st_mtime:
            report.warning(engine, "", f"an engine built from this {network}", "is older than the network")
        if path.stat().st_size == 0:
            report.warning(engine, "", "a TensorRT engine", "the file is empty")


def _check_recipe(folder: PackFolder, network: NetworkFile, report: Report) -> None:
    before = len(report.findings)
    recipe = report.attempt(read_recipe, folder, report)
    report.soften(before)  # the file is the builder's, not the loader's
    if recipe is None:
        if len(report.findings) == before:
            report.warning(RECIPE, "", "how a TensorRT engine is built", "the file is missing")
        return
    if "defaults" not in read_json(folder, RECIPE, RECIPE, "", report) and _has_places(folder):
        report.warning(RECIPE, "defaults", "MAX_BATCH_SIZE and OPT_BATCH_SIZE", "is missing")
    check_recipe(recipe, {name: dims for name, (_, dims) in network.inputs.items()}, report)


def _has_places(folder: PackFolder) -> bool:
    return b"_SIZE}" in (folder.root / RECIPE).read_bytes()
