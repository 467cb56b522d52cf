"""Broken datasets: every mistake is found, with its file, frame and place, and refused by the preparation."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from example_datasets import example_dataset, some_takes
from test_training_dataset_files import write_maya

from a2fbridge._errors import ConfigError, DatasetError
from a2fbridge._resources import data_dir
from a2fbridge.training.dataset import Finding, PrepareConfig, check_dataset, load_prepared, prepare


@pytest.fixture
def dataset(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy to break: three takes of the kind that the test asks for."""
    kind = getattr(request, "param", "vertices")
    return some_takes(kind, tmp_path / "dataset", ("neutral_01", "neutral_02", "neutral_03"))


def edit(path: Path, change: Callable[[np.ndarray], np.ndarray | None]) -> None:
    array = np.load(path)
    changed = change(array)
    np.save(path, array if changed is None else changed)


def set_at(place: object, value: float) -> Callable[[np.ndarray], None]:
    def change(array: np.ndarray) -> None:
        array[place] = value

    return change


def only(path: Path, severity: str = "error") -> Finding:
    """Return the one finding of a dataset; errors must end a preparation."""
    found = [finding for finding in check_dataset(path) if finding.severity == severity]
    assert len(found) == 1, "\n".join(map(str, found))
    if severity == "error":
        with pytest.raises(DatasetError) as caught:
            prepare(path, path.parent / "prepared")
        assert found[0] in caught.value.findings
        assert str(found[0]) in str(caught.value)
        assert not (path.parent / "prepared" / "prepared.json").exists()
    return found[0]


def test_missing_sound(dataset: Path) -> None:
    (dataset / "audio" / "neutral_02.wav").unlink()
    found = only(dataset)
    assert (found.file, found.take, found.found) == ("audio/neutral_02.wav", "", "is missing")
    assert found.expected == "the sound of neutral_02.npy"


@pytest.mark.parametrize("dataset", ["weights"], indirect=True)
def test_missing_animation(dataset: Path) -> None:
    (dataset / "animation" / "neutral_02.json").unlink()
    found = only(dataset)
    assert (found.file, found.found) == ("animation/neutral_02.csv", "is missing")


def test_wrong_length(dataset: Path) -> None:
    edit(dataset / "cache" / "skin" / "neutral_01.npy", lambda a: a[:80])
    for part in ("jaw", "eyes"):
        path = dataset / "cache" / f"{part}.npz"
        np.savez(path, **{k: v[:80] if k == "neutral_01" else v for k, v in np.load(path).items()})
    edit(dataset / "cache" / "tongue" / "neutral_01.npy", lambda a: a[:80])
    found = [f for f in check_dataset(dataset) if f.severity == "error"]
    assert [(f.file, f.take, f.frame) for f in found] == [("cache/skin/neutral_01.npy", "neutral_01", 80)]
    assert found[0].found == "has 80 frames (2.667 s), its sound 3.200 s"
    assert found[0].expected == "96 frames (length_tolerance 0.1 s)"


def test_parts_of_different_lengths(dataset: Path) -> None:
    edit(dataset / "cache" / "tongue" / "neutral_03.npy", lambda a: a[:-1])
    found = only(dataset)
    assert (found.file, found.frame, found.found) == ("cache/tongue/neutral_03.npy", 119, "has 119 frames")
    assert found.expected == "120 as the skin"


def test_not_a_number_in_a_cache(dataset: Path) -> None:
    edit(dataset / "cache" / "skin" / "neutral_02.npy", set_at((41, 17, 1), np.nan))
    found = only(dataset)
    assert (found.file, found.frame, found.place) == ("cache/skin/neutral_02.npy", 41, "vertex 17")
    assert str(found) == (
        "cache/skin/neutral_02.npy: frame 41: vertex 17: is no number (1 frames); right is finite coordinates"
    )


@pytest.mark.parametrize("dataset", ["weights"], indirect=True)
def test_not_a_number_in_weights(dataset: Path) -> None:
    path = dataset / "animation" / "neutral_01.csv"
    rows = list(csv.reader(path.read_text().splitlines()))
    rows[1 + 33][rows[0].index("JawOpen")] = "nan"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    found = only(dataset)
    assert (found.file, found.frame, found.place) == ("animation/neutral_01.csv", 33, "JawOpen")
    assert found.found == "is nan (1 frames)"


