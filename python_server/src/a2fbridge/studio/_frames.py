"""What a browser wants of a server's messages: with or without sound, blend shapes or the curves of a rig."""

from __future__ import annotations

import numpy as np

from a2fbridge._errors import ServerError
from a2fbridge._proto.nvidia_ace.animation_data.v1_pb2 import AnimationData
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge.mapping import MappingTable
from a2fbridge.shapes import convert

__all__ = ["FrameFilter"]


class FrameFilter:
    """Rewrites the messages of one stream."""

    def __init__(self, table: MappingTable | None, audio: bool) -> None:
        """``table`` maps each frame; without ``audio`` the frames' sound is left out."""
        self._table, self._audio = table, audio
        self._names: tuple[str, ...] = ()

    def __call__(self, message: bytes) -> bytes:
        """Return the message that takes this one's place; raises ServerError for frames that do not fit."""
        if self._table is None and self._audio:
            return message
        stream = controller.AnimationDataStream.FromString(message)
        part = stream.WhichOneof("stream_part")
        if part == "animation_data_stream_header" and self._table:
            self._rename(stream.animation_data_stream_header, self._table)
        elif part == "animation_data":
            self._rewrite(stream.animation_data)
        else:
            return message
        return stream.SerializeToString()

    def _rename(self, header: controller.AnimationDataStreamHeader, table: MappingTable) -> None:
        shapes = header.skel_animation_header.blend_shapes
        self._names = tuple(shapes)
        del shapes[:]
        shapes.extend(table.targets)

    def _rewrite(self, data: AnimationData) -> None:
        if not self._audio:
            data.ClearField("audio")
        if self._table:
            for entry in data.skel_animation.blend_shape_weights:
                curves = self._mapped(self._table, np.array(entry.values, np.float32))
                del entry.values[:]
                entry.values.extend(curves.tolist())

    def _mapped(self, table: MappingTable, weights: np.ndarray) -> np.ndarray:
        if len(weights) != len(self._names):
            raise ServerError(
                f"the server sent {len(weights)} weights for {len(self._names)} names", "INTERNAL"
            )
        return table.apply(convert(weights, "a2f", table.convention), self._names)
