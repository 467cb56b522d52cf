"""NVIDIA's layout imported, with every mistake that its documented export scripts make; and a phone's recordings."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from example_datasets import example_dataset
from test_training_dataset_files import write_maya, write_phone_csv

from a2fbridge import export, shapes
from a2fbridge._errors import ConfigError, DatasetError
from a2fbridge.cli import main
from a2fbridge.training.dataset import (
    PrepareConfig,
    check_dataset,
    import_claire,
    load_prepared,
    open_dataset,
    prepare,
)

QUICK = PrepareConfig(distinct_poses=40)
SHOTS = ("neutral_01", "neutral_02", "joy_01", "anger_01")


@pytest.fixture
def example() -> Path:
    return example_dataset("vertices")


@pytest.fixture
def claire(example: Path, tmp_path: Path) -> Path:
    """The example in NVIDIA's layout, as its scripts should have written it."""
    root = tmp_path / "claire"
    for part in ("skin", "tongue"):
        for shot in SHOTS:
            folder = root / "cache" / part / shot
            folder.mkdir(parents=True)
            shutil.copy(example / "cache" / part / f"{shot}.npy", folder)
        (root / "geom" / part).mkdir(parents=True)
        shutil.copytree(example / "geom", root / "bs_data", dirs_exist_ok=True)
        arrays = dict(np.load(example / "geom" / f"{part}.npz"))
        np.save(root / "geom" / part / "neutral_pose.npy", arrays["neutral"])
    shutil.rmtree(root / "bs_data")
    (root / "bs_data").mkdir()
    for part in ("skin", "tongue"):
        shutil.copy(example / "geom" / f"{part}.npz", root / "bs_data" / f"bs_{part}.npz")
    (root / "audio").mkdir()
    for shot in SHOTS:
        shutil.copy(example / "audio" / f"{shot}.wav", root / "audio")
    for name in ("lip_open", "eye_close"):
        shutil.copy(example / "geom" / f"{name}.npy", root / "geom" / "skin" / f"{name}_pose_delta.npy")
    regions = json.loads((example / "geom" / "regions.json").read_text())
    lists = {
        "lip_dist": {"upper": regions["lip_upper"], "lower": regions["lip_lower"]},
        "eye_dist": {"upper": regions["eye_upper"], "lower": regions["eye_lower"]},
        "lip_size": {
            f"{lip}_lip": {side: regions[f"lip_size_{lip}_{side}"] for side in ("top", "bottom")}
            for lip in ("upper", "lower")
        },
    }
    for name, value in lists.items():
        (root / "geom" / "skin" / f"{name}_vertex_list.json").write_text(json.dumps(value))
    shutil.copy(example / "geom" / "tongue_rigid.json", root / "geom" / "tongue" / "rigid_vertex_list.json")
    (root / "xform").mkdir()
    shutil.copy(example / "geom" / "jaw_neutral.npy", root / "xform" / "jaw_keypoints_neutral.npy")
    for ours, theirs in (("jaw", "jaw_keypoints_cache"), ("eyes", "eye_rotations")):
        arrays = {k: v for k, v in np.load(example / "cache" / f"{ours}.npz").items() if k in SHOTS}
        np.savez(root / "xform" / f"{theirs}_all.npz", **arrays)
    np.save(root / "xform" / "eye_saccade_rotations.npy", np.zeros((5000, 2), np.float32))
    np.save(root / "xform" / "eye_blink_keys.npy", np.linspace(0, 1, 7))  # float64, as their script writes
    return root


def test_a_clean_folder(claire: Path, example: Path, tmp_path: Path) -> None:
    assert import_claire(claire, tmp_path / "dataset") == []
    assert [f for f in check_dataset(tmp_path / "dataset") if "takes; right is 3" not in str(f)] == []
    found = load_prepared(prepare(tmp_path / "dataset", tmp_path / "prepared", QUICK))
    assert found.info["actor"] == "claire"
    assert found.emotions == shapes.EMOTION_NAMES
    assert (found.takes[0].name, found.takes[0].emotion) == ("anger_01", "anger")
    targets = np.asarray(found.targets("joy_01"))
    np.testing.assert_array_equal(
        targets[:, -4:], np.load(example / "cache" / "eyes.npz")["joy_01"].reshape(96, 4)
    )
    np.testing.assert_array_equal(
        targets[:, -19:-4], np.load(example / "cache" / "jaw.npz")["joy_01"].reshape(96, 15)
    )
    assert found.model_data()["blink_keys"].tolist() == pytest.approx(np.linspace(0, 1, 7).tolist())
    with np.load(tmp_path / "prepared" / "bs_skin.npz") as poses:
        assert len(poses["poseNames"]) == 53


