"""What stands between a browser and the studio: Host, Origin, tokens, headers, and errors as JSON.

A page of another site can make a browser send requests to this machine.  The Host header tells a name that was
rebound to this machine's address, the Origin header the page that asks.
"""

from __future__ import annotations

import base64
import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web

from a2fbridge._errors import (
    A2FBridgeError,
    AuthenticationError,
    BackendError,
    ServerBusyError,
    ServerError,
    ServerUnavailableError,
)
from a2fbridge.studio._config import StudioConfig

__all__ = ["PROTOCOL", "Guard", "Problem", "error_body"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PROTOCOL: Final = "a2fbridge.v1"
_TOKEN_PROTOCOL: Final = "a2fbridge.token."
_LIVE: Final = "/live"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

_log = logging.getLogger("a2fbridge.studio")


class Problem(A2FBridgeError):
    """A request that is answered with an HTTP status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Guard:
    """The middleware of a studio that listens at ``port``."""

    def __init__(self, config: StudioConfig, port: int) -> None:
        names = {"localhost", "127.0.0.1", "[::1]", f"[{config.host}]" if ":" in config.host else config.host}
        self.hosts = frozenset(
            {f"{name}:{port}" for name in names} | {*config.allow_hosts} | _bare(names, port)
        )
        """Values of the Host header that are this studio."""
        scheme = "https" if config.tls_cert else "http"
        self._own = frozenset(f"{scheme}://{host}" for host in self.hosts)
        self._live_origins = self._own | {*config.allow_origins}
        self._tokens = [token.encode() for token in config.tokens]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request through, or answer it with what is wrong."""
        try:
            self._check(request)
            response = await handler(request)
        except web.HTTPException as error:
            response = error_body(error.status, "Problem", error.reason)
            response.headers.extend({k: v for k, v in error.headers.items() if k == hdrs.ALLOW})
        except A2FBridgeError as error:
            response = _answer(error)
        except TimeoutError:
            response = error_body(408, "Problem", "the request took too long")
        except Exception:
            _log.exception("%s %s failed", request.method, request.path)
            response = error_body(500, "Problem", "the studio failed; its log says how")
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    def _check(self, request: web.Request) -> None:
        host = request.headers.get(hdrs.HOST, "").lower()
        if host not in self.hosts:
            raise Problem(403, f"Host '{host[:100]}' is not a name of this studio; see --allow-host")
        live = request.path == _LIVE
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and origin.lower() not in (self._live_origins if live else self._own):
            raise Problem(403, f"pages of {origin[:100]} may not use this studio; see --allow-origin")
        if request.headers.get("Sec-Fetch-Site") == "cross-site" and not (live and origin):
            raise Problem(403, "a page of another site may not use this studio")
        if self._tokens and (live or request.path.startswith("/api/")):
            self._check_token(_offered_token(request) if live else _bearer(request))

    def _check_token(self, token: bytes) -> None:
        good = [hmac.compare_digest(token, known) for known in self._tokens]
        if not any(good):
            raise Problem(401, "the token is missing or wrong; open the address that the studio printed")


def error_body(status: int, kind: str, message: str) -> web.Response:
    """Return an error as the page reads it."""
    return web.json_response({"error": {"kind": kind, "message": message}}, status=status)


def _bare(names: set[str], port: int) -> set[str]:
    """Browsers leave out the port that the scheme implies."""
    return names if port in (80, 443) else set()


def _answer(error: A2FBridgeError) -> web.Response:
    response = error_body(_status(error), type(error).__name__, str(error))
    if isinstance(error, ServerBusyError) or getattr(error, "status", 0) == 503:
        response.headers["Retry-After"] = "2"
    return response


def _status(error: A2FBridgeError) -> int:
    if isinstance(error, Problem):
        return error.status
    if isinstance(error, ServerBusyError):
        return 503
    if isinstance(error, AuthenticationError | ServerUnavailableError | BackendError):
        return 502
    if isinstance(error, ServerError):
        return 422 if error.code in ("INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION") else 502
    return 422


def _bearer(request: web.Request) -> bytes:
    kind, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip().encode() if kind.lower() == "bearer" else b""


def _offered_token(request: web.Request) -> bytes:
    """Return the token of a WebSocket, which browsers can only offer as a subprotocol."""
    offered = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "").split(",")
    for name in (part.strip() for part in offered):
        if name.startswith(_TOKEN_PROTOCOL):
            text = name.removeprefix(_TOKEN_PROTOCOL)
            try:
                return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            except ValueError:
                return b""
    return _bearer(request)
