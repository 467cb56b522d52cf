"""Part 3 of the specification as a table: every rule of 3.1 to 3.9, broken once, and the finding with its file, key,
what is right, what was found, and how grave it is.

``test_packs_validate``, ``_checklist``, ``_diffusion`` and ``_emotion`` go into the corners; here nothing is left out.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from pack_edits import edit_json, edit_npz
from synthetic_diffusion import write_diffusion_pack
from synthetic_emotion import write_emotion_pack
from synthetic_packs import write_pack

import a2fbridge
from a2fbridge import packs
from a2fbridge._errors import PackError

Change = Callable[[Path], Any]
WRITERS: dict[str, Callable[[Path], Path]] = {
    "regression": write_pack,
    "diffusion": write_diffusion_pack,
    "emotion": write_emotion_pack,
}


@dataclass(frozen=True)
class Rule:
    """One rule, broken."""

    id: str
    kind: str
    change: Change
    severity: str
    file: str
    key: str
    expected: str
    found: str
    run: bool = False
    """Found by running the network."""


def keys(file: str, **changes: Any) -> Change:
    return lambda folder: edit_json(folder / file, **changes)


def arrays(file: str, **changes: Any) -> Change:
    return lambda folder: edit_npz(folder / file, **changes)


def array(file: str, name: str, change: Callable[[np.ndarray], np.ndarray]) -> Change:
    def apply(folder: Path) -> None:
        with np.load(folder / file) as data:
            value = data[name]
        edit_npz(folder / file, **{name: change(value)})

    return apply


def network(change: Callable[[onnx.ModelProto], Any]) -> Change:
    def apply(folder: Path) -> None:
        model = onnx.load(folder / "network.onnx")
        change(model)
        onnx.save(model, folder / "network.onnx")

    return apply


def put(place: int, value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(values: np.ndarray) -> np.ndarray:
        values = values.copy()
        values.flat[place] = value
        return values

    return change


def required(rule: str, kind: str, file: str, path: str, *names: str, expected: str = "") -> list[Rule]:
    """Every name of an object, left out once."""
    return [
        Rule(
            f"{rule} {kind} {name}",
            kind,
            keys(file, **{"__".join(filter(None, [*path.split("."), name])): None}),
            "error",
            file,
            ".".join(filter(None, [path, name])),
            expected,
            "is missing",
        )
        for name in names
    ]


def missing(rule: str, kind: str, file: str, *names: str) -> list[Rule]:
    """Every array of an archive, left out once."""
    return [
        Rule(
            f"{rule} {kind} {n}", kind, arrays(file, **{n: None}), "error", file, n, "an array", "is missing"
        )
        for n in names
    ]


CONFIG = """input_strength lower_face_smoothing upper_face_smoothing lower_face_strength upper_face_strength
face_mask_level face_mask_softness skin_strength blink_strength eyelid_open_offset lip_open_offset tongue_strength
tongue_height_offset tongue_depth_offset lower_teeth_strength lower_teeth_height_offset lower_teeth_depth_offset
eyeballs_strength saccade_strength right_eye_rot_x_offset right_eye_rot_y_offset left_eye_rot_x_offset
left_eye_rot_y_offset eye_saccade_seed""".split()
SOLVER = """strengthL1regularization strengthL2regularization strengthTemporalSmoothing strengthSymmetry numPoses
bsSolveActivePoses bsSolveCancelPoses bsSolveSymmetryPoses bsWeightMultipliers bsWeightOffsets""".split()
R, D, A = "regression", "diffusion", "emotion"
INFO, CARD, DATA, SKIN = "network_info.json", "model.json", "model_data.npz", "bs_skin.npz"
SKIN_CONFIG = "bs_skin_config.json"


def solver(**changes: Any) -> Change:
    return keys(SKIN_CONFIG, **{f"blendshape_params__{name}": value for name, value in changes.items()})


def params(**changes: Any) -> Change:
    return keys(INFO, **{f"params__{name}": value for name, value in changes.items()})


def aged(folder: Path) -> None:
    (folder / "network.trt").write_bytes(b"engine")
    then = (folder / "network.onnx").stat().st_mtime - 60
    os.utime(folder / "network.trt", (then, then))


def swapped(key: str) -> Change:
    """The files of the second and the third identity change places."""

    def apply(folder: Path) -> None:
        listed = json.loads((folder / CARD).read_text("utf-8"))[key]
        edit_json(folder / CARD, **{key: [listed[0], listed[2], listed[1]]})

    return apply


def shrunk(folder: Path) -> None:
    with np.load(folder / SKIN) as data:
        names = np.array([n for n in data["poseNames"] if n != b"cheekPuff"])
    edit_npz(folder / SKIN, poseNames=names, cheekPuff=None)
    for name in SOLVER[5:]:
        values = json.loads((folder / SKIN_CONFIG).read_text("utf-8"))["blendshape_params"][name]
        solver(**{name: [-1 if "ancel" in name or "ymmetry" in name else 1] * (len(values) - 1)})(folder)
    solver(numPoses=51)(folder)


def cheek(mean: np.ndarray) -> np.ndarray:
    return mean + np.float32(0.5)


def absolute(folder: Path) -> None:
    with np.load(folder / SKIN) as data:
        edit_npz(folder / SKIN, jawOpen=data["neutral"] + data["jawOpen"])


RULES: list[Rule] = [
    # 3.1 model.json
    *required(
        "3.1", R, CARD, "", "networkInfoPath", "networkPath", "emotionDatabasePath", "modelConfigPath", "modelDataPath"
    ),
    *required("3.1", D, CARD, "", "networkInfoPath", "networkPath", "modelConfigPaths", "modelDataPaths"),
    Rule("3.1 networkInfoPath file", R, keys(CARD, networkInfoPath="gone.json"), "error", CARD, "networkInfoPath",
         "a file that is there", "'gone.json' is missing"),
    Rule("3.1 networkInfoPath JSON", R, lambda f: (f / INFO).write_text("{,"), "error", INFO, "", "valid JSON", "Exp"),
    Rule("3.1 networkPath is an engine", R, keys(CARD, networkPath="network.onnx"), "warning", CARD, "networkPath",
         "a TensorRT engine", "is 'network.onnx'"),
    Rule("3.1 emotionDatabasePath extension", R, keys(CARD, emotionDatabasePath="db.bin"), "error", CARD,
         "emotionDatabasePath", "an .npz file", "is 'db.bin'"),
    Rule("3.1 as many configs as identities", D, keys(CARD, modelConfigPaths=["model_config_Claire.json"]), "error",
         CARD, "modelConfigPaths", "a list of 3 paths", "is ['model_config_Claire.json']"),
    Rule("3.1 as many data as identities", D, keys(CARD, modelDataPaths=["x"] * 2), "error", CARD, "modelDataPaths",
         "a list of 3 paths", "is ['x', 'x']"),
    Rule("3.1 as many blendshapes as identities", D, keys(CARD, blendshapePaths=[{}]), "error", CARD,
         "blendshapePaths", "a list of 3 objects", "is [{}]"),
    Rule("3.1 no blendshapes: no weights", R, keys(CARD, blendshapePaths=None), "warning", CARD, "blendshapePaths",
         "skin and tongue for NVIDIA's weight output", "the skin and the tongue of egg are missing"),
    Rule("3.1 both skin and tongue", R, keys(CARD, blendshapePaths__tongue=None), "warning", CARD, "blendshapePaths",
         "skin and tongue for NVIDIA's weight output", "the tongue of egg is missing"),
    Rule("3.1 kinds not mixed", R, keys(CARD, modelDataPaths=["a"]), "error", INFO, "id.type", "'diffusion'",
         "is 'regression'"),
    Rule("3.1 kinds not mixed", D, keys(CARD, emotionDatabasePath="x.npz"), "warning", CARD, "emotionDatabasePath",
         "keys of a diffusion pack", "belongs to regression packs"),
    *(
        Rule(f"3.1 order of identities {key}", D, swapped(key), "warning", CARD, key + suffix,
             "a file of James, in the order of params.identities", "bears the name of Mark")
        for key, suffix in (
            ("modelConfigPaths", ""), ("modelDataPaths", ""), ("blendshapePaths", "[1].skin.config"))
    ),
    Rule("3.1 network.onnx beside the card", R, lambda f: (f / "network.onnx").unlink(), "error", CARD, "networkPath",
         "a file that is there", "'network.onnx' is missing"),
    # 3.2 network_info.json
    *required("3.2", R, INFO, "id", "type", "output", "actor"),
    *required("3.2", D, INFO, "id", "type", "output"),
    *required("3.2", R, INFO, "params", "explicit_emotions", "default_emotion", "implicit_emotion_len",
              "num_shapes_skin", "num_shapes_tongue", "num_verts_skin", "num_verts_tongue", "result_jaw_size",
              "result_eyes_size"),
    *required("3.2", D, INFO, "params", "emotions", "default_emotion", "identities", "skin_size", "tongue_size",
              "jaw_size", "eyes_size", "num_diffusion_steps", "num_gru_layers", "gru_latent_dim",
              "num_frames_left_truncate", "num_frames_right_truncate", "num_frames_center"),
    *required("3.2", R, INFO, "audio_params", "buffer_len", "samplerate", "buffer_ofs"),
    *required("3.2", D, INFO, "audio_params", "buffer_len", "samplerate", "padding_left", "padding_right"),
    Rule("3.2 id.type", R, keys(INFO, id__type="x"), "error", INFO, "id.type", "'regression'", "is 'x'"),
    Rule("3.2 id.output", D, keys(INFO, id__output="x"), "error", INFO, "id.output", "'geometry'", "is 'x'"),
    Rule("3.2 default_emotion length", R, params(default_emotion=[0.0]), "error", INFO, "params.default_emotion",
         "a list of 10 numbers", "is [0.0]"),
    Rule("3.2 Y = 4", R, params(result_eyes_size=6), "error", INFO, "params.result_eyes_size", "from 4 to 4", "is 6"),
    Rule("3.2 Y = 4", D, params(eyes_size=6), "error", INFO, "params.eyes_size", "from 4 to 4", "is 6"),
    Rule("3.2 J = 3 x points", R, params(result_jaw_size=14), "error", INFO, "params.result_jaw_size",
         "a multiple of 3", "is 14"),
    Rule("3.2 neutral is no emotion", R, params(explicit_emotions=["neutral", *"abcdefghi"]), "warning", INFO,
         "params.explicit_emotions", "without neutral", "'neutral'"),
    Rule("3.2 emotions lower case", R, params(explicit_emotions=["Joy", *"abcdefghi"]), "warning", INFO,
         "params.explicit_emotions", "lower-case names", "'Joy'"),
    Rule("3.2 emotions unique", R, params(explicit_emotions=["joy"] * 10), "error", INFO,
         "params.explicit_emotions", "names that all differ", "'joy'"),
    Rule("3.2 buffer_ofs is half", R, keys(INFO, audio_params__buffer_ofs=4000), "warning", INFO,
         "audio_params.buffer_ofs", "half of buffer_len: 4160", "is 4000"),
    Rule("3.2 frame rate 60 or 30", D, params(num_frames_center=32), "warning", INFO, "params.num_frames_center",
         "60 or 30 a second", "is 32"),
    Rule("3.2 a whole hop", D, params(num_frames_center=31), "warning", INFO, "params.num_frames_center",
         "hop is a whole number of samples", "is 31"),
    # 3.3 model_config.json
    *required("3.3", R, "model_config.json", "config", *CONFIG, expected="a number"),
    *required("3.3", R, "model_config.json", "config", "source_shot", "source_frame"),
    Rule("3.3 source_frame not null", R, lambda f: (f / "model_config.json").write_text(
        (f / "model_config.json").read_text().replace('"source_frame": 2', '"source_frame": null')), "error",
        "model_config.json", "config.source_frame", "a whole number", "is None"),
    *(
        Rule(f"3.3 range of {name}", D, keys("model_config_James.json", **{f"config__{name}": high + 1}), "error",
             "model_config_James.json", f"config.{name}", "a number from", "is ")
        for name, (_, high) in packs.PARAMETER_RANGES.items() if high < 1e9
    ),
    Rule("3.3 source_shot exists", R, keys("model_config.json", config__source_shot="jou"), "error",
         "model_config.json", "config.source_shot", "did you mean 'joy'", "'jou' is unknown"),
    Rule("3.3 source_frame exists", R, keys("model_config.json", config__source_frame=8), "error",
         "model_config.json", "config.source_frame", "below 8", "is 8"),
    Rule("3.3 input_strength of diffusion", D, keys("model_config_Mark.json", config__input_strength=1.3), "warning",
         "model_config_Mark.json", "config.input_strength", "1, with which NVIDIA's executor", "is 1.3"),
    # 3.4 archives
    Rule("3.4 stored", R, lambda f: _compress(f / DATA), "warning", DATA, "shapes_matrix_skin",
         "stored members", "is compressed"),
    Rule("3.4 float32", R, array(DATA, "shapes_mean_skin", np.float64), "warning", DATA, "shapes_mean_skin",
         "float32 for NVIDIA's reader", "has type <f8"),
    Rule("3.4 no integers for floats", R, array(DATA, "neutral_jaw", lambda v: v.astype("i4")), "error", DATA,
         "neutral_jaw", "type f4 or f8", "has type <i4"),
    Rule("3.4 C order", R, array(DATA, "shapes_mean_skin", np.asfortranarray), "warning", DATA, "shapes_mean_skin",
         "C order", "Fortran"),
    Rule("3.4 bytes for names", R, array(SKIN, "poseNames", lambda v: v.astype("U")), "warning", SKIN, "poseNames",
         "bytes (S)", "has type <U"),
    Rule("3.4 int32", R, array(SKIN, "frontalMask", lambda v: v.astype("i8")), "warning", SKIN, "frontalMask",
         "int32", "has type <i8"),
    *missing("3.4", R, DATA, "shapes_matrix_skin", "shapes_mean_skin", "lip_open_pose_delta", "eye_close_pose_delta",
             "shapes_matrix_tongue", "shapes_mean_tongue", "neutral_jaw", "saccade_rot_matrix"),
    *missing("3.4", D, "model_data_Mark.npz", "neutral_skin", "lip_open_pose_delta", "eye_close_pose_delta",
             "neutral_tongue", "neutral_jaw", "saccade_rot_matrix"),
    *(
        Rule(f"3.4 size of {name}", R, array(DATA, name, lambda v: v[:-1]), "error", DATA, name, "shape", "has shape")
        for name in ("shapes_matrix_skin", "shapes_mean_skin", "lip_open_pose_delta", "eye_close_pose_delta",
                     "shapes_matrix_tongue", "shapes_mean_tongue", "neutral_jaw")
    ),
    Rule("3.4 jaw points not on a line", R, arrays(DATA, neutral_jaw=np.zeros((5, 3), "f4")), "warning", DATA,
         "neutral_jaw", "3 points or more not on one line", "the jaw's rotation cannot be found"),
    Rule("3.4 saccade even", R, arrays(DATA, saccade_rot_matrix=np.zeros(9, "f4")), "error", DATA,
         "saccade_rot_matrix", "shape n x 2", "has shape 9"),
    Rule("3.4 saccade 5000 rows", R, arrays(DATA, saccade_rot_matrix=np.zeros((9, 2), "f4")), "warning", DATA,
         "saccade_rot_matrix", "5000 rows", "has 9"),
    *missing("3.4", R, "implicit_emo_db.npz", "emo_db", "emo_spec_names", "emo_spec_start", "emo_spec_size"),
    Rule("3.4 emo_db width", R, arrays("implicit_emo_db.npz", emo_db=np.zeros((12, 15), "f4")), "error",
         "implicit_emo_db.npz", "emo_db", "shape n x 16", "has shape 12 x 15"),
    Rule("3.4 emo_db 2-D", R, array("implicit_emo_db.npz", "emo_db", np.ravel), "warning", "implicit_emo_db.npz",
         "emo_db", "2 dimensions", "has another number"),
    Rule("3.4 shots within emo_db", R, arrays("implicit_emo_db.npz", emo_spec_size=np.array([8, 5], "i4")), "error",
         "implicit_emo_db.npz", "emo_spec_start", "shots within the 12 rows", "beyond"),
    Rule("3.4 shots do not overlap", R, arrays("implicit_emo_db.npz", emo_spec_start=np.array([0, 4], "i4")),
         "warning", "implicit_emo_db.npz", "emo_spec_start", "shots that do not overlap", "some overlap"),
    Rule("3.4 shots unique", R, arrays("implicit_emo_db.npz", emo_spec_names=np.array(["a", "a"], "S")), "error",
         "implicit_emo_db.npz", "emo_spec_names", "names that all differ", "['a', 'a']"),
    # 3.5 blend shapes
    *missing("3.5", R, SKIN, "poseNames", "neutral"),
    Rule("3.5 neutral first", R, array(SKIN, "poseNames", lambda v: v[::-1]), "error", SKIN, "poseNames",
         "'neutral' as first name", "the first is"),
    Rule("3.5 pose names unique", R, array(SKIN, "poseNames", lambda v: np.append(v, v[-1:])), "error", SKIN,
         "poseNames", "names that all differ", "["),
    Rule("3.5 an array for every name", R, arrays(SKIN, jawOpen=None), "error", SKIN, "jawOpen",
         "an array for every pose", "1 of 52 are missing"),
    Rule("3.5 size of neutral's", R, array(SKIN, "jawOpen", lambda v: v[:-1]), "error", SKIN, "jawOpen",
         "shape 300 x 3", "has shape 299 x 3"),
    Rule("3.5 deltas", R, absolute, "warning", SKIN, "jawOpen", "an offset from the neutral", "an absolute pose"),
    Rule("3.5 neutral is the model's", R, array(SKIN, "neutral", cheek), "warning", SKIN, "neutral",
         "the model's neutral pose", "differs by 0.5 cm"),
    Rule("3.5 mask inside", R, array(SKIN, "frontalMask", put(0, 300)), "error", SKIN, "frontalMask",
         "vertex indices from 0 to 299", "holds 300"),
    *required("3.5", R, SKIN_CONFIG, "blendshape_params", *SOLVER),
    *(
        Rule(f"3.5 {name} 0 or more", R, solver(**{name: -0.1}), "error", SKIN_CONFIG, f"blendshape_params.{name}",
             "a number from 0", "is -0.1")
        for name in SOLVER[:4]
    ),
    Rule("3.5 numPoses = P", R, solver(numPoses=51), "error", SKIN_CONFIG, "blendshape_params.numPoses",
         "52, the number of poses in the data", "is 51"),
    Rule("3.5 active 0 or 1", R, solver(bsSolveActivePoses=[2] * 52), "error", SKIN_CONFIG,
         "blendshape_params.bsSolveActivePoses", "whole numbers from 0 to 1", "is [2, 2"),
    *(
        Rule(f"3.5 {name} exactly twice", R, solver(**{name: [7, 7, 7] + [-1] * 49}), "error", SKIN_CONFIG,
             f"blendshape_params.{name}", "every pair id exactly twice", "pair 7: 3 times")
        for name in ("bsSolveCancelPoses", "bsSolveSymmetryPoses")
    ),
    *(
        Rule(f"3.5 {name} of P", R, solver(**{name: [1] * 51}), "error", SKIN_CONFIG, f"blendshape_params.{name}",
             "a list of 52", "is a list of 51")
        for name in SOLVER[5:]
    ),
    Rule("3.5 templateBBSize given", R, solver(templateBBSize=None), "warning", SKIN_CONFIG,
         "blendshape_params.templateBBSize", "the diagonal of the neutral mesh", "is None"),
    Rule("3.5 templateBBSize 1 or more", R, solver(templateBBSize=0.9), "error", SKIN_CONFIG,
         "blendshape_params.templateBBSize", "a number from 1", "is 0.9"),
    Rule("3.5 V of the network", D, arrays("bs_tongue_Mark.npz", neutral=np.zeros((7, 3), "f4")), "error",
         "bs_tongue_Mark.npz", "neutral", "shape", "has shape 7 x 3"),
    Rule("3.5 the 52 shapes", R, shrunk, "warning", CARD, "blendshapePaths", "the 52 skin shapes",
         "has no cheekPuff"),
    # 3.6 emotion card
    *required("3.6", A, CARD, "", "networkInfoPath", "networkPath"),
    *required("3.6", A, INFO, "audio_params", "samplerate"),
    *required("3.6", A, INFO, "", "emotions"),
    *required("3.6", A, "model_config.json", "post_processing_config", "output_emotion_length", "emotion_contrast",
              "max_emotions", "live_blend_coef", "enable_preferred_emotion", "preferred_emotion_strength",
              "transition_smoothing", "fixed_dt", "emotion_strength", "preferred_emotion", "emotion_correspondence"),
    Rule("3.6 preferred of E", A, keys("model_config.json", post_processing_config__preferred_emotion=[0.0]),
         "error", "model_config.json", "post_processing_config.preferred_emotion", "a list of 10 numbers", "is [0.0]"),
    Rule("3.6 one correspondence a class", A, keys(
        "model_config.json", post_processing_config__emotion_correspondence=[0]), "error", "model_config.json",
        "post_processing_config.emotion_correspondence", "a list of 6 whole numbers", "is [0]"),
    Rule("3.6 ids 0 to E - 1", A, keys(
        "model_config.json", post_processing_config__emotion_correspondence=[1, 3, 4, 6, -1, 10]), "error",
        "model_config.json", "post_processing_config.emotion_correspondence", "whole numbers from -1 to 9", "10]"),
    # 3.7 the network
    Rule("3.7 input names", R, network(lambda m: setattr(m.graph.input[0], "name", "x")), "error", "network.onnx",
         "x", "inputs emotion, input", "another input"),
    Rule("3.7 number of inputs", D, network(lambda m: m.graph.input.pop()), "error", "network.onnx", "",
         "", "this input is missing"),
    Rule("3.7 output names", D, network(lambda m: setattr(m.graph.output[0], "name", "x")), "error", "network.onnx",
         "x", "outputs output_latents, prediction", "another output"),
    Rule("3.7 ranks", R, network(lambda m: m.graph.input[0].type.tensor_type.shape.dim.pop()), "error",
         "network.onnx", "", "float32 n x 1 x", "input is n x 1"),
    Rule("3.7 axes are 3.2's", R, params(implicit_emotion_len=15), "error", "network.onnx", "emotion",
         "float32 n x 1 x 25", "input is n x 1 x 26"),
    Rule("3.7 D is num_diffusion_steps", D, params(num_diffusion_steps=3), "error", "network.onnx", "input_latents",
         "float32 3 x 2 x n x", "input is 2 x 2 x n x"),
    Rule("3.7 float32", R, network(lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", 11)), "error",
         "network.onnx", "", "float32", "of ONNX type 11"),
    Rule("3.7 batch dynamic or one", R, network(lambda m: _fix_batch(m, 2)), "error", "network.onnx", "",
         "float32 n x 1 x", "input is 2 x 1 x"),
    Rule("3.7 opset 14", R, network(lambda m: setattr(m.opset_import[0], "version", 11)), "warning", "network.onnx",
         "opset", "14 or newer", "is 11"),
    Rule("3.7 batch 1 and 2 agree", R, network(lambda m: _sum(m)), "warning", "network.onnx", "batch",
         "rows that do not depend on each other", "they differ by", run=True),
    Rule("3.7 silence is finite", R, network(lambda m: _divide(m)), "error", "network.onnx", "",
         "a network that runs", "not finite", run=True),
    # 3.8 trt_info.json
    Rule("3.8 placeholders in defaults", R, keys("trt_info.json", trt_build_param__batch=["--minShapes=input:{N}x1"]),
         "warning", "trt_info.json", "defaults.N", "a number for every {NAME}", "is missing"),
    Rule("3.8 defaults", R, keys("trt_info.json", defaults=None), "warning", "trt_info.json", "defaults",
         "MAX_BATCH_SIZE and OPT_BATCH_SIZE", "is missing"),
    Rule("3.8 shapes are 3.2's", R, keys("trt_info.json", trt_build_param__batch=[
        f"--{end}Shapes=input:1x1x8000,emotion:1x1x26" for end in ("min", "opt", "max")]), "warning", "trt_info.json",
        "input", "8320 on axis 2, as in the network", "has 8000 / 8000 / 8000"),
    Rule("3.8 lists of arguments", R, keys("trt_info.json", trt_build_param__batch="x"), "warning", "trt_info.json",
         "trt_build_param.batch", "a list of", "is 'x'"),
    # 3.9 order of checks
    Rule("3.9.1 the card parses", R, lambda f: (f / CARD).write_text(""), "error", CARD, "", "valid JSON", "Expect"),
    *(
        Rule(f"3.9.2 size of {file}", R, lambda f, file=file: (f / file).write_bytes(b""), "error", file, "",
             right, said)
        for file, right, said in (
            (DATA, "a sound .npz archive", "too short"), ("network.onnx", "an ONNX network", "empty"),
            ("model_config.json", "valid JSON", "Expecting"))
    ),
    Rule("3.9.6 PCA rows of length 1", R, array(DATA, "shapes_matrix_skin", lambda v: 2 * v), "warning", DATA,
         "shapes_matrix_skin", "PCA rows of length 1", "one has length 2"),
    Rule("3.9.6 PCA rows at right angles", R, array(DATA, "shapes_matrix_skin", lambda v: v[[0, 0, *range(2, 12)]]),
         "warning", DATA, "shapes_matrix_skin", "PCA rows at right angles", "two have a product of 1"),
    Rule("3.9.6 no NaN", R, array(DATA, "shapes_matrix_skin", put(7, np.nan)), "error", DATA, "shapes_matrix_skin",
         "finite numbers", "value 7 is nan"),
    Rule("3.9.7 neutral poses equal", R, arrays(DATA, neutral_skin=np.ones((300, 3), "f4")), "warning", DATA,
         "neutral_skin", "equal to shapes_mean_skin", "differs by"),
    Rule("3.9.10 engine not older", R, aged, "warning", "network.trt", "", "an engine built from", "is older"),
    Rule("3.9.10 engine not empty", R, lambda f: (f / "network.trt").write_bytes(b""), "warning", "network.trt", "",
         "a TensorRT engine", "the file is empty"),
]  # fmt: skip


def _compress(path: Path) -> None:
    with np.load(path) as data:
        np.savez_compressed(path, allow_pickle=False, **dict(data))


def _fix_batch(model: onnx.ModelProto, rows: int) -> None:
    for tensor in model.graph.input:
        tensor.type.tensor_type.shape.dim[0].dim_value = rows


def _sum(model: onnx.ModelProto) -> None:
    """Every row hears of the number of rows."""
    for node in model.graph.node:
        if "result" in node.output:
            node.output[0] = "almost"
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(0), "zero"))
    make = onnx.helper.make_node
    model.graph.node.extend(
        [
            make("Mul", ["almost", "zero"], ["none"]),
            make("Exp", ["none"], ["ones"]),
            make("ReduceSum", ["ones"], ["count"], keepdims=0),
            make("Add", ["almost", "count"], ["result"]),
        ]
    )


def _divide(model: onnx.ModelProto) -> None:
    for node in model.graph.node:
        if "result" in node.output:
            node.output[0] = "almost"
    model.graph.node.append(onnx.helper.make_node("Sub", ["almost", "almost"], ["nothing"]))
    model.graph.node.append(onnx.helper.make_node("Div", ["almost", "nothing"], ["result"]))


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("packs")
    return {kind: write(folder / kind) for kind, write in WRITERS.items()}


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_broken_rule_is_found(originals: dict[str, Path], tmp_path: Path, rule: Rule) -> None:
    folder = shutil.copytree(originals[rule.kind], tmp_path / "egg")
    rule.change(folder)
    findings = a2fbridge.validate_pack(folder) if rule.run else packs.validate(folder)
    fitting = [
        f
        for f in findings
        if (f.severity, f.file) == (rule.severity, rule.file)
        and f.key == (rule.key or f.key)
        and rule.expected in f.expected
        and rule.found in f.found
    ]
    assert fitting, findings
    assert all(f.expected and f.found for f in findings)
    if not rule.run:
        load = packs.load_emotion if rule.kind == "emotion" else packs.load
        if any(f.severity == "error" for f in findings):
            with pytest.raises(PackError, match="right is"):
                load(folder)
        else:
            load(folder)


def test_sound_packs_break_none(originals: dict[str, Path]) -> None:
    for folder in originals.values():
        assert a2fbridge.validate_pack(folder) == []


def test_what_is_optional_may_be_left_out(originals: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(originals["regression"], tmp_path / "egg")
    edit_json(folder / INFO, id__version=None, params__identities=None)
    edit_npz(folder / DATA, neutral_skin=None, neutral_tongue=None, blink_keys=np.zeros((3, 2), "f8"))
    edit_npz(folder / SKIN, frontalMask=None, rig_version=np.array("7", "S"))
    assert packs.validate(folder) == []
    multi = shutil.copytree(originals["diffusion"], tmp_path / "multi")
    edit_json(multi / INFO, id__version=None, id__actor=None)
    edit_npz(multi / "model_data_Mark.npz", shapes_mean_skin=np.zeros(3, "i8"), blink_keys=np.zeros(2))
    assert packs.validate(multi) == []
