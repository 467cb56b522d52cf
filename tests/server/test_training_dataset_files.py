"""The files of a dataset, each written here by another program's library or byte by byte, and hostile ones."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygltflib
import pytest
from numpy.typing import NDArray
from pxr import Gf, Usd, UsdGeom, Vt

from a2fbridge import export, shapes
from a2fbridge._errors import RecordingError
from a2fbridge._resources import data_dir
from a2fbridge.packs import Fault
from a2fbridge.training.dataset._caches import read_cache
from a2fbridge.training.dataset._findings import Findings, Stop
from a2fbridge.training.dataset._layout import TakeFile
from a2fbridge.training.dataset._meshes import read_mesh
from a2fbridge.training.dataset._rigs import read_eyes, read_jaw
from a2fbridge.training.dataset._weights import read_weights
from a2fbridge.training.head import load_head

POINTS = np.random.default_rng(0).normal(size=(5, 7, 3)).astype(np.float32)
"""Five frames of seven vertices."""


def refused(text: str, path: Path, mesh: str = "") -> int | None:
    """Expect a refusal that contains ``text``; return its frame."""
    with pytest.raises((Stop, Fault), match=text) as caught:
        read_cache(path, mesh, 1.0)
    return getattr(caught.value.finding, "frame", None)


# --- Maya -------------------------------------------------------------------------------------------------------------


def chunk(tag: bytes, content: bytes) -> bytes:
    return tag + struct.pack(">i", len(content)) + content + b"\0" * (-len(content) % 4)


def maya_channel(name: str, points: NDArray[np.float32], double: bool) -> bytes:
    kind, tag = (">f8", b"DVCA") if double else (">f4", b"FVCA")
    count = chunk(b"SIZE", struct.pack(">i", len(points)))
    return chunk(b"CHNM", name.encode() + b"\0") + count + chunk(tag, points.astype(kind).tobytes())


def write_maya(
    folder: Path, channels: dict[str, NDArray[np.float32]], ticks: list[int], double: bool = False
) -> Path:
    """Write NAME.xml and NAME.mc as section 1.4 of the specification describes them."""
    header = [chunk(b"VRSN", b"0.1\0"), chunk(b"STIM", struct.pack(">i", ticks[0]))]
    header.append(chunk(b"ETIM", struct.pack(">i", ticks[-1])))
    data = chunk(b"FOR4", b"CACH" + b"".join(header))
    assert data[4:8] == struct.pack(">i", 40)
    for i, tick in enumerate(ticks):
        block = chunk(b"TIME", struct.pack(">i", tick))
        block += b"".join(maya_channel(name, points[i], double) for name, points in channels.items())
        data += chunk(b"FOR4", b"MYCH" + block)
    (folder / "take.mc").write_bytes(data)
    listed = "".join(
        f'<channel{i} ChannelName="{name}" ChannelType="{"Double" if double else "Float"}VectorArray" '
        f'ChannelInterpretation="positions" SamplingType="Regular" SamplingRate="200" '
        f'StartTime="{ticks[0]}" EndTime="{ticks[-1]}"/>'
        for i, name in enumerate(channels)
    )
    (folder / "take.xml").write_text(
        '<?xml version="1.0"?>\n<Autodesk_Cache_File><cacheType Type="OneFile" Format="mcc"/>'
        f'<time Range="{ticks[0]}-{ticks[-1]}"/><cacheTimePerFrame TimePerFrame="200"/>'
        f'<cacheVersion Version="2.0"/><Channels>{listed}</Channels></Autodesk_Cache_File>\n'
    )
    return folder / "take.xml"


@pytest.mark.parametrize("double", [False, True])
def test_maya(tmp_path: Path, double: bool) -> None:
    path = write_maya(tmp_path, {"head_meshShape": POINTS}, [0, 200, 400, 600, 800], double)
    size = 60 + 7 * (24 if double else 12)
    assert (tmp_path / "take.mc").stat().st_size == 48 + 5 * (8 + size)  # the specification's size of a frame
    cache = read_cache(path, "", 1.0)
    np.testing.assert_array_equal(cache.points, POINTS)
    assert cache.fps == 30


def test_maya_frame_rate_and_start(tmp_path: Path) -> None:
    """Times before zero, and the rate from the ticks: what NVIDIA's reader ignores or breaks on."""
    path = write_maya(tmp_path, {"a": POINTS}, [-250, 0, 250, 500, 750])
    assert read_cache(path, "", 1.0).fps == 24


