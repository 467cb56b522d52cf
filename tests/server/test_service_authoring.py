"""The authoring service: NVIDIA's own stubs, the numbers of the engine, what is kept and what is refused."""

from __future__ import annotations

import asyncio
import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import soundfile
from in_memory import RandomNetwork, make_pack, speechlike
from peers import run_peer
from service_support import clip, exchange, make_config, make_scheduler, pcm, running_server, with_bridge
from synthetic_diffusion import write_diffusion_pack

import a2fbridge
from a2fbridge._errors import ServerBusyError
from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge._proto.nvidia_ace.a2f_authoring import v1_pb2 as authoring
from a2fbridge._proto.nvidia_ace.audio import v1_pb2 as audio
from a2fbridge.backends import open_backend
from a2fbridge.face import FaceModel, FaceSettings
from a2fbridge.packs import load
from a2fbridge.service import Server
from a2fbridge.service._authoring import SERVICE
from a2fbridge.service._clips import Clip, ClipStore
from a2fbridge.service._models import open_schedulers
from a2fbridge.streams import InteractiveClip, StreamOptions

SECOND = Fraction(16000)


def _upload_request(data: bytes, **header: int) -> authoring.AudioClip:
    values = {"samples_per_second": 16000, "channel_count": 1, "bits_per_sample": 16} | header
    return authoring.AudioClip(audio_header=audio.AudioHeader(**values), content=data)


async def _call(server: Server, name: str, request: Any, metadata: Any = ()) -> Any:
    response = authoring.AudioClipHandle if name == "UploadAudioClip" else authoring.BlendShapeData
    async with grpc.aio.insecure_channel(server.address) as channel:
        method = channel.unary_unary(
            f"/{SERVICE}/{name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response.FromString,
        )
        return await method(request, metadata=metadata)