def test_caches_that_lie_in_the_root_and_maya_caches(claire: Path, tmp_path: Path) -> None:
    """The documentation allows files in the cache's root, NVIDIA's code does not; ours reads both."""
    root = claire / "cache" / "skin"
    shutil.move(root / "neutral_01" / "neutral_01.npy", root / "neutral_01.npy")
    (root / "neutral_01").rmdir()
    points = np.load(root / "neutral_02" / "neutral_02.npy")
    path = write_maya(root / "neutral_02", {"head_meshShape": points}, list(range(0, 200 * len(points), 200)))
    path.with_suffix(".mc").rename(root / "neutral_02" / "neutral_02.mc")
    path.rename(root / "neutral_02" / "neutral_02.xml")
    (root / "neutral_02" / "neutral_02.npy").unlink()
    import_claire(claire, tmp_path / "dataset")
    dataset = open_dataset(tmp_path / "dataset")
    assert [take.name for take in dataset.takes] == sorted(SHOTS)
    assert not [f for f in check_dataset(tmp_path / "dataset") if f.severity == "error"]


def test_the_scripts_mistakes_are_repaired(claire: Path, example: Path, tmp_path: Path) -> None:
    """Names in Unicode and without neutral, whole poses, jaw positions, a blink of rotations, one-shot archives."""
    path = claire / "bs_data" / "bs_skin.npz"
    arrays = dict(np.load(path))
    names = [name.decode() for name in arrays.pop("poseNames")][1:]
    for name in names:
        arrays[name] = arrays[name] + arrays["neutral"]
    np.savez(path, poseNames=np.array(names), **arrays)
    np.save(claire / "xform" / "eye_blink_keys.npy", np.array([0.0, -17.5, -40.0, 0.0]))
    neutral = np.load(claire / "xform" / "jaw_keypoints_neutral.npy")
    path = claire / "xform" / "jaw_keypoints_cache_all.npz"
    np.savez(path, **{k: v + neutral for k, v in np.load(path).items()})
    path = claire / "xform" / "eye_rotations_all.npz"
    (claire / "xform" / "eye_rotations").mkdir()
    merged = {}
    for shot, values in np.load(path).items():
        np.savez(claire / "xform" / "eye_rotations" / f"{shot}.npz", values)
        merged[shot] = np.array(["arr_0"])  # NumPy 2.4's reading of an archive object
    np.savez(path, **merged)
    found = [str(finding) for finding in import_claire(claire, tmp_path / "dataset")]
    assert (
        "bs_data/bs_skin.npz: poseNames: holds Unicode names; written as bytes; right is byte strings (S)"
        in found
    )
    assert (
        "bs_data/bs_skin.npz: poseNames: does not begin with 'neutral'; added; right is 'neutral' first"
        in found
    )
    assert sum("is a whole pose; the neutral was taken off" in text for text in found) == 52
    assert any(
        text.startswith("xform/eye_blink_keys.npy: goes from -40 to 0 (a rotation?)") for text in found
    )
    assert sum("read from joy_01.npz" in text for text in found) == 1
    assert "jaw_values: positions" in (tmp_path / "dataset" / "dataset.yaml").read_text()
    assert not [f for f in check_dataset(tmp_path / "dataset") if f.severity == "error"]
    repaired = load_prepared(prepare(tmp_path / "dataset", tmp_path / "prepared", QUICK))
    np.testing.assert_allclose(
        np.asarray(repaired.targets("joy_01"))[:, -19:-4],
        np.load(example / "cache" / "jaw.npz")["joy_01"].reshape(96, 15),
        atol=1e-5,
    )
    with (
        np.load(tmp_path / "prepared" / "bs_skin.npz") as poses,
        np.load(example / "geom" / "skin.npz") as right,
    ):
        np.testing.assert_allclose(poses["jawOpen"], right["jawOpen"], atol=1e-5)
        assert poses["poseNames"].dtype.kind == "S"
        assert poses["poseNames"][0] == b"neutral"