def test_maya_channels(tmp_path: Path) -> None:
    path = write_maya(tmp_path, {"skin": POINTS, "tongue": POINTS[:, :3] + 1}, [0, 200, 400, 600, 800])
    refused(r"has 2 channels: skin, tongue; right is one, or the name of the one meant under 'meshes'", path)
    np.testing.assert_array_equal(read_cache(path, "tongue", 1.0).points, POINTS[:, :3] + 1)
    refused("has no channel 'teeth'; right is one of skin, tongue", path, "teeth")


def test_maya_refusals(tmp_path: Path) -> None:
    path = write_maya(tmp_path, {"a": POINTS}, [0, 200, 400, 800, 1000])
    assert refused("comes 400 ticks after the one before; right is 200 ticks", path) == 3
    data = (tmp_path / "take.mc").read_bytes()
    (tmp_path / "take.mc").write_bytes(data[:-30])
    refused("says .* bytes for b'FOR4' .* whole chunks", path)
    (tmp_path / "take.mc").write_bytes(b"FOR8" + data[4:])
    refused("is a 64-bit cache .* export with the format mcc", path)
    (tmp_path / "take.mc").write_bytes(data.replace(struct.pack(">i", 7), struct.pack(">i", 1 << 30)))
    assert refused("has 21 numbers for 1073741824 vertices", path) == 0
    (tmp_path / "take.mc").unlink()
    refused("take.mc: is missing", path)
    path.write_text(path.read_text().replace("OneFile", "OneFilePerFrame"))
    refused("has cacheType OneFilePerFrame", path)
    path.write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    refused("has a document type", path)


# --- PC2 and NumPy ----------------------------------------------------------------------------------------------------


def test_pc2(tmp_path: Path) -> None:
    path = tmp_path / "take.pc2"
    header = struct.pack("<12siiffi", b"POINTCACHE2\0", 1, 7, 0.0, 1.0, 5)
    path.write_bytes(header + POINTS.tobytes())
    cache = read_cache(path, "", 0.1)
    np.testing.assert_array_equal(cache.points, POINTS)
    assert (cache.fps, cache.scale) == (None, 0.1)
    path.write_bytes(header + POINTS.tobytes()[:-4])
    refused("says 5 frames of 7 vertices and has 448 bytes; right is 452 bytes", path)
    path.write_bytes(struct.pack("<12siiffi", b"POINTCACHE2\0", 1, 1 << 30, 0.0, 1.0, 1 << 30))
    refused("says 1073741824 frames", path)
    path.write_bytes(b"POINTCACHE3\0" + header[12:])
    refused("right is POINTCACHE2, version 1", path)
    path.write_bytes(header[:20])
    refused("right is a header of 32 bytes", path)


def test_numpy_caches_that_lie(tmp_path: Path) -> None:
    path = tmp_path / "take.npy"
    np.save(path, POINTS.reshape(5, 21))
    refused("has shape 5 x 21 of float32; right is float frames x vertices x 3", path)
    head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 100000, 3), }"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + b"\0" * 64)
    refused("the member holds 64", path)
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    refused(r"has type .\|O", path)


# --- OpenUSD ----------------------------------------------------------------------------------------------------------


def write_usd(path: Path, meshes: dict[str, NDArray[np.float32]], times: list[float]) -> Usd.Stage:
    stage = Usd.Stage.CreateNew(str(path))
    stage.SetTimeCodesPerSecond(24)
    for name, points in meshes.items():
        mesh = UsdGeom.Mesh.Define(stage, f"/World/{name}")
        for time, frame in zip(times, points, strict=True):
            mesh.GetPointsAttr().Set(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(frame)), time)
    return stage


