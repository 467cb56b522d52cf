"""ProcessAudioStream: order, frames, echo, emotions, settings, and clients with habits of their own."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from itertools import pairwise

import grpc
import numpy as np
import pytest
from service_support import (
    chunk,
    clip,
    end,
    exchange,
    header,
    make_config,
    make_scheduler,
    pcm,
    raw_call,
    read_all,
    running_server,
    with_advanced,
    with_common,
)

from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge.face import FaceSettings
from a2fbridge.shapes import EMOTION_NAMES, FACE_NAMES
from a2fbridge.streams import Stream, StreamOptions


def local_weights(data: bytes, options: StreamOptions | None = None) -> np.ndarray:
    """Return the weights that the same model gives without a server."""
    with Stream(make_scheduler().model, options) as stream:
        stream.push(np.frombuffer(data, "<i2") / np.float32(32768))
        stream.end()
        return np.array([frame.weights for frame in stream.pull()])


async def test_a_clip_from_header_to_final_status():
    data = pcm(1.0) + pcm(0.3)
    async with running_server() as server:
        got = await exchange(server, clip(data))
    assert got.kinds == ["animation_data_stream_header", "animation_data", "event", "SUCCESS"]
    assert got.code is grpc.StatusCode.OK
    assert len(got.frames) == 39
    first = got.of("animation_data_stream_header")[0]
    assert tuple(first.skel_animation_header.blend_shapes) == FACE_NAMES
    assert not first.skel_animation_header.joints
    assert (first.audio_header.samples_per_second, first.audio_header.bits_per_sample) == (16000, 16)
    assert first.audio_header.channel_count == 1
    assert first.start_time_code_since_epoch > 1.7e9


async def test_frames_are_those_of_the_local_engine():
    data = pcm(1.2)
    async with running_server() as server:
        got = await exchange(server, clip(data, chunk_seconds=0.1))
    np.testing.assert_allclose(got.weights, local_weights(data), atol=1e-5)


async def test_time_codes_and_echoed_audio():
    data = pcm(0.75)
    async with running_server() as server:
        got = await exchange(server, clip(data))
    assert len(got.frames) == 23
    times = [f.skel_animation.blend_shape_weights[0].time_code for f in got.frames]
    assert times == [i / 30 for i in range(23)]
    assert [f.audio.time_code for f in got.frames] == times
    assert len(got.audio) == 2 * (16000 * 23 // 30)
    assert got.audio.startswith(data)
    assert not any(got.audio[len(data) :])


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 144000])
async def test_other_sample_rates_come_back_at_16_khz(rate):
    data = pcm(0.5, rate)
    async with running_server() as server:
        got = await exchange(server, clip(data, rate))
    assert got.code is grpc.StatusCode.OK
    assert len(got.frames) in (15, 16)
    assert len(got.audio) == 2 * (16000 * len(got.frames) // 30)


async def test_no_half_close_by_the_client():
    async with running_server() as server:
        got = await exchange(server, clip(pcm(0.3)), half_close=False)
    assert got.kinds[-1] == "SUCCESS"
    assert got.code is grpc.StatusCode.OK


async def test_half_close_without_end_of_audio_means_the_end():
    async with running_server() as server:
        got = await exchange(server, clip(pcm(0.3))[:-1])
    assert got.kinds[-1] == "SUCCESS"
    assert len(got.frames) == 9


async def test_empty_chunks_and_an_empty_clip():
    async with running_server() as server:
        got = await exchange(server, [header(), chunk(pcm(0.2)), chunk(b""), end()])
        nothing = await exchange(server, [header(), chunk(b""), end()])
    assert len(got.frames) == 6
    assert nothing.kinds == ["animation_data_stream_header", "event", "SUCCESS"]
    assert nothing.code is grpc.StatusCode.OK


async def test_odd_bytes_are_carried_between_messages():
    data = pcm(0.4)
    pieces = [data[:1001], data[1001:1002], data[1002:5555], data[5555:]]
    async with running_server() as server:
        got = await exchange(server, [header(), *map(chunk, pieces), end()])
    assert got.audio.startswith(data)


async def test_messages_after_the_end_are_ignored_with_a_warning():
    late = [chunk(b"\0\0"), header()]
    async with running_server() as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            call = raw_call(channel)
            for message in [*clip(pcm(0.2)), *late]:
                await call.write(message.SerializeToString())
            got = await read_all(call)
    assert got.code is grpc.StatusCode.OK
    assert len(got.frames) == 6


async def test_write_everything_then_read_a_clip_of_300_seconds():
    """Row 17: a client that reads only after it has written all; neither side may wait for the other."""
    data = pcm(10.0) * 30
    async with running_server() as server:
        got = await exchange(server, clip(data))
    assert got.code is grpc.StatusCode.OK
    assert len(got.frames) == 9000
    assert got.audio == data


async def test_a_paced_stream_gets_frames_while_it_sends():
    data = pcm(1.0)
    async with running_server() as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            call = raw_call(channel)
            await call.write(header().SerializeToString())
            await call.write(chunk(data).SerializeToString())
            first = [await call.read() for _ in range(4)]
            await call.write(end().SerializeToString())
            rest = await read_all(call)
    assert len(first) + len(rest.messages) == 30 + 3


async def test_emotions_drive_the_face_and_are_echoed_once():
    keys = [(0.0, {"joy": 1.0}), (0.5, {"anger": 0.25, "out_of_breath": 0.5})]
    data = pcm(0.6)
    async with running_server() as server:
        got = await exchange(server, [header(), chunk(data, *keys), end()])
    first = got.emotions(0)
    assert [e.time_code for e in first.input_emotions] == [0.0, 0.5]
    assert dict(first.input_emotions[1].emotion) == {"anger": 0.25, "out_of_breath": 0.5}
    assert not got.emotions(1).input_emotions
    assert set(first.a2f_smoothed_output[0].emotion) == set(EMOTION_NAMES)
    assert first.a2f_smoothed_output[0].emotion["joy"] == 1.0
    last = got.emotions(17).a2f_smoothed_output[0]
    assert last.emotion["outofbreath"] == 0.5
    assert last.time_code == pytest.approx(17 / 30)
    assert not any(got.emotions(i).a2e_output for i in range(len(got.frames)))
    assert "WARNING" not in got.kinds


async def test_emotions_beyond_the_clip_are_harmless():
    """Row 19: Maya's time codes are twice too large."""
    async with running_server() as server:
        messages = [header(), *(chunk(pcm(0.2), (2.0 * i, {"joy": 0.5})) for i in range(3)), end()]
        got = await exchange(server, messages)
    assert got.code is grpc.StatusCode.OK


