"""The meshes of the head that ships, read from its binary glTF file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._resources import data_dir
from a2fbridge.export._glb import unpack_glb

__all__ = ["HeadMesh", "head_meshes"]

_DTYPES: Final = {5121: "u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_COLUMNS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass(frozen=True, slots=True, eq=False)
class HeadMesh:
    """One mesh; lengths in centimetres."""

    name: str
    points: NDArray[np.float32]
    """[V, 3]"""
    normals: NDArray[np.float32]
    """[V, 3]"""
    faces: NDArray[np.int32]
    """[F, 3]"""
    colours: NDArray[np.float32]
    """[V, 3] linear RGB."""
    targets: dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]]
    """By name in Apple's spelling: vertices [M] that move, and their offsets [M, 3]."""


def head_meshes() -> list[HeadMesh]:
    """Return skin, tongue, brows, eyes, lashes and teeth."""
    source = data_dir() / "head" / "head.glb"
    reader = _Reader(*unpack_glb(source.read_bytes(), source))
    return [reader.mesh(mesh) for mesh in reader.document["meshes"]]


class _Reader:
    def __init__(self, document: dict[str, Any], blob: bytes) -> None:
        self.document, self._blob = document, blob

    def mesh(self, mesh: dict[str, Any]) -> HeadMesh:
        primitive = mesh["primitives"][0]
        attributes = primitive["attributes"]
        tint = self.document["materials"][primitive["material"]]["pbrMetallicRoughness"]["baseColorFactor"]
        names = mesh.get("extras", {}).get("targetNames", [])
        targets = primitive.get("targets", [])
        return HeadMesh(
            mesh["name"],
            self._dense(attributes["POSITION"]) * np.float32(100),
            self._dense(attributes["NORMAL"]),
            self._dense(primitive["indices"]).astype(np.int32).reshape(-1, 3),
            (self._dense(attributes["COLOR_0"])[:, :3] / 255 * tint[:3]).astype(np.float32),
            {name: self._sparse(target["POSITION"]) for name, target in zip(names, targets, strict=True)},
        )

    def _dense(self, number: int) -> NDArray[Any]:
        accessor = self.document["accessors"][number]
        columns = _COLUMNS[accessor["type"]]
        values = self._view(accessor["bufferView"], accessor["componentType"])
        return values[: accessor["count"] * columns].reshape(-1, columns)

    def _sparse(self, number: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        sparse = self.document["accessors"][number]["sparse"]
        indices = self._view(sparse["indices"]["bufferView"], sparse["indices"]["componentType"])
        offsets = self._view(sparse["values"]["bufferView"], 5126).reshape(-1, 3)
        return indices[: sparse["count"]].astype(np.int32), offsets[: sparse["count"]] * np.float32(100)

    def _view(self, number: int, component: int) -> NDArray[Any]:
        view = self.document["bufferViews"][number]
        start = view.get("byteOffset", 0)
        return np.frombuffer(self._blob[start : start + view["byteLength"]], _DTYPES[component])
