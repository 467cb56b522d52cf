"""Datasets prepared for training: bases, targets, sounds; resumed, and only what changed done again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from example_datasets import example_dataset, some_takes

from a2fbridge import shapes
from a2fbridge._errors import ConfigError, DatasetError
from a2fbridge.training.dataset import (
    PrepareConfig,
    check_dataset,
    load_prepared,
    make_example,
    prepare,
)
from a2fbridge.training.dataset._bases import pick_distinct, principal, prune
from a2fbridge.training.dataset._rigid import kabsch, stabilise
from a2fbridge.training.head import load_head

QUICK = PrepareConfig(distinct_poses=40)
TAKES = ("joy_01", "joy_02", "neutral_01", "neutral_02")


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("datasets")
    return {kind: some_takes(kind, folder / kind, TAKES) for kind in ("weights", "vertices")}


@pytest.fixture(scope="module")
def prepared(datasets: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("prepared")
    return {kind: prepare(path, folder / kind, QUICK) for kind, path in datasets.items()}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def test_the_examples_are_sound_and_the_same_every_time(datasets: dict[str, Path], tmp_path: Path) -> None:
    for kind in datasets:
        path = example_dataset(kind)
        assert check_dataset(path) == []
        make_example(tmp_path / kind, kind)
        assert contents(tmp_path / kind) == contents(path)
    with pytest.raises(ConfigError, match="is not empty"):
        make_example(path, kind)


@pytest.mark.parametrize("kind", ["weights", "vertices"])
def test_targets_rebuild_the_vertices(
    prepared: dict[str, Path], datasets: dict[str, Path], kind: str
) -> None:
    """x = mean + sum c_k shape_k misses the animation by no more than the variance left out."""
    found = load_prepared(prepared[kind])
    sizes, data = found.sizes, found.model_data()
    assert tuple(take.name for take in found.takes) == TAKES
    targets = np.asarray(found.targets("joy_02"))
    assert targets.shape == (108, sum(sizes.values()))
    skin = data["shapes_mean_skin"] + np.tensordot(
        targets[:, : sizes["skin"]], data["shapes_matrix_skin"], axes=(1, 0)
    )
    if kind == "vertices":
        truth = np.load(datasets[kind] / "cache" / "skin" / "joy_02.npy")
        jaw = np.load(datasets[kind] / "cache" / "jaw.npz")["joy_02"].reshape(108, 15)
        np.testing.assert_array_equal(targets[:, -19:-4], jaw)
        np.testing.assert_array_equal(
            targets[:, -4:], np.load(datasets[kind] / "cache" / "eyes.npz")["joy_02"].reshape(108, 4)
        )
    else:
        clip = json.loads((datasets[kind] / "animation" / "joy_02.json").read_text())
        weights = np.array(clip["weightMat"], np.float32)
        truth = load_head().skin(weights)
        np.testing.assert_allclose(
            targets[:, -19:-4], load_head().jaw_points(weights).reshape(108, 15), atol=1e-6
        )
    left = np.square(skin - truth).sum() / np.square(truth - data["neutral_skin"]).sum()
    assert left < 2e-3
    rows = data["shapes_matrix_skin"].reshape(sizes["skin"], -1)
    np.testing.assert_allclose(rows @ rows.T, np.eye(len(rows)), atol=1e-4)


def test_the_tongue_is_freed_of_the_jaw(prepared: dict[str, Path], datasets: dict[str, Path]) -> None:
    """The cache carries the tongue with the jaw; prepared, it agrees with the head's tongue alone."""
    found = load_prepared(prepared["vertices"])
    sizes, data = found.sizes, found.model_data()
    targets = np.asarray(found.targets("neutral_02"))[:, sizes["skin"] : sizes["skin"] + sizes["tongue"]]
    rebuilt = data["shapes_mean_tongue"] + np.tensordot(targets, data["shapes_matrix_tongue"], axes=(1, 0))
    cache = np.load(datasets["vertices"] / "cache" / "tongue" / "neutral_02.npy")
    rigid = json.loads((datasets["vertices"] / "geom" / "tongue_rigid.json").read_text())
    assert np.abs(cache[:, rigid] - cache[0, rigid]).max() > 0.3
    assert np.abs(rebuilt[:, rigid] - data["neutral_tongue"][rigid]).max() < 0.02
    assert np.abs(rebuilt - stabilise(cache, data["neutral_tongue"], np.array(rigid))).max() < 0.05


