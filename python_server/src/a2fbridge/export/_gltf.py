"""The head that ships, animated, as binary glTF: morph weights of every mesh over time."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._resources import data_dir
from a2fbridge.animation import Animation
from a2fbridge.export._apple import apple_weights
from a2fbridge.export._atomic import atomic_file
from a2fbridge.export._glb import pack_glb, unpack_glb
from a2fbridge.shapes import FACE_NAMES, camel_case

__all__ = ["Appender", "write_glb"]

_COMPONENTS: Final = {"<f4": 5126, "<u4": 5125}
_COLUMN: Final = {camel_case(name): i for i, name in enumerate(FACE_NAMES)}


def write_glb(animation: Animation, path: str | Path) -> None:
    """Write the head with the clip as its animation ``speech``.

    Any viewer of glTF plays it; the sound is not in it.  Weights are in Apple's convention, as the head's targets
    are.  Raises ConventionError for a clip that was mapped to another rig.
    """
    weights = apple_weights(animation, "glTF")
    source = data_dir() / "head" / "head.glb"
    document, blob = unpack_glb(source.read_bytes(), source)
    writer = Appender(document, blob)
    if len(animation):
        document["animations"] = [_animation(writer, animation.time_codes, weights)]
    with atomic_file(path) as file:
        file.write(writer.packed())


def _animation(
    writer: Appender, seconds: NDArray[np.float64], weights: NDArray[np.float32]
) -> dict[str, Any]:
    times = seconds.astype(np.float32)
    clock = writer.accessor(times, min=[float(times[0])], max=[float(times[-1])])
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []
    for node, mesh in _morphing(writer.document):
        columns = [_COLUMN[name] for name in mesh["extras"]["targetNames"]]
        channels.append({"sampler": len(samplers), "target": {"node": node, "path": "weights"}})
        values = writer.accessor(weights[:, columns].ravel())
        samplers.append({"input": clock, "output": values, "interpolation": "LINEAR"})
    return {"name": "speech", "samplers": samplers, "channels": channels}


def _morphing(document: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """Return (node, mesh) of everything that has targets."""
    nodes = [(i, node["mesh"]) for i, node in enumerate(document["nodes"]) if "mesh" in node]
    meshes = [(i, document["meshes"][mesh]) for i, mesh in nodes]
    return [(i, mesh) for i, mesh in meshes if mesh["primitives"][0].get("targets")]


@dataclasses.dataclass(slots=True)
class Appender:
    """Adds accessors to a document that was read."""

    document: dict[str, Any]
    blob: bytes

    def accessor(self, values: NDArray[np.float32] | NDArray[np.uint32], **more: Any) -> int:
        data = np.ascontiguousarray(values).tobytes()
        self.blob += b"\0" * (-len(self.blob) % 4)
        view = {"buffer": 0, "byteOffset": len(self.blob), "byteLength": len(data)}
        self.blob += data
        self.document["bufferViews"].append(view)
        place = len(self.document["bufferViews"]) - 1
        kind = _COMPONENTS[values.dtype.str]
        entry = {"bufferView": place, "componentType": kind, "count": len(values), "type": "SCALAR"} | more
        self.document["accessors"].append(entry)
        return len(self.document["accessors"]) - 1

    def points(self, values: NDArray[np.float32]) -> int:
        """Add positions [V, 3]."""
        corners = {"min": values.min(0).tolist(), "max": values.max(0).tolist()} if len(values) else {}
        return self.accessor(values, type="VEC3", **corners)

    def indices(self, values: NDArray[np.int32]) -> int:
        """Add the corners of triangles [T, 3]."""
        return self.accessor(values.ravel().astype(np.uint32))

    def packed(self) -> bytes:
        self.document["buffers"] = [{"byteLength": len(self.blob) + -len(self.blob) % 4}]
        return pack_glb(self.document, self.blob)
