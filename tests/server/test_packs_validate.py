"""The validator's check-list: one broken thing each, and what is said of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pack_edits import edit_json, edit_npz
from synthetic_packs import write_pack

from a2fbridge import packs
from a2fbridge._errors import PackError

Break = Callable[[Path], None]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("packs") / "egg")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "egg"))


def json_of(file: str, **changes: Any) -> Break:
    return lambda folder: edit_json(folder / f"{file}.json", **changes)


def npz_of(file: str, **changes: Any) -> Break:
    return lambda folder: edit_npz(folder / f"{file}.npz", **changes)


def array_of(file: str, array: str, change: Callable[[np.ndarray], np.ndarray]) -> Break:
    def apply(folder: Path) -> None:
        with np.load(folder / f"{file}.npz") as data:
            value = data[array]
        edit_npz(folder / f"{file}.npz", **{array: change(value)})

    return apply


def put(index: int, value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(array: np.ndarray) -> np.ndarray:
        array = array.copy()
        array.flat[index] = value
        return array

    return change


def solver(**changes: Any) -> Break:
    return json_of("bs_skin_config", **{f"blendshape_params__{key}": value for key, value in changes.items()})


def params(**changes: Any) -> Break:
    return json_of("network_info", **{f"params__{key}": value for key, value in changes.items()})


ERRORS: list[tuple[Break, str]] = [
    # the card
    (json_of("model", networkInfoPath=None), "model.json: networkInfoPath: is missing; right is a string"),
    (json_of("model", networkPath=None), "model.json: networkPath: is missing"),
    (json_of("model", emotionDatabasePath=None), "model.json: emotionDatabasePath: is missing"),
    (json_of("model", modelConfigPath=7), "model.json: modelConfigPath: is 7; right is a string"),
    (json_of("model", modelDataPath="gone.npz"), "model.json: modelDataPath: 'gone.npz' is missing from"),
    (json_of("model", modelDataPath="model.json"), "right is a container of at most 1024 tensors"),
    (
        json_of("model", emotionDatabasePath="db.bin"),
        "emotionDatabasePath: is 'db.bin'; right is an .npz file",
    ),
    (json_of("model", blendshapePaths=7), "model.json: blendshapePaths: is 7; right is an object"),
    (
        json_of("model", blendshapePaths__skin=[]),
        "model.json: blendshapePaths.skin: is []; right is an object",
    ),
    (json_of("model", blendshapePaths__skin__data=None), "model.json: blendshapePaths.skin.data: is missing"),
    (
        json_of("model", modelDataPaths=["a.npz"]),
        "id.type: is 'regression'; right is 'diffusion', as the card's keys say",
    ),
    (lambda folder: (folder / "network.onnx").unlink(), "networkPath: 'network.onnx' is missing from"),
    (
        lambda folder: (folder / "model.json").write_text("[]"),
        "model.json: a JSON list; right is a JSON object",
    ),
    (lambda folder: (folder / "model.json").write_text("{"), "right is valid JSON"),
    (lambda folder: (folder / "model.json").write_bytes(b"\xff"), "not UTF-8 at byte 0; right is UTF-8 text"),
    # network_info.json
    (
        json_of("network_info", id__type="diffuse"),
        "id.type: is 'diffuse'; right is 'regression'",
    ),
    (json_of("network_info", id__output="pose"), "id.output: is 'pose'; right is 'geometry'"),
    (json_of("network_info", id__actor=None), "id.actor: is missing"),
    (params(default_emotion=[0.0]), "params.default_emotion: is [0.0]; right is a list of 10 numbers"),
    (params(explicit_emotions=["joy", "joy"]), "right is names that all differ"),
    (params(num_verts_skin=0), "params.num_verts_skin: is 0; right is a whole number from 1 to 1.04858e+06"),
    (params(num_shapes_skin=2.5), "params.num_shapes_skin: is 2.5; right is a whole number"),
    (params(num_shapes_skin=True), "params.num_shapes_skin: is True; right is a whole number"),
    (params(result_jaw_size=14), "params.result_jaw_size: is 14; right is a multiple of 3"),
    (params(result_eyes_size=6), "params.result_eyes_size: is 6; right is a whole number from 4 to 4"),
    (json_of("network_info", audio_params__buffer_len=0), "audio_params.buffer_len: is 0"),
    (json_of("network_info", audio_params__buffer_ofs=8321), "audio_params.buffer_ofs: is 8321"),
    (json_of("network_info", audio_params__samplerate=0), "audio_params.samplerate: is 0"),
    # model_config.json
    (json_of("model_config", config=None), "model_config.json: config: is missing; right is an object"),
    (json_of("model_config", config__skin_strength=None), "config.skin_strength: is missing"),
    (json_of("model_config", config__face_mask_softness=0), "is 0; right is a number from 0.001 to 0.5"),
    (json_of("model_config", config__input_strength="1"), "config.input_strength: is '1'; right is a number"),
    (
        json_of("model_config", config__source_frame=8),
        "config.source_frame: is 8; right is a frame of 'neutral'",
    ),
    (json_of("model_config", config__source_frame=None), "config.source_frame: is missing"),
    (
        json_of("model_config", config__source_shot="neutrl"),
        "'neutrl' is unknown; right is a shot of implicit",
    ),
    # model_data.npz
    (npz_of("model_data", neutral_jaw=None), "model_data.npz: neutral_jaw: is missing; right is an array"),
    (
        npz_of("model_data", shapes_mean_skin=np.zeros((299, 3), "f4")),
        "has shape 299 x 3; right is shape 300 x 3",
    ),
    (npz_of("model_data", shapes_mean_skin=np.zeros((300, 3), "f4")), "all vertices have one height"),
    (npz_of("model_data", saccade_rot_matrix=np.zeros(3, "f4")), "has shape 3; right is shape n x 2"),
    (npz_of("model_data", saccade_rot_matrix=np.zeros(0, "f4")), "has shape 0; right is shape n x 2"),
    (npz_of("model_data", neutral_jaw=np.zeros((5, 3), "i4")), "has type <i4; right is type f4 or f8"),
    (npz_of("model_data", neutral_jaw=np.full((5, 3), 1e300)), "right is numbers that fit float32"),
    (array_of("model_data", "shapes_matrix_skin", put(7, np.nan)), "value 7 is nan; right is finite numbers"),
    (array_of("model_data", "saccade_rot_matrix", put(3, np.inf)), "value 3 is inf; right is finite numbers"),
    # implicit_emo_db.npz
    (npz_of("implicit_emo_db", emo_db=np.zeros((12, 15), "f4")), "has shape 12 x 15; right is shape n x 16"),
    (npz_of("implicit_emo_db", emo_spec_size=np.array([8], "i4")), "has shape 1; right is shape 2"),
    (npz_of("implicit_emo_db", emo_spec_start=np.array([0, 9], "i4")), "a shot lies beyond them"),
    (npz_of("implicit_emo_db", emo_spec_start=np.array([0, -1], "i4")), "a shot lies beyond them"),
    (npz_of("implicit_emo_db", emo_spec_start=np.array([0, 2**63 - 1])), "a shot lies beyond them"),
    (npz_of("implicit_emo_db", emo_spec_names=np.array(["a", "a"], "S")), "right is names that all differ"),
    (npz_of("implicit_emo_db", emo_spec_names=np.array([b"\xff", b"a"])), "right is names in UTF-8"),
    # bs_*.npz
    (array_of("bs_skin", "poseNames", lambda names: names[1:]), "right is 'neutral' as first name"),
    (npz_of("bs_skin", poseNames=np.array(["neutral"], "S")), "there is no pose"),
    (npz_of("bs_skin", poseNames=np.array(["neutral", "frontalMask"], "S")), "is an array of its own"),
    (
        npz_of("bs_skin", jawOpen=None),
        "bs_skin.npz: jawOpen: 1 of 52 are missing; right is an array for every pose",
    ),
    (
        npz_of("bs_skin", jawOpen=np.zeros((2, 3), "f4")),
        "bs_skin.npz: jawOpen: has shape 2 x 3; right is shape 300",
    ),
    (
        npz_of("bs_skin", frontalMask=np.array([300], "i4")),
        "holds 300; right is vertex indices from 0 to 299",
    ),
    (
        npz_of("bs_skin", frontalMask=np.array([-1, 5], "i4")),
        "holds -1; right is vertex indices from 0 to 299",
    ),
    (
        npz_of("bs_skin", frontalMask=np.array([], "i4")),
        "bs_skin.npz: frontalMask: has shape 0; right is shape n",
    ),
    (array_of("bs_tongue", "tongueUp", put(0, np.nan)), "bs_tongue.npz: tongueUp: value 0 is nan"),
    # bs_*_config.json
    (solver(numPoses=51), "numPoses: is 51; right is 52, the number of poses in the data"),
    (solver(strengthL1regularization=-1), "strengthL1regularization: is -1; right is a number from 0"),
    (solver(strengthSymmetry=None), "strengthSymmetry: is missing"),
    (solver(templateBBSize=0.5), "templateBBSize: is 0.5; right is a number from 1"),
    (solver(bsSolveActivePoses=[1] * 51), "is a list of 51; right is a list of 52 whole numbers"),
    (solver(bsSolveActivePoses=[2] * 52), "bsSolveActivePoses: is [2, 2, 2"),
    (solver(bsSolveActivePoses=[0] * 52), "right is at least one pose that is active"),
    (
        solver(bsSolveCancelPoses=[3, 3, 3] + [-1] * 49),
        "pair 3: 3 times; right is every pair id exactly twice",
    ),
    (solver(bsSolveSymmetryPoses=[0] + [-1] * 51), "pair 0: 1 times; right is every pair id exactly twice"),
    (solver(bsWeightMultipliers=["1"] * 52), "is a list of 52; right is a list of 52 numbers"),
    (solver(bsWeightOffsets=None), "bsWeightOffsets: is missing; right is a list of 52 numbers"),
]

WARNINGS: list[tuple[Break, str]] = [
    (
        json_of("network_info", audio_params__buffer_ofs=4000),
        "buffer_ofs: is 4000; right is half of buffer_len: 4160",
    ),
    (npz_of("model_data", neutral_jaw=np.zeros((5, 3), "f4")), "the jaw's rotation cannot be found"),
    (npz_of("model_data", saccade_rot_matrix=np.zeros((10, 2), "f4")), "has 10; right is 5000 rows"),
    (npz_of("implicit_emo_db", emo_spec_start=np.array([0, 4], "i4")), "some overlap"),
    (
        npz_of("bs_skin", frontalMask=np.array([1, 1, 2], "i4")),
        "some stand twice; right is every vertex once",
    ),
    (array_of("bs_skin", "neutral", lambda neutral: neutral + 1), "neutral: differs by 1 cm"),
    (solver(templateBBSize=None), "right is the diagonal of the neutral mesh in cm (default 54.7)"),
]


@pytest.mark.parametrize(("damage", "said"), ERRORS, ids=[said[:50] for _, said in ERRORS])
def test_errors(folder: Path, damage: Break, said: str) -> None:
    damage(folder)
    errors = [str(finding) for finding in packs.validate(folder) if finding.severity == "error"]
    assert any(said in error for error in errors), errors
    with pytest.raises(PackError, match="right is"):
        packs.load(folder)


@pytest.mark.parametrize(("damage", "said"), WARNINGS, ids=[said[:50] for _, said in WARNINGS])
def test_warnings(folder: Path, damage: Break, said: str) -> None:
    damage(folder)
    findings = packs.validate(folder)
    assert {finding.severity for finding in findings} == {"warning"}
    assert any(said in str(finding) for finding in findings), findings
    packs.load(folder)


def test_poses_that_are_absolute_are_doubted(folder: Path) -> None:
    with np.load(folder / "bs_skin.npz") as data:
        edit_npz(folder / "bs_skin.npz", jawOpen=data["neutral"] + data["jawOpen"])
    (finding,) = packs.validate(folder)
    assert (
        str(finding)
        == "bs_skin.npz: jawOpen: looks like an absolute pose; right is an offset from the neutral"
    )


def test_unknown_pose_names_are_doubted_with_the_nearest(folder: Path) -> None:
    with np.load(folder / "bs_skin.npz") as data:
        names = np.array([b"jawOpn" if name == b"jawOpen" else name for name in data["poseNames"]])
        edit_npz(folder / "bs_skin.npz", poseNames=names, jawOpn=data["jawOpen"])
    unknown, missing = sorted(str(finding) for finding in packs.validate(folder))
    assert "has 'jawOpn'" in unknown
    assert "did you mean 'jawOpen'?" in unknown
    assert "jawOpen" in missing


def test_all_mistakes_of_all_files_come_out_at_once(folder: Path) -> None:
    edit_json(folder / "model_config.json", config__skin_strength=-1, config__blink_strength=None)
    edit_npz(folder / "bs_tongue.npz", tongueUp=None)
    edit_npz(folder / "model_data.npz", neutral_jaw=None)
    keys = {finding.key for finding in packs.validate(folder)}
    assert keys == {"config.skin_strength", "config.blink_strength", "tongueUp", "neutral_jaw"}


def test_an_emotion_pack_is_no_face_pack(folder: Path) -> None:
    edit_json(folder / "model.json", modelDataPath=None, emotionDatabasePath=None, blendshapePaths=None)
    with pytest.raises(
        PackError, match=r"an emotion pack .*, which animates nothing by itself; right is a face"
    ):
        packs.load(folder)


def test_json_with_a_byte_order_mark_and_whole_numbers_written_as_floats_is_read(folder: Path) -> None:
    edit_json(folder / "network_info.json", params__num_shapes_skin=12.0)
    path = folder / "network_info.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert packs.load(folder).info.skin_shapes == 12
