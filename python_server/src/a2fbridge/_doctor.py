"""``diagnose``: checks an installation, and the way to a server, link by link, and names the one that fails."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from a2fbridge._errors import A2FBridgeError, ConfigError, PackError, ServerError, ServerUnavailableError
from a2fbridge._network import check_port, split_address
from a2fbridge._version import __version__

__all__ = ["Check", "diagnose"]

_PACKAGES = {
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "grpc": "grpcio",
    "grpc_health.v1.health": "grpcio-health-checking",
    "grpc_reflection.v1alpha.reflection": "grpcio-reflection",
    "google.protobuf": "protobuf",
    "soundfile": "soundfile",
    "soxr": "soxr",
    "yaml": "PyYAML",
    "tqdm": "tqdm",
}
"""Modules and the packages that bring them."""


@dataclass(frozen=True, slots=True)
class Check:
    """One link."""

    link: str
    """environment, solver, backend, pack, tables, port, dns, tcp, tls, server, token, version, frames"""
    status: Literal["ok", "warning", "failed"]
    text: str
    """What was found, and what would be right."""


def diagnose(
    pack: str = "builtin", port: int = 52000, server: str | None = None, **client: Any
) -> Iterator[Check]:
    """Yield a check per link: this installation and, with ``server`` ("HOST:PORT"), the way to it.

    ``client`` holds the keyword arguments of ``Client``.  Stops at an environment, or a link to the server, that fails.
    """
    environment = _environment()
    yield environment
    if environment.status == "failed":
        return
    yield _solver()
    yield _backend()
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
    """Import what everything needs: an installation may be broken although its packages are there."""
    found = [f"A2FBridge {__version__}", f"Python {sys.version.split()[0]}", f"{os.cpu_count()} cores"]
    for module, package in _PACKAGES.items():
        try:
            importlib.import_module(module)
            found.append(f"{package} {importlib.metadata.version(package)}")
        except (ImportError, OSError) as error:
            text = f"{', '.join(found)}: {package} cannot be imported ({error}); right: pip install {package}"
            return Check("environment", "failed", text)
    return Check("environment", "ok", ", ".join(found))


def _solver() -> Check:
    from a2fbridge.face import COMPILED

    if COMPILED:
        return Check("solver", "ok", "compiled by numba")
    return Check(
        "solver",
        "warning",
        "numba cannot be imported: the solver runs in NumPy, several times slower",
    )


def _backend() -> Check:
    from a2fbridge.backends import survey

    text, used = survey()
    return Check(
        "backend", "ok" if used else "warning", text if used else f"{text}; docs/gpu.md says what to install"
    )


def _pack(pack: str) -> str:
    import numpy as np

    from a2fbridge._api import Engine
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
    try:
        check_port(port)
    except ConfigError as error:
        return Check("port", "failed", str(error))
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
    """Yield the links to a server in their order, up to the one that an error names."""
    passed: list[str] = []
    try:
        for check in _links(server, client):
            passed.append(check.link)
            yield check
    except ServerError as error:
        yield Check(error.link, "failed", f"{error.code}: {error}")
    except A2FBridgeError as error:
        yield Check("tls" if "tcp" in passed else "dns", "failed", str(error))


def _links(server: str, options: dict[str, Any]) -> Iterator[Check]:
    import numpy as np

    from a2fbridge.client import Client

    host, port = split_address(server, "server")
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise ServerUnavailableError(f"the name {host} is not known: {error}", "UNAVAILABLE", "dns") from None
    yield Check("dns", "ok", f"{host} is {', '.join(sorted(found))}")
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError as error:
        text = f"nothing answers at {server} ({error}); is the server running, the port right?"
        raise ServerUnavailableError(text, "UNAVAILABLE", "tcp") from None
    yield Check("tcp", "ok", f"{server} answers")
    with Client(server, **options) as client:
        healthy = client.health()
        yield Check("tls", "ok", "encrypted, certificate trusted" if options.get("tls") else "not encrypted")
        if not healthy:
            text = f"{server} says that it is not serving: it starts or shuts down"
            raise ServerUnavailableError(text, "UNAVAILABLE")
        yield Check("server", "ok", "says it is serving")
        animation = client.animate(np.zeros(8000, np.float32), 16000)
        yield Check("token", "ok", "accepted" if options.get("token") else "none sent, none asked for")
        yield Check("version", *_version(dict(animation.settings)))
        text = f"{len(animation)} frames of {len(animation.names)} weights for half a second"
        yield Check("frames", "ok", text)


def _version(settings: dict[str, Any]) -> tuple[Literal["ok", "warning"], str]:
    if "version" not in settings:
        return "ok", "a plain NIM: frame rate, pack and solver are its own"
    text = ", ".join(
        f"{key} {settings[key]}" for key in ("version", "pack", "solver", "backend") if key in settings
    )
    if settings["version"] != __version__:
        return "warning", f"{text}; this client is {__version__}"
    return "ok", text
