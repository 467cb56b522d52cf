"""Vertices in files: NumPy archives, USD and glTF, read back by other programs' readers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import trimesh
from in_memory import RandomNetwork, make_pack, speechlike
from pxr import Gf, Usd, UsdGeom
from scipy.spatial.transform import Rotation

import a2fbridge
from a2fbridge._errors import ParameterError, RecordingError
from a2fbridge.animation import Animation
from a2fbridge.export._geometry import morph_targets
from a2fbridge.export._glb import unpack_glb
from a2fbridge.face import FaceModel

OBJ = "v 0 0 0\n" * 150 + "f 1/1/1 2/2 3//3\nf 4 5 6 7\nf -1 -2 -3\n"


@pytest.fixture(scope="module")
def animation() -> Animation:
    pack = make_pack()
    engine = a2fbridge.Engine(FaceModel(pack, RandomNetwork(pack)))
    return engine.animate(speechlike(0.6), 16000, frame_rate="24", geometry=True)


def test_a_clip_with_geometry_holds_everything(animation: Animation) -> None:
    assert animation.skin.shape == (15, 150, 3)
    assert animation.tongue.shape == (15, 60, 3)
    assert animation.jaw.shape == (15, 4, 4)
    assert np.abs(np.diff(animation.skin, axis=0)).max() > 0.1
    frame = list(animation)[7]
    np.testing.assert_array_equal(frame.skin, animation.skin[7])


def test_numpy_archive(animation: Animation, tmp_path: Path) -> None:
    path = tmp_path / "face.npz"
    a2fbridge.save(animation, path)
    again = a2fbridge.load_animation(path)
    for name in ("weights", "jaw", "eyes", "skin", "tongue"):
        np.testing.assert_array_equal(getattr(again, name), getattr(animation, name))
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez(path, **arrays | {"skin": arrays["skin"][:3]})
    with pytest.raises(RecordingError, match="'skin' has shape"):
        a2fbridge.load_animation(path)


@pytest.mark.parametrize("ending", ["usda", "usdc", "usd"])
def test_usd_points(animation: Animation, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"face.{ending}"
    a2fbridge.save(animation, path)
    stage = Usd.Stage.Open(str(path))
    assert stage.GetTimeCodesPerSecond() == 24
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (0, 14)
    skin = UsdGeom.Points(stage.GetPrimAtPath("/Face/Skin"))
    tongue = UsdGeom.Points(stage.GetPrimAtPath("/Face/Jaw/Tongue"))
    cache = UsdGeom.XformCache()
    for frame in range(15):
        np.testing.assert_array_equal(skin.GetPointsAttr().Get(frame), animation.skin[frame])
        np.testing.assert_array_equal(tongue.GetPointsAttr().Get(frame), animation.tongue[frame])
        cache.SetTime(frame)
        world = np.array(cache.GetLocalToWorldTransform(tongue.GetPrim())).T
        np.testing.assert_allclose(world, animation.jaw[frame], atol=1e-5)
        for i, name in enumerate(("RightEye", "LeftEye")):
            matrix = cache.GetLocalToWorldTransform(stage.GetPrimAtPath(f"/Face/{name}"))
            x, y, _ = animation.eyes[frame, i].astype(float)
            right = Gf.Matrix4d().SetRotate(Gf.Rotation((1, 0, 0), x)) * Gf.Matrix4d().SetRotate(
                Gf.Rotation((0, 1, 0), y)
            )
            assert Gf.IsClose(matrix, right, 1e-5)


def test_usd_mesh_with_a_topology(animation: Animation, tmp_path: Path) -> None:
    (tmp_path / "skin.obj").write_text(OBJ)
    a2fbridge.save(animation, tmp_path / "face.usda", topology=[tmp_path / "skin.obj"])
    stage = Usd.Stage.Open(str(tmp_path / "face.usda"))
    mesh = UsdGeom.Mesh(stage.GetPrimAtPath("/Face/Skin"))
    assert list(mesh.GetFaceVertexCountsAttr().Get()) == [3, 4, 3]
    assert list(mesh.GetFaceVertexIndicesAttr().Get()) == [0, 1, 2, 3, 4, 5, 6, 149, 148, 147]
    assert stage.GetPrimAtPath("/Face/Jaw/Tongue").GetTypeName() == "Points"


def test_gltf(animation: Animation, tmp_path: Path) -> None:
    (tmp_path / "skin.obj").write_text(OBJ)
    path = tmp_path / "face.glb"
    a2fbridge.save(animation, path, topology=[tmp_path / "skin.obj"])
    scene = trimesh.load(path)
    assert {len(g.vertices) for g in scene.geometry.values() if len(g.vertices) == 60} == {60}
    document, blob = unpack_glb(path.read_bytes(), path)

    def read(index: int) -> np.ndarray:
        accessor = document["accessors"][index]
        view = document["bufferViews"][accessor["bufferView"]]
        columns = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor["type"]]
        kind = "<u4" if accessor["componentType"] == 5125 else "<f4"
        flat = np.frombuffer(blob, kind, accessor["count"] * columns, view["byteOffset"])
        return flat.reshape(-1, columns)

    (played,) = document["animations"]
    for node, vertices in (("Skin", animation.skin), ("Tongue", animation.tongue)):
        place = next(i for i, n in enumerate(document["nodes"]) if n["name"] == node)
        primitive = document["meshes"][document["nodes"][place]["mesh"]]["primitives"][0]
        base = read(primitive["attributes"]["POSITION"])
        targets = np.stack([read(t["POSITION"]) for t in primitive["targets"]])
        channel = next(c for c in played["channels"] if c["target"] == {"node": place, "path": "weights"})
        sampler = played["samplers"][channel["sampler"]]
        np.testing.assert_allclose(read(sampler["input"])[:, 0], np.arange(15) / 24, atol=1e-6)
        weights = read(sampler["output"]).reshape(15, len(targets))
        made = base + np.einsum("nt,tvc->nvc", weights, targets)
        np.testing.assert_allclose(100 * made, vertices, atol=2e-3)
    turns = next(c for c in played["channels"] if c["target"] == {"node": 2, "path": "rotation"})
    quaternions = read(played["samplers"][turns["sampler"]]["output"])
    np.testing.assert_allclose(
        Rotation.from_quat(quaternions).as_matrix(), animation.jaw[:, :3, :3], atol=1e-5
    )
    moves = next(c for c in played["channels"] if c["target"] == {"node": 2, "path": "translation"})
    np.testing.assert_allclose(
        100 * read(played["samplers"][moves["sampler"]]["output"]), animation.jaw[:, :3, 3], atol=1e-5
    )
    for i, node in enumerate((4, 5)):
        eyes = next(c for c in played["channels"] if c["target"] == {"node": node, "path": "rotation"})
        right = Rotation.from_euler("xyz", animation.eyes[:, i], degrees=True).as_matrix()
        got = Rotation.from_quat(read(played["samplers"][eyes["sampler"]]["output"])).as_matrix()
        np.testing.assert_allclose(got, right, atol=1e-5)


def test_morph_targets_are_no_more_than_the_clip_has(animation: Animation) -> None:
    rng = np.random.default_rng(0)
    shapes, weights = rng.normal(size=(3, 40, 3)), rng.normal(size=(50, 3))
    vertices = (np.einsum("nt,tvc->nvc", weights, shapes) + 5).astype(np.float32)
    base, targets, found = morph_targets(vertices)
    assert len(targets) == 3
    np.testing.assert_allclose(base + np.einsum("nt,tvc->nvc", found, targets), vertices, atol=2e-3)
    assert np.abs(found).max() <= 1.0 + 1e-6
    still = np.repeat(vertices[:1], 4, axis=0)
    assert len(morph_targets(still)[1]) == 0


def test_what_cannot_be_written_is_said(animation: Animation, tmp_path: Path) -> None:
    (tmp_path / "other.obj").write_text("v 0 0 0\nv 0 0 0\nv 0 0 0\nf 1 2 3\n")
    with pytest.raises(
        ParameterError, match=r"3 vertices; the clip's meshes have 150 \(skin\) and 60 \(tongue\)"
    ):
        a2fbridge.save(animation, tmp_path / "face.usd", topology=[tmp_path / "other.obj"])
    (tmp_path / "bad.obj").write_text("v 0 0 0\nf 1 2 3\n")
    with pytest.raises(ParameterError, match=r"bad.obj:2: a face needs 3 corners"):
        a2fbridge.save(animation, tmp_path / "face.usd", topology=[tmp_path / "bad.obj"])
    with pytest.raises(ParameterError, match="clips with geometry"):
        a2fbridge.save(animation, tmp_path / "face.csv", topology=[tmp_path / "other.obj"])


def test_the_command_line_writes_it(tmp_path: Path) -> None:
    from a2fbridge.cli import main

    path = tmp_path / "clip.npz"
    import soundfile

    soundfile.write(tmp_path / "clip.wav", speechlike(0.3), 16000)
    arguments = ["animate", str(tmp_path / "clip.wav"), "-o", str(path), "--geometry", "--quiet"]
    assert main([*arguments, "-o", str(tmp_path / "clip.usd")]) == 0
    animation = a2fbridge.load_animation(path)
    assert animation.skin.shape == (9, 4319, 3)
    stage = Usd.Stage.Open(str(tmp_path / "clip.usd"))
    points = UsdGeom.Points(stage.GetPrimAtPath("/Face/Skin")).GetPointsAttr().Get(4)
    np.testing.assert_array_equal(points, animation.skin[4])
    assert animation.frame_rate == Fraction(30)
