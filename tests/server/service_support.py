"""A server in this process with a small random model, and a client that speaks bare messages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import grpc
import numpy as np
from in_memory import RandomNetwork, make_pack, speechlike

from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge._proto.nvidia_ace.audio import v1_pb2 as audio
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.emotion_aggregate import v1_pb2 as aggregate
from a2fbridge._proto.nvidia_ace.status import v1_pb2 as status
from a2fbridge.face import FaceModel
from a2fbridge.scheduler import Limits, Scheduler
from a2fbridge.service import Server, ServerConfig, load_server_config

METHOD = "/nvidia_ace.services.a2f_controller.v1.A2FControllerService/ProcessAudioStream"


def make_scheduler(limits: Limits | None = None, seed: int = 0) -> Scheduler:
    pack = make_pack(seed)
    if seed:
        pack = replace(pack, id=f"in-memory-{seed}")
    return Scheduler(FaceModel(pack, RandomNetwork(pack)), limits or Limits(max_load=1e9))


def make_config(**options: Any) -> ServerConfig:
    return load_server_config(port=0, **options)


def with_advanced(config: ServerConfig, section: str, **values: Any) -> ServerConfig:
    part = replace(getattr(config.advanced, section), **values)
    return replace(config, advanced=replace(config.advanced, **{section: part}))


def with_common(config: ServerConfig, **values: Any) -> ServerConfig:
    common = replace(config.deployment.common, **values)
    return replace(config, deployment=replace(config.deployment, common=common))


def with_bridge(config: ServerConfig, **values: Any) -> ServerConfig:
    bridge = replace(config.deployment.a2fbridge, **values)
    return replace(config, deployment=replace(config.deployment, a2fbridge=bridge))


@asynccontextmanager
async def running_server(
    config: ServerConfig | None = None, schedulers: list[Scheduler] | None = None
) -> AsyncIterator[Server]:
    config = with_bridge(config or make_config(), shutdown_grace_second=0.0)
    async with Server(config, schedulers or [make_scheduler()]) as server:
        yield server


def pcm(seconds: float, sample_rate: int = 16000) -> bytes:
    samples = speechlike(seconds, sample_rate)
    return np.round(samples * 32767).astype("<i2").tobytes()


# --- messages ----------------------------------------------------------------------------------------------------


def header(
    sample_rate: int = 16000, channels: int = 1, bits: int = 16, **parts: Any
) -> controller.AudioStream:
    audio_header = audio.AudioHeader(
        samples_per_second=sample_rate, channel_count=channels, bits_per_sample=bits
    )
    return controller.AudioStream(
        audio_stream_header=controller.AudioStreamHeader(audio_header=audio_header, **parts)
    )


def chunk(data: bytes, *emotions: tuple[float, dict[str, float]]) -> controller.AudioStream:
    message = controller.AudioStream(audio_with_emotion=a2f.AudioWithEmotion(audio_buffer=data))
    for time_code, values in emotions:
        message.audio_with_emotion.emotions.add(time_code=time_code, emotion=values)
    return message


def end() -> controller.AudioStream:
    return controller.AudioStream(end_of_audio=controller.AudioStream.EndOfAudio())


def clip(data: bytes, sample_rate: int = 16000, chunk_seconds: float = 1.0) -> list[controller.AudioStream]:
    size = 2 * round(sample_rate * chunk_seconds)
    return [header(sample_rate), *(chunk(data[i : i + size]) for i in range(0, len(data), size)), end()]


# --- a bare client -----------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What came back on one call."""

    messages: list[controller.AnimationDataStream] = field(default_factory=list)
    code: grpc.StatusCode = grpc.StatusCode.OK
    details: str = ""
    settings: dict[str, Any] | None = None
    trailing: dict[str, Any] = field(default_factory=dict)

    def of(self, part: str) -> list[Any]:
        return [getattr(m, part) for m in self.messages if m.WhichOneof("stream_part") == part]

    @property
    def kinds(self) -> list[str]:
        """The parts in order, runs of frames as one."""
        kinds: list[str] = []
        for message in self.messages:
            kind = message.WhichOneof("stream_part")
            if kind == "status":
                kind = status.Status.Code.Name(message.status.code)
            if not (kinds and kind == kinds[-1] == "animation_data"):
                kinds.append(kind)
        return kinds

    @property
    def frames(self) -> list[Any]:
        return self.of("animation_data")

    @property
    def texts(self) -> list[str]:
        return [s.message for s in self.of("status")]

    @property
    def weights(self) -> np.ndarray:
        return np.array([f.skel_animation.blend_shape_weights[0].values for f in self.frames], np.float32)

    @property
    def audio(self) -> bytes:
        return b"".join(f.audio.audio_buffer for f in self.frames)

    def emotions(self, frame: int) -> aggregate.EmotionAggregate:
        message = aggregate.EmotionAggregate()
        assert self.frames[frame].metadata["emotion_aggregate"].Unpack(message)
        return message


def raw_call(channel: grpc.aio.Channel, **options: Any) -> Any:
    return channel.stream_stream(METHOD)(**options)


async def read_all(call: Any) -> Outcome:
    """Read to the end of the call."""
    outcome = Outcome()
    try:
        while (data := await call.read()) is not grpc.aio.EOF:
            outcome.messages.append(controller.AnimationDataStream.FromString(data))
    except grpc.aio.AioRpcError:
        pass
    outcome.code, outcome.details = await call.code(), await call.details()
    initial = dict(await call.initial_metadata())
    outcome.settings = json.loads(initial["a2fbridge-settings"]) if "a2fbridge-settings" in initial else None
    outcome.trailing = dict(await call.trailing_metadata())
    return outcome


async def exchange(
    server: Server | str,
    messages: Iterable[controller.AudioStream | bytes],
    *,
    half_close: bool = True,
    channel: grpc.aio.Channel | None = None,
    **options: Any,
) -> Outcome:
    """Write everything, then read to the end of the call, as Maya does."""
    address = server if isinstance(server, str) else server.address
    async with channel or grpc.aio.insecure_channel(address) as channel:
        call = raw_call(channel, **options)
        for message in messages:
            await call.write(message if isinstance(message, bytes) else message.SerializeToString())
        if half_close:
            await call.done_writing()
        return await read_all(call)
