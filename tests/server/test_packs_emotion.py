"""Audio2Emotion packs: what is in the files comes out, every rule of the check-list, and what is refused."""

from __future__ import annotations

import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hostile_networks import engine_context, external, nan_weight, network
from hostile_packs import whole
from onnx import helper
from pack_edits import edit_json
from synthetic_emotion import CLASSES, EmotionSpec, write_emotion_pack
from synthetic_packs import write_pack

import a2fbridge
from a2fbridge import packs
from a2fbridge._errors import PackError

Break = Callable[[Path], None]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_emotion_pack(tmp_path_factory.mktemp("packs") / "feeling")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    (tmp_path / "outside.bin").write_bytes(bytes(4096))
    return Path(shutil.copytree(original, tmp_path / "feeling"))


def post(**changes: Any) -> Break:
    named = {f"post_processing_config__{key}": value for key, value in changes.items()}
    return lambda folder: edit_json(folder / "model_config.json", **named)


def test_gives_what_the_files_hold(folder: Path) -> None:
    pack = packs.load_emotion(folder)
    assert (pack.id, pack.sample_rate, pack.classes, pack.sliders) == ("feeling", 16000, CLASSES, 10)
    assert pack.correspondence == (1, 3, 4, 6, -1, 9)
    assert list(pack.scatter) == [0, 1, 2, 3, 5]
    assert pack.post == packs.EmotionPost(1.0, 6, 0.7, False, (0.0,) * 10, 0.5, 0.5, 0.6)
    assert pack.window == packs.ShapeRange((1, 5000), (10, 30000), (128, 60000))
    assert (pack.usual_window, pack.usual_look_ahead) == (None, None)
    assert pack.network(20000).inputs[0].sized(3) == (3, 20000)


@pytest.mark.parametrize(
    "spec",
    [
        EmotionSpec(batch=1, length=30000),
        EmotionSpec(classes=("calm", "loud"), post={"emotion_correspondence": [-1, 0]}),
        EmotionSpec(network_path="network.onnx"),
        EmotionSpec(post={"max_emotions": 3, "enable_preferred_emotion": True, "fixed_dt": 1 / 30}),
    ],
)
def test_accepts_legal_variations(tmp_path: Path, spec: EmotionSpec) -> None:
    folder = write_emotion_pack(tmp_path / "ägg-卵-🥚", spec)
    pack = packs.load_emotion(folder)
    assert pack.usual_window == (spec.length if isinstance(spec.length, int) else None)
    assert [f for f in packs.validate(folder) if f.severity == "error"] == []


def test_lengths_are_nvidias_where_the_pack_does_not_say(tmp_path: Path) -> None:
    folder = write_emotion_pack(tmp_path / "feeling", EmotionSpec(recipe=False))
    assert packs.load_emotion(folder).window.high == (128, 60000)


def test_is_listed_validated_and_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert a2fbridge.validate_pack(folder) == []
    monkeypatch.setenv(packs.PACKS_VARIABLE, str(folder))
    (info,) = [pack for pack in packs.list_packs() if pack.id == "feeling"]
    assert (info.kind, info.problem) == ("emotion", "")


def test_a_face_pack_is_no_emotion_pack(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="pack 'egg' is a regression pack; right is an emotion pack"):
        packs.load_emotion(write_pack(tmp_path / "egg"))


