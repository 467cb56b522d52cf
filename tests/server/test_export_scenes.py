"""The animated head as glTF and USD, read back by public readers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pygltflib
import pytest
from test_export import clip

from a2fbridge import shapes
from a2fbridge._errors import ConventionError, RecordingError
from a2fbridge.export import head_meshes, unpack_glb, write
from a2fbridge.mapping import MappingTable

RATE = Fraction(30000, 1001)


def column(animation: Any, name: str) -> np.ndarray:
    arkit = animation.to_convention("arkit")
    index = [shapes.camel_case(n) for n in arkit.names].index(name)
    return np.asarray(arkit.weights[:, index])


def floats(document: pygltflib.GLTF2, number: int) -> np.ndarray:
    accessor = document.accessors[number]
    view = document.bufferViews[accessor.bufferView]
    data = document.binary_blob()[view.byteOffset : view.byteOffset + view.byteLength]
    return np.frombuffer(data, "<f4")


def test_a_glb_holds_every_weight_of_every_mesh(tmp_path: Path) -> None:
    animation = clip(9, RATE)
    write(animation, tmp_path / "a.glb")
    document = pygltflib.GLTF2().load(str(tmp_path / "a.glb"))
    (speech,) = document.animations
    assert len(speech.channels) == 7  # all meshes but the upper teeth
    for channel in speech.channels:
        assert channel.target.path == "weights"
        sampler = speech.samplers[channel.sampler]
        mesh = document.meshes[document.nodes[channel.target.node].mesh]
        names = mesh.extras["targetNames"]
        times, values = floats(document, sampler.input), floats(document, sampler.output)
        assert np.allclose(times, animation.time_codes, atol=1e-6)
        assert document.accessors[sampler.input].max == [pytest.approx(times[-1])]
        table = values.reshape(9, len(names))
        for i, name in enumerate(names):
            assert np.allclose(table[:, i], column(animation, name), atol=1e-6), (mesh.name, name)


def test_a_clip_of_no_frames_is_the_head_at_rest(tmp_path: Path) -> None:
    write(clip(0), tmp_path / "a.glb")
    assert not pygltflib.GLTF2().load(str(tmp_path / "a.glb")).animations


@pytest.mark.parametrize("ending", ["usda", "usdc", "usd"])
def test_usd_skel_moves_the_points(tmp_path: Path, ending: str) -> None:
    usd = pytest.importorskip("pxr.Usd", reason="usd-core is not installed")
    from pxr import UsdGeom, UsdSkel

    animation = clip(5, RATE)
    write(animation, tmp_path / f"a.{ending}")
    stage = usd.Stage.Open(str(tmp_path / f"a.{ending}"))
    assert stage.GetTimeCodesPerSecond() == float(RATE)
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (0, 4)
    root = UsdSkel.Root(stage.GetDefaultPrim())
    assert UsdSkel.BakeSkinning(root)  # OpenUSD's own deformer writes points for every frame
    for mesh in head_meshes():
        expected = mesh.points.astype(np.float64).copy()
        for name, (rows, offsets) in mesh.targets.items():
            expected[rows] += offsets * column(animation, name)[3]
        baked = UsdGeom.Mesh.Get(stage, f"/Head/{mesh.name}").GetPointsAttr().Get(3.0)
        assert np.allclose(np.array(baked), expected, atol=1e-3), mesh.name


def test_the_exported_head_is_the_head(tmp_path: Path) -> None:
    from a2fbridge.training.head import load_head

    head, meshes = load_head(), {mesh.name: mesh for mesh in head_meshes()}
    assert np.allclose(meshes["skin"].points, head.skin_neutral, atol=1e-4)
    rows, offsets = meshes["skin"].targets["jawOpen"]
    moved = np.zeros_like(head.skin_neutral)
    moved[rows] = offsets
    assert np.abs(moved - head.skin_deltas[shapes.INDEX["JawOpen"]]).max() < 0.006


@pytest.mark.parametrize("ending", ["glb", "usda"])
def test_a_mapped_clip_is_refused(tmp_path: Path, ending: str) -> None:
    mapped = MappingTable.load("mh4").map(clip())
    with pytest.raises(ConventionError, match="from the unmapped one"):
        write(mapped, tmp_path / f"a.{ending}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", [b"", b"glTF", b"glTF\2\0\0\0\xff\0\0\0{}", b"RIFF" + bytes(40)])
def test_what_is_no_glb_is_refused(damage: bytes) -> None:
    with pytest.raises(RecordingError, match=r"x\.glb"):
        unpack_glb(damage, "x.glb")
