"""Settings that NVIDIA's microservice and Maya-ACE export: both generations, what is ignored, what is refused."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

import a2fbridge
from a2fbridge import ConfigError
from a2fbridge.service import import_settings
from a2fbridge.shapes import EMOTION_NAMES, FACE_NAMES

ARKIT = FACE_NAMES[:52]
OLD: dict[str, Any] = {
    "face_params": {
        "lower_face_smoothing": 0.0023,
        "lower_face_strength": 1.3,
        "eyelid_offset": 0.06,
        "lip_close_offset": -0.03,
        "prediction_delay": 0.15,
    },
    "preferred_emotion": [0.0] * 6 + [0.7, 0.0, 0.0, 0.0],
    "preferred_emotion_names": list(EMOTION_NAMES),
    "blendshape_params": {
        "bsWeightMultipliers": [0.5 if n == "JawOpen" else 1.0 for n in ARKIT],
        "bsWeightOffsets": [0.1 if n == "MouthSmileLeft" else 0.0 for n in ARKIT],
        "bsSolveActivePoses": [1] * 52,
    },
    "blendshape_names": [n[:1].lower() + n[1:] for n in ARKIT],
    "emotion_params": {"emotion_strength": 0.8, "max_emotions": 4, "enable_preferred_emotion": True},
    "bsDataPath": "{ROOT}/bs_skin.npz",
}
"""Maya-ACE 1.0; the same blocks stand in a2f_ms_config.json."""
NEW: dict[str, Any] = {
    "a2e": {
        "post_processing_params": {"emotion_strength": 0.8, "max_emotions": 4, "live_blend_coef": 0.6},
        "preferred_emotions": {"Joy": 0.7, "out_of_breath": 0.2},
        "colour": "red",
    },
    "a2f": {
        "blendshape_params": {
            "weight_multipliers": {"jawOpen": 0.5},
            "weight_offsets": {"mouthSmileLeft": 0.1},
        },
        "face_params": {"lower_face_strength": 1.3, "eyelid_open_offset": 0.06, "lip_open_offset": -0.03},
        "tongue_params": {"tongue_strength": 1.5, "tongue_depth_offset": 0.13},
    },
}
"""Maya-ACE 2.0."""


def content(data: Any) -> bytes:
    return json.dumps(data).encode()


def test_the_first_generation() -> None:
    style, ignored = import_settings(content(OLD), "a2f_ms_config.json")
    assert style.a2f.face_params == {
        "lowerFaceSmoothing": 0.0023,
        "lowerFaceStrength": 1.3,
        "eyelidOpenOffset": 0.06,
        "lipOpenOffset": -0.03,
    }
    assert style.default_beginning_emotions == {"joy": 0.7}
    assert style.a2f.blendshape_params.weight_multipliers == {"JawOpen": 0.5}
    assert style.a2f.blendshape_params.weight_offsets == {"MouthSmileLeft": 0.1}
    post = style.a2e.post_processing_params
    assert (post.emotion_strength, post.max_emotions, post.enable_preferred_emotion) == (0.8, 4, True)
    assert ignored == ["face_params.prediction_delay", "bsDataPath", "blendshape_params.bsSolveActivePoses"]


def test_the_second_generation() -> None:
    style, ignored = import_settings(content(NEW), "settings.json")
    assert style.a2f.face_params == {
        "lowerFaceStrength": 1.3,
        "eyelidOpenOffset": 0.06,
        "lipOpenOffset": -0.03,
        "tongueStrength": 1.5,
        "tongueDepthOffset": 0.13,
    }
    assert style.default_beginning_emotions == {"joy": 0.7, "outofbreath": 0.2}
    assert style.a2f.blendshape_params.weight_multipliers == {"JawOpen": 0.5}
    assert style.a2e.post_processing_params.live_blend_coef == 0.6
    assert ignored == ["a2e.colour"]


def test_lists_without_names_are_in_nvidias_order() -> None:
    shapes = {"bsWeightMultipliers": [0.5] + [1.0] * 51}
    style, _ = import_settings(content({"blendshape_params": shapes}), "a2f_ms_config.json")
    assert style.a2f.blendshape_params.weight_multipliers == {FACE_NAMES[0]: 0.5}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "is no JSON"),
        (b"[1]", "is no object"),
        (content({"something": 1}), "holds no face_params"),
        (content({"face_params": [1]}), "'face_params' is not a section"),
        (content({"face_params": {"skin_strength": "much"}}), "'face_params.skin_strength' is not a number"),
        (content({"face_params": {"skin_strength": 9}}), "right is 0 to 2"),
        (content({"a2e": {"preferred_emotions": {"joy": 2}}}), "emotion 'joy' is 2; right is 0 to 1"),
        (content({"emotion_params": {"max_emotions": 9}}), "max_emotions is 9"),
        (content(OLD | {"blendshape_names": ["jawOpen"]}), "has 52 values for 1 names"),
        (
            content({"a2f": {"blendshape_params": {"weight_offsets": {"JawOpen": 1e9}}}}),
            "right is -100 to 100",
        ),
        (b" " * ((1 << 20) + 1), "more than 1048576 bytes"),
    ],
)
def test_what_cannot_be_is_refused_with_the_files_name(data: bytes, said: str) -> None:
    with pytest.raises(ConfigError, match=r"^x\.json: ") as caught:
        import_settings(data, "x.json")
    assert said in str(caught.value)


def test_a_server_takes_such_a_file_and_names_what_it_ignores(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a2f_ms_config.json"
    path.write_bytes(content(OLD))
    with caplog.at_level(logging.WARNING):
        config = a2fbridge.load_server_config(path)
    assert config.stylization.a2f.face_params["lowerFaceStrength"] == 1.3
    assert "ignored: face_params.prediction_delay" in caplog.text
    style = tmp_path / "mine.yaml"
    style.write_text("a2f:\n  face_params:\n    skin_strength: 0.9\n")
    assert a2fbridge.load_server_config(style).stylization.a2f.face_params == {"skinStrength": 0.9}
    with pytest.raises(ConfigError, match="is not there"):
        a2fbridge.load_server_config(tmp_path / "nothing.json")
