"""The committed vectors are what the code gives, and the mappings are what a naive evaluator gives."""

from __future__ import annotations

import importlib.util
import json
import math
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import naive_emotion
import naive_face
import numpy as np
import pytest
from naive_mapping import Naive

VECTORS = Path(__file__).parents[1] / "vectors"
MAPPINGS = sorted(path for path in (VECTORS / "mapping").glob("*.json") if path.stem != "refused")


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vectors_generate", VECTORS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def same(committed: Any, made: Any) -> bool:
    """Equal, numbers within 1e-6."""
    if isinstance(committed, dict):
        return (
            isinstance(made, dict)
            and committed.keys() == made.keys()
            and all(same(value, made[key]) for key, value in committed.items())
        )
    if isinstance(committed, list):
        return isinstance(made, list) and len(made) == len(committed) and all(map(same, committed, made))
    if isinstance(committed, float):
        return isinstance(made, int | float) and math.isclose(committed, made, abs_tol=1e-6, rel_tol=1e-6)
    return bool(committed == made)


def test_the_committed_vectors_are_what_the_code_gives() -> None:
    made = generator().generate()
    committed = {
        path.relative_to(VECTORS).as_posix()
        for path in VECTORS.rglob("*")
        if path.suffix in (".json", ".a2frec")
    }
    assert committed == set(made)
    for name, data in made.items():
        stored = (VECTORS / name).read_bytes()
        assert stored == data or same(json.loads(stored), json.loads(data)), (
            f"{name}: run tests/vectors/generate.py"
        )


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.stem)
def test_a_naive_evaluator_gives_the_same_mapping(path: Path) -> None:
    vector = json.loads(path.read_text(encoding="utf-8"))
    naive = Naive(vector["table"], VECTORS / "mapping", vector["params"])
    for row, expected in zip(vector["frames"], vector["expected"], strict=True):
        weights = [math.nan if value is None else value for value in row]
        result = naive.frame(dict(zip(vector["names"], weights, strict=True)))
        assert list(result) == vector["targets"]
        np.testing.assert_allclose(list(result.values()), expected, atol=1e-6, rtol=1e-6)


def test_windows_are_the_floors_of_the_specification() -> None:
    """Counted one by one (spec: diffusion, C.2)."""
    for case in load("face/windows.json"):
        stride, target = Fraction(*case["stride"]), Fraction(*case["target"])
        first = case["start"] + math.floor(target)
        many = int(130_000 / stride)
        starts = [case["start"] + math.floor(k * stride) for k in range(many)]
        targets = [first + math.floor(g * stride / case["frames"]) for g in range(many * case["frames"] + 1)]
        assert case["starts"] == starts[:8]
        assert case["targets"] == targets[:64]
        for row in case["audio"]:
            n = row["samples"]
            whole = [s + case["size"] <= n for s in starts]
            heard = [targets[(k + 1) * case["frames"]] <= n for k in range(len(starts))]
            assert row["open"] == min(whole.index(False), heard.index(False))
            assert row["closed"] == sum(targets[k * case["frames"]] < n for k in range(len(starts)))


def test_animators_are_the_formulas() -> None:
    """Spec: regression, section 4, written out in naive_face."""
    vector = load("face/animators.json")
    geometry = {name: np.array(value) for name, value in vector["geometry"].items()}
    data = {"neutral_skin": geometry["skin_mean"], "neutral_tongue": geometry["tongue_mean"]}
    data |= {"lip_open_pose_delta": geometry["lip_open"], "eye_close_pose_delta": geometry["eye_close"]}
    data |= {
        "neutral_jaw": geometry["neutral_jaw"],
        "saccade_rot_matrix": geometry["saccade"].astype(np.float32),
    }
    rows = {name: np.array(value) for name, value in vector["network"].items()}
    for case in vector["cases"]:
        config = {_snake(name): value for name, value in case["parameters"].items()}
        face = naive_face.Animators({}, data, "neutral", config, vector["frame_period"])
        for i in range(len(rows["skin"])):
            skin, tongue = rows["skin"][i].reshape(-1, 3), rows["tongue"][i].reshape(-1, 3)
            face.frame(i, skin, tongue, rows["jaw"][i], rows["eyes"][i])
        track = face.track()
        for name in ("skin", "tongue", "jaw", "eyes"):
            np.testing.assert_allclose(getattr(track, name), case[name], atol=2e-5)


