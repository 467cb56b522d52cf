"""Full method paths and how their messages are made (spec: wire protocol, section 1.1)."""

from __future__ import annotations

from typing import Any, Final

import grpc

from a2fbridge._proto.nvidia_ace.a2f_authoring import v1_pb2 as authoring
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.services.a2x_export_config import v1_pb2 as export_config

__all__ = ["Methods"]

_PROCESS: Final = "/nvidia_ace.services.a2f_controller.v1.A2FControllerService/ProcessAudioStream"
_CONFIGS: Final = "/nvidia_ace.services.a2x_export_config.v1.A2XExportConfigService/GetConfigs"
_AUTHORING: Final = "/nvidia_ace.services.a2f_authoring.v1.A2FAuthoringService/"
_HEALTH: Final = "/grpc.health.v1.Health/Check"


class Methods:
    """The calls of one channel, blocking or asyncio alike."""

    def __init__(self, channel: grpc.Channel | grpc.aio.Channel) -> None:
        from grpc_health.v1 import health_pb2

        self.process: Any = channel.stream_stream(
            _PROCESS,
            request_serializer=controller.AudioStream.SerializeToString,
            response_deserializer=controller.AnimationDataStream.FromString,
        )
        self.relay: Any = channel.stream_stream(_PROCESS, request_serializer=None, response_deserializer=None)
        """``process`` in bytes, for who carries messages without reading them."""
        self.configs: Any = channel.unary_stream(
            _CONFIGS,
            request_serializer=export_config.ConfigsTypeRequest.SerializeToString,
            response_deserializer=export_config.A2XConfig.FromString,
        )
        self.upload: Any = channel.unary_unary(
            _AUTHORING + "UploadAudioClip",
            request_serializer=authoring.AudioClip.SerializeToString,
            response_deserializer=authoring.AudioClipHandle.FromString,
        )
        self.pose: Any = channel.unary_unary(
            _AUTHORING + "GetAvatarFacePose",
            request_serializer=authoring.FacePoseRequest.SerializeToString,
            response_deserializer=authoring.BlendShapeData.FromString,
        )
        self.health: Any = channel.unary_unary(
            _HEALTH,
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        self.health_request: Any = health_pb2.HealthCheckRequest()
        self.serving: int = health_pb2.HealthCheckResponse.SERVING
