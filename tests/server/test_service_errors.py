"""ProcessAudioStream refuses: each mistake has its text in the stream and as the result, with the fitting code."""

from __future__ import annotations

import asyncio
import contextlib
import math
import random

import grpc
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
    with_bridge,
    with_common,
)

from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge.scheduler import Limits
from a2fbridge.service import _call, _server

Code = grpc.StatusCode


def parameters(**values):
    return header(face_params=a2f.FaceParameters(float_params=values))


def gains(**values):
    return header(blendshape_params=a2f.BlendShapeParameters(bs_weight_multipliers=values))


def post_processing(**values):
    return header(emotion_post_processing_params=a2f.EmotionPostProcessingParameters(**values))


SOUND = pcm(0.2)

MISTAKES = {
    "no header": ([chunk(SOUND), end()], Code.FAILED_PRECONDITION, "first message"),
    "end only": ([end()], Code.FAILED_PRECONDITION, "first message"),
    "empty first message": ([controller.AudioStream(), end()], Code.FAILED_PRECONDITION, "first message"),
    "nothing": ([], Code.FAILED_PRECONDITION, "before its header"),
    "not protobuf": ([b"\xff\xff\xff", end()], Code.INVALID_ARGUMENT, "not an AudioStream"),
    "second header": ([header(), chunk(SOUND), header(), end()], Code.FAILED_PRECONDITION, "second header"),
    "stereo": ([header(channels=2), end()], Code.INVALID_ARGUMENT, "channel_count is 2; right is 1"),
    "8 bits": ([header(bits=8), end()], Code.INVALID_ARGUMENT, "bits_per_sample is 8; right is 16"),
    "0 Hz": ([header(0), end()], Code.INVALID_ARGUMENT, "samples_per_second is 0"),
    "1 GHz": ([header(1_000_000_000), end()], Code.INVALID_ARGUMENT, "16000 to 144000"),
    "odd bytes": ([header(), chunk(SOUND + b"\0"), end()], Code.INVALID_ARGUMENT, "odd number of bytes"),
    "odd half-close": ([header(), chunk(b"\0")], Code.INVALID_ARGUMENT, "odd number of bytes"),
    "long message": ([header(), chunk(bytes(320_002)), end()], Code.INVALID_ARGUMENT, "at most 10 s"),
    "NaN parameter": ([parameters(skinStrength=math.nan), end()], Code.INVALID_ARGUMENT, "skinStrength"),
    "infinite parameter": ([parameters(skinStrength=math.inf), end()], Code.INVALID_ARGUMENT, "0 to 2"),
    "parameter range": ([parameters(skinStrength=2.5), end()], Code.INVALID_ARGUMENT, "skinStrength"),
    "NaN gain": ([gains(JawOpen=math.nan), end()], Code.INVALID_ARGUMENT, "JawOpen"),
    "contrast": (
        [post_processing(emotion_contrast=9), end()],
        Code.INVALID_ARGUMENT,
        "emotion_contrast is 9",
    ),
    "max emotions": (
        [post_processing(max_emotions=0), end()],
        Code.INVALID_ARGUMENT,
        "right is a whole number from 1 to 6",
    ),
    "NaN strength": ([post_processing(emotion_strength=math.nan), end()], Code.INVALID_ARGUMENT, "strength"),
    "transition": (
        [header(emotion_params=a2f.EmotionParameters(live_transition_time=0)), end()],
        Code.INVALID_ARGUMENT,
        "live_transition_time",
    ),
    "beginning emotion": (
        [header(emotion_params=a2f.EmotionParameters(beginning_emotion={"joy": 2})), end()],
        Code.INVALID_ARGUMENT,
        "'joy' is 2; right is 0 to 1",
    ),
    "emotion range": (
        [header(), chunk(SOUND, (0, {"joy": -0.5})), end()],
        Code.INVALID_ARGUMENT,
        "'joy' is -0.5; right is 0 to 1",
    ),
    "NaN emotion": ([header(), chunk(SOUND, (0, {"joy": math.nan})), end()], Code.INVALID_ARGUMENT, "joy"),
    "NaN time": ([header(), chunk(SOUND, (math.nan, {})), end()], Code.INVALID_ARGUMENT, "time code is nan"),
    "negative time": ([header(), chunk(SOUND, (-1, {})), end()], Code.INVALID_ARGUMENT, "0 to 1000000000 s"),
    "huge time": ([header(), chunk(SOUND, (1e305, {})), end()], Code.INVALID_ARGUMENT, "0 to 1000000000 s"),
    "emotion flood": (
        [header(), chunk(SOUND, *[(i / 1000, {}) for i in range(1025)]), end()],
        Code.INVALID_ARGUMENT,
        "at most 1024",
    ),
    "steady emotion flood": (
        [header(), *[chunk(b"", *[(i / 1000, {}) for i in range(1000)])] * 21, end()],
        Code.INVALID_ARGUMENT,
        "too many",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
async def test_a_mistake_is_named_in_the_stream_and_as_the_result(name):
    messages, code, text = MISTAKES[name]
    scheduler = make_scheduler()
    async with running_server(schedulers=[scheduler]) as server:
        got = await exchange(server, messages)
        assert scheduler.streams_in_use == 0
        again = await exchange(server, clip(SOUND))
    assert got.code is code
    assert text in got.details
    assert got.kinds[0] == "animation_data_stream_header"
    assert got.kinds[-1] == "ERROR"
    assert got.texts[-1] == got.details
    assert again.code is Code.OK


async def test_the_reason_arrives_while_a_client_is_still_writing():
    """The sample client's order: reads and writes side by side; an early abort would cost it the text."""
    async with running_server() as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            call = raw_call(channel)
            await call.write(header(bits=8).SerializeToString())
            assert controller.AnimationDataStream.FromString(await call.read()).HasField(
                "animation_data_stream_header"
            )
            error = controller.AnimationDataStream.FromString(await call.read())
            assert "bits_per_sample" in error.status.message
            for message in clip(pcm(3.0))[1:]:
                await call.write(message.SerializeToString())
            got = await read_all(call)
    assert got.code is Code.INVALID_ARGUMENT
    assert got.details == error.status.message


async def test_a_clip_over_the_configured_length_is_refused():
    config = with_advanced(make_config(), "input_sanitization", max_audio_clip_size_second=1)
    async with running_server(config) as server:
        good = await exchange(server, clip(pcm(1.0)))
        long = await exchange(server, [header(), chunk(pcm(1.0)), chunk(b"\0\0"), end()])
    assert good.code is Code.OK
    assert long.code is Code.RESOURCE_EXHAUSTED
    assert "grpc-retry-pushback-ms" not in long.trailing


@pytest.mark.parametrize(("clip_mib", "message_mib"), [(0, 5), (16, 18)])
async def test_an_oversized_message_is_refused_by_the_transport(clip_mib, message_mib):
    """What is refused before it is read: more than the audio of one message, or a clip of the authoring service."""
    config = with_bridge(make_config(), authoring_clip_mib=clip_mib)
    async with running_server(config) as server:
        got = await exchange(server, [header(), chunk(bytes(message_mib << 20))], half_close=False)
    assert got.code is Code.RESOURCE_EXHAUSTED


async def test_a_stream_too_many_is_refused_with_a_hint():
    scheduler = make_scheduler(Limits(max_streams=1, max_load=1e9))
    async with running_server(schedulers=[scheduler]) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            first = raw_call(channel)
            await first.write(header().SerializeToString())
            assert await first.read()
            refused = await exchange(server, clip(SOUND))
            await first.write(end().SerializeToString())
            assert (await read_all(first)).code is Code.OK
            admitted = await exchange(server, clip(SOUND))
    assert refused.code is Code.RESOURCE_EXHAUSTED
    assert "1 streams are in use" in refused.details
    assert refused.trailing["grpc-retry-pushback-ms"] == "1000"
    assert admitted.code is Code.OK


async def _until(condition, timeout=5.0):
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0)


async def test_a_cancelled_call_frees_its_slot():
    scheduler = make_scheduler()
    async with running_server(schedulers=[scheduler]) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            call = raw_call(channel)
            for message in clip(pcm(2.0))[:-1]:
                await call.write(message.SerializeToString())
            assert await call.read()
            assert scheduler.streams_in_use == 1
            call.cancel()
            await _until(lambda: scheduler.streams_in_use == 0 and server.streams == 0)


async def test_a_client_that_vanishes_frees_its_slot():
    scheduler = make_scheduler()
    async with running_server(schedulers=[scheduler]) as server:
        channel = grpc.aio.insecure_channel(server.address)
        call = raw_call(channel)
        await call.write(header().SerializeToString())
        assert await call.read()
        await channel.close()
        await _until(lambda: scheduler.streams_in_use == 0 and server.streams == 0)


async def test_a_deadline_ends_the_stream():
    scheduler = make_scheduler()
    async with running_server(schedulers=[scheduler]) as server:
        got = await exchange(server, [header(), chunk(SOUND)], half_close=False, timeout=0.3)
        assert got.code is Code.DEADLINE_EXCEEDED
        await _until(lambda: scheduler.streams_in_use == 0 and server.streams == 0)


async def test_an_idle_stream_is_ended_with_a_reason():
    config = with_advanced(make_config(), "input_sanitization", max_wait_time_idle_ms=50)
    scheduler = make_scheduler()
    async with running_server(config, [scheduler]) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            call = raw_call(channel)
            await call.write(header().SerializeToString())
            await call.read()
            error = controller.AnimationDataStream.FromString(await call.read())
            await call.done_writing()
            got = await read_all(call)
        silent = await exchange(server, [], half_close=True)
    assert error.status.message == "nothing came in or went out for 0.05 s"
    assert got.code is Code.DEADLINE_EXCEEDED
    assert scheduler.streams_in_use == 0
    assert silent.code is Code.FAILED_PRECONDITION


async def test_a_client_that_never_sends_a_header_is_ended():
    config = with_advanced(make_config(), "input_sanitization", max_wait_time_idle_ms=50)
    async with running_server(config) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            call = raw_call(channel)
            header_message = controller.AnimationDataStream.FromString(await call.read())
            assert header_message.HasField("animation_data_stream_header")
            await call.done_writing()
            got = await read_all(call)
    assert got.code is Code.DEADLINE_EXCEEDED


async def test_a_client_that_never_reads_is_bounded_and_ended():
    """Its frames stop being computed at the queue's bound, and the idle limit frees its slot."""
    config = with_advanced(make_config(), "input_sanitization", max_wait_time_idle_ms=300)
    scheduler = make_scheduler(Limits(max_load=1e9, output_frames=30))
    sound = chunk(pcm(10.0)).SerializeToString()
    async with running_server(config, [scheduler]) as server:
        options = [("grpc.http2.lookahead_bytes", 65535), ("grpc.http2.bdp_probe", 0)]
        async with grpc.aio.insecure_channel(server.address, options=options) as channel:
            call = raw_call(channel)
            await call.write(header().SerializeToString())
            for _ in range(30):
                await call.write(sound)
            await _until(lambda: scheduler.streams_in_use == 1)
            (handle,) = scheduler._handles
            await _until(lambda: scheduler.streams_in_use == 0)
            assert handle.computed - handle.taken <= 30
            assert handle.computed < 9000
            call.cancel()


async def _served(server):
    """Try until a clip is served: the transport itself refuses calls while those that give way are ending."""
    while (got := await exchange(server, clip(SOUND))).code is Code.RESOURCE_EXHAUSTED:
        await asyncio.sleep(0.01)
    assert got.code is Code.OK


async def test_calls_without_a_header_do_not_use_up_the_server(monkeypatch):
    """They give way, the oldest first, and clients with a header are served."""
    monkeypatch.setattr(_server, "_OTHER_CALLS", 4)
    config = with_common(make_config(), stream_number=2)
    async with running_server(config) as server, asyncio.timeout(30):
        async with grpc.aio.insecure_channel(server.address) as channel:
            first = raw_call(channel)
            await _until(lambda: server.streams == 1)
            idle = [raw_call(channel) for _ in range(20)]
            got = await read_all(first)
            assert got.code is Code.RESOURCE_EXHAUSTED
            assert "without a header" in got.details
            await _served(server)
            assert not all(call.done() for call in idle)
            for call in idle:
                call.cancel()


async def test_refused_calls_that_stay_give_way_too(monkeypatch):
    monkeypatch.setattr(_server, "_OTHER_CALLS", 4)
    monkeypatch.setattr(_call, "_DRAIN_SECONDS", 1e6)
    config = with_common(make_config(), stream_number=2)
    async with running_server(config) as server, asyncio.timeout(30):
        async with grpc.aio.insecure_channel(server.address) as channel:
            calls = [raw_call(channel) for _ in range(20)]
            for call in calls:
                with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
                    await call.write(header(bits=8).SerializeToString())
            await _served(server)
            for call in calls:
                call.cancel()


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        ("1/1000000000", "right is 1 to 1000"),
        ("1/2000", "right is 1 to 1000"),
        ("1e-3000000", "is not a number such as 30"),
        ("241", "above this server's limit of 240"),
    ],
)
async def test_a_frame_rate_that_cannot_be_served_ends_its_own_stream_only(rate, text):
    scheduler = make_scheduler()
    async with running_server(schedulers=[scheduler]) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            neighbour = raw_call(channel)
            await neighbour.write(header().SerializeToString())
            assert await neighbour.read()
            bad = await exchange(server, clip(SOUND), metadata=(("a2fbridge-frame-rate", rate),))
            for message in clip(SOUND)[1:]:
                await neighbour.write(message.SerializeToString())
            good = await read_all(neighbour)
    assert bad.code is Code.INVALID_ARGUMENT
    assert text in bad.details
    assert good.code is Code.OK
    assert len(good.frames) == 6