def test_not_a_number_in_a_rig(dataset: Path) -> None:
    path = dataset / "cache" / "jaw.npz"
    arrays = dict(np.load(path))
    arrays["neutral_03"][7, 2, 1] = np.inf
    np.savez(path, **arrays)
    found = only(dataset)
    assert (found.file, found.take, found.frame, found.place) == (
        "cache/jaw.npz",
        "neutral_03",
        7,
        "key point 2 y",
    )


def test_wrong_topology(dataset: Path) -> None:
    edit(dataset / "cache" / "skin" / "neutral_02.npy", lambda a: a[:, :-5])
    found = only(dataset)
    assert (found.file, found.frame) == ("cache/skin/neutral_02.npy", 0)
    assert (found.found, found.expected) == ("has 710 vertices", "715 as the skin's neutral")


def test_topologies_that_differ_without_a_neutral(dataset: Path) -> None:
    for name in ("skin.npz", "regions.json", "lip_open.npy", "eye_close.npy"):
        (dataset / "geom" / name).unlink()
    edit(dataset / "cache" / "skin" / "neutral_02.npy", lambda a: a[:, :-5])
    with pytest.raises(DatasetError, match=r"neutral_02.npy: frame 0: has 710 vertices; right is 715"):
        prepare(dataset, dataset.parent / "prepared")
    assert only(dataset).file == "cache/skin/neutral_02.npy"


def test_vertices_in_another_order(dataset: Path) -> None:
    edit(dataset / "cache" / "skin" / "neutral_02.npy", lambda a: a[:, ::-1])
    found = only(dataset)
    assert (found.file, found.frame) == ("cache/skin/neutral_02.npy", 0)
    assert found.expected == "vertices in the order of the skin's neutral (or the same head)"
    assert found.place.startswith("vertex ")


def test_offsets_instead_of_positions(dataset: Path) -> None:
    neutral = np.load(dataset / "geom" / "skin.npz")["neutral"]
    edit(dataset / "cache" / "skin" / "neutral_02.npy", lambda a: a - neutral)
    assert only(dataset).found == "holds offsets, or another unit"


def test_a_head_that_moves(dataset: Path) -> None:
    edit(dataset / "cache" / "skin" / "neutral_03.npy", lambda a: a + np.linspace(0, 1, 120)[:, None, None])
    found = only(dataset)
    assert found.file == "cache/skin/neutral_03.npy"
    assert 15 < (found.frame or 0) < 35  # 0.3 cm of 1.73 cm in 120 frames: frame 21
    assert found.found.startswith("moves as a whole (by 1.73 cm and 0.0 degrees at frame 119)")


def test_speech_does_not_count_as_motion_of_the_head() -> None:
    assert check_dataset(example_dataset("vertices")) == []


def test_silent_and_clipped_sound(dataset: Path) -> None:
    path = dataset / "audio" / "neutral_01.wav"
    samples, rate = soundfile.read(path)
    soundfile.write(path, np.clip(samples * 8, -1, 1), rate, "PCM_16")
    found = only(dataset, "warning")
    assert (found.file, found.take) == ("audio/neutral_01.wav", "neutral_01")
    assert found.found.startswith("is clipped (")
    soundfile.write(path, samples * 1e-3, rate, "PCM_16")
    assert only(dataset).found == "is silent (peak 0.0005)"


@pytest.mark.parametrize("dataset", ["weights"], indirect=True)
def test_weights_out_of_range_and_unknown_shapes(dataset: Path) -> None:
    path = dataset / "animation" / "neutral_02.json"
    clip = json.loads(path.read_text())
    clip["weightMat"][12][clip["facsNames"].index("jawOpen")] = 45.0
    path.write_text(json.dumps(clip))
    found = only(dataset, "warning")
    assert (found.file, found.frame, found.place) == ("animation/neutral_02.json", 12, "JawOpen")
    assert found.found == "is 45 (1 frames)"
    clip["facsNames"][clip["facsNames"].index("jawOpen")] = "jawOpenn"
    path.write_text(json.dumps(clip))
    assert str(only(dataset)) == (
        "animation/neutral_02.json: jawOpenn: is no known shape (did you mean 'JawOpen'?); "
        "right is ARKit's and tongue names"
    )


