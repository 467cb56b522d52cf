"""Writes the head as a binary glTF 2.0 model: skinned meshes with morph targets by name.

Morph targets follow Apple's convention (``mouthClose`` does not contain ``jawOpen``), which is what users
of glTF heads expect.  Lengths are metres.  Targets are sparse accessors, because most shapes move little.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.export import pack_glb
from a2fbridge.training.head._glb_meshes import JOINTS, STILL, Mesh, head_meshes
from a2fbridge.training.head._head import Head
from a2fbridge.training.head._render import vertex_normals

__all__ = ["write_glb"]

Floats = NDArray[np.float32]

_METRES = 0.01
_ROUGHNESS = {"skin": 0.55, "tongue": 0.35, "teeth": 0.25, "eye": 0.08, "brows": 0.8, "lashes": 0.8}
_ARRAY_BUFFER, _ELEMENT_BUFFER = 34962, 34963
_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
_COMPONENTS = {"float32": 5126, "uint16": 5123, "uint8": 5121}


@dataclass(slots=True)
class _Writer:
    """Collects buffer views and accessors."""

    blob: bytearray = field(default_factory=bytearray)
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)

    def view(self, array: NDArray[Any], target: int | None = None) -> int:
        self.blob += b"\0" * (-len(self.blob) % 4)
        data = np.ascontiguousarray(array).tobytes()
        entry = {"buffer": 0, "byteOffset": len(self.blob), "byteLength": len(data)}
        self.blob += data
        self.views.append(entry | ({"target": target} if target else {}))
        return len(self.views) - 1

    def accessor(self, array: NDArray[Any], target: int | None = None, **more: object) -> int:
        """Store a dense array [n] or [n, k] and return its accessor."""
        columns = array.shape[1] if array.ndim > 1 else 1
        entry = {"bufferView": self.view(array, target), **_layout(array, len(array), columns), **more}
        self.accessors.append(entry)
        return len(self.accessors) - 1

    def sparse(self, offsets: Floats) -> int:
        """Store offsets [V, 3], of which only the rows that are not zero take room."""
        rows = np.flatnonzero(np.abs(offsets).max(axis=1) > 0)
        rows = rows if len(rows) else np.array([0])
        entry = {
            **_layout(offsets, len(offsets), 3),
            "min": offsets.min(axis=0).tolist(),
            "max": offsets.max(axis=0).tolist(),
            "sparse": {
                "count": len(rows),
                "indices": {
                    "bufferView": self.view(rows.astype(np.uint16)),
                    "componentType": _COMPONENTS["uint16"],
                },
                "values": {"bufferView": self.view(offsets[rows])},
            },
        }
        self.accessors.append(entry)
        return len(self.accessors) - 1


def write_glb(head: Head, path: Path) -> None:
    """Write the model; the same head gives the same bytes."""
    writer = _Writer()
    meshes = head_meshes(head)
    joint_nodes, inverse = _skeleton(head)
    first = len(JOINTS)
    document = {
        "asset": {"version": "2.0", "generator": "a2fbridge.training.head", "extras": _notice()},
        "scene": 0,
        "scenes": [{"name": "head", "nodes": [0, *range(first, first + len(meshes))]}],
        "nodes": joint_nodes + [{"name": m.name, "mesh": i, "skin": 0} for i, m in enumerate(meshes)],
        "skins": [
            {
                "name": "head",
                "skeleton": 0,
                "joints": list(range(first)),
                "inverseBindMatrices": writer.accessor(inverse),
            }
        ],
        "meshes": [_mesh(writer, mesh, index) for index, mesh in enumerate(meshes)],
        "materials": [_material(mesh) for mesh in meshes],
        "accessors": writer.accessors,
        "bufferViews": writer.views,
        "buffers": [{"byteLength": len(writer.blob) + -len(writer.blob) % 4}],
    }
    path.write_bytes(pack_glb(document, bytes(writer.blob)))


def _notice() -> dict[str, str]:
    return {
        "convention": "arkit",
        "meaning": "mouthClose does not contain jawOpen (Apple's convention)",
        "jaw": "the jaw targets move teeth and tongue: use them or the jaw joint, not both",
        "sources": "MakeHuman base mesh hm08 and Face Units asset pack by Mika Suominen, both CC0 1.0",
    }


def _layout(array: NDArray[Any], count: int, columns: int) -> dict[str, Any]:
    return {"componentType": _COMPONENTS[array.dtype.name], "count": count, "type": _TYPES[columns]}


def _skeleton(head: Head) -> tuple[list[dict[str, Any]], Floats]:
    """Return the joint nodes and the inverse bind matrices [5, 16], column-major."""
    places = np.zeros((len(JOINTS), 3), np.float32)
    places[2], places[3:] = head.jaw_hinge * _METRES, head.eye_centres * _METRES
    inverse = np.tile(np.eye(4, dtype=np.float32).ravel(), (len(JOINTS), 1))
    inverse[:, 12:15] = -places
    nodes: list[dict[str, Any]] = [
        {"name": name, "translation": place.tolist()} for name, place in zip(JOINTS, places, strict=True)
    ]
    nodes[0]["children"], nodes[1]["children"] = [1], [2, 3, 4]
    return nodes, inverse


def _mesh(writer: _Writer, mesh: Mesh, index: int) -> dict[str, Any]:
    vertices = (mesh.vertices * _METRES).astype(np.float32)
    joints, weights = np.zeros((len(vertices), 4), np.uint8), np.zeros((len(vertices), 4), np.uint8)
    for column, (joint, weight) in enumerate(mesh.joints.items()):
        joints[:, column], weights[:, column] = JOINTS.index(joint), np.round(weight * 255)
    weights[:, 0] += (255 - weights.sum(axis=1)).astype(np.uint8)
    joints[weights == 0] = 0
    colours = np.ones((len(vertices), 4))
    colours[:, :3] = mesh.colours / mesh.colours.max(axis=0)
    normals = vertex_normals(vertices, mesh.faces)
    attributes = {
        "POSITION": writer.accessor(
            vertices, _ARRAY_BUFFER, min=vertices.min(axis=0).tolist(), max=vertices.max(axis=0).tolist()
        ),
        "NORMAL": writer.accessor(normals, _ARRAY_BUFFER),
        "COLOR_0": writer.accessor(np.round(colours * 255).astype(np.uint8), _ARRAY_BUFFER, normalized=True),
        "JOINTS_0": writer.accessor(joints, _ARRAY_BUFFER),
        "WEIGHTS_0": writer.accessor(weights, _ARRAY_BUFFER, normalized=True),
    }
    primitive: dict[str, Any] = {
        "attributes": attributes,
        "indices": writer.accessor(mesh.faces.astype(np.uint16).ravel(), _ELEMENT_BUFFER),
        "material": index,
    }
    out: dict[str, Any] = {"name": mesh.name, "primitives": [primitive]}
    if mesh.targets:
        primitive["targets"] = [
            {"POSITION": writer.sparse(_quiet(offsets))} for offsets in mesh.targets.values()
        ]
        out["weights"] = [0.0] * len(mesh.targets)
        out["extras"] = {"targetNames": list(mesh.targets), "convention": "arkit"}
    return out


def _quiet(offsets: Floats) -> Floats:
    """Return offsets in metres with motionless vertices set to exactly zero."""
    moving = np.linalg.norm(offsets, axis=1) > STILL
    return np.asarray(offsets * (_METRES * moving[:, None]), np.float32)


def _material(mesh: Mesh) -> dict[str, Any]:
    """Return a material whose colour is right even where vertex colours are ignored."""
    hair = mesh.name in ("brows", "lashes")
    return {
        "name": mesh.name,
        "doubleSided": hair,
        "pbrMetallicRoughness": {
            "baseColorFactor": [*np.round(mesh.colours.max(axis=0).astype(float), 4).tolist(), 1.0],
            "metallicFactor": 0.0,
            "roughnessFactor": _ROUGHNESS[mesh.name.partition("_")[0]],
        },
    }
