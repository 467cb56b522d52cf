"""GetConfigs: the three files as they are in force, the pack's own values filled in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import grpc

from a2fbridge._proto.nvidia_ace.services.a2x_export_config import v1_pb2 as export_config
from a2fbridge._settings import dump_yaml, plain
from a2fbridge.face import Face, FaceModel
from a2fbridge.packs import SolverConfig
from a2fbridge.service._config import FILE_NAMES, ServerConfig
from a2fbridge.service._stylization import Stylization

__all__ = ["SERVICE", "ExportConfig"]

_T = TypeVar("_T")
SERVICE = "nvidia_ace.services.a2x_export_config.v1.A2XExportConfigService"


class ExportConfig:
    """Sends the configuration of a server."""

    def __init__(self, config: ServerConfig, model: FaceModel) -> None:
        face = model.face(config.identity_of(model.identities))
        self._config = replace(config, stylization=_filled(config.stylization, model, face))

    def handler(self) -> grpc.GenericRpcHandler[Any, Any]:
        """Return the handler to register."""
        method = grpc.unary_stream_rpc_method_handler(
            self._get_configs,
            request_deserializer=export_config.ConfigsTypeRequest.FromString,
            response_serializer=export_config.A2XConfig.SerializeToString,
        )
        return grpc.method_handlers_generic_handler(SERVICE, {"GetConfigs": method})

    async def _get_configs(self, request: Any, context: Any) -> AsyncIterator[Any]:
        as_json = request.config_type == export_config.ConfigsTypeRequest.JSON
        for part, name in FILE_NAMES.items():
            config = getattr(self._config, part)
            if as_json:
                yield export_config.A2XConfig(
                    name=name.replace(".yaml", ".json"), content=json.dumps(plain(config), indent=2)
                )
            else:
                yield export_config.A2XConfig(name=name, content=dump_yaml(config))


def _filled(style: Stylization, model: FaceModel, chosen: Face) -> Stylization:
    """Return the stylization with the pack's values where the file names none."""
    identity = chosen.identity
    tables = style.a2f.blendshape_params
    parts = [part.config for part in (identity.skin, identity.tongue) if part]

    def filled(values: Callable[[SolverConfig], Sequence[_T]], named: Mapping[str, _T]) -> dict[str, _T]:
        own = [value for part in parts for value in values(part)]
        return dict(zip(chosen.names, own, strict=False)) | dict(named)  # fewer names without the tongue

    face = replace(
        style.a2f,
        **_model_of(style, model, identity.name),
        face_params=chosen.parameters | dict(style.a2f.face_params),
        blendshape_params=replace(
            tables,
            weight_multipliers=filled(lambda part: part.multipliers, tables.weight_multipliers),
            weight_offsets=filled(lambda part: part.offsets, tables.weight_offsets),
            active_poses=filled(lambda part: [int(on) for on in part.active], tables.active_poses),
            cancel_poses=filled(lambda part: part.cancel, tables.cancel_poses),
            symmetry_poses=filled(lambda part: part.symmetric, tables.symmetry_poses),
        ),
    )
    return replace(style, a2f=face)


def _model_of(style: Stylization, model: FaceModel, identity: str) -> dict[str, Any]:
    """Return the fields that name the model which is served."""
    kind, pack = model.pack.info.kind, model.pack.id
    if kind == "regression":
        named = replace(style.a2f.regression_model, inference_model_id=pack)
        return {"inference_type": kind, "regression_model": named}
    diffusion = replace(style.a2f.diffusion_model, inference_model_id=pack, identity=identity)
    return {"inference_type": kind, "diffusion_model": diffusion}
