"""Single poses of a clip that lies on a server: NVIDIA's authoring service, ours or theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
from numpy.typing import NDArray

from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge._proto.nvidia_ace.a2f_authoring import v1_pb2 as authoring
from a2fbridge._proto.nvidia_ace.audio import v1_pb2 as audio
from a2fbridge.client._exchange import Connection
from a2fbridge.client._options import ClipOptions
from a2fbridge.client._session import SETTINGS_KEY, emotion_processing, plain_nim_error
from a2fbridge.emotion import check_emotions
from a2fbridge.shapes import EMOTION_NAMES

__all__ = ["Pose", "RemoteClip"]


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A face at one time of a clip."""

    seconds: float
    weights: NDArray[np.float32]
    """[K] in the order of the clip's names."""
    emotions: NDArray[np.float32]
    """[10] that drove the face; NaN where the server says none."""


class RemoteClip:
    """A clip on a server; it is uploaded again when the server has forgotten it."""

    def __init__(self, connection: Connection, pcm: bytes, rate: int, options: ClipOptions) -> None:
        """Uploads the clip; of the options those count that are no part of a pose's request.  Raises ServerError."""
        header = audio.AudioHeader(channel_count=1, samples_per_second=rate, bits_per_sample=16)
        self._link = connection
        self._clip = authoring.AudioClip(audio_header=header, content=pcm)
        self._asked = options.extensions()
        self._metadata = [*connection.metadata, *self._asked]
        self.names: tuple[str, ...] = ()
        """Weight names."""
        self._id = ""
        self._upload()

    def pose(
        self,
        seconds: float,
        *,
        emotions: Mapping[str, float] | None = None,
        parameters: Mapping[str, float] | None = None,
        multipliers: Mapping[str, float] | None = None,
        offsets: Mapping[str, float] | None = None,
        clamp: bool | None = None,
        post_processing: Mapping[str, Any] | None = None,
    ) -> Pose:
        """Return the face at a time, by itself: no smoothing of the face over time.

        ``post_processing`` holds fields of EmotionPostProcessingParameters, in force with automatic emotion; what is
        left out is the server's.  Raises ParameterError, ServerError.
        """
        request = authoring.FacePoseRequest(
            audio_hash=self._id,
            time_stamp=seconds,
            preferred_emotions=check_emotions(emotions or {}),
            face_params=a2f.FaceParameters(float_params=parameters or {}),
            emotion_pp_params=emotion_processing(post_processing or {}),
            blendshape_params=a2f.BlendShapeParameters(
                bs_weight_multipliers=multipliers or {},
                bs_weight_offsets=offsets or {},
                enable_clamping_bs_weight=clamp,
            ),
        )
        try:
            data = self._pose(request)
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:  # type: ignore[attr-defined,unused-ignore]
                raise self._link.fault(error) from None
            data = self._pose_again(request)
        emotion = [data.emotions.get(name, np.nan) for name in EMOTION_NAMES]
        return Pose(seconds, np.array(data.blendshapes, np.float32), np.array(emotion, np.float32))

    def _pose_again(self, request: authoring.FacePoseRequest) -> Any:
        self._upload()
        request.audio_hash = self._id
        try:
            return self._pose(request)
        except grpc.RpcError as error:
            raise self._link.fault(error) from None

    def _upload(self) -> None:
        try:
            handle, call = self._link.methods.upload.with_call(
                self._clip, timeout=self._link.timeout, metadata=self._metadata
            )
        except grpc.RpcError as error:
            raise self._link.fault(error) from None
        if self._asked and SETTINGS_KEY not in dict(call.initial_metadata() or ()):
            raise plain_nim_error(self._link.target, self._asked)
        self.names, self._id = tuple(handle.blendshape_names), handle.audio_clip_id

    def _pose(self, request: authoring.FacePoseRequest) -> Any:
        return self._link.methods.pose(request, timeout=self._link.timeout, metadata=self._metadata)