def test_usd(tmp_path: Path) -> None:
    path = tmp_path / "take.usda"
    stage = write_usd(path, {"skin": POINTS}, [1, 2, 3, 4, 5])
    stage.GetRootLayer().Save()
    cache = read_cache(path, "", 2.54)  # a stage says its own units
    np.testing.assert_allclose(cache.points * cache.scale, POINTS, rtol=1e-6)
    assert cache.fps == 24


def test_usd_units_axis_and_transform(tmp_path: Path) -> None:
    path = tmp_path / "take.usdc"
    stage = write_usd(path, {"skin": POINTS}, [0, 0.5, 1, 1.5, 2])
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.Xformable(stage.GetPrimAtPath("/World/skin")).AddTranslateOp().Set(Gf.Vec3d(0, 0, 2))
    stage.GetRootLayer().Save()
    cache = read_cache(path, "", 1.0)
    moved = POINTS + np.float32([0, 0, 2])
    wanted = 100 * np.stack([moved[..., 0], moved[..., 2], -moved[..., 1]], axis=-1)
    np.testing.assert_allclose(cache.points, wanted, rtol=1e-5, atol=1e-4)
    assert cache.fps == 48


def test_usd_refusals(tmp_path: Path) -> None:
    path = tmp_path / "two.usda"
    stage = write_usd(path, {"skin": POINTS, "tongue": POINTS}, [1, 2, 3, 4, 5])
    stage.GetRootLayer().Save()
    refused("has 2 meshes with time samples: /World/skin, /World/tongue; right is one, or the name", path)
    assert read_cache(path, "tongue", 1.0).points.shape == (5, 7, 3)
    assert read_cache(path, "/World/skin", 1.0).points.shape == (5, 7, 3)
    path = tmp_path / "gap.usda"
    stage = write_usd(path, {"skin": POINTS}, [1, 2, 3, 5, 6])
    stage.GetRootLayer().Save()
    assert refused("comes 2 time codes after the one before; right is 1", path) == 3
    path = tmp_path / "topology.usda"
    stage = write_usd(path, {"skin": POINTS}, [1, 2, 3, 4, 5])
    UsdGeom.Mesh(stage.GetPrimAtPath("/World/skin")).GetPointsAttr().Set(Vt.Vec3fArray(6), 4)
    stage.GetRootLayer().Save()
    assert refused("has 6 vertices; right is 7 as in frame 0", path) == 3
    (tmp_path / "no.usda").write_text("not a stage")
    refused("cannot be opened", tmp_path / "no.usda")


# --- geometry ---------------------------------------------------------------------------------------------------------


def make_gltf(neutral: NDArray[np.float32], targets: dict[str, NDArray[np.float32]]) -> pygltflib.GLTF2:
    """Build a document with a node scaled by two and turned a quarter about y, the last target sparse."""
    g = pygltflib
    blob, views, accessors = b"", [], []

    def view(data: bytes) -> int:
        nonlocal blob
        views.append(g.BufferView(buffer=0, byteOffset=len(blob), byteLength=len(data)))
        blob += data
        return len(views) - 1

    def positions(values: NDArray[np.float32]) -> int:
        accessors.append(
            g.Accessor(bufferView=view(values.tobytes()), componentType=5126, count=len(values), type="VEC3")
        )
        return len(accessors) - 1

    base = positions(neutral)
    *dense, last = targets.values()
    morphs = [g.Attributes(POSITION=positions(values)) for values in dense]
    moved = np.flatnonzero(np.abs(last).max(axis=1) > 0).astype(np.uint16)
    sparse = g.Sparse(
        count=len(moved),
        indices=g.AccessorSparseIndices(bufferView=view(moved.tobytes()), componentType=5123),
        values=g.AccessorSparseValues(bufferView=view(last[moved].tobytes())),
    )
    accessors.append(g.Accessor(componentType=5126, count=len(last), type="VEC3", sparse=sparse))
    morphs.append(g.Attributes(POSITION=len(accessors) - 1))
    primitive = g.Primitive(
        attributes=g.Attributes(POSITION=base), mode=0, targets=[{"POSITION": m.POSITION} for m in morphs]
    )
    mesh = g.Mesh(name="Face", primitives=[primitive], extras={"targetNames": list(targets)})
    half = 2**-0.5
    node = g.Node(name="Head", mesh=0, scale=[2, 2, 2], rotation=[0, half, 0, half])
    document = g.GLTF2(
        scenes=[g.Scene(nodes=[0])], nodes=[node], meshes=[mesh], accessors=accessors, bufferViews=views,
        buffers=[g.Buffer(byteLength=len(blob))],
    )  # fmt: skip
    document.set_binary_blob(blob)
    return document