ERRORS: list[tuple[Break, str]] = [
    (lambda f: edit_json(f / "model.json", networkInfoPath=None), "model.json: networkInfoPath: is missing"),
    (
        lambda f: edit_json(f / "model.json", networkPath="../x.onnx"),
        "networkPath: '../x.onnx' leads out of it",
    ),
    (lambda f: (f / "network.onnx").unlink(), "networkPath: 'network.onnx' is missing from"),
    (lambda f: edit_json(f / "network_info.json", audio_params__samplerate=None), "samplerate: is missing"),
    (lambda f: edit_json(f / "network_info.json", emotions=["a", "a"]), "right is names that all differ"),
    (
        lambda f: edit_json(f / "network_info.json", emotions=[]),
        "emotions: is []; right is at least one class",
    ),
    (
        lambda f: edit_json(f / "network_info.json", emotions=["a", "b"]),
        "output: output is n x 6 of ONNX type 1; right is float32 n x 2",
    ),
    (
        lambda f: edit_json(f / "model_config.json", post_processing_config=None),
        "post_processing_config: is missing",
    ),
    (post(emotion_correspondence=[0] * 5), "is a list of 5; right is a list of 6 whole numbers"),
    (post(emotion_correspondence=[1, 3, 4, 6, -1, 10]), "right is whole numbers from -1 to 9"),
    (post(emotion_correspondence=[1, 1, 4, 6, -1, 9]), "right is every slider at most once"),
    (post(preferred_emotion=[0.0]), "preferred_emotion: is [0.0]; right is a list of 10 numbers"),
    (post(enable_preferred_emotion=1), "enable_preferred_emotion: is 1; right is true or false"),
    (post(live_blend_coef=1.5), "live_blend_coef: is 1.5; right is a number from 0 to 1"),
    (post(fixed_dt=None), "fixed_dt: is missing"),
    (post(max_emotions=None), "max_emotions: is missing"),
    (post(emotion_strength=None), "emotion_strength: is missing"),
    (post(transition_smoothing=-1), "transition_smoothing: is -1"),
    (
        network(lambda m: setattr(m.graph.input[0], "name", "x")),
        "input_values: has x; right is one input, 'input_values'",
    ),
    (
        network(lambda m: m.graph.output.append(helper.make_tensor_value_info("y", 1, [1]))),
        "output: has output, y; right is one output, 'output'",
    ),
    (
        network(
            lambda m: m.graph.input[0].CopyFrom(helper.make_tensor_value_info("input_values", 1, ["n", 1, 5]))
        ),
        "input is n x 1 x 5 of ONNX type 1; right is float32 n x samples",
    ),
    (external("../outside.bin"), "leads out of it; right is a path within the pack folder"),
    (network(engine_context), "a node that loads an engine's own file"),
    (network(nan_weight), "the tensor holds NaN; right is weights that are numbers"),
    (whole(lambda data: data[:-7], "network.onnx"), "damaged: cut short at byte"),
    (whole(lambda _: b"[" * 100_000, "model_config.json"), "nested deeper"),
    (whole(lambda _: b" " * (1 << 20), "network_info.json"), "right is at most 262144"),
]


@pytest.mark.parametrize(("damage", "said"), ERRORS, ids=[said[:50] for _, said in ERRORS])
def test_errors_are_found_before_memory_is_spent(folder: Path, damage: Break, said: str) -> None:
    damage(folder)
    errors = [str(finding) for finding in packs.validate(folder) if finding.severity == "error"]
    assert any(said in error for error in errors), errors
    tracemalloc.start()
    try:
        with pytest.raises(PackError, match="right is"):
            packs.load_emotion(folder)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20


WARNINGS: list[tuple[Break, str]] = [
    (
        post(output_emotion_length=11, preferred_emotion=[0.0] * 11),
        "output_emotion_length: is 11; right is 10, the emotions of NVIDIA's face models",
    ),
    (post(emotion_correspondence=[-1] * 6), "right is at least one class with a slider"),
    (lambda f: (f / "trt_info.json").unlink(), "trt_info.json: the file is missing"),
    (
        lambda f: edit_json(f / "trt_info.json", trt_build_param__batch=["--minShapes=input_values:1x5000"]),
        "input_values: has 1x5000 / none / none; right is min, opt and max of 2 lengths",
    ),
]


@pytest.mark.parametrize(("damage", "said"), WARNINGS, ids=[said[:50] for _, said in WARNINGS])
def test_warnings(folder: Path, damage: Break, said: str) -> None:
    damage(folder)
    findings = packs.validate(folder)
    assert {finding.severity for finding in findings} == {"warning"}
    assert any(said in str(finding) for finding in findings), findings
    packs.load_emotion(folder)
