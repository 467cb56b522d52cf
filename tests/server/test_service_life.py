"""The life of a server: health, reflection, its configuration on request, draining, signals, bounded memory."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import numpy as np
import pytest
import yaml
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from in_memory import speechlike
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
    with_bridge,
)

from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge.animation import Frame
from a2fbridge.client import AsyncClient, Client
from a2fbridge.scheduler import OutputFrame
from a2fbridge.service import Server, load_server_config
from a2fbridge.service._encode import FrameEncoder, encode_frame

CONTROLLER = "nvidia_ace.services.a2f_controller.v1.A2FControllerService"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def check(channel: grpc.aio.Channel, service: str = "") -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    return (await stub.Check(health_pb2.HealthCheckRequest(service=service))).status


@pytest.mark.parametrize("service", ["", CONTROLLER])
async def test_health(service):
    async with running_server() as server, grpc.aio.insecure_channel(server.address) as channel:
        assert await check(channel, service) == SERVING
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await check(channel, "another")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_reflection_describes_the_services():
    async with running_server() as server, grpc.aio.insecure_channel(server.address) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        symbols = [CONTROLLER, "nvidia_ace.controller.v1.AudioStream", "grpc.health.v1.Health"]
        requests = [reflection_pb2.ServerReflectionRequest(list_services="")]
        requests += [reflection_pb2.ServerReflectionRequest(file_containing_symbol=name) for name in symbols]
        answers = [answer async for answer in stub.ServerReflectionInfo(iter(requests))]
    assert CONTROLLER in {service.name for service in answers[0].list_services_response.service}
    for answer in answers[1:]:
        assert answer.file_descriptor_response.file_descriptor_proto


async def test_the_configuration_in_force(tmp_path):
    (tmp_path / "stylization_config.yaml").write_text("a2f:\n  face_params:\n    skin_strength: 0.5\n")
    config = load_server_config(tmp_path, port=0, max_streams=7)
    async with running_server(config) as server, AsyncClient(server.address) as client:
        files = await client.configs()
        as_json = await client.configs(as_json=True)
    assert list(files) == ["stylization_config.yaml", "deployment_config.yaml", "advanced_config.yaml"]
    style = yaml.safe_load(files["stylization_config.yaml"])
    assert style["a2f"]["face_params"]["skin_strength"] == 0.5
    assert style["a2f"]["face_params"]["lower_face_strength"] == 1.4  # the pack's
    assert style["a2f"]["face_params"]["lip_close_offset"] == -0.03
    assert style["a2f"]["regression_model"]["inference_model_id"] == "in-memory"
    tables = style["a2f"]["blendshape_params"]
    assert {name: len(table) for name, table in tables.items() if isinstance(table, dict)} == {
        "weight_multipliers": 68,
        "weight_offsets": 68,
        "active_poses": 68,
        "cancel_poses": 68,
        "symmetry_poses": 68,
    }
    assert tables["active_poses"]["JawOpen"] == 1
    assert tables["active_poses"]["EyeLookUpLeft"] == 0
    assert tables["symmetry_poses"]["EyeBlinkLeft"] == tables["symmetry_poses"]["EyeBlinkRight"] >= 0
    assert tables["cancel_poses"]["JawOpen"] == -1
    assert yaml.safe_load(files["deployment_config.yaml"])["common"]["stream_number"] == 7
    assert json.loads(as_json["stylization_config.json"]) == style
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    load_server_config(tmp_path)  # what was exported can be read again


async def test_stylization_is_in_force_and_the_header_goes_before_it(tmp_path):
    (tmp_path / "stylization_config.yaml").write_text(
        "default_beginning_emotions: {joy: 0.5}\n"
        "a2f:\n"
        "  face_params: {skin_strength: 0.5, upper_face_strength: 0.75}\n"
        "  blendshape_params:\n"
        "    enable_clamping_bs_weight: true\n"
        "    weight_multipliers: {JawOpen: 0.5, MouthClose: 0.25}\n"
    )
    config = load_server_config(tmp_path, port=0)
    async with running_server(config) as server, AsyncClient(server.address) as client:
        got = await client.animate(
            speechlike(0.2), 16000, parameters={"skinStrength": 1.5}, multipliers={"JawOpen": 2.0}
        )
    assert got.settings["face_parameters"]["skinStrength"] == 1.5
    assert got.settings["face_parameters"]["upperFaceStrength"] == 0.75
    assert got.settings["multipliers"] == {"JawOpen": 2.0, "MouthClose": 0.25}
    assert got.settings["clamp"] is True
    assert got.settings["emotions"] == {"joy": 0.5}
    assert got.weights.min() >= 0.0
    assert got.weights.max() <= 1.0


# --- draining ----------------------------------------------------------------------------------------------------


async def started(call: object) -> None:
    await call.write(header().SerializeToString())  # type: ignore[attr-defined]
    assert await call.read()  # type: ignore[attr-defined]


async def test_draining_lets_streams_finish_and_takes_no_new_ones():
    data = pcm(1.0)
    config = with_bridge(make_config(), shutdown_grace_second=30.0)
    async with Server(config, [make_scheduler()]) as server:
        expected = await exchange(server, clip(data))
        async with grpc.aio.insecure_channel(server.address) as channel:
            calls = [raw_call(channel) for _ in range(4)]
            for call in calls:
                await started(call)
            draining = asyncio.create_task(server.drain())
            async with asyncio.timeout(5):
                while await check(channel) != NOT_SERVING:
                    await asyncio.sleep(0)
            refused = await exchange(server, [], half_close=False)
            assert not draining.done()
            for call in calls:
                await call.write(chunk(data).SerializeToString())
                await call.write(end().SerializeToString())
            finished = [await read_all(call) for call in calls]
            await draining
    assert refused.code is grpc.StatusCode.UNAVAILABLE
    assert "shutting down" in refused.details
    for got in finished:
        assert got.code is grpc.StatusCode.OK
        np.testing.assert_allclose(got.weights, expected.weights, atol=1e-5)


async def test_streams_beyond_the_grace_period_are_told():
    config = with_bridge(make_config(), shutdown_grace_second=0.0)
    async with Server(config, [make_scheduler()]) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            call = raw_call(channel)
            await started(call)
            draining = asyncio.create_task(server.drain())
            message = controller.AnimationDataStream.FromString(await call.read())
            await call.done_writing()
            got = await read_all(call)
            await draining
    assert "server stopped" in message.status.message
    assert got.code is grpc.StatusCode.UNAVAILABLE
    assert got.details == message.status.message


SERVE = """
import sys
sys.path[:0] = sys.argv[2:]
from service_support import make_scheduler
from a2fbridge.service import _server, load_server_config, serve
_server.open_schedulers = lambda config: [make_scheduler()]
sys.exit(serve(load_server_config(port=0), json_events=True))
"""


class Process:
    """``serve`` in a process of its own, with the small model."""

    def __init__(self) -> None:
        here = Path(__file__).parent
        path = [str(here), str(here.parents[1] / "python_server/src")]
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", SERVE, "--", *path],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "GRPC_VERBOSITY": "ERROR"},
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        self.address = json.loads(line)["address"]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def result(self) -> tuple[int, str]:
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.kill()
        self.process.communicate()


pytestmark_posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytestmark_posix
def test_sigterm_drains_and_exits_with_0():
    with Process() as server, Client(server.address) as client, client.stream() as stream:
        stream.push(speechlike(1.0))
        first = next(stream)
        server.stop()
        while client.health():
            pass
        stream.push(speechlike(0.5))
        stream.end()
        rest = list(stream)
        code, errors = server.result()
    assert first.index == 0
    assert len(rest) == 44
    assert code == 0, errors


@pytestmark_posix
def test_a_second_signal_stops_at_once():
    with Process() as server, Client(server.address) as client, client.stream() as stream:
        stream.push(speechlike(1.0))
        next(stream)
        server.stop()
        while client.health():
            pass
        server.stop()
        code, errors = server.result()
    assert code == 0, errors


@pytestmark_posix
def test_sigterm_without_streams():
    with Process() as server:
        server.stop()
        code, errors = server.result()
    assert code == 0, errors


# --- long streams, many streams ----------------------------------------------------------------------------------


async def test_a_long_live_stream_keeps_little():
    """Three minutes in one call: what is kept does not grow with what has passed."""
    scheduler = make_scheduler()
    second = chunk(pcm(1.0)).SerializeToString()
    kept = []
    async with running_server(schedulers=[scheduler]) as server:
        async with grpc.aio.insecure_channel(server.address) as channel:
            call = raw_call(channel)
            await started(call)
            (handle,) = scheduler._handles
            for number in range(180):
                await call.write(second)
                for _ in range(30 if number else 20):  # the look-ahead holds the last ones back
                    assert await call.read()
                kept.append(handle.stream.held_samples)
            await call.write(end().SerializeToString())
            got = await read_all(call)
    assert got.code is grpc.StatusCode.OK
    assert max(kept) < 16000 * 5


async def test_sixteen_streams_at_once_are_those_of_one():
    data = [pcm(0.5 + i / 10) for i in range(16)]
    async with running_server() as server:
        alone = [await exchange(server, clip(piece)) for piece in data]
        together = await asyncio.gather(*(exchange(server, clip(piece, chunk_seconds=0.1)) for piece in data))
    for one, many in zip(alone, together, strict=True):
        np.testing.assert_allclose(one.weights, many.weights, atol=1e-5)


# --- encoding ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 2, 14, 16, 266, 1066, 1068, 3200])
@pytest.mark.parametrize("weights", [1, 52, 68])
def test_the_quick_encoding_is_protobufs(size, weights):
    rng = np.random.default_rng(size)
    encoder = FrameEncoder(weights)
    for index in range(3):
        values = rng.normal(size=weights).astype(np.float32)
        frame = Frame(index, index * 533, index / 30, values, rng.random(10, dtype=np.float32))
        output = OutputFrame(frame, rng.bytes(size))
        quick = controller.AnimationDataStream.FromString(encoder.encode(output))
        slow = controller.AnimationDataStream.FromString(encode_frame(output))
        for message in (quick, slow):  # an Any holds bytes, in which a 0 may be written or left out
            payload = message.animation_data.metadata["emotion_aggregate"]
            assert payload.type_url.endswith("/nvidia_ace.emotion_aggregate.v1.EmotionAggregate")
        assert _without_metadata(quick) == _without_metadata(slow)
        assert _emotions(quick) == _emotions(slow)


def _without_metadata(message: controller.AnimationDataStream) -> controller.AnimationDataStream:
    copy = controller.AnimationDataStream()
    copy.CopyFrom(message)
    copy.animation_data.metadata.clear()
    return copy


def _emotions(message: controller.AnimationDataStream) -> object:
    from a2fbridge._proto.nvidia_ace.emotion_aggregate import v1_pb2 as aggregate

    out = aggregate.EmotionAggregate()
    assert message.animation_data.metadata["emotion_aggregate"].Unpack(out)
    return out