def test_the_folder_is_as_documented(prepared: dict[str, Path], datasets: dict[str, Path]) -> None:
    info = json.loads((prepared["vertices"] / "prepared.json").read_text())
    assert (info["format"], info["fps"], info["sample_rate"]) == (1, 30.0, 16000)
    assert info["emotions"] == ["joy", "anger"]
    take = next(take for take in info["takes"] if take["name"] == "joy_01")
    assert (take["emotion"], take["language"], take["voices"]) == ("joy", "en", ["original", "high"])
    assert [t["split"] for t in info["takes"]].count("validation") == 1
    assert abs(take["lag_ms"]) < 40
    found = load_prepared(prepared["vertices"])
    samples, rate = soundfile.read(datasets["vertices"] / "audio" / "joy_01.wav", dtype="float32")
    assert rate == 16000
    np.testing.assert_array_equal(found.audio("joy_01"), samples[: len(found.audio("joy_01"))])
    assert take["norm_factor"] == pytest.approx(np.abs(samples).max(), abs=1e-6)
    assert not np.array_equal(found.audio("joy_01", "high"), found.audio("joy_01"))
    assert found.model_data().keys() == set(
        """shapes_matrix_skin shapes_mean_skin neutral_skin lip_open_pose_delta eye_close_pose_delta
        shapes_matrix_tongue shapes_mean_tongue neutral_tongue neutral_jaw blink_keys saccade_rot_matrix""".split()
    )
    with np.load(prepared["vertices"] / "bs_skin.npz") as poses:
        assert [n.decode() for n in poses["poseNames"]] == ["neutral"] + [
            shapes.camel_case(n) for n in shapes.ARKIT_NAMES
        ]
        np.testing.assert_array_equal(poses["neutral"], found.model_data()["neutral_skin"])
    regions = found.regions()
    data = found.model_data()
    assert (
        data["neutral_skin"][regions["eye_upper"], 1] > data["neutral_skin"][regions["eye_lower"], 1]
    ).all()
    assert data["neutral_skin"][regions["eye_upper"][0], 0] > 0  # left first


def test_statistics(prepared: dict[str, Path]) -> None:
    found = load_prepared(prepared["weights"])
    mean = found.model_data()["shapes_mean_skin"]
    skin = found.info["statistics"]["skin"]
    np.testing.assert_allclose(skin["translate"], mean.mean(axis=0), atol=1e-5)
    assert np.abs((mean - skin["translate"]) / skin["scale"]).max() == pytest.approx(1.0, abs=1e-5)


class _Cut(Exception):
    pass


def _cutting(reports: int) -> Callable[[str, float], None]:
    """Return a progress callback that ends the work after so many reports."""
    left = iter(range(reports))

    def told(message: str, done: float) -> None:
        if next(left, None) is None:
            raise _Cut

    return told


def test_interrupted_and_resumed_is_the_same(
    datasets: dict[str, Path], prepared: dict[str, Path], tmp_path: Path
) -> None:
    """Cut off earlier and later, started again each time, the folder ends with the same bytes."""
    for reports in range(2, 120, 9):
        try:
            prepare(datasets["vertices"], tmp_path / "out", QUICK, _cutting(reports))
            break
        except _Cut:
            with pytest.raises(DatasetError, match="did not end"):
                load_prepared(tmp_path / "out")
    assert reports > 20
    assert contents(tmp_path / "out") == contents(prepared["vertices"])


def test_only_what_changed_is_done_again(
    datasets: dict[str, Path], prepared: dict[str, Path], tmp_path: Path
) -> None:
    work, out = tmp_path / "in", tmp_path / "out"
    shutil.copytree(datasets["weights"], work)
    shutil.copytree(prepared["weights"], out)
    path = work / "audio" / "joy_01.wav"
    samples, rate = soundfile.read(path)
    soundfile.write(path, 0.5 * samples, rate, "PCM_16")
    told: list[str] = []
    prepare(work, out, QUICK, lambda message, done: told.append(message))
    assert [m for m in told if m.endswith("read and checked")] == ["joy_01: read and checked"]
    fresh = prepare(work, tmp_path / "fresh", QUICK)
    assert contents(out) == contents(fresh)
    (work / "audio" / "joy_02.wav").unlink()
    (work / "animation" / "joy_02.json").unlink()
    prepare(work, out, QUICK)
    assert not any("joy_02" in name for name in contents(out))
    assert contents(out) == contents(prepare(work, fresh, QUICK))