def test_weights_are_the_optimum() -> None:
    """Spec: regression, section 5: bounded least squares, by SciPy."""
    for case in load("face/solver.json"):
        naive = naive_face.Solver(
            case["config"], np.array(case["neutral"]), np.array(case["deltas"]), case["mask"]
        )
        exact = [naive.solve(np.array(frame)) for frame in case["frames"]]
        np.testing.assert_allclose(exact, case["bvls"], atol=1e-6)
        naive.restart()
        steps = [naive.solve(np.array(frame), four_steps=True) for frame in case["frames"]]
        np.testing.assert_allclose(steps, case["admm"], atol=1e-6)


def test_the_emotion_chain_is_the_steps_of_the_specification() -> None:
    """Spec: diffusion and emotion, section B.5, written out in naive_emotion, and its worked values."""
    vector = load("emotion/chain.json")
    worked = {
        "worked example A: v2.2": [0, 0.108771, 0.014721, 0.005415, 0.040015, 0, 0.008928],
        "worked example B: two emotions, no transition": [0, 0.212139, 0, 0, 0.078042, 0, 0],
        "worked example C: preferred and beginning": [
            0.288915,
            0.054385,
            0.007360,
            0.002708,
            0.020007,
            0.304751,
            0.004464,
        ],
    }
    for case in vector["cases"]:
        s = case["settings"]
        post = {
            "emotion_correspondence": vector["correspondence"],
            "emotion_contrast": s["contrast"],
            "max_emotions": s["max_emotions"],
            "live_blend_coef": s["live_blend"],
            "preferred_emotion_strength": s["preferred_strength"],
            "transition_smoothing": s["transition"],
            "emotion_strength": s["strength"],
        }
        wishes = case["preferred"] or [None] * len(case["logits"])
        made = naive_emotion.post_process(case["logits"], post, vector["period"], case["beginning"], wishes)
        for found, name in zip(made, ("blended", "final"), strict=True):
            np.testing.assert_allclose(found, case[name], atol=1e-6)
        if case["name"] in worked:
            last = np.array(case["final"])[2, [0, 1, 3, 4, 6, 7, 9]]
            np.testing.assert_allclose(last, worked.pop(case["name"]), atol=6e-7)
    assert not worked


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def test_worked_examples_give_the_published_numbers() -> None:
    """The numbers of the specification's worked examples (ratio: by the formula with eps)."""
    wanted = {
        "example_mouth_close": {"jawOpen": 0.449, "mouthLipsTogetherUL": 0.266 / (0.449 + 1e-4)},
        "example_funnel_pucker": {
            "mouthFunnelUL": 0.7725,
            "mouthLipsPurseUL": 0.55,
            "mouthLipsTowardsUL": 0.1672,
        },
        "example_eyes_tongue": {
            "eyeBlinkL": 0.3,
            "eyeWidenL": 0.35,
            "eyeLookRightL": 0.2,
            "tongueOut": 0.3,
            "tongueBendUp": 0.4,
        },
    }
    for name, curves in wanted.items():
        vector = load(f"mapping/{name}.json")
        row = dict(zip(vector["targets"], vector["expected"][0], strict=True))
        for curve, value in curves.items():
            assert row[f"CTRL_expressions_{curve}"] == pytest.approx(value, abs=5e-5), curve


def test_every_operation_and_combination_has_a_vector() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (VECTORS / "mapping").glob("*.yaml"))
    words = "sum product min max sub ratio lerp clamp01 multiply override add points power smoothstep"
    words += (
        " extrapolate @lr @quad @side mirror limits outputs constants null_outputs extends deadzone params"
    )
    assert [word for word in words.split() if word not in text] == []
