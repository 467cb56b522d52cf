"""Automatic emotion through the server: asked for by metadata or by configuration, its settings merged and told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_memory import RandomNetwork, make_pack
from naive_emotion import at, emotion_frames
from service_support import chunk, end, exchange, header, make_config, pcm, running_server
from synthetic_emotion import POST, logits, write_emotion_pack

from a2fbridge import AsyncClient
from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge.audio import pcm16_to_float
from a2fbridge.backends import open_backend
from a2fbridge.emotion import EmotionModel, EmotionSettings, EmotionTiming
from a2fbridge.face import FaceModel
from a2fbridge.packs import EmotionPack, load_emotion
from a2fbridge.scheduler import Limits, Scheduler
from a2fbridge.service import ServerConfig
from a2fbridge.shapes import EMOTION_NAMES
from a2fbridge.streams import Stream, StreamOptions

TIMING = EmotionTiming(window=16000, look_ahead=4160, interval=10)
AUTO = (("a2fbridge-emotion", "auto"),)
CLIENT = (("a2fbridge-emotion", "client"),)


@pytest.fixture(scope="module")
def feeling(tmp_path_factory: pytest.TempPathFactory) -> EmotionPack:
    return load_emotion(write_emotion_pack(tmp_path_factory.mktemp("packs") / "feeling"))


def hearing_of(pack: EmotionPack) -> EmotionModel:
    return EmotionModel(pack, open_backend(pack.network(TIMING.window), threads=1), TIMING)


def scheduler_of(pack: EmotionPack | None) -> Scheduler:
    face = make_pack()
    return Scheduler(
        FaceModel(face, RandomNetwork(face)), Limits(max_load=1e9), hearing_of(pack) if pack else None
    )


def local(
    pack: EmotionPack, data: bytes, settings: EmotionSettings, *keys: tuple[float, dict[str, float]]
) -> Any:
    face = make_pack()
    with Stream(
        FaceModel(face, RandomNetwork(face)), StreamOptions(automatic=settings), hearing_of(pack)
    ) as stream:
        for time_code, values in keys:
            stream.push_emotions(time_code, values)
        stream.push(pcm16_to_float(data))
        stream.end()
        return np.array([frame.emotions for frame in stream.pull()])


def told(got: Any) -> np.ndarray:
    """The emotions of every frame, from the aggregate on the wire."""
    rows = []
    for i in range(len(got.frames)):
        aggregate = got.emotions(i)
        assert not aggregate.a2e_output  # NVIDIA's own client stops at it
        (smoothed,) = aggregate.a2f_smoothed_output
        rows.append([smoothed.emotion[name] for name in EMOTION_NAMES])
    return np.array(rows)


def enabled(config: ServerConfig, **post: Any) -> ServerConfig:
    style = config.stylization
    a2e = replace(
        style.a2e, enabled=True, post_processing_params=replace(style.a2e.post_processing_params, **post)
    )
    return replace(config, stylization=replace(style, a2e=a2e))


SERVICE = {"max_emotions": 3.0}
"""What the service's own defaults change of the pack's (spec: diffusion and emotion, B.2)."""


async def test_emotion_is_heard_when_the_client_asks_for_it(feeling: EmotionPack) -> None:
    data = pcm(1.5)
    async with running_server(schedulers=[scheduler_of(feeling)]) as server:
        got = await exchange(server, [header(), chunk(data), end()], metadata=AUTO)
    right = local(feeling, data, EmotionSettings(SERVICE))
    np.testing.assert_allclose(told(got), right, atol=1e-6)
    assert right.max() > 0.05
    said = got.settings["automatic_emotion"]
    assert (said["pack"], said["look_ahead"]) == ("feeling", 0.26)
    assert said["parameters"]["enable_preferred_emotion"] == "when one is given"
    assert got.settings["not_in_force"] == []


async def test_the_clients_emotions_are_preferred_and_its_settings_in_force(feeling: EmotionPack) -> None:
    data = pcm(1.5)
    post = a2f.EmotionPostProcessingParameters(
        emotion_strength=0.9, max_emotions=5, preferred_emotion_strength=0.25, enable_preferred_emotion=True
    )
    first = header(
        emotion_params=a2f.EmotionParameters(beginning_emotion={"pain": 1.0}, live_transition_time=0.1),
        emotion_post_processing_params=post,
    )
    keys = [(0.0, {"joy": 0.5}), (1.0, {"sadness": 1.0})]
    async with running_server(schedulers=[scheduler_of(feeling)]) as server:
        got = await exchange(server, [first, chunk(data, *keys), end()], metadata=AUTO)
    given = {"emotion_strength": 0.9, "max_emotions": 5.0, "preferred_emotion_strength": 0.25}
    given |= {"enable_preferred_emotion": 1.0, "live_transition_time": 0.1}
    right = local(feeling, data, EmotionSettings(given, {"pain": 1.0}), *keys)
    np.testing.assert_allclose(told(got), right, atol=1e-6)
    assert [e.time_code for e in got.emotions(0).input_emotions] == [0.0, 1.0]
    assert got.settings["automatic_emotion"]["parameters"]["max_emotions"] == 5
    assert got.settings["automatic_emotion"]["beginning"] == {"pain": 1.0}


async def test_what_was_heard_is_told_to_those_who_ask(feeling: EmotionPack) -> None:
    data = pcm(1.0)
    async with running_server(schedulers=[scheduler_of(feeling)]) as server:
        got = await exchange(
            server, [header(), chunk(data), end()], metadata=(*AUTO, ("a2fbridge-a2e-output", "1"))
        )
        bad = await exchange(server, [header()], metadata=(*AUTO, ("a2fbridge-a2e-output", "2")))
    assert "a2fbridge-a2e-output is '2'; right is 0 or 1" in bad.details
    post = POST | {"max_emotions": 3}
    times, blended, _ = emotion_frames(
        pcm16_to_float(data), logits, post, window=16000, look_ahead=4160, interval=10
    )
    for i in range(len(got.frames)):
        (heard,) = got.emotions(i).a2e_output
        assert heard.time_code == i / 30
        right = at(times, blended, i * 16000 // 30)
        np.testing.assert_allclose([heard.emotion[name] for name in EMOTION_NAMES], right, atol=1e-4)


async def test_the_configuration_switches_it_on_and_the_client_off(feeling: EmotionPack) -> None:
    data = pcm(1.0)
    config = enabled(make_config(), emotion_strength=0.3)
    async with running_server(config, [scheduler_of(feeling)]) as server:
        on = await exchange(server, [header(), chunk(data), end()])
        off = await exchange(server, [header(), chunk(data), end()], metadata=CLIENT)
    right = local(feeling, data, EmotionSettings(SERVICE | {"emotion_strength": 0.3}))
    np.testing.assert_allclose(told(on), right, atol=1e-6)
    assert (told(off) == 0).all()
    assert "automatic_emotion" not in off.settings


async def test_many_streams_at_once_are_each_heard(feeling: EmotionPack) -> None:
    import asyncio

    clips = [pcm(0.8 + 0.2 * i) for i in range(5)]
    async with running_server(schedulers=[scheduler_of(feeling)]) as server:
        outcomes = await asyncio.gather(
            *(exchange(server, [header(), chunk(data), end()], metadata=AUTO) for data in clips)
        )
    for data, got in zip(clips, outcomes, strict=True):
        np.testing.assert_allclose(told(got), local(feeling, data, EmotionSettings(SERVICE)), atol=1e-6)


async def test_our_client_asks_for_it(feeling: EmotionPack) -> None:
    data = pcm(1.0)
    async with running_server(schedulers=[scheduler_of(feeling)]) as server:
        client = AsyncClient(server.address)
        try:
            animation = await client.animate(
                pcm16_to_float(data),
                16000,
                emotions={},
                automatic_emotion=True,
                post_processing={"max_emotions": 2},
            )
        finally:
            await client.close()
    right = local(feeling, data, EmotionSettings({"max_emotions": 2.0}))
    np.testing.assert_allclose(animation.emotions, right, atol=1e-6)


async def test_where_nothing_hears_it_is_refused(feeling: EmotionPack) -> None:
    async with running_server(schedulers=[scheduler_of(None)]) as server:
        got = await exchange(server, [header(), chunk(pcm(0.1)), end()], metadata=AUTO)
        assert got.code.name == "NOT_FOUND"
        assert "no emotion pack is loaded" in got.details
        got = await exchange(
            server, [header(), chunk(pcm(0.1)), end()], metadata=(("a2fbridge-emotion", "yes"),)
        )
        assert "a2fbridge-emotion is 'yes'; right is auto or client" in got.details


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (
            {"emotion_post_processing_params": {"max_emotions": 7}},
            "max_emotions is 7; right is a whole number",
        ),
        (
            {"emotion_post_processing_params": {"emotion_contrast": 0.1}},
            "emotion_contrast is 0.1; right is 0.3 to 3",
        ),
        (
            {"emotion_params": {"live_transition_time": 0.0}},
            "live_transition_time is 0; right is above 0 seconds",
        ),
    ],
)
async def test_bad_settings_are_refused_whether_in_force_or_not(
    feeling: EmotionPack, parts: dict[str, Any], said: str
) -> None:
    kinds = {
        "emotion_post_processing_params": a2f.EmotionPostProcessingParameters,
        "emotion_params": a2f.EmotionParameters,
    }
    first = header(**{name: kinds[name](**values) for name, values in parts.items()})
    async with running_server(schedulers=[scheduler_of(feeling)]) as server:
        for metadata in (AUTO, CLIENT):
            got = await exchange(server, [first, chunk(pcm(0.1)), end()], metadata=metadata)
            assert said in got.details


def test_the_server_loads_what_the_configuration_names(tmp_path: Path) -> None:
    from a2fbridge._errors import ParameterError
    from a2fbridge.service._models import _open_hearing

    folder = write_emotion_pack(tmp_path / "feeling")
    config = make_config()
    bridge = replace(config.deployment.a2fbridge, emotion_pack=str(folder), emotion_window=2.0)
    config = replace(config, deployment=replace(config.deployment, a2fbridge=bridge))
    model = _open_hearing(config)
    assert model is not None
    assert (model.timing.window, model.timing.look_ahead, model.timing.interval) == (32000, 16000, 10)
    bridge = replace(bridge, emotion_window=9.0)
    with pytest.raises(ParameterError, match="emotion window of 9 s"):
        _open_hearing(replace(config, deployment=replace(config.deployment, a2fbridge=bridge)))
    bridge = replace(bridge, emotion_pack="")
    assert _open_hearing(replace(config, deployment=replace(config.deployment, a2fbridge=bridge))) is None