@pytest.mark.parametrize("dataset", ["weights"], indirect=True)
def test_uneven_time_codes(dataset: Path) -> None:
    path = dataset / "animation" / "neutral_01.csv"
    rows = list(csv.reader(path.read_text().splitlines()))
    for row in rows[1 + 50 :]:
        row[1] = str(float(row[1]) + 0.2)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    found = only(dataset)
    assert (found.file, found.take) == ("animation/neutral_01.csv", "neutral_01")
    assert (found.frame, found.found) == (50, "the time codes are not evenly spaced; pass frame_rate")


@pytest.mark.parametrize("dataset", ["weights"], indirect=True)
def test_another_frame_rate(dataset: Path) -> None:
    path = dataset / "animation" / "neutral_02.json"
    clip = json.loads(path.read_text())
    clip["exportFps"], clip["a2fbridge"]["frameRate"] = 60, [60, 1]
    clip["weightMat"] = [row for row in clip["weightMat"] for _ in range(2)]
    path.write_text(json.dumps(clip))
    assert only(dataset, "warning").found == "has 60 frames per second; resampled"


def test_two_takes_that_are_one(dataset: Path) -> None:
    shutil.copy(dataset / "audio" / "neutral_01.wav", dataset / "audio" / "again.wav")
    for part in ("skin", "tongue"):
        folder = dataset / "cache" / part
        shutil.copy(folder / "neutral_01.npy", folder / "again.npy")
    found = [str(f) for f in check_dataset(dataset) if f.severity == "error"]
    assert found[:2] == [
        f"{file}: is the same as that of take again; right is every take once"
        for file in ("audio/neutral_01.wav", "cache/skin/neutral_01.npy")
    ]


def test_labels(dataset: Path) -> None:
    document = yaml.safe_load((dataset / "dataset.yaml").read_text())
    document["takes"] = {"neutral_01": {"emotion": "joi"}, "ghost": {"language": "zh"}}
    document["validation"] = ["neutral_o2"]
    (dataset / "dataset.yaml").write_text(yaml.safe_dump(document))
    found = check_dataset(dataset)
    assert [str(f) for f in found if f.severity == "error"] == [
        "dataset.yaml: validation: there is no take 'neutral_o2' (did you mean 'neutral_02'?); right is names of takes",
        "dataset.yaml: takes.neutral_01: emotion 'joi' is none of the dataset's (did you mean 'joy'?); "
        "right is neutral, or one of joy, anger",
        "dataset.yaml: takes.ghost: has no files; right is the name of a take",
    ]
    assert "dataset.yaml: neutral: has 3 takes" not in map(str, found)
    assert "dataset.yaml: joi: has 1 takes; right is 3 or more of each emotion" in map(str, found)


def test_an_unknown_key_is_refused_with_its_line(dataset: Path) -> None:
    with (dataset / "dataset.yaml").open("a") as file:
        file.write("fsp: 30\n")
    with pytest.raises(ConfigError, match=r"dataset.yaml:10: unknown key 'fsp' \(did you mean 'fps'\?\)"):
        check_dataset(dataset)


def test_short_shots_and_strays_are_warnings(dataset: Path) -> None:
    (dataset / "audio" / "notes.txt").write_text("take 2 was better")
    found = only(dataset, "warning")
    assert (found.file, found.expected) == ("audio/notes.txt", "a file that ends in .wav, .flac")


def test_nothing_stops_early(dataset: Path) -> None:
    """Four broken files, four findings."""
    edit(dataset / "cache" / "skin" / "neutral_01.npy", set_at((3, 5, 0), np.nan))
    edit(dataset / "cache" / "skin" / "neutral_02.npy", lambda a: a[:, :-5])
    (dataset / "audio" / "neutral_03.wav").write_bytes(b"RIFF")
    (dataset / "cache" / "tongue" / "neutral_03.npy").write_bytes(b"\x93NUMPY")
    files = {finding.file for finding in check_dataset(dataset) if finding.severity == "error"}
    assert files == {
        "cache/skin/neutral_01.npy",
        "cache/skin/neutral_02.npy",
        "audio/neutral_03.wav",
        "cache/tongue/neutral_03.npy",
    }


