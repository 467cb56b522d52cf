"""The messages of a stream other than its frames, as bytes of the wire."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.status import v1_pb2 as status

__all__ = ["end_event", "header_message", "status_message"]


def header_message(names: Sequence[str], sample_rate: int) -> bytes:
    """Return the first message: names, and the layout of the sound that comes back with the frames."""
    header = controller.AnimationDataStreamHeader(start_time_code_since_epoch=time.time())
    header.audio_header.channel_count = 1
    header.audio_header.samples_per_second = sample_rate
    header.audio_header.bits_per_sample = 16
    header.skel_animation_header.blend_shapes.extend(names)
    return controller.AnimationDataStream(animation_data_stream_header=header).SerializeToString()


def end_event() -> bytes:
    """Return the event that says that all audio is processed."""
    event = controller.Event(event_type=controller.END_OF_A2F_AUDIO_PROCESSING)
    return controller.AnimationDataStream(event=event).SerializeToString()


def status_message(code: Any, text: str) -> bytes:
    """Return a status inside the stream."""
    return controller.AnimationDataStream(status=status.Status(code=code, message=text)).SerializeToString()
