"""Reading packs: what is in the files comes out, in every legal variation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pack_edits import edit_json, edit_npz
from synthetic_packs import KINDS, PackSpec, write_pack

from a2fbridge import packs
from a2fbridge._errors import PackError
from a2fbridge.shapes import FACE_NAMES

TINY = KINDS["tiny"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "egg")


def test_gives_what_the_files_hold(folder: Path) -> None:
    pack = packs.load(folder)
    assert (pack.id, pack.root) == ("egg", folder)
    assert pack.network.path == folder / "network.onnx"
    (face,) = pack.identities
    assert face.names == FACE_NAMES
    assert (pack.info.actor, pack.info.row_size) == ("egg", 12 + 4 + 15 + 4)
    assert pack.info.emotions == TINY.emotions
    assert face.parameters["face_mask_softness"] == 0.0085
    assert len(face.parameters) == 24
    with np.load(folder / "model_data.npz") as data, np.load(folder / "bs_skin.npz") as skin:
        assert (face.skin_basis == data["shapes_matrix_skin"]).all()
        assert (face.skin_mean == data["shapes_mean_skin"]).all()
        assert (face.lip_open == data["lip_open_pose_delta"]).all()
        assert (face.eye_close == data["eye_close_pose_delta"]).all()
        assert (face.tongue_basis == data["shapes_matrix_tongue"]).all()
        assert (face.tongue_mean == data["shapes_mean_tongue"]).all()
        assert (face.neutral_jaw == data["neutral_jaw"]).all()
        assert (face.saccade == data["saccade_rot_matrix"]).all()
        assert (face.skin.deltas[17] == skin["jawOpen"]).all()
        assert (face.skin.neutral == skin["neutral"]).all()
        assert face.skin.mask is not None
        assert (face.skin.mask == skin["frontalMask"]).all()


def test_implicit_emotion_is_the_row_of_shot_and_frame(folder: Path) -> None:
    edit_json(folder / "model_config.json", config__source_shot="joy", config__source_frame=3)
    with np.load(folder / "implicit_emo_db.npz") as data:
        assert (packs.load(folder).identities[0].implicit_emotion == data["emo_db"][8 + 3]).all()


def test_solver_configuration(folder: Path) -> None:
    skin = packs.load(folder).identities[0].skin
    assert (skin.config.l1, skin.config.l2, skin.config.temporal, skin.config.symmetry) == (
        0.5,
        0.5,
        0.3,
        100,
    )
    assert sum(skin.config.active) == 52 - 9
    assert skin.config.template_size == pytest.approx(np.linalg.norm(np.ptp(skin.neutral, axis=0)))
    left, right = skin.names.index("mouthSmileLeft"), skin.names.index("mouthSmileRight")
    assert skin.config.symmetric[left] == skin.config.symmetric[right] >= 0


LEGAL = {
    "unicode names": replace(TINY, names="U"),
    "int64 mask": replace(TINY, mask="i8"),
    "float64": replace(TINY, floats="f8"),
    "compressed": replace(TINY, compressed=True),
    "no tongue": replace(TINY, tongue_poses=None),
    "no mask": replace(TINY, mask=None),
    "no pairs": replace(TINY, symmetric=False),
    "cancel pairs": replace(TINY, cancel=True),
    "few poses": replace(TINY, poses=("jawOpen", "mouthClose")),
    "other sizes": replace(TINY, window=1024, offset=512, implicit=3, jaw_points=6, emotions=("joy",)),
    "onnx in the card": replace(TINY, network_path="network.onnx"),
}


@pytest.mark.parametrize("spec", LEGAL.values(), ids=LEGAL.keys())
def test_accepts_every_legal_variation(tmp_path: Path, spec: PackSpec) -> None:
    pack = packs.load(write_pack(tmp_path / "egg", spec)).identities[0]
    plain = packs.load(
        write_pack(tmp_path / "plain", replace(spec, floats="f4", compressed=False, names="S"))
    ).identities[0]
    for array in (pack.skin_basis, pack.skin.deltas, pack.implicit_emotion, pack.saccade):
        assert array.dtype == np.float32
        assert array.flags.c_contiguous
    assert (pack.skin_basis == plain.skin_basis).all()
    assert pack.skin.names == plain.skin.names
    assert (pack.tongue is None) == (spec.tongue_poses is None)
    assert (pack.skin.mask is None) == (spec.mask is None)


def test_warns_of_what_nvidias_reader_would_misread(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "egg", replace(TINY, names="U", mask="i8", floats="f8"))
    findings = packs.validate(folder)
    assert {finding.severity for finding in findings} == {"warning"}
    said = [str(finding) for finding in findings]
    assert "bs_skin.npz: poseNames: has type <U19; right is bytes (S) for NVIDIA's reader" in said
    assert "bs_skin.npz: frontalMask: has type <i8; right is int32 for NVIDIA's reader" in said
    assert "model_data.npz: neutral_jaw: has type <f8; right is float32 for NVIDIA's reader" in said


def test_fortran_order_comes_out_right(folder: Path) -> None:
    with np.load(folder / "model_data.npz") as data:
        basis = data["shapes_matrix_skin"]
    edit_npz(folder / "model_data.npz", shapes_matrix_skin=np.asfortranarray(basis))
    pack = packs.load(folder).identities[0]
    assert pack.skin_basis.flags.c_contiguous
    assert (pack.skin_basis == basis).all()


def test_any_trailing_shape_of_the_right_size_is_read(folder: Path) -> None:
    with np.load(folder / "model_data.npz") as data:
        basis, darts = data["shapes_matrix_skin"], data["saccade_rot_matrix"]
    edit_npz(
        folder / "model_data.npz", shapes_matrix_skin=basis.reshape(12, -1), saccade_rot_matrix=darts.ravel()
    )
    pack = packs.load(folder).identities[0]
    assert (pack.skin_basis == basis).all()
    assert (pack.saccade == darts).all()


@pytest.mark.parametrize("name", ["ägg-卵-🥚", "with space"])
def test_folders_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = write_pack(tmp_path / name)
    (folder / "model_data.npz").rename(folder / "dåta-🥚.npz")
    edit_json(folder / "model.json", modelDataPath="dåta-🥚.npz")
    assert packs.load(folder).id == name


def test_files_may_lie_in_subfolders_and_have_absolute_paths_within_the_pack(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "model_data.npz").rename(folder / "data" / "model.npz")
    edit_json(folder / "model.json", modelDataPath="data\\model.npz")
    packs.load(folder)
    edit_json(folder / "model.json", modelDataPath=str(folder / "data" / "model.npz"))
    packs.load(folder)


def test_an_error_says_file_key_found_and_right(folder: Path) -> None:
    edit_json(folder / "model_config.json", config__skin_strength=3.5, config__blink_strength=None)
    with pytest.raises(PackError) as caught:
        packs.load(folder)
    assert str(caught.value) == (
        f"pack 'egg' in {folder}: model_config.json: config.skin_strength: is 3.5;"
        " right is a number from 0 to 2 (and 1 more: a2fbridge packs validate)"
    )
    first, second = packs.validate(folder)
    assert (first.severity, first.file, first.key) == ("error", "model_config.json", "config.skin_strength")
    assert (second.found, second.expected) == ("is missing", "a number from 0 to 2")


def test_a_sound_pack_has_no_findings(folder: Path) -> None:
    assert packs.validate(folder) == []
