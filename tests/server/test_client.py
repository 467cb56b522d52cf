"""The client: clips and live streams through a server in this process, a plain NIM, and everything that fails."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import grpc
import numpy as np
import pytest
from in_memory import speechlike
from service_support import METHOD, make_config, make_scheduler, running_server, with_advanced

from a2fbridge._errors import (
    AuthenticationError,
    ConfigError,
    ParameterError,
    ServerBusyError,
    ServerError,
    ServerUnavailableError,
    StreamError,
)
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.status import v1_pb2 as status
from a2fbridge.client import AsyncClient, Client
from a2fbridge.scheduler import Limits
from a2fbridge.shapes import FACE_NAMES
from a2fbridge.streams import Stream, StreamOptions


def local(samples: np.ndarray, frame_rate: Fraction) -> np.ndarray:
    with Stream(
        make_scheduler().model, StreamOptions(frame_rate=frame_rate, emotions={"joy": 0.5})
    ) as stream:
        stream.push(samples)
        stream.end()
        return np.array([frame.weights for frame in stream.pull()])


async def in_thread(work, *args, **kwargs):
    return await asyncio.to_thread(work, *args, **kwargs)


async def test_a_clip_is_what_the_local_engine_makes_of_it():
    samples = speechlike(1.1)
    seen = []
    async with running_server() as server, AsyncClient(server.address) as client:
        clip = await client.animate(
            samples,
            16000,
            frame_rate="60000/1001",
            emotions={"joy": 0.5},
            on_progress=lambda done, total: seen.append((done, total)),
        )
    rate = Fraction(60000, 1001)
    assert clip.frame_rate == rate
    assert clip.names == FACE_NAMES
    assert clip.convention == "a2f"
    quantised = np.round(samples * 32768) / np.float32(32768)
    np.testing.assert_allclose(clip.weights, local(quantised.astype(np.float32), rate), atol=1e-5)
    np.testing.assert_allclose(clip.emotions[:, 6], 0.5)
    assert list(clip.sample_indices[:3]) == [0, 266, 533]
    assert clip.audio is not None
    np.testing.assert_array_equal(clip.audio[: len(samples)], np.round(samples * 32768).astype(np.int16))
    assert clip.settings["pack"] == "in-memory"
    assert clip.settings["frame_rate"] == "60000/1001"
    assert seen[-1] == (60, 66)


async def test_the_blocking_client_in_a_thread():
    def work(address: str) -> tuple[bool, dict[str, str], int]:
        with Client(address) as client:
            return client.health(), client.configs(), len(client.animate(speechlike(0.5), 16000))

    async with running_server() as server:
        healthy, configs, frames = await in_thread(work, server.address)
    assert healthy
    assert set(configs) == {"deployment_config.yaml", "stylization_config.yaml", "advanced_config.yaml"}
    assert frames == 15


async def test_a_live_stream_gives_frames_before_its_end():
    samples = speechlike(1.0)
    async with running_server() as server, AsyncClient(server.address) as client:
        async with client.stream() as stream:
            stream.push(samples, {"joy": 1.0})
            first = await anext(stream)
            stream.push(samples[:8000], [(1.2, {"anger": 1.0})])
            stream.end()
            rest = [frame async for frame in stream]
            with pytest.raises(StreamError):
                stream.push(samples)
    assert first.index == 0
    assert first.emotions[6] == 1.0
    assert len(rest) == 44
    assert rest[-1].emotions[1] == 1.0
    assert stream.settings["pack"] == "in-memory"


async def test_a_paced_clip_is_the_same_clip():
    samples = speechlike(0.9)
    async with running_server() as server, AsyncClient(server.address) as client:
        fast = await client.animate(samples, 16000)
        slow = await client.animate(samples, 16000, paced=True)
    np.testing.assert_allclose(fast.weights, slow.weights, atol=1e-5)


async def test_leaving_a_stream_early_frees_its_slot():
    scheduler = make_scheduler()
    async with running_server(schedulers=[scheduler]) as server, AsyncClient(server.address) as client:
        async with client.stream() as stream:
            stream.push(speechlike(1.0))
            await anext(stream)
            assert scheduler.streams_in_use == 1
        async with asyncio.timeout(5):
            while scheduler.streams_in_use:
                await asyncio.sleep(0)


async def test_a_cancelled_task_cancels_its_call():
    scheduler = make_scheduler()
    async with running_server(schedulers=[scheduler]) as server, AsyncClient(server.address) as client:
        task = asyncio.create_task(client.animate(speechlike(30.0), 16000, paced=True))
        async with asyncio.timeout(5):
            while not scheduler.streams_in_use:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            while scheduler.streams_in_use:
                await asyncio.sleep(0)


async def test_unknown_parameters_come_back_as_warnings():
    async with running_server() as server, AsyncClient(server.address) as client:
        async with client.stream(parameters={"skinStrenght": 1.0}) as stream:
            stream.push(speechlike(0.2))
            stream.end()
            assert len([frame async for frame in stream]) == 6
    assert "skinStrenght" in stream.warnings[0]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"parameters": {"skinStrength": 9.0}}, "skinStrength"),
        ({"pack": "claire"}, "'claire' is not served here"),
        ({"solver": "admm"}, "'admm'"),
        ({"identity": "james"}, "'james'"),
    ],
)
async def test_a_refusal_carries_its_reason(options, text):
    async with running_server() as server, AsyncClient(server.address) as client:
        with pytest.raises(ServerError, match=text) as caught:
            await client.animate(speechlike(5.0), 16000, **options)
    assert caught.value.code in ("INVALID_ARGUMENT", "NOT_FOUND")


async def test_a_refused_live_stream_ends_without_waiting_for_more_sound():
    async with running_server() as server, AsyncClient(server.address) as client:
        async with client.stream(pack="claire") as stream:
            with pytest.raises(ServerError, match="claire"):
                await anext(stream)


async def test_a_busy_server():
    scheduler = make_scheduler(Limits(max_streams=1, max_load=1e9))
    async with running_server(schedulers=[scheduler]) as server, AsyncClient(server.address) as client:
        async with client.stream() as stream:
            stream.push(speechlike(1.0))
            await anext(stream)
            with pytest.raises(ServerBusyError, match="in use"):
                await client.animate(speechlike(0.5), 16000)


async def test_a_broken_limit_is_not_taken_for_a_busy_server():
    config = with_advanced(make_config(), "input_sanitization", max_audio_clip_size_second=1)
    async with running_server(config) as server, AsyncClient(server.address) as client:
        with pytest.raises(ServerError, match="longer than") as caught:
            await client.animate(speechlike(2.0), 16000)
    assert not isinstance(caught.value, ServerBusyError)


async def test_a_deadline():
    async with running_server() as server, AsyncClient(server.address, timeout=0.3) as client:
        with pytest.raises(ServerError) as caught:
            await client.animate(speechlike(10.0), 16000, paced=True)
    assert caught.value.code == "DEADLINE_EXCEEDED"


@pytest.mark.parametrize("emotions", [{"joy": 2.0}, {"boredom": 0.5}, [(-1.0, {"joy": 0.5})]])
async def test_bad_emotions_are_refused_before_anything_is_sent(emotions):
    async with running_server() as server, AsyncClient(server.address) as client:
        with pytest.raises(ParameterError):
            await client.animate(speechlike(0.5), 16000, emotions=emotions)


async def test_thousands_of_emotion_keys_are_spread_over_messages():
    keys = [(i / 1000, {"joy": 0.5}) for i in range(2500)]
    async with running_server() as server, AsyncClient(server.address) as client:
        clip = await client.animate(speechlike(1.0), 16000, emotions=keys)
    np.testing.assert_allclose(clip.emotions[:, 6], 0.5)


# --- the way there ----------------------------------------------------------------------------------------------


@contextmanager
def closed_port() -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def test_nothing_listens():
    with closed_port() as address, Client(address) as client:
        with pytest.raises(ServerUnavailableError, match=r"nothing answers at .* is the server running"):
            client.health()


def test_an_unknown_host():
    with Client("no-such-host.invalid:52000") as client:
        with pytest.raises(ServerUnavailableError, match=r"name 'no-such-host\.invalid' is not known"):
            client.health()


@pytest.mark.parametrize("target", ["localhost", "localhost:", ":52000", "localhost:port", "localhost:70000"])
def test_a_bad_address(target):
    with pytest.raises(ConfigError, match="HOST:PORT"):
        Client(target)


# --- a plain NIM ------------------------------------------------------------------------------------------------


@contextmanager
def plain_nim(
    *, silent_end: bool = False, refuses: str = "", settings: dict[str, Any] | None = None
) -> Iterator[str]:
    """A server without our metadata (unless given): two frames for any clip."""

    def process(requests, context):
        if settings is not None:
            context.send_initial_metadata((("a2fbridge-settings", json.dumps(settings)),))
        if refuses:
            yield controller.AnimationDataStream(status=status.Status(code=3, message=refuses))
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, refuses)
        header = controller.AnimationDataStream()
        header.animation_data_stream_header.skel_animation_header.blend_shapes.extend(FACE_NAMES[:52])
        header.animation_data_stream_header.audio_header.samples_per_second = 16000
        yield header
        for _ in requests:
            pass
        for i in range(2):
            frame = controller.AnimationDataStream()
            frame.animation_data.skel_animation.blend_shape_weights.add(time_code=i / 30, values=[0.25] * 52)
            frame.animation_data.audio.audio_buffer = bytes(1066)
            yield frame
        if not silent_end:
            yield controller.AnimationDataStream(status=status.Status(message="done"))

    service, method = METHOD[1:].split("/")
    handler = grpc.stream_stream_rpc_method_handler(
        process,
        request_deserializer=controller.AudioStream.FromString,
        response_serializer=controller.AnimationDataStream.SerializeToString,
    )

    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {method: handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0).wait()


def test_a_plain_nim_is_used_as_it_is():
    with plain_nim() as address, Client(address) as client:
        clip = client.animate(speechlike(0.1), 16000, parameters={"skinStrength": 1.0})
    assert clip.weights.shape == (2, 52)
    assert clip.frame_rate == 30
    assert np.isnan(clip.emotions).all()
    assert clip.audio is not None
    assert len(clip.audio) == 1066


@pytest.mark.parametrize("options", [{"frame_rate": 60}, {"pack": "claire"}, {"solver": "bvls"}])
def test_a_plain_nim_is_not_asked_for_what_it_cannot_do(options):
    with plain_nim() as address, Client(address) as client:
        with pytest.raises(ServerError, match="plain Audio2Face-3D NIM"):
            client.animate(speechlike(0.1), 16000, **options)


OPTIONS = {"frame_rate": 60}


def test_a_nim_that_refuses_is_heard_before_it_is_judged():
    """Its ERROR status, not our options, is what went wrong."""
    with plain_nim(refuses="no such voice") as address, Client(address) as client:
        with pytest.raises(ServerError, match="no such voice"):
            client.animate(speechlike(0.1), 16000, **OPTIONS)


async def test_a_wrong_token_with_an_option_is_a_wrong_token(tmp_path):
    (tmp_path / "token").write_text("right")
    async with running_server(make_config(token_file=str(tmp_path / "token"))) as server:
        async with AsyncClient(server.address, token="wrong") as client:
            with pytest.raises(AuthenticationError, match="not one of this server's"):
                await client.animate(speechlike(0.1), 16000, **OPTIONS)


def test_a_server_that_is_down_with_an_option_is_down():
    with closed_port() as address, Client(address) as client:
        with pytest.raises(ServerUnavailableError, match="nothing answers"):
            client.animate(speechlike(0.1), 16000, **OPTIONS)


async def test_a_draining_server_with_an_option_is_draining():
    async with running_server() as server, AsyncClient(server.address) as client:
        server._draining = True
        with pytest.raises(ServerUnavailableError, match="shutting down"):
            await client.animate(speechlike(0.1), 16000, **OPTIONS)


@pytest.mark.parametrize("rate", ["1e-3000000", "0", [30]])
def test_a_server_that_answers_nonsense(rate):
    with plain_nim(settings={"frame_rate": rate}) as address, Client(address) as client:
        with pytest.raises(ServerError, match="answered: frame rate"):
            client.animate(speechlike(0.1), 16000)


def test_a_stream_without_a_final_status_is_an_error():
    with plain_nim(silent_end=True) as address, Client(address) as client:
        with pytest.raises(ServerError, match="without a status"):
            client.animate(speechlike(0.1), 16000)


def test_a_server_of_another_kind():
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with Client(f"127.0.0.1:{port}") as client:
            with pytest.raises(ServerError, match="bidirectional") as caught:
                client.animate(speechlike(0.1), 16000)
        assert caught.value.code == "UNIMPLEMENTED"
    finally:
        server.stop(0).wait()


async def test_a_broken_loop_over_frames_can_be_taken_up_again():
    async with running_server() as server, AsyncClient(server.address) as client:
        async with client.stream() as stream:
            stream.push(speechlike(0.5))
            stream.end()
            async for first in stream:  # noqa: B007
                break
            assert first.index == 0
            assert [frame.index async for frame in stream] == list(range(1, 15))


async def test_a_wait_that_times_out_loses_no_frame():
    async with running_server() as server, AsyncClient(server.address) as client:
        async with client.stream() as stream:
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(anext(stream), 0.02)
            stream.push(speechlike(0.5))
            stream.end()
            assert [frame.index async for frame in stream] == list(range(15))
        with pytest.raises(StreamError, match="closed"):
            await anext(stream)


async def test_a_stream_may_be_closed_while_its_frames_are_awaited():
    async with running_server() as server, AsyncClient(server.address) as client:
        stream = client.stream()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream), 0.05)
        waiting = asyncio.create_task(anext(stream))
        await asyncio.sleep(0)
        await stream.close()
        with pytest.raises(StreamError):
            await waiting


async def test_threads_end_with_what_they_served():
    async with running_server() as server, AsyncClient(server.address) as client:
        for _ in range(5):
            stream = client.stream()
            await stream.close()
            await client.health()
        del stream
    async with asyncio.timeout(5):
        while any(thread.name == "a2fbridge-client" for thread in threading.enumerate()):
            await asyncio.sleep(0)


FORGETFUL = """
import asyncio, sys
import a2fbridge

async def main():
    client = a2fbridge.AsyncClient(sys.argv[1])
    stream = client.stream()
    for awaited in (anext(stream), client.stream().__anext__()):
        try:
            await asyncio.wait_for(awaited, 0.2)
        except TimeoutError:
            pass
    task = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.1)

asyncio.run(main())
"""


async def test_a_stream_that_nobody_closed_does_not_hold_up_the_program():
    async with running_server() as server:
        done = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", FORGETFUL, server.address], timeout=60, capture_output=True
        )
    assert done.returncode == 0, done.stderr


def test_no_thread_is_left_behind():
    def use(address: str) -> None:
        with Client(address) as client, client.stream() as stream:
            stream.push(speechlike(0.1))
            stream.end()
            assert len(list(stream)) == 2

    with plain_nim() as address:
        use(address)
        before = threading.active_count()
        for _ in range(5):
            use(address)
        assert threading.active_count() <= before + 1  # the server's pool may add its second thread
