"""What is in force for a stream, told to the client in the initial metadata."""

from __future__ import annotations

import json
from typing import Any, Final

from a2fbridge._version import __version__
from a2fbridge.scheduler import StreamHandle
from a2fbridge.service._request import Request

__all__ = ["SETTINGS_KEY", "as_header", "in_force"]

SETTINGS_KEY: Final = "a2fbridge-settings"
_MAX_BYTES: Final = 6000
"""gRPC takes 8 KiB of metadata in all."""


def in_force(request: Request, handle: StreamHandle) -> dict[str, Any]:
    """Return the values in force for a stream, fit for JSON."""
    return {**handle.settings, "not_in_force": request.not_in_force}


def as_header(settings: dict[str, Any]) -> str:
    """Return settings as one line of ASCII JSON; tables that make it too long are left out and named."""
    full = {"server": "a2fbridge", "version": __version__, **settings}
    text = _compact(full)
    if len(text) <= _MAX_BYTES:
        return text
    tables = [name for name, value in full.items() if isinstance(value, dict)]
    return _compact({name: v for name, v in full.items() if name not in tables} | {"left_out": tables})


def _compact(settings: dict[str, Any]) -> str:
    return json.dumps(_rounded(settings), separators=(",", ":"))


def _rounded(value: Any) -> Any:
    """Undo what float32 did on the way: 0.300000012 reads as 0.3."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return float(f"{value:.7g}") if isinstance(value, float) else value
