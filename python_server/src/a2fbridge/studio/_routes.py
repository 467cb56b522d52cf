"""The HTTP interface of the studio (docs/web.md)."""

from __future__ import annotations

import asyncio
import io
import json
import wave
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from aiohttp import hdrs, web

from a2fbridge._doctor import diagnose
from a2fbridge._errors import A2FBridgeError, AudioError, ParameterError
from a2fbridge._resources import data_dir
from a2fbridge.studio._clips import RATE, Clip, Clips
from a2fbridge.studio._config import StudioConfig
from a2fbridge.studio._guard import Problem
from a2fbridge.studio._jobs import EXPORTS, ClipStream, export, failed
from a2fbridge.studio._live import Live
from a2fbridge.studio._settings import FILE_NAME, Settings
from a2fbridge.studio._upstream import Upstream

__all__ = ["Routes"]

_SETTINGS_BYTES: Final = 1 << 20
_SAMPLES: Final = ("hello",)
_PAGE: Final = "studio.html"
_HEAD: Final = "head.npz"


class Routes:
    """Answers requests."""

    def __init__(self, config: StudioConfig, upstream: Upstream, live: Live) -> None:
        self._config, self._upstream, self._live = config, upstream, live
        self._clips = Clips(config.clip_seconds)
        self._web = data_dir() / "web"

    def add_to(self, app: web.Application) -> None:
        """Register every path."""
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/assets/{name:[A-Za-z0-9_.-]+}", self._asset),
                web.get("/live", self._live.handle),
                web.get("/api/about", self._about),
                web.get("/api/checks", self._checks),
                web.post("/api/clips", self._new_clip),
                web.get("/api/clips/{clip}/audio", self._audio),
                web.post("/api/clips/{clip}/animation", self._animation),
                web.post("/api/clips/{clip}/pose", self._pose),
                web.post("/api/clips/{clip}/export", self._export),
                web.post("/api/settings/yaml", self._to_yaml),
                web.post("/api/settings/read", self._from_file),
            ]
        )

    # --- the page ------------------------------------------------------------------------------------------------

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return self._file(_PAGE)

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        return self._file(request.match_info["name"])

    def _file(self, name: str) -> web.StreamResponse:
        path = data_dir() / "head" / name if name == _HEAD else self._web / name
        if not path.is_file():
            raise Problem(404, f"there is no file '{name}' in this installation")
        return web.FileResponse(path)

    async def _about(self, _: web.Request) -> web.Response:
        config = self._config
        formats = [{"id": kind, "ending": e[0], "title": e[1]} for kind, e in EXPORTS.items()]
        limits = {"upload_bytes": config.upload_bytes, "clip_seconds": config.clip_seconds}
        return web.json_response(
            {
                **(await self._upstream.about()),
                "formats": formats,
                "limits": limits,
                "samples": list(_SAMPLES),
            }
        )

    async def _checks(self, _: web.Request) -> web.Response:
        config = self._config

        def run() -> list[dict[str, Any]]:
            found = diagnose(server=config.server, **(config.client if config.server else {}))
            return [asdict(check) for check in found]

        checks = await asyncio.to_thread(run)
        return web.json_response(
            {
                "checks": [
                    {"name": c["link"], "ok": c["status"] != "failed", "detail": c["text"]} for c in checks
                ]
            }
        )

    # --- clips ----------------------------------------------------------------------------------------------------

    async def _new_clip(self, request: web.Request) -> web.Response:
        sample = request.query.get("sample")
        if sample is not None:
            content, name = self._sample(sample)
        else:
            name = Path(request.query.get("name", "recording")).name[:100] or "recording"
            content = await self._body(request, self._config.upload_bytes)
        try:
            clip = await asyncio.to_thread(self._clips.add, name, content)
        except AudioError as error:
            raise Problem(415, str(error)) from None
        return web.json_response(clip.described(), status=201)

    def _sample(self, name: str) -> tuple[bytes, str]:
        if name not in _SAMPLES:
            raise Problem(404, f"no sample '{name[:60]}'; there is {', '.join(_SAMPLES)}")
        return (data_dir() / "samples" / f"{name}.wav").read_bytes(), f"{name}.wav"

    async def _body(self, request: web.Request, limit: int) -> bytes:
        """Read a body within its size and time; raises Problem."""
        too_large = Problem(413, f"the file is larger than {limit / 2**20:g} MiB, this studio's limit")
        if (request.content_length or 0) > limit:
            raise too_large
        content = bytearray()
        try:
            async with asyncio.timeout(self._config.upload_seconds):
                async for piece in request.content.iter_chunked(1 << 16):
                    content += piece
                    if len(content) > limit:
                        raise too_large
        except TimeoutError:
            raise Problem(408, f"the file took more than {self._config.upload_seconds:g} s to come") from None
        return bytes(content)

    def _clip(self, request: web.Request) -> Clip:
        return self._clips.get(request.match_info["clip"])

    async def _settings(self, request: web.Request) -> Settings:
        body = await self._body(request, _SETTINGS_BYTES)
        try:
            return Settings.read(json.loads(body or b"{}"))
        except (ValueError, RecursionError) as error:
            if isinstance(error, ParameterError):
                raise
            raise ParameterError(f"the settings are no JSON: {error}") from None

    async def _audio(self, request: web.Request) -> web.Response:
        content = io.BytesIO()
        with wave.open(content, "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(self._clip(request).samples.tobytes())
        return web.Response(body=content.getvalue(), content_type="audio/wav")

    async def _animation(self, request: web.Request) -> web.StreamResponse:
        clip, settings = self._clip(request), await self._settings(request)
        stream = ClipStream(self._upstream, clip, settings)
        try:
            in_force, begun = await stream.opening()
            response = web.StreamResponse(headers={"a2fbridge-settings": json.dumps(in_force)})
            response.content_type = "application/octet-stream"
            await response.prepare(request)
            await _send(response, begun, stream)
        finally:
            await stream.close()
        return response

    async def _pose(self, request: web.Request) -> web.Response:
        clip, settings = self._clip(request), await self._settings(request)
        text = request.query.get("time", "")
        try:
            seconds = float(text)
        except ValueError:
            raise ParameterError(f"time is '{text[:60]}'; right is seconds from the clip's start") from None
        return web.json_response(await self._upstream.poses.pose(clip, settings, seconds))

    async def _export(self, request: web.Request) -> web.Response:
        clip, settings = self._clip(request), await self._settings(request)
        name, content = await export(self._upstream, clip, settings, request.query.get("format", ""))
        return _download(name, content, "application/octet-stream")

    # --- settings -------------------------------------------------------------------------------------------------

    async def _to_yaml(self, request: web.Request) -> web.Response:
        settings = await self._settings(request)
        return _download(FILE_NAME, settings.to_yaml().encode(), "application/yaml")

    async def _from_file(self, request: web.Request) -> web.Response:
        settings, ignored = Settings.from_file(await self._body(request, _SETTINGS_BYTES))
        told = json.dumps([key[:60] for key in ignored[:50]])
        return web.json_response(settings.as_json(), headers={"a2fbridge-ignored": told})


async def _send(response: web.StreamResponse, first: bytes, rest: ClipStream) -> None:
    try:
        await response.write(first)
        async for piece in rest:
            await response.write(piece)
    except A2FBridgeError as error:
        await response.write(failed(error))
    except ConnectionResetError:
        return
    await response.write_eof()


def _download(name: str, content: bytes, kind: str) -> web.Response:
    plain = "".join(c if c.isalnum() or c in "._- " else "_" for c in name if c.isascii())
    return web.Response(
        body=content,
        headers={hdrs.CONTENT_TYPE: kind, hdrs.CONTENT_DISPOSITION: f'attachment; filename="{plain}"'},
    )
