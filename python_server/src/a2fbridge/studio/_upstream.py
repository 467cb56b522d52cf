"""The server behind a studio: its own, started on loopback, or another one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from a2fbridge._errors import A2FBridgeError
from a2fbridge._version import __version__
from a2fbridge.client import Client
from a2fbridge.face import PARAMETERS, SOLVERS, Parameter
from a2fbridge.mapping import MappingTable, list_tables
from a2fbridge.scheduler import Scheduler
from a2fbridge.service import Server, ServerConfig, read_stylization
from a2fbridge.shapes import EMOTION_NAMES, FACE_NAMES
from a2fbridge.studio._call import Call
from a2fbridge.studio._clips import RATE
from a2fbridge.studio._config import StudioConfig
from a2fbridge.studio._poses import Poses

__all__ = ["Upstream"]

_NETWORK_MEMORY_MIB: Final = 256
"""So that a whole clip after an edit runs the network where the edit reaches, and nowhere else."""
_MAX_MESSAGE_MIB: Final = 2047
_GROUPS: Final = {
    "tongue": ("tongue",),
    "teeth": ("lowerTeeth",),
    "eyes": ("blink", "eye", "saccade", "rightEye", "leftEye"),
    "sound": ("input",),
}


class Upstream:
    """What animates for a studio, as an async context manager."""

    def __init__(self, config: StudioConfig) -> None:
        self._config = config
        self._server: Server | None = None
        self.client: Client
        """Calls of whole clips."""
        self.poses: Poses
        """Single frames, of the same server or of an authoring service beside it."""

    async def start(self) -> None:
        """Start the engine, or get ready to reach the server.  Raises ConfigError, PackError, BackendError."""
        if self._config.server is None:
            self._server = Server(_on_loopback(self._config))
            await self._server.start()
            self.client = Client(self._server.address)
        else:
            self.client = Client(self._config.server, **self._config.client)
        authoring = self._config.authoring
        self._author = Client(authoring, **self._config.client) if authoring else self.client
        self.poses = Poses(self._author)

    async def stop(self) -> None:
        """Cancel what runs and stop the engine."""
        self._author.close()
        self.client.close()
        if self._server:
            await self._server.stop(_now())

    def call(self, extensions: list[tuple[str, str]]) -> Call:
        """Open a stream; ``extensions`` are the request metadata for what NVIDIA's header cannot say."""
        return Call(self.client.connection, extensions)

    async def about(self) -> dict[str, Any]:
        """Return what a page can choose (docs/web.md).  Raises ServerError when a server does not answer."""
        return {
            "version": __version__,
            "server": self._config.server,
            **(await self._served()),
            "parameters": [_described(parameter) for parameter in PARAMETERS.values()],
            "emotions": list(EMOTION_NAMES),
            "shapes": list(FACE_NAMES),
            "solvers": list(SOLVERS),
            "tables": [{"id": name, "title": MappingTable.load(name).name} for name in list_tables()],
        }

    async def _served(self) -> dict[str, Any]:
        if self._server:
            packs = [_local_pack(scheduler) for scheduler in self._server.schedulers]
            hears = all(scheduler.hearing for scheduler in self._server.schedulers)
            return {"plain_nim": False, "packs": packs, "automatic_emotion": hears}
        return _remote_packs(await asyncio.to_thread(self.client.configs))


def _on_loopback(studio: StudioConfig) -> ServerConfig:
    """Return the engine's configuration with a free port of loopback, whatever address and certificates it names.

    It takes every clip that the studio takes.
    """
    config = studio.engine
    deployment = config.deployment
    listen = replace(deployment.endpoints.bidirectional.server, url="127.0.0.1:0", secure_mode="disabled")
    endpoints = replace(
        deployment.endpoints, bidirectional=replace(deployment.endpoints.bidirectional, server=listen)
    )
    memory = deployment.a2fbridge.network_memory_mib or _NETWORK_MEMORY_MIB
    clip = max(deployment.a2fbridge.authoring_clip_mib, int(2 * RATE * studio.clip_seconds) // 2**20 + 1)
    bridge = replace(
        deployment.a2fbridge,
        token_file="",
        network_memory_mib=memory,
        authoring_clip_mib=min(clip, _MAX_MESSAGE_MIB),
    )
    return replace(config, deployment=replace(deployment, endpoints=endpoints, a2fbridge=bridge))


def _now() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


def _described(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "default": parameter.default,
        "low": parameter.low,
        "high": parameter.high,
        "unit": parameter.unit,
        "group": _group(parameter.name),
    }


def _group(name: str) -> str:
    matches = [group for group, starts in _GROUPS.items() if name.startswith(starts)]
    return matches[0] if matches else "face"


def _local_pack(scheduler: Scheduler) -> dict[str, Any]:
    model = scheduler.model
    info = model.pack.info
    return {
        "id": model.pack.id,
        "title": model.pack.id,
        "identities": [face.identity.name for face in model.faces],
        "look_ahead": info.windows(Fraction(30)).look_ahead / info.sample_rate,
        "parameters": dict(model.faces[0].parameters),
    }


def _remote_packs(files: dict[str, str]) -> dict[str, Any]:
    """Read a server's configuration files; what a NIM writes there that we do not know leaves the names empty."""
    try:
        style = read_stylization(files["stylization_config.yaml"].encode())
    except (A2FBridgeError, KeyError):
        return {"plain_nim": True, "packs": [], "automatic_emotion": True}
    pack: dict[str, Any] = {
        "id": style.a2f.regression_model.inference_model_id,
        "title": style.a2f.regression_model.inference_model_id,
        "identities": [],
        "look_ahead": None,
        "parameters": dict(style.a2f.face_params),
    }
    deployment = files.get("deployment_config.yaml", "")
    ours = "a2fbridge:" in deployment
    hears = "emotion_pack: ''" not in deployment if ours else style.a2e.enabled
    return {"plain_nim": not ours, "packs": [pack], "automatic_emotion": hears}
