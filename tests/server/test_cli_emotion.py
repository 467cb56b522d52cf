"""The emotion options of the command line, and the estimator that ships."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

import a2fbridge
from a2fbridge.cli import main
from a2fbridge.shapes import EMOTION_NAMES

SAMPLE = Path(a2fbridge.__file__).parent / "data/samples/hello.wav"


def animate(tmp_path: Path, *options: str) -> a2fbridge.Animation:
    out = tmp_path / "face.npz"
    assert main(["animate", str(SAMPLE), "-o", str(out), "--quiet", *options]) == 0
    return a2fbridge.load_animation(out)


def test_the_estimator_that_ships_is_sound_small_and_small_spoken() -> None:
    assert a2fbridge.validate_pack("builtin-emotion") == []
    (info,) = [pack for pack in a2fbridge.list_packs() if pack.id == "builtin-emotion"]
    assert (info.kind, info.problem) == ("emotion", "")
    assert info.size < 1_000_000


def test_emotion_is_heard_in_a_voice_and_not_in_silence(tmp_path: Path) -> None:
    heard = animate(tmp_path, "--emotion", "auto").emotions
    mapped = [EMOTION_NAMES.index(name) for name in ("anger", "disgust", "fear", "joy", "sadness")]
    assert heard[:, mapped].max() > 0.02
    assert heard.max() <= 1
    rest = [i for i in range(10) if i not in mapped]
    assert (heard[:, rest] == 0).all()
    silence = a2fbridge.animate(np.zeros(48000, np.float32), 16000, automatic_emotion=True)
    assert silence.emotions.max() < 0.3


def test_what_is_preferred_is_mixed_in(tmp_path: Path) -> None:
    plain = animate(tmp_path, "--emotion", "auto").emotions
    wished = animate(
        tmp_path, "--emotion", "auto", "--prefer", "pain=1", "--emotion-param", "emotion_strength=1"
    )
    assert plain[:, EMOTION_NAMES.index("pain")].max() == 0
    assert wished.emotions[-1, EMOTION_NAMES.index("pain")] > 0.4
    said = wished.settings["automatic_emotion"]
    assert said["pack"] == "builtin-emotion"
    assert said["parameters"]["emotion_strength"] == 1.0


def test_given_emotions_keep_their_meaning(tmp_path: Path) -> None:
    given = animate(tmp_path, "--emotion", "joy=0.7")
    assert (given.emotions[:, EMOTION_NAMES.index("joy")] == np.float32(0.7)).all()
    assert "automatic_emotion" not in given.settings


def test_keys_hold_when_asked(tmp_path: Path) -> None:
    (tmp_path / "keys.csv").write_text("time_code,joy\n0,0\n2,1\n")
    joy = EMOTION_NAMES.index("joy")
    linear = animate(tmp_path, "--emotions", str(tmp_path / "keys.csv")).emotions[:, joy]
    held = animate(tmp_path, "--emotions", str(tmp_path / "keys.csv"), "--hold-emotions").emotions[:, joy]
    assert linear[30] == pytest.approx(0.5)
    assert (held[:60] == 0).all()
    assert (held[60:] == 1).all()


def test_parts_are_left_out(tmp_path: Path) -> None:
    short, out = tmp_path / "short.wav", tmp_path / "face.npz"
    samples, rate = a2fbridge.read_audio(SAMPLE)
    soundfile.write(short, samples[: rate // 3], rate)
    parts = ["--skip", "tongue", "--skip", "eyes", "--geometry"]
    assert main(["animate", str(short), "-o", str(out), "--quiet", *parts]) == 0
    got = a2fbridge.load_animation(out)
    assert not got.weights[:, 52:].any()
    assert got.weights[:, :52].any()
    assert (got.eyes is None, got.tongue is None) == (True, True)
    assert got.jaw is not None
    assert got.skin is not None
    assert main(["animate", str(short), "--quiet", *parts, "-o", str(tmp_path / "face.usd")]) != 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--emotion", "auto", "--emotion", "joy=1"], "what you would like is --prefer joy=1"),
        (["--prefer", "joy=1"], "--prefer goes with --emotion auto"),
        (["--hold-emotions"], "--hold-emotions goes with --emotions"),
        (["--emotion-pack", "x"], "--emotion-pack goes with --emotion auto"),
        (["--emotion-param", "max_emotions=2"], "--emotion-param goes with --emotion auto"),
        (
            ["--emotion", "auto", "--emotion-pack", "builtin"],
            "is a regression pack; right is an emotion pack",
        ),
        (["--emotion", "auto", "--emotion-pack", "gone"], "unknown pack 'gone'"),
        (["--emotion", "auto", "--emotion-param", "max_emotion=2"], "did you mean 'max_emotions'"),
        (["--emotion", "auto", "--emotion-param", "max_emotions=9"], "max_emotions is 9"),
        (["--emotion", "auto", "--prefer", "joi=1"], "unknown emotion 'joi'"),
        (
            ["--emotion", "auto", "--emotion-pack", "x", "--server", "localhost:1"],
            "--emotion-pack is the server's",
        ),
        (["--backend", "tensorrt", "--server", "localhost:1"], "--backend is the server's"),
        (["--device", "99"], "GPU 99; right is 0 to 63"),
    ],
)
def test_options_that_do_not_go_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["animate", str(SAMPLE), "-o", str(tmp_path / "face.csv"), *options]) == 1
    assert said in capsys.readouterr().err


def test_post_processing_without_automatic_emotion_is_refused() -> None:
    with pytest.raises(a2fbridge.ParameterError, match="takes automatic_emotion=True"):
        a2fbridge.animate(str(SAMPLE), post_processing={"max_emotions": 2})


def test_through_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "face.csv"
    assert main(["animate", str(SAMPLE), "-o", str(out), "--emotion", "auto", "--json"]) == 0
    event = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert event["settings"]["automatic_emotion"]["look_ahead"] == 0.26


def test_the_pack_that_ships_says_where_it_comes_from_and_how_good_it_is() -> None:
    (info,) = [pack for pack in a2fbridge.list_packs() if pack.id == "builtin-emotion"]
    card = json.loads((info.path / "card.json").read_text("utf-8"))
    assert card["evaluation"]["accuracy"] > 0.5  # of six classes
    assert set(card["evaluation"]["held_out_voices"]) < set(card["corpus"]["voices"])
    assert "no person's emotion" in card["what"]
