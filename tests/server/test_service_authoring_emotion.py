"""Automatic emotion of the authoring service: what a stream of the same sound and settings gives, frame by frame."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from in_memory import RandomNetwork, make_pack, speechlike
from peers import run_peer
from service_support import make_config, running_server
from synthetic_emotion import write_emotion_pack

import a2fbridge
from a2fbridge.backends import open_backend
from a2fbridge.emotion import EmotionModel, EmotionSettings, EmotionTiming
from a2fbridge.face import FaceModel, FaceSettings
from a2fbridge.packs import EmotionPack, load_emotion
from a2fbridge.scheduler import Limits, Scheduler
from a2fbridge.service import ServerConfig
from a2fbridge.shapes import EMOTION_NAMES
from a2fbridge.streams import Stream, StreamOptions

TIMING = EmotionTiming(window=16000, look_ahead=8000, interval=10)
SOUND = (speechlike(1.5) * 32767).astype(np.int16)
SERVERS = {"max_emotions": 3.0}
"""What a server's post-processing is other than a pack's."""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> EmotionPack:
    return load_emotion(write_emotion_pack(tmp_path_factory.mktemp("packs") / "feeling"))


def hearing_of(pack: EmotionPack) -> EmotionModel:
    return EmotionModel(pack, open_backend(pack.network(TIMING.window), threads=1), TIMING)


def schedulers(pack: EmotionPack | None) -> list[Scheduler]:
    face = make_pack()
    model = FaceModel(face, RandomNetwork(face))
    return [Scheduler(model, Limits(max_load=1e9), hearing_of(pack) if pack else None)]


def automatic(config: ServerConfig) -> ServerConfig:
    style = config.stylization
    return replace(config, stylization=replace(style, a2e=replace(style.a2e, enabled=True)))


def streamed(pack: EmotionPack, emotions: dict[str, float], post: dict[str, float]) -> np.ndarray:
    face = make_pack()
    options = StreamOptions(
        frame_rate=Fraction(30),
        emotions=emotions,
        automatic=EmotionSettings(SERVERS | post),
        face=FaceSettings({"eyelidOpenOffset": 0.06, "tongueHeightOffset": 0.53}),
    )
    with Stream(FaceModel(face, RandomNetwork(face)), options, hearing_of(pack)) as stream:
        stream.push(SOUND.astype(np.float32) / 32768)
        stream.end()
        return np.array([frame.emotions for frame in stream.pull()])


async def test_nvidias_authoring_client_hears_what_a_stream_hears(pack: EmotionPack, tmp_path: Path) -> None:
    """Its data_capture on its own stubs, with the post-processing that it sends."""
    soundfile.write(tmp_path / "clip.wav", SOUND, 16000)
    script = Path(__file__).with_name("nvidia_authoring.py")
    async with running_server(automatic(make_config()), schedulers(pack)) as server:
        done = await asyncio.to_thread(run_peer, script, server.address, str(tmp_path / "clip.wav"))
    assert done.returncode == 0, done.stderr
    got = np.array([emotions for _, _, emotions in json.loads(done.stdout)["poses"]])
    post = {
        "emotion_contrast": 0.5,
        "live_blend_coef": 0.5,
        "enable_preferred_emotion": 1.0,
        "preferred_emotion_strength": 0.5,
        "emotion_strength": 1.0,
        "max_emotions": 6.0,
    }
    expected = streamed(pack, {"joy": 0.5}, post)
    np.testing.assert_allclose(got, expected, atol=1e-5)
    assert np.ptp(expected, axis=0).max() > 0.02


async def test_our_client_asks_for_it(pack: EmotionPack) -> None:
    async with running_server(schedulers=schedulers(pack)) as server:

        def work() -> dict[str, Any]:
            with a2fbridge.Client(server.address) as client:
                hears, plain = client.clip(SOUND, 16000, automatic_emotion=True), client.clip(SOUND, 16000)
                strong = {"emotion_strength": 1.0}
                return {
                    "heard": hears.pose(0.7).emotions,
                    "strong": hears.pose(0.7, post_processing=strong).emotions,
                    "preferred": hears.pose(0.7, emotions={"pain": 1.0}).emotions,
                    "plain": plain.pose(0.7, post_processing=strong).emotions,
                }

        got = await asyncio.to_thread(work)
    np.testing.assert_allclose(got["heard"], streamed(pack, {}, {})[21], atol=1e-5)
    np.testing.assert_allclose(got["strong"], streamed(pack, {}, {"emotion_strength": 1.0})[21], atol=1e-5)
    np.testing.assert_allclose(got["preferred"], streamed(pack, {"pain": 1.0}, {})[21], atol=1e-5)
    assert got["preferred"][EMOTION_NAMES.index("pain")] > 0.05
    assert not got["plain"].any()


async def test_beginning_emotions_of_the_configuration_hold_where_none_is_sent() -> None:
    config = make_config()
    style = replace(config.stylization, default_beginning_emotions={"joy": 0.25})
    async with running_server(replace(config, stylization=style), schedulers(None)) as server:

        def work() -> list[Any]:
            with a2fbridge.Client(server.address) as client:
                clip = client.clip(SOUND, 16000)
                return [clip.pose(0.3).emotions, clip.pose(0.3, emotions={"anger": 0.5}).emotions]

        begun, sent = await asyncio.to_thread(work)
    assert begun[EMOTION_NAMES.index("joy")] == 0.25
    assert sent[EMOTION_NAMES.index("joy")] == 0.0


@pytest.mark.parametrize(
    ("options", "post", "text"),
    [
        ({"automatic_emotion": True}, {}, "no emotion pack is loaded"),
        ({}, {"emotion_strength": 2.0}, "emotion_strength is 2; right is 0 to 1"),
        ({}, {"nonsense": 2.0}, "emotion post-processing"),
        ({"solver": "admm"}, {}, "is not the one of this server"),
    ],
)
async def test_what_cannot_be_is_refused(options: Any, post: Any, text: str) -> None:
    async with running_server(schedulers=schedulers(None)) as server:

        def work() -> None:
            with a2fbridge.Client(server.address) as client:
                client.clip(SOUND, 16000, **options).pose(0.1, post_processing=post)

        with pytest.raises(a2fbridge.A2FBridgeError, match=text):
            await asyncio.to_thread(work)
