"""Reading a mesh with its morph targets from glTF 2.0, every size checked against the buffer before use."""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import RecordingError
from a2fbridge.export._files import MAX_TEXT, read_bounded
from a2fbridge.export._glb import unpack_glb

__all__ = ["read_gltf_mesh"]

Floats = NDArray[np.float32]

_TYPES: Final = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_READ: Final = frozenset(("KHR_mesh_quantization",))
"""Required extensions that make no difference here."""
_MAX_VERTICES: Final = 1 << 22
_MAX_TARGETS: Final = 1024


def read_gltf_mesh(path: Path, name: str = "") -> tuple[Floats, dict[str, Floats]]:
    """Return the vertices [V, 3] of one mesh and the offsets [V, 3] of its named targets, in the file's metres.

    ``name`` is a mesh's or node's; empty: the file must hold one mesh with targets, or one mesh.  The node's
    transform is applied, unless it is skinned.  Raises RecordingError.
    """
    try:
        return _Reader(path).mesh(name)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise RecordingError(f"{path}: not a sound glTF file ({type(error).__name__}: {error})") from None


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        content = read_bounded(path, MAX_TEXT)
        if path.suffix.lower() == ".glb":
            self._document, blob = unpack_glb(content, path)
            self._buffers: dict[int, bytes] = {0: blob}
        else:
            self._document, self._buffers = json.loads(content), {}
        if other := set(self._document.get("extensionsRequired", ())) - _READ:
            self._refuse(
                f"needs the extension {min(other)}; right is a file without it (export uncompressed)"
            )

    def mesh(self, name: str) -> tuple[Floats, dict[str, Floats]]:
        node, mesh = self._choose(name)
        primitives = mesh["primitives"]
        places = {primitive["attributes"]["POSITION"] for primitive in primitives}
        if len(places) != 1:
            self._refuse(
                f"mesh '{mesh.get('name', '')}' has {len(places)} parts; right is one (one material)"
            )
        targets = primitives[0].get("targets", [])
        names = mesh.get("extras", {}).get("targetNames", [])
        if len(targets) != len(names) or len(targets) > _MAX_TARGETS or len(set(names)) != len(names):
            self._refuse(
                f"{len(targets)} targets with {len(names)} names (extras.targetNames); right are equal counts"
            )
        turn, shift = self._transform(node)
        points = self._accessor(places.pop())
        moved = {
            str(n): self._accessor(t["POSITION"])
            for n, t in zip(names, targets, strict=True)
            if "POSITION" in t
        }
        if wrong := [n for n, delta in moved.items() if delta.shape != points.shape]:
            self._refuse(f"target '{wrong[0]}' has {len(moved[wrong[0]])} vertices; right are {len(points)}")
        return _float(points @ turn.T + shift), {n: _float(delta @ turn.T) for n, delta in moved.items()}

    def _choose(self, name: str) -> tuple[int, dict[str, Any]]:
        """Return node and mesh."""
        meshes = self._document["meshes"]
        nodes = [
            (i, n, meshes[n["mesh"]]) for i, n in enumerate(self._document.get("nodes", [])) if "mesh" in n
        ]
        if name:
            chosen = [(i, mesh) for i, node, mesh in nodes if name in (node.get("name"), mesh.get("name"))]
        else:
            chosen = [(i, mesh) for i, _, mesh in nodes if mesh["primitives"][0].get("targets")]
            chosen = chosen or [(i, mesh) for i, _, mesh in nodes]
        if len(chosen) != 1:
            names = ", ".join(str(node.get("name") or mesh.get("name")) for _, node, mesh in nodes) or "none"
            what = f"mesh '{name}'" if name else "mesh with targets"
            self._refuse(
                f"{len(chosen) or 'no'} {what} among {names}; right is one, or the name of the one meant"
            )
        return chosen[0]

    def _transform(self, node: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return linear part [3, 3] and translation [3] from a node to the scene."""
        nodes, matrix = self._document["nodes"], np.eye(4)
        parents = {child: i for i, n in enumerate(nodes) for child in n.get("children", ())}
        place: int | None = None if "skin" in nodes[node] else node
        for _ in range(len(nodes)):
            if place is None:
                break
            matrix, place = _local(nodes[place]) @ matrix, parents.get(place)
        return matrix[:3, :3], matrix[:3, 3]

    def _accessor(self, index: int) -> NDArray[np.float64]:
        """Return [count, 3] of an accessor of positions."""
        accessor = self._document["accessors"][index]
        count = accessor["count"]
        if accessor["type"] != "VEC3" or not isinstance(count, int) or not 0 < count <= _MAX_VERTICES:
            self._refuse(f"accessor {index} is {accessor['type']} of {count}; right are positions (VEC3)")
        if "bufferView" in accessor:
            out = self._values(accessor, accessor["componentType"], count, 3).astype(np.float64)
        else:
            out = np.zeros((count, 3))
        if sparse := accessor.get("sparse"):
            kept = sparse["count"]
            places = self._values(sparse["indices"], sparse["indices"]["componentType"], kept, 1).ravel()
            if len(places) and places.max() >= count:
                self._refuse(f"accessor {index} changes vertex {places.max()} of {count}")
            out[places] = self._values(sparse["values"], accessor["componentType"], kept, 3)
        if accessor.get("normalized"):
            out = np.maximum(out / np.iinfo(_TYPES[accessor["componentType"]]).max, -1.0)
        if not np.isfinite(out).all():
            self._refuse(f"accessor {index} holds a value that is no number")
        return out

    def _values(self, entry: dict[str, Any], component: int, count: int, width: int) -> NDArray[Any]:
        """Return [count, width] values of a buffer view."""
        view = self._document["bufferViews"][entry["bufferView"]]
        kind = np.dtype(_TYPES[component])
        start = entry.get("byteOffset", 0) + view.get("byteOffset", 0)
        stride = view.get("byteStride") or kind.itemsize * width
        data = self._buffer(view["buffer"])
        end = start + stride * (count - 1) + kind.itemsize * width
        if count < 1 or start < 0 or stride < kind.itemsize * width or end > len(data):
            self._refuse(f"a buffer of {len(data)} bytes; right are {end} or more")
        return np.ndarray((count, width), kind, data, start, (stride, kind.itemsize))

    def _buffer(self, index: int) -> bytes:
        if index not in self._buffers:
            uri = self._document["buffers"][index].get("uri", "")
            if uri.startswith("data:"):
                try:
                    self._buffers[index] = base64.b64decode(uri.partition(",")[2], validate=True)
                except binascii.Error as error:
                    self._refuse(f"buffer {index}: {error}")
            else:
                if not uri or "/" in uri or "\\" in uri or uri.startswith("."):
                    self._refuse(f"buffer {index} is '{uri[:80]}'; right is a file beside this one")
                self._buffers[index] = read_bounded(self._path.with_name(uri), MAX_TEXT)
        return self._buffers[index]

    def _refuse(self, text: str) -> NoReturn:
        raise RecordingError(f"{self._path}: {text}")


def _local(node: dict[str, Any]) -> NDArray[np.float64]:
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    x, y, z, w = (float(v) for v in node.get("rotation", (0, 0, 0, 1)))
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    out = np.eye(4)
    out[:3, :3] = turn * np.array(node.get("scale", (1, 1, 1)), np.float64)
    out[:3, 3] = node.get("translation", (0, 0, 0))
    return out


def _float(values: NDArray[np.float64]) -> Floats:
    return np.ascontiguousarray(values, np.float32)
