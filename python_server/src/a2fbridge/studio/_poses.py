"""Single frames while somebody edits: asked of the authoring service, which computes what the edit touches."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from typing import Any, Final

from a2fbridge._errors import ServerError
from a2fbridge.client import Client, RemoteClip
from a2fbridge.studio._clips import RATE, Clip
from a2fbridge.studio._guard import Problem
from a2fbridge.studio._settings import Settings

__all__ = ["Poses"]

_MOST: Final = 8
_NONE: Final = (
    "this server gives no single frames (it has no authoring service); the whole clip follows each edit"
)
Key = tuple[str, str | None, str | None, str | None, bool]


class Poses:
    """The clips that lie at a server for single frames, by what cannot be said with a frame."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._clips: OrderedDict[Key, RemoteClip] = OrderedDict()
        self._lock = threading.Lock()

    async def pose(self, clip: Clip, settings: Settings, seconds: float) -> dict[str, Any]:
        """Return the face at a time, by itself, fit for JSON.  Raises ParameterError, ServerError, Problem."""
        return await asyncio.to_thread(self._pose, clip, settings, seconds)

    def _pose(self, clip: Clip, settings: Settings, seconds: float) -> dict[str, Any]:
        try:
            remote = self._remote(clip, settings)
            pose = remote.pose(
                seconds,
                emotions=settings.emotions,
                parameters=settings.parameters,
                multipliers=settings.multipliers,
                offsets=settings.offsets,
                clamp=settings.clamp or None,
            )
        except ServerError as error:
            if error.code == "UNIMPLEMENTED":
                raise Problem(501, _NONE) from None
            raise
        return {"seconds": seconds, "names": list(remote.names), "weights": pose.weights.tolist()}

    def _remote(self, clip: Clip, settings: Settings) -> RemoteClip:
        """Return the clip at the server, uploaded when it is first asked for."""
        automatic = settings.emotion == "auto"
        key = (clip.id, settings.pack, settings.identity, settings.solver, automatic)
        with self._lock:
            if key not in self._clips:
                self._clips[key] = self._client.clip(
                    clip.samples,
                    RATE,
                    pack=settings.pack,
                    identity=settings.identity,
                    solver=settings.solver,
                    automatic_emotion=automatic or None,
                )
            self._clips.move_to_end(key)
            if len(self._clips) > _MOST:
                self._clips.popitem(last=False)
            return self._clips[key]