async def test_header_parameters_are_in_force():
    data = pcm(0.5)
    sent = header(
        face_params=a2f.FaceParameters(float_params={"skinStrength": 0.5}, integer_params={"any": 1}),
        blendshape_params=a2f.BlendShapeParameters(
            bs_weight_multipliers={"JawOpen": 0.25},
            bs_weight_offsets={"EyeBlinkLeft": 2.0},
            enable_clamping_bs_weight=True,
        ),
        emotion_params=a2f.EmotionParameters(beginning_emotion={"sadness": 0.5}),
        emotion_post_processing_params=a2f.EmotionPostProcessingParameters(emotion_strength=0.6),
    )
    async with running_server() as server:
        got = await exchange(server, [sent, chunk(data), end()])
    face = FaceSettings({"skinStrength": 0.5}, {"JawOpen": 0.25}, {"EyeBlinkLeft": 2.0}, clamp=True)
    expected = local_weights(data, StreamOptions(face=face, emotions={"sadness": 0.5}))
    np.testing.assert_allclose(got.weights, expected, atol=1e-5)
    assert got.settings["face_parameters"]["skinStrength"] == 0.5
    assert got.settings["multipliers"] == {"JawOpen": 0.25}
    assert got.settings["clamp"] is True
    assert got.settings["emotions"] == {"sadness": 0.5}
    assert got.settings["not_in_force"] == ["emotion_strength"]


async def test_frame_rate_by_metadata():
    data = pcm(0.5)
    metadata = (("a2fbridge-frame-rate", "60000/1001"), ("a2fbridge-pack", "in-memory"))
    async with running_server() as server:
        got = await exchange(server, clip(data), metadata=metadata)
    rate = Fraction(60000, 1001)
    assert len(got.frames) == 30
    assert got.frames[7].audio.time_code == pytest.approx(float(7 / rate))
    assert got.settings["frame_rate"] == "60000/1001"
    assert len(got.audio) == 2 * int(16000 * 30 / rate)


