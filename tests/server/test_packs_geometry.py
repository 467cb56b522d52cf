"""Packs without blend shapes: vertices, jaw and eyes as the naive decoder has them, in files that other programs'
readers read back; weights are refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pygltflib
import pytest
import soundfile
from in_memory import speechlike
from naive_face import Track, diffusion, regression
from pack_edits import edit_json
from pxr import Usd, UsdGeom
from scipy.spatial.transform import Rotation
from service_support import make_config
from synthetic_diffusion import KINDS, write_diffusion_pack
from synthetic_packs import write_pack

import a2fbridge
from a2fbridge import packs
from a2fbridge._errors import ConfigError, ParameterError
from a2fbridge.animation import Animation
from a2fbridge.cli import main
from a2fbridge.face import Noise
from a2fbridge.service._models import open_schedulers

SOUND = speechlike(0.9)[:13999]
RATE = Fraction(60)
JOY = {"joy": 0.75}
SAID = "blendshapePaths: the skin and the tongue of .* are missing; there are vertices, but no weights"


@pytest.fixture(scope="module", params=["regression", "diffusion"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack with blend shapes."""
    write = write_pack if request.param == "regression" else write_diffusion_pack
    return write(tmp_path_factory.mktemp("packs") / request.param)


def stripped(folder: Path, target: Path, paths: object) -> Path:
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("bs_*"))
    edit_json(target / "model.json", blendshapePaths=paths)
    return target


@pytest.fixture(scope="module")
def bare(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stripped(folder, tmp_path_factory.mktemp("bare") / folder.name, None)


@pytest.fixture(scope="module")
def engine(bare: Path) -> Iterator[a2fbridge.Engine]:
    with a2fbridge.Engine.open(bare, backend="onnxruntime", threads=1) as engine:
        yield engine


@pytest.fixture(scope="module")
def animation(engine: a2fbridge.Engine) -> Animation:
    return engine.animate(SOUND, 16000, frame_rate=RATE, emotions=JOY, geometry=True)


@pytest.fixture(scope="module")
def naive(folder: Path) -> Track:
    sound, names = SOUND.astype(float), KINDS["tiny"].geometry.emotions
    emotion = np.array([JOY.get(name, 0.0) for name in names])
    if folder.name == "regression":
        return regression(folder, sound, RATE, lambda _: emotion)
    return diffusion(folder, 0, sound, lambda _: emotion, lambda _, shape: Noise().block(0, shape))


def test_it_is_the_naive_decoders_geometry(animation: Animation, naive: Track) -> None:
    assert (animation.names, animation.weights.shape) == ((), (53, 0))
    assert animation.sample_indices.tolist() == naive.timestamps
    for name in ("skin", "tongue", "jaw", "eyes"):
        np.testing.assert_allclose(getattr(animation, name), getattr(naive, name), atol=1e-4)


def test_it_is_sound_with_a_warning(bare: Path, folder: Path, tmp_path: Path) -> None:
    empty = [{}, {}, {}] if folder.name == "diffusion" else {}
    for pack in (bare, stripped(folder, tmp_path / "empty", empty)):
        findings = a2fbridge.validate_pack(pack)
        assert {finding.severity for finding in findings} == {"warning"}
        assert all(re.search(SAID, str(finding)) for finding in findings)
        assert len(findings) == len(packs.load(pack).identities)


def test_weights_are_refused(
    engine: a2fbridge.Engine, bare: Path, animation: Animation, tmp_path: Path
) -> None:
    said = "has vertices and no weights: the pack's model.json names no blendshapePaths; right is to ask for geometry"
    with pytest.raises(ParameterError, match=said):
        engine.animate(SOUND, 16000)
    with pytest.raises(ParameterError, match=said):
        engine.clip(SOUND, 16000)
    with pytest.raises(ConfigError, match="and a server sends weights; right is a pack with blend shapes"):
        open_schedulers(make_config(pack=str(bare), threads=1))
    for ending in ("csv", "json", "a2frec", "png"):
        with pytest.raises(ParameterError, match="the clip has vertices and no weights; right are npz, glb"):
            a2fbridge.save(animation, tmp_path / f"face.{ending}")


def test_single_frames_of_a_clip(engine: a2fbridge.Engine, animation: Animation) -> None:
    still = {"upperFaceSmoothing": 0.0, "lowerFaceSmoothing": 0.0}
    options = {"frame_rate": RATE, "emotions": JOY, "geometry": True}
    right = engine.animate(SOUND, 16000, parameters=still, **options)
    with engine.clip(SOUND, 16000, **options) as clip:
        for index in (40, 0, 52):
            np.testing.assert_allclose(clip.frame(index).skin, right.skin[index], atol=1e-4)


def test_numpy_reads_it(animation: Animation, naive: Track, tmp_path: Path) -> None:
    a2fbridge.save(animation, tmp_path / "face.npz")
    with np.load(tmp_path / "face.npz") as archive:
        for name in ("skin", "tongue", "jaw", "eyes"):
            np.testing.assert_allclose(archive[name], getattr(naive, name), atol=1e-4)
    again = a2fbridge.load_animation(tmp_path / "face.npz")
    np.testing.assert_array_equal(again.skin, animation.skin)


def test_usd_reads_it(animation: Animation, naive: Track, tmp_path: Path) -> None:
    a2fbridge.save(animation, tmp_path / "face.usdc")
    stage = Usd.Stage.Open(str(tmp_path / "face.usdc"))
    skin = UsdGeom.Points(stage.GetPrimAtPath("/Face/Skin")).GetPointsAttr()
    tongue = UsdGeom.Points(stage.GetPrimAtPath("/Face/Jaw/Tongue")).GetPointsAttr()
    cache = UsdGeom.XformCache()
    for frame in range(len(animation)):
        np.testing.assert_allclose(skin.Get(frame), naive.skin[frame], atol=1e-4)
        np.testing.assert_allclose(tongue.Get(frame), naive.tongue[frame], atol=1e-4)
        cache.SetTime(frame)
        jaw = np.array(cache.GetLocalToWorldTransform(stage.GetPrimAtPath("/Face/Jaw"))).T
        np.testing.assert_allclose(jaw, naive.jaw[frame], atol=1e-4)
        for i, name in enumerate(("RightEye", "LeftEye")):
            turned = np.array(cache.GetLocalToWorldTransform(stage.GetPrimAtPath(f"/Face/{name}"))).T
            right = Rotation.from_euler("xyz", naive.eyes[frame][i], degrees=True).as_matrix()
            np.testing.assert_allclose(turned[:3, :3], right, atol=1e-4)


def test_gltf_reads_it(animation: Animation, naive: Track, tmp_path: Path) -> None:
    a2fbridge.save(animation, tmp_path / "face.glb")
    file = pygltflib.GLTF2().load(str(tmp_path / "face.glb"))
    count = len(animation)

    def read(index: int) -> np.ndarray:
        accessor = file.accessors[index]
        view = file.bufferViews[accessor.bufferView]
        columns = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor.type]
        start = (view.byteOffset or 0) + (accessor.byteOffset or 0)
        flat = np.frombuffer(file.binary_blob(), "<f4", accessor.count * columns, start)
        return flat.reshape(-1, columns).astype(float)

    (played,) = file.animations

    def track(name: str, path: str) -> np.ndarray:
        node = next(i for i, n in enumerate(file.nodes) if n.name == name)
        channel = next(c for c in played.channels if (c.target.node, c.target.path) == (node, path))
        times = read(played.samplers[channel.sampler].input)[:, 0]
        np.testing.assert_allclose(times, np.arange(count) / 60, atol=1e-6)
        return read(played.samplers[channel.sampler].output)

    for name, vertices in (("Skin", naive.skin), ("Tongue", naive.tongue)):
        node = next(n for n in file.nodes if n.name == name)
        (primitive,) = file.meshes[node.mesh].primitives
        targets = np.stack([read(target["POSITION"]) for target in primitive.targets])
        weights = track(name, "weights").reshape(count, len(targets))
        made = read(primitive.attributes.POSITION) + np.einsum("nt,tvc->nvc", weights, targets)
        np.testing.assert_allclose(100 * made, vertices, atol=2e-3)  # 0.01 mm, and metres in float32
    jaw = np.array(naive.jaw)
    turned = Rotation.from_quat(track("Jaw", "rotation")).as_matrix()
    np.testing.assert_allclose(turned, jaw[:, :3, :3], atol=1e-4)
    np.testing.assert_allclose(100 * track("Jaw", "translation"), jaw[:, :3, 3], atol=1e-4)
    for i, name in enumerate(("RightEye", "LeftEye")):
        right = Rotation.from_euler("xyz", np.array(naive.eyes)[:, i], degrees=True).as_matrix()
        np.testing.assert_allclose(Rotation.from_quat(track(name, "rotation")).as_matrix(), right, atol=1e-4)


