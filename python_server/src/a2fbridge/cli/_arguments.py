"""Options shared by verbs, and values that are spelled NAME=VALUE."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from a2fbridge import ConfigError

__all__ = [
    "add_backend_options",
    "add_client_options",
    "add_output_options",
    "client_options",
    "emotion_keys",
    "named_values",
]

EmotionKeys = list[tuple[float, dict[str, float]]]


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add how a verb talks: for people, for machines, or not at all."""
    talk = parser.add_mutually_exclusive_group()
    talk.add_argument("--json", action="store_true", help="one JSON event a line on standard output")
    talk.add_argument("--quiet", action="store_true", help="say nothing but errors")


def add_backend_options(parser: argparse.ArgumentParser) -> None:
    """Add what the networks run on."""
    parser.add_argument(
        "--backend",
        metavar="NAME",
        help="auto (default: the best here), onnxruntime (CPU), onnxruntime-cuda, onnxruntime-tensorrt, tensorrt",
    )
    parser.add_argument(
        "--device", type=int, metavar="N", help="GPU (default: the one with the most free memory)"
    )


def add_client_options(parser: argparse.ArgumentParser) -> None:
    """Add how to reach a server."""
    group = parser.add_argument_group("server")
    group.add_argument("--server", metavar="HOST:PORT", help="use this server instead of this machine")
    group.add_argument(
        "--tls", action="store_true", help="encrypt; trust the system's certificate authorities"
    )
    group.add_argument("--tls-ca", metavar="PEM", help="encrypt; trust this certificate authority")
    group.add_argument("--tls-cert", metavar="PEM", help="client certificate, for servers that ask for one")
    group.add_argument("--tls-key", metavar="PEM", help="key of the client certificate")
    group.add_argument("--token-file", metavar="FILE", help="file that holds the bearer token")
    group.add_argument(
        "--metadata", action="append", default=[], metavar="NAME=VALUE", help="extra request metadata"
    )


def named_values(pairs: Sequence[str], what: str) -> dict[str, float]:
    """Parse ``NAME=VALUE`` pairs; raises ConfigError."""
    values: dict[str, float] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        try:
            values[name.strip()] = float(value)
        except ValueError:
            separator = ""
        if not (separator and name.strip()):
            raise ConfigError(f"{what} '{pair}' is not NAME=VALUE with a number, such as joy=0.7")
    return values


def emotion_keys(path: str) -> EmotionKeys:
    """Read a CSV of emotion keys: a header ``time_code,<emotion>,...``, then seconds and values 0..1 a row.

    Empty cells count as 0.  Raises ConfigError with the line.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    rows = list(csv.reader(lines))
    header = [name.strip() for name in rows[0]] if rows else []
    if len(header) < 2 or header[0] != "time_code":
        raise ConfigError(
            f"{path}:1: the header must be time_code,<emotion>,...; got {','.join(header) or 'nothing'}"
        )
    if repeated := [name for name in header if header.count(name) > 1]:
        raise ConfigError(f"{path}:1: column '{repeated[0]}' appears twice")
    return [_emotion_key(path, line, header, row) for line, row in enumerate(rows[1:], 2) if any(row)]


def _emotion_key(path: str, line: int, header: list[str], row: list[str]) -> tuple[float, dict[str, float]]:
    if len(row) != len(header):
        raise ConfigError(f"{path}:{line}: {len(row)} cells; the header has {len(header)}")
    try:
        numbers = [float(cell) if cell.strip() else 0.0 for cell in row]
    except ValueError as error:
        raise ConfigError(f"{path}:{line}: {error}") from None
    return numbers[0], dict(zip(header[1:], numbers[1:], strict=True))


def client_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return keyword arguments of ``Client`` from the parsed options; raises ConfigError."""
    from a2fbridge import TlsFiles

    secure = options.tls or options.tls_ca or options.tls_cert or options.tls_key
    token = _token(options.token_file) if options.token_file else None
    metadata = []
    for pair in options.metadata:
        name, separator, value = pair.partition("=")
        if not separator:
            raise ConfigError(f"metadata '{pair}' is not NAME=VALUE")
        metadata.append((name.lower(), value))
    tls = TlsFiles(options.tls_ca, options.tls_cert, options.tls_key) if secure else None
    return {"token": token, "tls": tls, "metadata": metadata}


def _token(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the token cannot be read: {error}") from None
