"""``diagnose``: checks an installation, and the way to a server, link by link, and names the one that fails."""

from __future__ import annotations

import importlib.metadata
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from a2fbridge._api import DEFAULT_PACK, Engine
from a2fbridge._errors import A2FBridgeError, AuthenticationError, PackError, ServerError
from a2fbridge._version import __version__

__all__ = ["Check", "diagnose"]

_PACKAGES = ("numpy", "onnxruntime", "grpcio", "protobuf", "soundfile", "soxr", "numba")


@dataclass(frozen=True, slots=True)
class Check:
    """One link."""

    link: str
    """environment, solver, pack, tables, port, dns, tcp, server, token, settings, frames"""
    status: Literal["ok", "warning", "failed"]
    text: str
    """What was found, and what would be right."""


def diagnose(
    pack: str = DEFAULT_PACK, port: int = 52000, server: str | None = None, **client: Any
) -> Iterator[Check]:
    """Yield a check per link: this installation and, with ``server`` ("HOST:PORT"), the way to it.

    ``client`` holds the keyword arguments of ``Client``.  Stops at the first link to the server that fails.
    """
    yield _environment()
    yield _solver()
    yield _guard("pack", lambda: _pack(pack))
    yield _guard("tables", _tables)
    if server is None:
        yield _port(port)
    else:
        yield from _way_to(server, client)


def _guard(link: str, check: Callable[[], str]) -> Check:
    try:
        return Check(link, "ok", check())
    except (A2FBridgeError, OSError) as error:
        return Check(link, "failed", str(error))


def _environment() -> Check:
    python = f"A2FBridge {__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} cores"
    try:
        versions = [f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES]
    except importlib.metadata.PackageNotFoundError as error:
        return Check(
            "environment",
            "failed",
            f"{python}: package {error.name} is missing; right: pip install a2fbridge",
        )
    return Check("environment", "ok", f"{python}; {', '.join(versions)}")


def _solver() -> Check:
    from a2fbridge.face import COMPILED

    if COMPILED:
        return Check("solver", "ok", "compiled by numba")
    return Check(
        "solver",
        "warning",
        "numba cannot be imported: the solver runs in NumPy, several times slower",
    )


def _pack(pack: str) -> str:
    from a2fbridge.packs import validate

    errors = [finding for finding in validate(pack) if finding.severity == "error"]
    if errors:
        raise PackError(
            f"{pack}: {errors[0]} ({len(errors)} errors; a2fbridge packs validate {pack} lists them)"
        )
    with Engine.open(pack) as engine:
        animation = engine.animate(np.zeros(8000, np.float32), 16000)
        return f"{pack}: loads, gives {len(animation)} frames of {len(animation.names)} weights for half a second"


def _tables() -> str:
    from a2fbridge.mapping import MappingTable, list_tables

    names = list_tables()
    return ", ".join(f"{name} ({len(MappingTable.load(name).targets)} curves)" for name in names)


def _port(port: int) -> Check:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return Check(
                "port",
                "warning",
                f"{port} on this machine cannot be bound ({error.strerror}); --port takes another",
            )
    return Check("port", "ok", f"{port} on this machine is free")


def _way_to(server: str, client: dict[str, Any]) -> Iterator[Check]:
    host, _, port = server.rpartition(":")
    if not (host and port.isdigit()):
        yield Check("dns", "failed", f"'{server}' is not HOST:PORT, such as localhost:52000")
        return
    host = host.strip("[]")
    try:
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)}
    except OSError as error:
        yield Check("dns", "failed", f"the name {host} is not known: {error}")
        return
    yield Check("dns", "ok", f"{host} is {', '.join(sorted(addresses))}")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        yield Check(
            "tcp", "failed", f"nothing answers at {server} ({error}); is the server running, the port right?"
        )
        return
    yield Check("tcp", "ok", f"{server} answers")
    yield from _talk(server, client)


def _talk(server: str, options: dict[str, Any]) -> Iterator[Check]:
    from a2fbridge.client import Client

    try:
        with Client(server, **options) as client:
            healthy = client.health()
            yield Check(
                "server", "ok" if healthy else "failed", "says it is serving" if healthy else "is not serving"
            )
            animation = client.animate(np.zeros(8000, np.float32), 16000)
            yield Check("settings", *_settings(dict(animation.settings)))
            yield Check(
                "frames", "ok", f"{len(animation)} frames of {len(animation.names)} weights for half a second"
            )
    except AuthenticationError as error:
        yield Check("token", "failed", str(error))
    except ServerError as error:
        yield Check("server", "failed", f"{error.code}: {error}")


def _settings(settings: dict[str, Any]) -> tuple[Literal["ok", "warning"], str]:
    if "version" not in settings:
        return "ok", "a plain NIM: frame rate, pack and solver are its own"
    version = settings["version"]
    text = ", ".join(
        f"{key} {settings[key]}" for key in ("version", "pack", "solver", "backend") if key in settings
    )
    if version != __version__:
        return "warning", f"{text}; this client is {__version__}"
    return "ok", text