def test_on_the_command_line(bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    soundfile.write(tmp_path / "clip.wav", SOUND, 16000)
    arguments = ["animate", str(tmp_path / "clip.wav"), "--pack", str(bare), "-o"]
    assert main([*arguments, str(tmp_path / "face.npz"), "--geometry", "--quiet"]) == 0
    assert a2fbridge.load_animation(tmp_path / "face.npz").skin.shape[0] == 27
    assert main([*arguments, str(tmp_path / "face.csv")]) != 0
    assert "vertices and no weights" in capsys.readouterr().err
    assert main(["packs", "validate", str(bare)]) == 0


@pytest.mark.parametrize("part", ["skin", "tongue"])
def test_one_part_of_two_gives_its_weights(folder: Path, tmp_path: Path, part: str) -> None:
    other = {"skin": "tongue", "tongue": "skin"}[part]
    half = shutil.copytree(folder, tmp_path / "half")
    card = half / "model.json"
    if folder.name == "regression":
        edit_json(card, **{f"blendshapePaths__{other}": None})
    else:
        paths = json.loads(card.read_text("utf-8"))["blendshapePaths"]
        edit_json(card, blendshapePaths=[{part: paths[i][part]} for i in range(len(paths))])
    animations = []
    for pack in (half, folder):
        with a2fbridge.Engine.open(pack, backend="onnxruntime", threads=1) as engine:
            animations.append(engine.animate(SOUND, 16000))
    alone, whole = animations
    assert len(alone.names) in (16, 52)
    for name in alone.names:
        np.testing.assert_array_equal(alone.curve(name), whole.curve(name))
    (finding, *_) = packs.validate(half)
    assert f"the {other} of" in finding.found