TARGETS = {
    "jawOpen": POINTS[1],
    "mouthClose": POINTS[2],
    "eyeBlinkLeft": np.where(np.arange(7)[:, None] < 2, POINTS[3], 0),
}


@pytest.mark.parametrize("ending", ["glb", "gltf"])
def test_gltf(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"head.{ending}"
    document = make_gltf(POINTS[0], TARGETS)
    if ending == "gltf":
        document.convert_buffers(pygltflib.BufferFormat.DATAURI)
    document.save(str(path))
    mesh = read_mesh(path, "", 1.0)

    def turned(points: NDArray[np.float32]) -> NDArray[np.float32]:
        return 200 * np.stack([points[:, 2], points[:, 1], -points[:, 0]], axis=1)

    np.testing.assert_allclose(mesh.neutral, turned(POINTS[0]), atol=1e-3)
    assert list(mesh.deltas) == list(TARGETS)
    for name, target in TARGETS.items():
        np.testing.assert_allclose(mesh.deltas[name], turned(target), atol=1e-3)
    np.testing.assert_array_equal(read_mesh(path, "Face", 1.0).neutral, mesh.neutral)
    with pytest.raises(RecordingError, match="no mesh 'Neck' among Head"):
        read_mesh(path, "Neck", 1.0)


def test_the_head_that_ships_is_read_from_gltf() -> None:
    head = load_head()
    points, targets = export.read_gltf_mesh(data_dir() / "head" / "head.glb", "skin")
    assert len(targets) == 52
    np.testing.assert_allclose(100 * points, head.skin_neutral, atol=0.02)
    np.testing.assert_allclose(100 * targets["jawOpen"], head.skin_deltas[shapes.INDEX["JawOpen"]], atol=0.02)


def test_hostile_gltf(tmp_path: Path) -> None:
    path = tmp_path / "head.glb"
    make_gltf(POINTS[0], TARGETS).save(str(path))
    document, blob = export.unpack_glb(path.read_bytes(), path)

    def refuse(text: str, **change: object) -> None:
        changed = json.loads(json.dumps(document)) | change
        path.write_bytes(export.pack_glb(changed, blob))
        with pytest.raises(RecordingError, match=text):
            read_mesh(path, "", 1.0)

    views = document["bufferViews"]
    refuse(
        "a buffer of .* bytes; right are", bufferViews=[views[0] | {"byteOffset": len(blob) - 8}, *views[1:]]
    )
    refuse("a buffer of .* bytes; right are", bufferViews=[views[0] | {"byteOffset": -8}, *views[1:]])
    accessors = document["accessors"]
    refuse("is VEC3 of 1073741824", accessors=[accessors[0] | {"count": 1 << 30}, *accessors[1:]])
    refuse(
        "needs the extension KHR_draco_mesh_compression", extensionsRequired=["KHR_draco_mesh_compression"]
    )
    refuse("not a sound glTF file", meshes=[{"primitives": 7}])
    uri = "data:application/octet-stream;base64," + base64.b64encode(blob).decode()
    text = json.dumps(document | {"buffers": [{"byteLength": len(blob), "uri": uri}]})
    (tmp_path / "head.gltf").write_text(text.replace(uri, "../../etc/passwd"))
    with pytest.raises(RecordingError, match="right is a file beside this one"):
        read_mesh(tmp_path / "head.gltf", "", 1.0)


def test_obj_folder(tmp_path: Path) -> None:
    def obj(points: NDArray[np.float32]) -> str:
        lines = [
            "# exported",
            "o head",
            *(f"v {x:.7f} {y:.7f} {z:.7f}" for x, y, z in points),
            "vn 0 0 1",
            "f 1 2 3",
        ]
        return "\n".join(lines) + "\n"

    (tmp_path / "neutral.obj").write_text(obj(POINTS[0]))
    (tmp_path / "jawOpen.obj").write_text(obj(POINTS[0] + POINTS[1]))
    mesh = read_mesh(tmp_path, "", 2.54)
    np.testing.assert_allclose(mesh.neutral, 2.54 * POINTS[0], atol=1e-5)
    np.testing.assert_allclose(mesh.deltas["jawOpen"], 2.54 * POINTS[1], atol=1e-5)
    (tmp_path / "jawLeft.obj").write_text(obj(POINTS[0, :6]))
    with pytest.raises(Stop, match=r"jawLeft.obj: has 6 vertices; right is 7 as the neutral"):
        read_mesh(tmp_path, "", 1.0)
    (tmp_path / "jawLeft.obj").write_text("v 1 2\n")
    with pytest.raises(Exception, match=r"jawLeft.obj:1: a vertex needs 3 numbers"):
        read_mesh(tmp_path, "", 1.0)


# --- jaw and eyes -----------------------------------------------------------------------------------------------------

JAW = np.array([[0, -2, 9], [-3, -2, 4], [3, -2, 4], [-2, -6, 8], [2, -6, 8]], np.float32)


def test_jaw(tmp_path: Path) -> None:
    offsets = np.random.default_rng(1).normal(scale=0.2, size=(6, 5, 3)).astype(np.float32)
    path = tmp_path / "take.npy"
    np.save(path, offsets)
    np.testing.assert_array_equal(read_jaw(TakeFile(path), JAW, False, 1.0), offsets.reshape(6, 15))
    np.save(path, (offsets + JAW).astype(np.float64))
    np.testing.assert_allclose(read_jaw(TakeFile(path), JAW, True, 1.0), offsets.reshape(6, 15), atol=1e-6)
    with pytest.raises(Stop, match=r"looks like positions, .* 'jaw_values: positions'"):
        read_jaw(TakeFile(path), JAW, False, 1.0)
    np.save(path, offsets[:, :4])
    with pytest.raises(Stop, match="has shape 6 x 4 x 3; right is frames x 5 x 3"):
        read_jaw(TakeFile(path), JAW, False, 1.0)


def test_jaw_transforms_carry_the_points(tmp_path: Path) -> None:
    matrices = np.tile(np.eye(4, dtype=np.float32), (3, 1, 1))
    matrices[1, :3, :3] = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    matrices[2, :3, 3] = [1, 2, 3]
    np.save(tmp_path / "take.npy", matrices)
    jaw = read_jaw(TakeFile(tmp_path / "take.npy"), JAW, False, 10.0).reshape(3, 5, 3)
    assert not jaw[0].any()
    np.testing.assert_allclose(jaw[1], np.stack([JAW[:, 0], -JAW[:, 2], JAW[:, 1]], 1) - JAW, atol=1e-5)
    np.testing.assert_allclose(jaw[2], np.tile([10, 20, 30], (5, 1)), atol=1e-5)


def test_eyes(tmp_path: Path) -> None:
    angles = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
    np.savez(tmp_path / "eyes.npz", take=angles)
    file = TakeFile(tmp_path / "eyes.npz", "take")
    np.testing.assert_array_equal(read_eyes(file, False)[0], [0, 1, 3, 4])
    np.testing.assert_array_equal(read_eyes(file, True)[0], [3, 4, 0, 1])
    (tmp_path / "take.csv").write_text("frame,rx,ry,lx,ly\n0,1,2,3,4\n1,5,6,7,8\n")
    np.testing.assert_array_equal(
        read_eyes(TakeFile(tmp_path / "take.csv"), False), [[1, 2, 3, 4], [5, 6, 7, 8]]
    )
    (tmp_path / "take.csv").write_text("1,2,3,4\n5,6,7,x\n")
    with pytest.raises(RecordingError, match="byte 8: could not convert"):
        read_eyes(TakeFile(tmp_path / "take.csv"), False)


def test_archives_of_archives(tmp_path: Path) -> None:
    """What NVIDIA's merging script makes: with NumPy 2.4 one word, before that a pickled archive."""
    np.savez(tmp_path / "one.npz", POINTS)
    with np.load(tmp_path / "one.npz") as one:
        np.savez(tmp_path / "all.npz", take=one)
        written = np.load(tmp_path / "all.npz", allow_pickle=True)["take"]
    assert written.dtype.kind in "UO"
    with pytest.raises(Stop, match=r"holds an archive object.*numpy.load\(one_shot\)\['arr_0'\]"):
        read_eyes(TakeFile(tmp_path / "all.npz", "take"), False)


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('unpickled')",))


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "all.npz", take=np.array([_Trap()], dtype=object))
    with pytest.raises(Stop, match="holds an archive object"):
        read_eyes(TakeFile(tmp_path / "all.npz", "take"), False)