async def test_a_failing_model_ends_the_stream_and_not_the_server():
    scheduler = make_scheduler()
    scheduler.model.backend.poison = True
    loud = b"\xff\x7f" * 3200
    async with running_server(schedulers=[scheduler]) as server:
        bad = await exchange(server, clip(loud))
        good = await exchange(server, clip(SOUND))
    assert bad.code is Code.INTERNAL
    assert bad.kinds[-1] == "ERROR"
    assert good.code is Code.OK


async def test_messages_in_any_order_end_with_a_status(caplog):
    """Random sequences of legal and illegal messages: always a known code, never an error inside the server."""
    rng = random.Random(7)
    pool = [
        header().SerializeToString(),
        header(bits=8).SerializeToString(),
        chunk(SOUND).SerializeToString(),
        chunk(b"\1").SerializeToString(),
        chunk(b"", (0.0, {"joy": 0.5})).SerializeToString(),
        end().SerializeToString(),
        b"",
        b"\x0a\x02\x08",
        rng.randbytes(40),
    ]
    allowed = {Code.OK, Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION}
    scheduler = make_scheduler()
    async with running_server(schedulers=[scheduler]) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            for _ in range(150):
                call = raw_call(channel)
                try:
                    for message in rng.choices(pool, k=rng.randrange(6)):
                        await call.write(message)
                    await call.done_writing()
                except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                    pass  # the server has ended the call already
                got = await read_all(call)
                assert got.code in allowed
                assert got.kinds[0] == "animation_data_stream_header"
        await _until(lambda: scheduler.streams_in_use == 0)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_mistake_found_with_the_end_does_not_wait_for_the_half_close(monkeypatch):
    monkeypatch.setattr(_call, "_DRAIN_SECONDS", 1e6)
    async with running_server() as server, asyncio.timeout(30):
        odd = await exchange(server, [header(), chunk(b"\0"), end()], half_close=False)
    assert odd.code is Code.INVALID_ARGUMENT