def test_what_cannot_be_repaired_is_refused_with_what_to_do(claire: Path, tmp_path: Path) -> None:
    path = claire / "xform" / "jaw_keypoints_cache_all.npz"
    np.savez(path, **{shot: np.array(["arr_0"]) for shot in SHOTS})
    with pytest.raises(
        DatasetError, match=r"jaw_keypoints_cache_all.npz: joy_01: holds an archive object.*put the one-shot"
    ):
        import_claire(claire, tmp_path / "dataset")
    assert not (tmp_path / "dataset").exists()
    path.unlink()
    np.save(claire / "geom" / "skin" / "lip_open_pose_delta.npy", np.zeros((3, 3), np.float32))
    with pytest.raises(DatasetError, match=r"lip_open_pose_delta.npy: has 3 vertices; right is 715"):
        import_claire(claire, tmp_path / "dataset")
    with pytest.raises(DatasetError, match="has no folders audio and cache/skin"):
        import_claire(tmp_path, tmp_path / "dataset")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(ConfigError, match="is not empty"):
        import_claire(claire, tmp_path / "full")


def test_a_phones_recordings(tmp_path: Path) -> None:
    """Live Link Face at 60 frames per second on our own head: the jaw in Apple's convention, no tongue."""
    (tmp_path / "audio").mkdir()
    (tmp_path / "animation").mkdir()
    rng = np.random.default_rng(0)
    for i, name in enumerate(("one", "two")):
        times = write_phone_csv(tmp_path / "animation" / f"{name}.csv", 240 + 30 * i, start=1000.0 + i)
        loud = 0.3 * (0.5 + 0.4 * np.sin((times[0] + np.arange(64_600 + 8000 * i) / 16000) * 6))
        soundfile.write(tmp_path / "audio" / f"{name}.flac", loud * rng.uniform(-1, 1, len(loud)), 16000)
    assert [str(f) for f in check_dataset(tmp_path) if "3 or more" not in str(f)] == []
    found = load_prepared(prepare(tmp_path, tmp_path / "prepared", QUICK))
    assert found.fps == 60
    assert [take.split for take in found.takes].count("validation") == 1
    clip = export.read(tmp_path / "animation" / "one.csv")
    sizes = found.sizes
    targets = np.asarray(found.targets("one"))
    assert len(targets) == len(clip)
    skin = targets[:, : sizes["skin"]] @ found.model_data()["shapes_matrix_skin"].reshape(sizes["skin"], -1)
    lip = skin.reshape(len(skin), -1, 3)[:, found.regions()["lip_lower"][2], 1]
    assert np.corrcoef(lip, clip.curve("JawOpen"))[0, 1] < -0.99
    jaw = targets[:, -19:-4].reshape(len(targets), 5, 3)
    assert np.corrcoef(jaw[:, 0, 1], clip.curve("JawOpen"))[0, 1] < -0.99
    assert not targets[:, sizes["skin"] : sizes["skin"] + sizes["tongue"]].any()
    assert abs(found.info["takes"][0]["lag_ms"]) < 30


def test_a_phones_gap_is_found(tmp_path: Path) -> None:
    (tmp_path / "audio").mkdir()
    (tmp_path / "animation").mkdir()
    write_phone_csv(tmp_path / "animation" / "one.csv", 240, skip=range(100, 112))
    soundfile.write(
        tmp_path / "audio" / "one.wav", np.random.default_rng(0).uniform(-0.3, 0.3, 64_160), 16000
    )
    found = [finding for finding in check_dataset(tmp_path) if finding.severity == "error"]
    assert [(f.file, f.frame, f.found) for f in found] == [
        ("animation/one.csv", 100, "0.200 s are missing before it")
    ]


def test_the_command_line(claire: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "import", str(claire), str(tmp_path / "dataset"), "--fps", "30"]) == 0
    assert main(["train", "example", str(tmp_path / "example"), "--quiet"]) == 0
    assert main(["train", "check", str(tmp_path / "example")]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("example: nothing is wrong")
    (tmp_path / "example" / "audio" / "joy_01.wav").unlink()
    assert main(["train", "check", str(tmp_path / "example"), "--json"]) == 1
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = [event for event in events if event["event"] == "finding"]
    assert (found[0]["severity"], found[0]["file"], found[0]["frame"]) == ("error", "audio/joy_01.wav", None)
    assert events[-1] == {"event": "checked", "errors": 1, "warnings": 0}
    assert main(["train", "check", str(tmp_path / "nothing")]) != 0
