"""Reading and validating diffusion packs: every rule of the layout, every legal variation, hostile sizes."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from pack_edits import edit_json, edit_npz
from synthetic_diffusion import KINDS, DiffusionSpec, write_diffusion_pack
from synthetic_packs import PackSpec

from a2fbridge import packs
from a2fbridge._errors import PackError
from a2fbridge.packs import DiffusionInfo
from a2fbridge.shapes import FACE_NAMES

TINY = KINDS["tiny"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_diffusion_pack(tmp_path / "multi")


def test_gives_what_the_files_hold(folder: Path) -> None:
    pack = packs.load(folder)
    info = pack.info
    assert isinstance(info, DiffusionInfo)
    assert (info.kind, info.actor, info.version, info.frame_rate) == ("diffusion", "multi", "3.0", 60)
    assert [identity.name for identity in pack.identities] == ["Claire", "James", "Mark"]
    assert (info.left, info.center, info.right, info.steps, info.layers, info.latent) == (
        15,
        30,
        15,
        2,
        2,
        12,
    )
    assert info.row_size == 3 * 200 + 3 * 40 + 15 + 4
    assert pack.network.path == folder / "network.onnx"
    for identity in pack.identities:
        assert identity.names == FACE_NAMES
        assert identity.skin_basis is identity.tongue_basis is None
        with np.load(folder / f"model_data_{identity.name}.npz") as data:
            assert set(data.files) == {
                "neutral_skin",
                "neutral_tongue",
                "neutral_jaw",
                "lip_open_pose_delta",
                "eye_close_pose_delta",
                "saccade_rot_matrix",
            }
            assert (identity.skin_mean == data["neutral_skin"]).all()
            assert (identity.tongue_mean == data["neutral_tongue"]).all()
            assert (identity.eye_close == data["eye_close_pose_delta"]).all()
    assert packs.validate(folder) == []


def _geometry(**changes: object) -> DiffusionSpec:
    return replace(TINY, geometry=replace(TINY.geometry, **changes))


LEGAL = {
    "unicode names": _geometry(names="U"),
    "int64 mask": _geometry(mask="i8"),
    "float64": _geometry(floats="f8"),
    "compressed": _geometry(compressed=True),
    "no tongue": _geometry(tongue_poses=None),
    "one identity": replace(TINY, identities=("Ægir",)),
    "thirty frames a second": KINDS["30 fps"],
    "three steps, one layer": replace(TINY, steps=3, layers=1, latent=5),
}


@pytest.mark.parametrize("spec", LEGAL.values(), ids=LEGAL.keys())
def test_accepts_every_legal_variation(tmp_path: Path, spec: DiffusionSpec) -> None:
    folder = write_diffusion_pack(tmp_path / "ünï-卵", spec)
    pack = packs.load(folder)
    assert len(pack.identities) == len(spec.identities)
    assert (pack.identities[0].tongue is None) == (spec.geometry.tongue_poses is None)
    assert not [f for f in packs.validate(folder) if f.severity == "error"]


def _npz(name: str, **changes: object) -> Callable[[Path], None]:
    return lambda folder: edit_npz(folder / name, **changes)


def _params(**changes: object) -> Callable[[Path], None]:
    named = {f"params__{name}": value for name, value in changes.items()}
    return lambda folder: edit_json(folder / "network_info.json", **named)


def _card(**changes: object) -> Callable[[Path], None]:
    return lambda folder: edit_json(folder / "model.json", **changes)


def _audio(**changes: object) -> Callable[[Path], None]:
    named = {f"audio_params__{name}": value for name, value in changes.items()}
    return lambda folder: edit_json(folder / "network_info.json", **named)


ERRORS = [
    (
        _card(modelConfigPaths=["model_config_Claire.json"]),
        "modelConfigPaths: is ['model_config_Claire.json']; right is a list of 3 paths",
    ),
    (
        _card(modelDataPaths=None),
        "modelDataPaths: is missing; right is a list of 3 paths, one for each identity",
    ),
    (_card(blendshapePaths={}), "blendshapePaths: is {}; right is a list of 3 objects"),
    (_card(blendshapePaths=[{}, {"skin": {}}, {}]), "blendshapePaths[1].skin.data: is missing"),
    (_card(modelDataPaths=["../a.npz"] * 3), "leads out of it"),
    (_params(identities=["A", "B"]), "right is a list of 2 paths"),
    (_params(identities=["A", "A", "B"]), "params.identities"),
    (_params(identities=["Claire", "CLAIRE", "Mark"]), "names that differ in more than upper and lower case"),
    (_params(skin_size=601), "params.skin_size: is 601; right is a multiple of 3"),
    (_params(skin_size=603), "right is shape 201 x 3"),
    (_params(eyes_size=6), "params.eyes_size: is 6"),
    (_params(jaw_size=14), "a multiple of 3"),
    (_params(default_emotion=[0.0]), "params.default_emotion"),
    (_params(num_frames_center=0), "params.num_frames_center: is 0"),
    (_params(num_diffusion_steps=3), "float32 3 x 2 x n x 12"),
    (_params(gru_latent_dim=13), "float32 2 x 2 x n x 13"),
    (_audio(buffer_len=8000), "window: input is n x 16000; right is float32 n x 8000"),
    (_audio(padding_left=3999), "audio_params.padding_left: is 3999; right is 4000 or more"),
    (_npz("model_data_James.npz", neutral_skin=None), "model_data_James.npz: neutral_skin: is missing"),
    (
        lambda f: edit_npz(f / "bs_skin_Mark.npz", neutral=np.zeros((7, 3), np.float32)),
        "bs_skin_Mark.npz: neutral",
    ),
    (
        lambda f: edit_json(f / "model_config_Mark.json", config__skin_strength=9.0),
        "model_config_Mark.json: config.skin_strength",
    ),
    (
        lambda f: edit_json(f / "network_info.json", id__type="regression"),
        "id.type: is 'regression'; right is 'diffusion'",
    ),
    (lambda f: (f / "network.onnx").unlink(), "'network.onnx' is missing"),
]


@pytest.mark.parametrize(("change", "said"), ERRORS, ids=[said[:40] for _, said in ERRORS])
def test_errors(folder: Path, change: Callable[[Path], None], said: str) -> None:
    change(folder)
    found = [str(f) for f in packs.validate(folder) if f.severity == "error"]
    assert any(said in text for text in found), found
    with pytest.raises(PackError):
        packs.load(folder)


WARNINGS = [
    (_card(emotionDatabasePath="x.npz"), "emotionDatabasePath: belongs to regression packs"),
    (
        _npz("model_data_James.npz", saccade_rot_matrix=np.zeros((9, 2), np.float32)),
        "5000 rows",
    ),
    (
        _npz("model_data_James.npz", neutral_jaw=np.zeros((5, 3), np.float32)),
        "the jaw's rotation",
    ),
]


@pytest.mark.parametrize(("change", "said"), WARNINGS, ids=[said[:30] for _, said in WARNINGS])
def test_warnings(folder: Path, change: Callable[[Path], None], said: str) -> None:
    change(folder)
    findings = packs.validate(folder)
    assert any(said in str(f) for f in findings if f.severity == "warning"), findings
    assert not [f for f in findings if f.severity == "error"]


def test_a_network_of_other_tensors_is_refused(folder: Path) -> None:
    model = onnx.load(folder / "network.onnx")
    model.graph.output[0].name = "geometry"
    onnx.save(model, folder / "network.onnx")
    found = [str(f) for f in packs.validate(folder)]
    assert any("prediction: this output is missing" in text for text in found)


HOSTILE = {
    "gigabytes of noise": _params(skin_size=3 << 20, tongue_size=3 << 20, num_frames_center=1000),
    "gigabytes of state": _params(gru_latent_dim=1 << 20, num_gru_layers=1000, num_diffusion_steps=1000),
    "a thousand identities": _params(identities=[f"i{k}" for k in range(1000)]),
    "endless frames": _params(num_frames_center=1 << 40),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_forged_sizes_cost_nothing(folder: Path, change: Callable[[Path], None]) -> None:
    change(folder)
    tracemalloc.start()
    started = time.process_time()
    try:
        with pytest.raises(PackError, match=r"network_info\.json"):
            packs.load(folder)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
        assert time.process_time() - started < 1.0
    finally:
        tracemalloc.stop()


def test_sizes_of_the_reference_are_within_the_limits() -> None:
    spec = KINDS["reference"]
    assert (spec.row, spec.total) == (88831, 60)
    assert PackSpec().poses  # the row's bytes of v3.0 are a sixth of the limit
    assert 4 * (spec.steps + 2) * spec.total * spec.row < 512 << 20