async def test_a_second_pack_is_chosen_by_metadata():
    schedulers = [make_scheduler(), make_scheduler(seed=5)]
    async with running_server(schedulers=schedulers) as server:
        first = await exchange(server, clip(pcm(0.2)))
        second = await exchange(server, clip(pcm(0.2)), metadata=(("a2fbridge-pack", "in-memory-5"),))
    assert (first.settings["pack"], second.settings["pack"]) == ("in-memory", "in-memory-5")
    assert np.abs(first.weights - second.weights).max() > 0.01


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("a2fbridge-frame-rate", "fast", grpc.StatusCode.INVALID_ARGUMENT),
        ("a2fbridge-frame-rate", "241", grpc.StatusCode.INVALID_ARGUMENT),
        ("a2fbridge-pack", "claire", grpc.StatusCode.NOT_FOUND),
        ("a2fbridge-solver", "admm", grpc.StatusCode.NOT_FOUND),
        ("a2fbridge-identity", "james", grpc.StatusCode.NOT_FOUND),
        ("a2fbridge-colour", "red", grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_an_option_that_cannot_be_met_is_refused(key, value, code):
    async with running_server() as server:
        got = await exchange(server, clip(pcm(0.1)), metadata=((key, value),))
    assert got.code is code
    assert got.kinds == ["animation_data_stream_header", "ERROR"]
    assert value in got.details or key in got.details
    assert got.settings["server"] == "a2fbridge"


async def test_unknown_names_are_ignored_and_named_once():
    sent = header(
        face_params=a2f.FaceParameters(float_params={"skinStrenght": 3.0}),
        blendshape_params=a2f.BlendShapeParameters(bs_weight_multipliers={"HeadRoll": 2.0}),
    )
    keys = [(0.0, {"boredom": 5.0, "joy": 0.5})]
    async with running_server() as server:
        got = await exchange(server, [sent, chunk(pcm(0.2), *keys), chunk(pcm(0.2), *keys), end()])
    assert got.code is grpc.StatusCode.OK
    assert got.kinds.count("WARNING") == 2
    assert "skinStrenght" in got.texts[0]
    assert "HeadRoll" in got.texts[0]
    assert "boredom" in got.texts[1]
    assert got.kinds[1] == "WARNING"


async def test_silence_is_added_after_the_audio_when_configured():
    config = with_common(
        make_config(), add_silence_padding_after_audio=True, silence_padding_duration_second=0.5
    )
    async with running_server(config) as server:
        got = await exchange(server, [header(), chunk(pcm(0.5), (0.0, {"joy": 1.0})), end()])
    assert len(got.frames) == 30
    assert got.emotions(29).a2f_smoothed_output[0].emotion["joy"] == 0.0
    assert not any(got.audio[16000:])


async def test_the_added_silence_leaves_the_emotion_of_the_sound_alone():
    config = with_common(
        make_config(), add_silence_padding_after_audio=True, silence_padding_duration_second=0.5
    )
    async with running_server(config) as server:
        got = await exchange(server, [header(), chunk(pcm(1.0), (0.0, {"joy": 1.0})), end()])
        empty = await exchange(server, [header(), end()])
    joy = [got.emotions(i).a2f_smoothed_output[0].emotion["joy"] for i in range(len(got.frames))]
    assert joy[:31] == [1.0] * 31
    assert all(a > b for a, b in pairwise(joy[30:38]))
    assert joy[38:] == [0.0] * 7
    assert not empty.frames


async def test_without_burst_mode_frames_keep_the_streaming_rate():
    config = with_advanced(
        make_config(), "pipeline_parameters", burst_mode=False, blendshape_streaming_fps=100
    )
    loop = asyncio.get_running_loop()
    async with running_server(config) as server:
        began = loop.time()
        got = await exchange(server, clip(pcm(0.5)))
    assert len(got.frames) == 15
    assert loop.time() - began >= 0.14


async def test_the_order_of_nvidias_sample_client():
    """Rows 2, 9 and 10: reads while it writes, 1 s chunks of which the last is empty, no half-close."""
    data = pcm(2.0)
    sent = header(
        face_params=a2f.FaceParameters(float_params={"lowerFaceStrength": 1.25, "faceMaskLevel": 0.6}),
        blendshape_params=a2f.BlendShapeParameters(
            bs_weight_multipliers=dict.fromkeys(FACE_NAMES, 0.8),
            bs_weight_offsets=dict.fromkeys(FACE_NAMES, 0.0),
            enable_clamping_bs_weight=False,
        ),
        emotion_params=a2f.EmotionParameters(live_transition_time=0.0001, beginning_emotion={"joy": 0.5}),
        emotion_post_processing_params=a2f.EmotionPostProcessingParameters(
            emotion_contrast=1.0,
            live_blend_coef=0.7,
            enable_preferred_emotion=False,
            preferred_emotion_strength=0.5,
            emotion_strength=0.6,
            max_emotions=3,
        ),
    )
    keys = [(0.0, dict.fromkeys(EMOTION_NAMES, 0.0) | {"joy": 1.0}), (1.0, {"sadness": 1.0})]

    async def write(call):
        await call.write(sent.SerializeToString())
        for second in range(3):
            piece = chunk(data[32000 * second : 32000 * (second + 1)], *([] if second else keys))
            await call.write(piece.SerializeToString())
        await call.write(end().SerializeToString())

    async with running_server() as server, grpc.aio.insecure_channel(server.address) as channel:
        call = raw_call(channel)
        writing = asyncio.create_task(write(call))
        got = await read_all(call)
        await writing
    assert got.kinds == ["animation_data_stream_header", "animation_data", "event", "SUCCESS"]
    assert len(got.frames) == 60
    assert len(got.emotions(0).input_emotions) == 2
    assert got.audio == data
    assert len(got.settings["multipliers"]) == 68
