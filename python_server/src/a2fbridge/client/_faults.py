"""gRPC's errors as ours, each with what to do about it."""

from __future__ import annotations

import re
import socket
import ssl
from typing import Any, Final

import grpc

from a2fbridge._errors import AuthenticationError, ServerBusyError, ServerError, ServerUnavailableError
from a2fbridge._network import split_address

__all__ = ["fault_for"]

_PROBE_SECONDS: Final = 3.0
_CONNECTION: Final = re.compile(
    r"failed to connect|connection|socket closed|endpoint|handshake|dns|resolv|unreachable|tcp|peer",
    re.IGNORECASE,
)
_NOT_TLS: Final = re.compile(r"wrong.?version.?number|packet length too long|http.?request", re.IGNORECASE)
_INNER: Final = re.compile(r"[A-Z_]+|ipv[46]:\S+|error:[0-9a-f]+:.*|.*\(TSI_\w+\)", re.DOTALL)
_DISTRUST: Final = re.compile(r"certificate|verification|not in peer|alert|x509", re.IGNORECASE)


def fault_for(error: Any, target: str, encrypted: bool) -> ServerError:
    """Return what a failed call means.  ``error`` is a ``grpc.RpcError`` that is also a ``grpc.Call``.

    A connection that failed is looked into, for at most three seconds.
    """
    code: grpc.StatusCode = error.code()
    details = error.details() or code.name
    if code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
        return AuthenticationError(f"{target}: {details}", code.name, "token")
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and _is_busy(error):
        return ServerBusyError(f"{target}: {details}", code.name)
    if code is grpc.StatusCode.UNAVAILABLE:
        if _CONNECTION.search(details):
            return _connection_fault(details, target, encrypted)
        return ServerUnavailableError(f"{target}: {details}", code.name)
    if code is grpc.StatusCode.UNIMPLEMENTED:
        details += "; is this an Audio2Face-3D server in bidirectional mode?"
    return ServerError(f"{target}: {details}", code.name)


def _is_busy(error: Any) -> bool:
    """A2FBridge says when to try again; of a NIM the code alone is known, but not when a limit was broken."""
    trailing = {key for key, _ in error.trailing_metadata() or ()}
    initial = {key for key, _ in error.initial_metadata() or ()}
    return "grpc-retry-pushback-ms" in trailing or "a2fbridge-settings" not in initial


def _connection_fault(details: str, target: str, encrypted: bool) -> ServerError:
    host, port = split_address(target)
    code = grpc.StatusCode.UNAVAILABLE.name
    try:
        socket.create_connection((host, port), timeout=_PROBE_SECONDS).close()
    except socket.gaierror:
        text = f"the name '{host}' is not known; check the address of the server"
        return ServerUnavailableError(text, code, "dns")
    except OSError as error:
        reason = error.strerror or str(error)
        text = f"nothing answers at {target} ({reason}); is the server running (a2fbridge serve), the port right?"
        return ServerUnavailableError(text, code, "tcp")
    fault = _tls_fault(details, target, encrypted)
    return fault or ServerUnavailableError(f"the connection to {target} broke: {_short(details)}", code)


def _tls_fault(details: str, target: str, encrypted: bool) -> ServerError | None:
    """Return what is wrong with the encryption of a connection, if anything is."""
    code = grpc.StatusCode.UNAVAILABLE.name
    if encrypted and _NOT_TLS.search(details):
        return ServerUnavailableError(f"{target} does not speak TLS; leave the TLS options out", code, "tls")
    if encrypted and _DISTRUST.search(details):
        text = (
            f"{target}: TLS was refused: {_short(details)}; is the authority (--tls-ca) right, and the name?"
        )
        return AuthenticationError(text, code, "tls")
    server = _probe_tls(*split_address(target))
    if encrypted and server == "asks for a certificate":
        text = f"{target} takes only clients with a certificate of its own authority (--tls-cert, --tls-key)"
        return AuthenticationError(text, code, "tls")
    if not encrypted and server:
        text = f"{target} speaks TLS; connect with TLS (tls=TlsFiles(...), --tls)"
        return ServerUnavailableError(text, code, "tls")
    return None


def _probe_tls(host: str, port: int) -> str:
    """Return ``speaks TLS``, ``asks for a certificate``, or nothing for a port without TLS."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent; the question is only whether there is TLS
    context.set_alpn_protocols(["h2"])
    try:
        with socket.create_connection((host, port), timeout=_PROBE_SECONDS) as plain:
            with context.wrap_socket(plain) as secure:
                # In TLS 1.3 a missing certificate shows after the handshake: as an alert, or as a server that hangs up
                # instead of sending its HTTP/2 settings.
                return "speaks TLS" if secure.recv(1) else "asks for a certificate"
    except ssl.SSLError as error:
        return "asks for a certificate" if "CERTIFICATE_REQUIRED" in str(error) else ""
    except OSError:
        return ""


def _short(details: str) -> str:
    """Return gRPC's last cause, without addresses and the names of libraries' inner errors."""
    last = re.split("last error: ", details, flags=re.IGNORECASE)[-1]
    words = [part for part in last.split(": ") if not _INNER.fullmatch(part)]
    return ": ".join(words)[:300]
