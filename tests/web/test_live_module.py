"""The ES module for live streams: its own tests under Node, and its messages against Google's protobuf."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.emotion_aggregate import v1_pb2 as aggregate
from a2fbridge._proto.nvidia_ace.status import v1_pb2 as status
from a2fbridge._resources import data_dir

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "python_server" / "web" / "packages" / "a2fbridge-live" / "test"
MODULE = data_dir() / "web" / "a2fbridge-live" / "index.js"

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def test_its_own_tests_pass_under_node() -> None:
    paths = {"A2FBRIDGE_LIVE": str(MODULE), "A2FBRIDGE_VECTORS": str(ROOT / "tests" / "vectors")}
    command = ["node", "--test", "live.test.mjs"]
    done = subprocess.run(
        command, cwd=TESTS, env={**os.environ, **paths}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout
    assert "# pass 10" in done.stdout


def exchange(**script: Any) -> dict[str, Any]:
    answers = [base64.b64encode(m.SerializeToString()).decode() for m in script.pop("answers")]
    done = subprocess.run(
        ["node", "exchange.mjs", MODULE],
        cwd=TESTS,
        input=json.dumps({**script, "answers": answers}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def opening(names: list[str]) -> controller.AnimationDataStream:
    message = controller.AnimationDataStream()
    message.animation_data_stream_header.audio_header.samples_per_second = 16000
    message.animation_data_stream_header.skel_animation_header.blend_shapes.extend(names)
    return message


def frame(time: float, weights: list[float], emotions: dict[str, float], audio: bytes) -> Any:
    message = controller.AnimationDataStream()
    row = message.animation_data.skel_animation.blend_shape_weights.add(time_code=time)
    row.values.extend(weights)
    message.animation_data.audio.audio_buffer = audio
    told = aggregate.EmotionAggregate()
    told.a2f_smoothed_output.add(time_code=time, emotion=emotions)
    message.animation_data.metadata["emotion_aggregate"].Pack(told)
    return message


def test_messages_are_protobufs() -> None:
    options = {
        "sampleRate": 44100,
        "frameRate": "60/1",
        "pack": "built in&more",
        "emotion": "auto",
        "audio": True,
        "token": "sécret?",
        "parameters": {"skinStrength": 1.25, "lipOpenOffset": -0.03},
        "multipliers": {"JawOpen": 1.5},
        "offsets": {"MouthClose": -0.25},
        "clamp": True,
        "emotions": {"joy": 0.5},
    }
    long = [(i * 37) % 65536 - 32768 for i in range(20000)]
    final = controller.AnimationDataStream(status=status.Status(code=status.Status.SUCCESS))
    warning = controller.AnimationDataStream(
        status=status.Status(code=status.Status.WARNING, message="grüße")
    )
    event = controller.AnimationDataStream(event=controller.Event(event_type=0))
    frames = [frame(i / 60, [0.5, -0.125], {"joy": 0.75, "anger": 0.0}, b"\1\2\3\4") for i in range(3)]
    got = exchange(
        options=options,
        pushes=[long, [1, -1]],
        feel={"anger": 1.0},
        answers=[opening(["JawOpen", "MouthClose"]), warning, *frames, event, final],
    )

    assert got["url"] == "ws://server/live?frame-rate=60%2F1&pack=built+in%26more&emotion=auto&audio=1"
    token = base64.urlsafe_b64encode("sécret?".encode()).decode().rstrip("=")
    assert got["protocols"] == ["a2fbridge.v1", f"a2fbridge.token.{token}"]

    header, start, *sound, felt, end = (
        controller.AudioStream.FromString(base64.b64decode(text)) for text in got["sent"]
    )
    told = header.audio_stream_header
    assert (told.audio_header.samples_per_second, told.audio_header.bits_per_sample) == (44100, 16)
    assert told.audio_header.channel_count == 1
    assert dict(told.face_params.float_params) == pytest.approx(options["parameters"])
    assert dict(told.blendshape_params.bs_weight_multipliers) == {"JawOpen": 1.5}
    assert dict(told.blendshape_params.bs_weight_offsets) == {"MouthClose": -0.25}
    assert told.blendshape_params.enable_clamping_bs_weight
    assert dict(told.emotion_params.beginning_emotion) == {"joy": 0.5}
    assert dict(start.audio_with_emotion.emotions[0].emotion) == {"joy": 0.5}
    pcm = b"".join(message.audio_with_emotion.audio_buffer for message in sound)
    assert pcm == b"".join(sample.to_bytes(2, "little", signed=True) for sample in [*long, 1, -1])
    assert max(len(message.audio_with_emotion.audio_buffer) for message in sound) <= 88200
    before, after = felt.audio_with_emotion.emotions
    assert (before.time_code, dict(before.emotion)) == (pytest.approx(20002 / 44100), {"joy": 0.5})
    assert (after.time_code, dict(after.emotion)) == (pytest.approx(20002 / 44100 + 0.3), {"anger": 1.0})
    assert end.WhichOneof("stream_part") == "end_of_audio"

    assert got["names"] == ["JawOpen", "MouthClose"]
    assert got["warnings"] == ["grüße"]
    assert got["closed"] == "well"
    assert [f["time"] for f in got["frames"]] == [i / 60 for i in range(3)]
    for made in got["frames"]:
        assert made["weights"] == [0.5, -0.125]
        assert made["audio"] == [1, 2, 3, 4]
        assert made["emotions"] == {"joy": 0.75, "anger": 0.0}


def test_defaults_ask_for_nothing() -> None:
    refused = controller.AnimationDataStream(
        status=status.Status(code=status.Status.ERROR, message="no free stream")
    )
    got = exchange(options={}, pushes=[], answers=[opening(["JawOpen"]), refused])
    assert got["url"] == "ws://server/live"
    header, end = (controller.AudioStream.FromString(base64.b64decode(text)) for text in got["sent"])
    assert header.audio_stream_header.audio_header.samples_per_second == 16000
    assert not header.audio_stream_header.blendshape_params.HasField("enable_clamping_bs_weight")
    assert end.HasField("end_of_audio")
    assert got["closed"] == "no free stream"
