"""Who may call: bearer tokens, and the certificates of TLS and mutual TLS."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc

from a2fbridge._errors import ConfigError
from a2fbridge._network import read_pem
from a2fbridge.service._deployment import Listen

__all__ = ["TokenInterceptor", "read_tokens", "server_credentials"]

_OPEN = "/grpc.health.v1.Health/"

if TYPE_CHECKING:
    Interceptor = grpc.aio.ServerInterceptor[Any, Any]
else:
    Interceptor = grpc.aio.ServerInterceptor


class TokenInterceptor(Interceptor):
    """Refuses calls without one of the tokens; health stays open, for probes and balancers."""

    def __init__(self, tokens: Sequence[bytes]) -> None:
        self._tokens = tuple(tokens)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Hand the call on, or answer it with UNAUTHENTICATED."""
        method: Any = handler_call_details.method
        if method.startswith(_OPEN):
            return await continuation(handler_call_details)
        metadata: Any = handler_call_details.invocation_metadata or ()
        given = [value for key, value in metadata if key == "authorization"]
        problem = self._problem(given)
        return _refusing(problem) if problem else await continuation(handler_call_details)

    def _problem(self, given: Sequence[str | bytes]) -> str:
        if not given:
            return "a token is needed: send the metadata 'authorization: Bearer TOKEN'"
        if len(given) > 1:
            return "authorization was sent more than once"
        scheme, _, token = _as_bytes(given[0]).partition(b" ")
        # Every token is compared, each in constant time, so that the answer's time tells nothing.
        matches = [hmac.compare_digest(token.strip(), known) for known in self._tokens]
        return "" if scheme.lower() == b"bearer" and any(matches) else "the token is not one of this server's"


def read_tokens(path: str) -> tuple[bytes, ...]:
    """Return the tokens of a file, one a line; raises ConfigError when there is none."""
    try:
        lines = Path(path).read_bytes().splitlines()
    except OSError as error:
        raise ConfigError(f"token file '{path}' cannot be read: {error.strerror}") from None
    tokens = tuple(line.strip() for line in lines if line.strip())
    if not tokens:
        raise ConfigError(f"token file '{path}' is empty; right is one token a line")
    return tokens


def server_credentials(listen: Listen) -> grpc.ServerCredentials | None:
    """Return the credentials for an address, None without TLS; raises ConfigError for files that cannot be used."""
    if listen.secure_mode == "disabled":
        return None
    key = read_pem(listen.key_path, "PRIVATE KEY", "key")
    certificate = read_pem(listen.certificate_path, "CERTIFICATE", "certificate")
    authority = read_pem(listen.ca_path, "CERTIFICATE", "client CA") if listen.secure_mode == "mtls" else None
    return grpc.ssl_server_credentials(
        [(key, certificate)], root_certificates=authority, require_client_auth=authority is not None
    )


def _as_bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _refusing(problem: str) -> Any:
    async def refuse(_: Any, context: Any) -> None:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, problem)

    return grpc.stream_stream_rpc_method_handler(refuse)