def test_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not a folder"):
        check_dataset(tmp_path / "nothing")
    with pytest.raises(DatasetError, match="holds no take"):
        check_dataset(tmp_path)


def test_a_voice_of_another_length(dataset: Path) -> None:
    path = dataset / "audio" / "aug" / "high" / "neutral_02.wav"
    samples, rate = soundfile.read(path)
    soundfile.write(path, samples[: -rate // 2], rate, "PCM_16")
    found = only(dataset)
    assert (found.file, found.found) == ("audio/aug/high/neutral_02.wav", "is 3.100 s long")
    path.unlink()
    assert only(dataset, "warning").expected == "every take in every voice"


def test_a_late_mouth(dataset: Path) -> None:
    """Sound 150 ms early: found, corrected on request, and taken out by the take's own offset."""
    path = dataset / "audio" / "neutral_02.wav"
    samples, rate = soundfile.read(path, dtype="float32")
    early = np.concatenate([samples[2400:], np.full(2400, 1e-4, np.float32)])
    soundfile.write(path, early, rate, "PCM_16")
    found = only(dataset, "warning")
    assert found.file == "audio/neutral_02.wav"
    late = float(found.found.split("by ")[1].split(" ms")[0])
    assert 130 < late < 170
    out = prepare(dataset, dataset.parent / "out", PrepareConfig(distinct_poses=20, correct_lag=True))
    heard = np.asarray(load_prepared(out).audio("neutral_02"))
    apart = np.argmax(np.correlate(heard, samples[: len(heard)], "full")) - (len(heard) - 1)
    assert abs(apart) < 0.02 * rate
    with (dataset / "dataset.yaml").open("a") as file:
        file.write("takes: {neutral_02: {audio_offset: -4.5}}\nlength_tolerance: 0.2\n")
    assert check_dataset(dataset) == []


@pytest.mark.parametrize("dataset", ["weights"], indirect=True)
def test_weights_that_move_nothing(dataset: Path) -> None:
    """A geometry with two shapes: what else the weights ask for is said."""
    arrays = dict(np.load(example_dataset("vertices") / "geom" / "skin.npz"))
    (dataset / "geom").mkdir()
    np.savez(dataset / "geom" / "skin.npz", **{k: arrays[k] for k in ("neutral", "jawOpen", "mouthClose")})
    found = [f for f in check_dataset(dataset) if f.take == "neutral_01"]
    assert [(f.severity, f.file) for f in found] == [("warning", "animation/neutral_01.csv")]
    assert found[0].found.startswith("moves MouthFunnel, MouthPucker")
    assert found[0].found.endswith("..., which the skin's geometry lacks")
    (dataset / "geom" / "skin.npz").unlink()
    np.savez(dataset / "geom" / "skin.npz", neutral=arrays["neutral"])
    errors = [str(f) for f in check_dataset(dataset) if f.severity == "error" and not f.take]
    assert errors == ["geom/skin: has no shapes; right is shapes for the weights in animation"]


def test_without_geometry_and_regions(dataset: Path) -> None:
    """Caches alone: the mean of the poses is the neutral, nothing is said of a solver, and a moving head is found."""
    shutil.rmtree(dataset / "geom")
    for part in ("tongue", "jaw.npz", "eyes.npz"):
        place = dataset / "cache" / part
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    assert not [f for f in check_dataset(dataset) if f.severity == "error"]
    found = load_prepared(prepare(dataset, dataset.parent / "out", PrepareConfig(distinct_poses=20)))
    assert found.regions() == {}
    assert found.sizes == {"skin": found.sizes["skin"], "tongue": 10, "jaw": 15, "eyes": 4}
    assert found.model_data()["shapes_matrix_tongue"].shape == (10, 520, 3)
    assert not (dataset.parent / "out" / "bs_skin.npz").exists()
    assert not np.asarray(found.targets("neutral_01"))[:, found.sizes["skin"] :].any()
    edit(dataset / "cache" / "skin" / "neutral_03.npy", lambda a: a + np.linspace(0, 1, 120)[:, None, None])
    assert only(dataset).expected == "a still head: stabilise the cache"


def test_maya_caches_of_equal_length_are_no_twins(dataset: Path) -> None:
    """Their descriptions may be the same to the byte; it is the data that counts."""
    for name in ("neutral_01", "neutral_02"):
        path = dataset / "cache" / "skin" / f"{name}.npy"
        points = np.load(path)
        path.unlink()
        folder = path.with_suffix("")
        folder.mkdir()
        write_maya(folder, {"a": points[:96]}, list(range(0, 96 * 200, 200)))
        for ending in ("xml", "mc"):
            (folder / f"take.{ending}").rename(folder / f"{name}.{ending}")
    found = [str(f) for f in check_dataset(dataset) if "is the same" in f.found]
    assert found == []


def test_a_convention_that_is_not_what_is_said(tmp_path: Path) -> None:
    path = some_takes("weights", tmp_path / "dataset", ("joy_01", "joy_02", "joy_03"))
    shutil.copytree(example_dataset("vertices") / "geom", path / "geom")
    document = path / "dataset.yaml"
    document.write_text(document.read_text().replace("a2f", "arkit"))
    found = [f for f in check_dataset(path) if f.place == "MouthClose" or f.place == "mouthClose"]
    assert [(f.severity, f.file) for f in found] == [
        ("warning", "geom/skin.npz"),
        ("warning", "animation/joy_01.csv"),
    ]
    assert found[0].found.startswith("seems to contain jawOpen (+0.")
    assert found[0].expected == "'shapes: a2f' in dataset.yaml"
    assert found[1].expected == "Apple's (arkit); or say 'convention: a2f' in dataset.yaml"
    assert found[1].frame is not None
    arrays = dict(np.load(path / "geom" / "skin.npz"))
    arrays["mouthClose"] = arrays["mouthClose"] - arrays["jawOpen"]
    np.savez(path / "geom" / "skin.npz", **arrays)
    assert not [f for f in check_dataset(path) if f.place == "mouthClose"]
    document.write_text(document.read_text().replace("arkit", "a2f"))
    found = [f for f in check_dataset(path) if f.severity == "warning" and f.place]
    assert found[0].expected == "'shapes: arkit' in dataset.yaml"


def test_the_solver_settings_go_with_the_shapes(dataset: Path) -> None:
    """The order of ``poseNames`` is kept, because the settings are in it; settings for other shapes are not used."""
    path = dataset / "geom" / "skin.npz"
    arrays = dict(np.load(path))
    arrays["poseNames"] = np.concatenate([arrays["poseNames"][:1], arrays["poseNames"][:0:-1]])
    np.savez(path, **arrays)
    settings = json.loads((data_dir() / "head" / "solver.json").read_text())["skin"]
    settings["blendshape_params"]["strengthL2regularization"] = 0.125
    config = dataset / "geom" / "bs_skin_config.json"
    config.write_text(json.dumps(settings))
    quick = PrepareConfig(distinct_poses=20)
    out = prepare(dataset, dataset.parent / "out", quick)
    with np.load(out / "bs_skin.npz") as poses:
        assert [n.decode() for n in poses["poseNames"]] == [n.decode() for n in arrays["poseNames"]]
    assert json.loads((out / "bs_skin_config.json").read_text()) == settings
    settings["blendshape_params"]["numPoses"] = 51
    config.write_text(json.dumps(settings))
    found = only(dataset, "warning")
    assert str(found) == (
        "geom/bs_skin_config.json: numPoses: is 51; our own head's settings are used; right is 52, the shapes of skin"
    )
    prepare(dataset, out, quick)
    made = json.loads((out / "bs_skin_config.json").read_text())["blendshape_params"]
    assert (made["numPoses"], made["strengthL2regularization"]) == (52, 0.01)