def test_archives_that_unpack_to_too_much(tmp_path: Path) -> None:
    member = io.BytesIO()
    np.save(member, np.zeros((10, 4), np.float32))
    head = member.getvalue()[:128].replace(b"(10, 4), }        ", b"(5000000, 4), }   ")
    with zipfile.ZipFile(tmp_path / "all.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("take.npy", "w") as file:
            file.write(head)
            for _ in range(80):
                file.write(bytes(1_000_000))
    with pytest.raises(Fault, match="unpack to"):
        read_eyes(TakeFile(tmp_path / "all.npz", "take"), False)


# --- Live Link Face ---------------------------------------------------------------------------------------------------


PHONE_COLUMNS = (
    "EyeBlinkLeft,EyeLookDownLeft,EyeLookInLeft,EyeLookOutLeft,EyeLookUpLeft,EyeSquintLeft,EyeWideLeft,EyeBlinkRight,"
    "EyeLookDownRight,EyeLookInRight,EyeLookOutRight,EyeLookUpRight,EyeSquintRight,EyeWideRight,JawForward,JawRight,"
    "JawLeft,JawOpen,MouthClose,MouthFunnel,MouthPucker,MouthRight,MouthLeft,MouthSmileLeft,MouthSmileRight,"
    "MouthFrownLeft,MouthFrownRight,MouthDimpleLeft,MouthDimpleRight,MouthStretchLeft,MouthStretchRight,"
    "MouthRollLower,MouthRollUpper,MouthShrugLower,MouthShrugUpper,MouthPressLeft,MouthPressRight,MouthLowerDownLeft,"
    "MouthLowerDownRight,MouthUpperUpLeft,MouthUpperUpRight,BrowDownLeft,BrowDownRight,BrowInnerUp,BrowOuterUpLeft,"
    "BrowOuterUpRight,CheekPuff,CheekSquintLeft,CheekSquintRight,NoseSneerLeft,NoseSneerRight,TongueOut,HeadYaw,"
    "HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll"
)
"""The first line of real recordings, after time code and count."""


def write_phone_csv(
    path: Path, rows: int, skip: range = range(0), start: float = 86_399.5
) -> NDArray[np.float64]:
    """Write a recording as the app does: its clock steps by 1.002 sixtieths and passes midnight; return the seconds."""
    names = PHONE_COLUMNS.split(",")
    lines = ["Timecode,BlendShapeCount," + PHONE_COLUMNS]
    times = start + np.arange(rows) * 1.002 / 60
    for i, time in enumerate(times):
        if i in skip:
            continue
        second, part = divmod(time % 86_400, 1)
        clock = (
            f"{int(second) // 3600:02}:{int(second) // 60 % 60:02}:{int(second) % 60:02}:{part * 60:06.3f}"
        )
        values = [0.0] * len(names)
        values[names.index("JawOpen")] = 0.5 + 0.4 * np.sin(time * 6)
        values[names.index("JawRight")] = 0.25
        values[names.index("HeadYaw")] = 0.1
        lines.append(clock + ",61," + ",".join(f"{v:.10f}" for v in values))
    path.write_text("\n".join(lines) + "\n")
    return times


def test_live_link(tmp_path: Path) -> None:
    path = tmp_path / "MySlate_7_iPhone_cal.csv"
    times = write_phone_csv(path, 240)
    clip = export.read(path)
    assert (clip.convention, clip.frame_rate) == ("arkit", 60)
    assert len(clip) == 240 or len(clip) == 241
    truth = 0.5 + 0.4 * np.sin((times[0] + clip.time_codes) * 6)
    assert np.abs(clip.curve("JawOpen") - truth)[:-1].max() < 2e-3
    np.testing.assert_allclose(clip.curve("JawRight"), 0.25)
    assert not clip.curve("JawLeft").any()
    assert "gaps" not in clip.settings


def test_live_link_gaps(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    write_phone_csv(path, 240, skip=range(100, 112))
    ((row, seconds),) = export.read(path).settings["gaps"]
    assert row == 100
    assert seconds == pytest.approx(12 * 1.002 / 60, abs=1e-3)
    lines = path.read_text().splitlines()
    lines[50] = lines[40]
    path.write_text("\n".join(lines))
    with pytest.raises(RecordingError, match="frame 49: the time code does not move on"):
        export.read(path)
    path.write_text("Timecode,BlendshapeCount,JawOpen\nnoon,61,0.5\n")
    with pytest.raises(RecordingError, match=r"byte 33: 'noon' is no HH:MM:SS:FF.mmm"):
        export.read(path)


def test_live_link_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    write_phone_csv(path, 120)
    clip = export.read(path)
    export.write_livelink(
        clip.__class__(
            clip.names[:52],
            "arkit",
            clip.frame_rate,
            clip.weights[:, :52],
            clip.sample_indices,
            clip.emotions,
        ),
        tmp_path / "again.csv",
    )
    again = export.read(tmp_path / "again.csv")
    np.testing.assert_allclose(again.weights[:, :52], clip.weights[:, :52], atol=2e-5)


# --- damage -----------------------------------------------------------------------------------------------------------


def test_damaged_files_are_findings_not_crashes(tmp_path: Path) -> None:
    """Bytes changed at random in files of every kind: each reader either reads or says why not."""
    rng = np.random.default_rng(0)
    maya = write_maya(tmp_path, {"a": POINTS}, [0, 200, 400, 600, 800])
    np.save(tmp_path / "t.npy", POINTS)
    stage = write_usd(tmp_path / "t.usda", {"skin": POINTS}, [1, 2, 3, 4, 5])
    stage.GetRootLayer().Save()
    make_gltf(POINTS[0], TARGETS).save(str(tmp_path / "h.glb"))
    np.savez_compressed(tmp_path / "bs.npz", neutral=POINTS[0], jawOpen=POINTS[1])
    write_phone_csv(tmp_path / "phone.csv", 12)
    clip = export.read(tmp_path / "phone.csv")
    for ending in ("npz", "json"):
        export.write(clip, tmp_path / f"clip.{ending}")
    readers: dict[str, Callable[[Path], object]] = {
        "take.mc": lambda path: read_cache(maya, "", 1.0),
        "take.xml": lambda path: read_cache(path, "", 1.0),
        "t.npy": lambda path: read_cache(path, "", 1.0),
        "t.usda": lambda path: read_cache(path, "", 1.0),
        "h.glb": lambda path: read_mesh(path, "", 1.0),
        "bs.npz": lambda path: read_mesh(path, "", 1.0),
        "phone.csv": lambda path: read_weights(path, "arkit", Findings(tmp_path)),
        "clip.npz": lambda path: read_weights(path, "arkit", Findings(tmp_path)),
        "clip.json": lambda path: read_weights(path, "arkit", Findings(tmp_path)),
    }
    refusals = 0
    for name, reader in readers.items():
        path = tmp_path / name
        whole = np.frombuffer(path.read_bytes(), np.uint8)
        for _ in range(40):
            damaged = whole.copy()
            damaged[rng.integers(0, len(whole), 3)] = rng.integers(0, 256, 3)
            path.write_bytes(damaged[: rng.integers(len(whole) // 2, len(whole) + 60)].tobytes())
            findings = Findings(tmp_path)
            findings.attempt(path, reader, path)
            refusals += len(findings.errors)
        path.write_bytes(whole.tobytes())
    assert refusals > 100