OTHER: dict[str, Any] = {
    "seed": 5, "validation_share": 0.4, "prune_distance": 40.0, "prune_stride": 40, "distinct_poses": 5,
    "distinct_variance": 0.6, "skin_variance": 0.9, "skin_components": 3, "tongue_prune_distance": 200.0,
    "tongue_variance": 0.7, "tongue_components": 2, "audio_offset": 0.05, "correct_lag": True,
    "transform_scale": (2.0, 1.0, 1.0, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", [field.name for field in fields(PrepareConfig)])
def test_every_option_changes_something(
    name: str, datasets: dict[str, Path], prepared: dict[str, Path], tmp_path: Path
) -> None:
    """Not only the record of the option: the arrays or what ``prepared.json`` says of takes and statistics."""
    out = tmp_path / "out"
    shutil.copytree(prepared["vertices"], out)
    few = {"distinct_poses": 40}
    prepare(datasets["vertices"], out, PrepareConfig(**(few | {name: OTHER[name]})))

    def result(folder: Path) -> dict[str, Any]:
        info = json.loads((folder / "prepared.json").read_text())
        files = {
            n: b for n, b in contents(folder).items() if n.startswith(("audio", "targets", "model_data"))
        }
        return files | {key: info[key] for key in ("takes", "statistics")}

    assert result(out) != result(prepared["vertices"])


def test_options_out_of_range() -> None:
    for bad in ({"skin_variance": 1.0}, {"prune_stride": 0}, {"skin_components": 0}, {"audio_offset": 1e9}):
        with pytest.raises(ConfigError, match=next(iter(bad))):
            PrepareConfig(**bad)


def test_pruning_keeps_seeds_and_what_is_far() -> None:
    poses = np.zeros((40, 6), np.float32)
    poses[7] = 5.0
    poses[23] = 0.1
    kept = prune(poses, 4.0, 10)
    assert {0, 7} <= set(kept.tolist())
    assert 23 not in kept
    assert len(kept) <= 10


def test_principal_components_are_those_of_a_decomposition() -> None:
    rng = np.random.default_rng(0)
    poses = (rng.normal(size=(60, 4)) * [4, 2, 1, 0.5] @ rng.normal(size=(4, 90)) + 3).astype(np.float32)
    mean = poses[0]
    basis = principal(poses, mean, 0.9995, None)
    _, strength, rows = np.linalg.svd((poses - mean).astype(np.float64), full_matrices=False)
    share = np.cumsum(strength**2) / np.sum(strength**2)
    assert len(basis.rows) == int(np.argmax(share > 0.9995)) + 1
    assert basis.explained == pytest.approx(share[len(basis.rows) - 1], abs=1e-6)
    overlap = np.abs(np.sum(basis.rows * rows[: len(basis.rows)], axis=1))
    np.testing.assert_allclose(overlap, 1.0, atol=1e-5)


def test_picking_ends_when_nothing_is_left_to_explain() -> None:
    """NVIDIA's loop adds pose 0 again and again here."""
    rng = np.random.default_rng(1)
    few = rng.normal(size=(3, 30))
    poses = np.concatenate([few, few, few, few])
    chosen = pick_distinct(poses @ poses.T, 500, 0.9999, lambda done: None)
    assert len(set(chosen.tolist())) == len(chosen) <= 12
    spanned = poses[chosen] - poses[chosen].mean(axis=0)
    assert np.linalg.matrix_rank(spanned) == 2
    assert len(pick_distinct(np.zeros((5, 5)), 500, 0.9999, lambda done: None)) == 4


def test_picking_adds_the_worst_reconstructed_pose() -> None:
    """Against the plain statement of the algorithm, with decompositions of whole poses."""
    rng = np.random.default_rng(2)
    poses = rng.normal(size=(50, 12)) * np.linspace(3, 0.5, 12)
    chosen = np.linspace(0, 49, 4).round().astype(int).tolist()
    for _ in range(6):
        mean = poses[chosen].mean(axis=0)
        _, strength, rows = np.linalg.svd(poses[chosen] - mean, full_matrices=False)
        rows = rows[: int((np.cumsum(strength**2) / np.sum(strength**2) <= 0.9999).sum()) + 1]
        missed = poses - mean
        missed = missed - missed @ rows.T @ rows
        errors = np.square(missed).sum(axis=1)
        errors[chosen] = 0
        chosen.append(int(errors.argmax()))
    found = pick_distinct(poses @ poses.T, 6, 0.9999, lambda done: None)
    assert found.tolist() == sorted(chosen)


def test_kabsch_never_reflects() -> None:
    rng = np.random.default_rng(3)
    target = rng.normal(size=(8, 3))
    angle = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]], np.float64)
    moved = target @ angle + [1, 2, 3]
    rotation, translation = kabsch(moved[None], target)
    np.testing.assert_allclose(
        moved @ rotation[0] + translation, np.broadcast_to(target, (1, 8, 3))[0], atol=1e-9
    )
    flat = target * [1, 1, 1e-9]
    rotation, _ = kabsch((flat * [1, 1, -1])[None], flat)
    assert np.linalg.det(rotation[0]) == pytest.approx(1.0)