async def test_nvidias_authoring_client_works(tmp_path: Path) -> None:
    sound = (speechlike(1.0) * 32767).astype(np.int16)
    soundfile.write(tmp_path / "clip.wav", sound, 16000)
    script = Path(__file__).with_name("nvidia_authoring.py")
    async with running_server() as server:
        done = await asyncio.to_thread(run_peer, script, server.address, str(tmp_path / "clip.wav"))
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    assert got["id"] == hashlib.sha256(sound.tobytes()).hexdigest()
    pack = make_pack()
    face = FaceSettings({"eyelidOpenOffset": 0.06, "tongueHeightOffset": 0.53})
    options = StreamOptions(frame_rate=SECOND, face=face, emotions={"joy": 0.5})
    samples = sound.astype(np.float32) / 32768
    with InteractiveClip(FaceModel(pack, RandomNetwork(pack)), samples, options) as local:
        assert got["names"] == list(local.names)
        assert len(got["poses"]) == 30
        for i, (time, weights, emotions) in enumerate(got["poses"]):
            assert time == pytest.approx(i / 30, abs=1e-6)
            frame = local.frame(16000 * i // 30)
            np.testing.assert_allclose(weights, frame.weights, atol=1e-5)
            np.testing.assert_allclose(emotions, [0, 0, 0, 0, 0, 0, 0.5, 0, 0, 0])


async def test_a_diffusion_pack_gives_its_identities_poses(tmp_path: Path) -> None:
    folder = write_diffusion_pack(tmp_path / "multi")
    config = make_config(pack=str(folder), threads=1)
    data = pcm(1.5)
    async with running_server(config, open_schedulers(config)) as server:
        handle = await _call(server, "UploadAudioClip", _upload_request(data))
        request = authoring.FacePoseRequest(audio_hash=handle.audio_clip_id, time_stamp=0.7)
        got = {
            name: (
                await _call(server, "GetAvatarFacePose", request, (("a2fbridge-identity", name),))
            ).blendshapes
            for name in ("claire", "mark")
        }
    pack = load(folder)
    model = FaceModel(pack, open_backend(pack.network, threads=1))
    samples = np.frombuffer(data, "<i2").astype(np.float32) / 32768
    for name, weights in got.items():
        with InteractiveClip(model, samples, StreamOptions(frame_rate=SECOND, identity=name)) as local:
            np.testing.assert_allclose(weights, local.frame(11200).weights, atol=1e-5)


async def test_parameters_gains_and_emotions_act_on_one_pose() -> None:
    async with running_server() as server:
        handle = await _call(server, "UploadAudioClip", _upload_request(pcm(1.0)))

        async def weights(**parts: Any) -> np.ndarray:
            request = authoring.FacePoseRequest(audio_hash=handle.audio_clip_id, time_stamp=0.5, **parts)
            return np.array((await _call(server, "GetAvatarFacePose", request)).blendshapes)

        plain = await weights()
        jaw = list(handle.blendshape_names).index("JawOpen")
        louder = await weights(
            blendshape_params=a2f.BlendShapeParameters(bs_weight_offsets={"JawOpen": 0.25}),
            face_params=a2f.FaceParameters(float_params={"nonsense": 1.0}),
        )
        assert louder[jaw] - plain[jaw] == pytest.approx(0.25, abs=1e-6)
        assert np.abs(await weights(preferred_emotions={"anger": 1.0}) - plain).max() > 0.01
        strong = await weights(face_params=a2f.FaceParameters(float_params={"skinStrength": 0.0}))
        assert np.abs(strong - plain).max() > 0.01
        np.testing.assert_allclose(await weights(), plain, atol=1e-6)


@pytest.mark.parametrize(
    ("request_", "code", "text"),
    [
        (_upload_request(b""), grpc.StatusCode.INVALID_ARGUMENT, "at least one"),
        (_upload_request(b"123"), grpc.StatusCode.INVALID_ARGUMENT, "whole 16-bit samples"),
        (_upload_request(bytes(10), channel_count=2), grpc.StatusCode.INVALID_ARGUMENT, "right is 1 (mono)"),
        (
            _upload_request(bytes(10), samples_per_second=1),
            grpc.StatusCode.INVALID_ARGUMENT,
            "16000 to 144000",
        ),
        (_upload_request(bytes((1 << 20) + 2)), grpc.StatusCode.INVALID_ARGUMENT, "at most 1048576"),
        (authoring.FacePoseRequest(audio_hash="gone"), grpc.StatusCode.NOT_FOUND, "upload it again"),
        (authoring.FacePoseRequest(time_stamp=-1.0), grpc.StatusCode.OUT_OF_RANGE, "0 to 0.5 s"),
        (authoring.FacePoseRequest(time_stamp=0.6), grpc.StatusCode.OUT_OF_RANGE, "0 to 0.5 s"),
        (authoring.FacePoseRequest(time_stamp=float("nan")), grpc.StatusCode.OUT_OF_RANGE, "nan"),
        (
            authoring.FacePoseRequest(face_params=a2f.FaceParameters(float_params={"skinStrength": 5.0})),
            grpc.StatusCode.INVALID_ARGUMENT,
            "0 to 2",
        ),
        (
            authoring.FacePoseRequest(preferred_emotions={"joy": 2.0}),
            grpc.StatusCode.INVALID_ARGUMENT,
            "right is 0 to 1",
        ),
    ],
)
async def test_bad_requests_are_explained(request_: Any, code: grpc.StatusCode, text: str) -> None:
    config = with_bridge(make_config(), authoring_clip_mib=1)
    async with running_server(config) as server:
        handle = await _call(server, "UploadAudioClip", _upload_request(pcm(0.5)))
        name = "UploadAudioClip"
        if isinstance(request_, authoring.FacePoseRequest):
            name = "GetAvatarFacePose"
            request_.audio_hash = request_.audio_hash or handle.audio_clip_id
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _call(server, name, request_)
    assert caught.value.code() is code
    assert text in str(caught.value.details())


async def test_the_service_can_be_turned_off() -> None:
    async with running_server(with_bridge(make_config(), authoring_clip_mib=0)) as server:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _call(server, "UploadAudioClip", _upload_request(pcm(0.1)))
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_the_client_uploads_again_what_the_server_forgot() -> None:
    sound = speechlike(0.7)
    async with running_server() as server:

        def work() -> tuple[Any, Any, Any]:
            with a2fbridge.Client(server.address) as client:
                remote = client.clip(sound, 16000, pack="in-memory")
                first = remote.pose(0.3, emotions={"joy": 0.5}, multipliers={"JawOpen": 2.0})
                remote._id = "forgotten"
                again = remote.pose(0.3, emotions={"joy": 0.5}, multipliers={"JawOpen": 2.0})
                with pytest.raises(a2fbridge.ServerError, match=r"0 to 0\.7 s"):
                    remote.pose(3.0)
                with pytest.raises(a2fbridge.ServerError, match="is not served here"):
                    client.clip(sound, 16000, pack="other")
                return remote, first, again

        remote, first, again = await asyncio.to_thread(work)
    assert remote.names == make_pack().identities[0].names
    np.testing.assert_array_equal(first.weights, again.weights)
    assert first.emotions[6] == 0.5


async def test_poses_and_live_streams_share_a_model_and_do_not_disturb_each_other() -> None:
    async with running_server() as server:
        alone = await exchange(server, clip(pcm(2.0)))
        handle = await _call(server, "UploadAudioClip", _upload_request(pcm(1.0)))

        async def poses() -> list[Any]:
            return [
                await _call(
                    server,
                    "GetAvatarFacePose",
                    authoring.FacePoseRequest(audio_hash=handle.audio_clip_id, time_stamp=i / 30),
                )
                for i in range(20)
            ]

        streams = (exchange(server, clip(pcm(2.0), chunk_seconds=0.1)) for _ in range(3))
        *got, first = await asyncio.gather(*streams, poses())
        again = await poses()
    for outcome in got:
        np.testing.assert_allclose(outcome.weights, alone.weights, atol=1e-5)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_allclose(a.blendshapes, b.blendshapes, atol=1e-6)


async def test_a_job_of_a_stopped_scheduler_ends() -> None:
    scheduler = make_scheduler()
    await scheduler.start()
    assert await scheduler.call(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await scheduler.call(lambda: 1 // 0)
    await scheduler.stop()
    with pytest.raises(Exception, match="stopping"):
        await scheduler.call(lambda: 7)


def test_clips_are_bounded_and_forgotten() -> None:
    now = 0.0
    store = ClipStore(100, 60.0, lambda: now)
    for name in "abc":
        store.add(Clip(name, bytes(40), 16000))
    assert store.get("a") is None  # made room for c
    assert store.get("b") is not None
    store.add(Clip("d", bytes(40), 16000))
    assert store.get("c") is None  # used longer ago than b
    now = 61.0
    assert store.get("b") is None
    assert len(store) == 0
    with pytest.raises(ServerBusyError, match="keeps 100"):
        store.add(Clip("e", bytes(101), 16000))
