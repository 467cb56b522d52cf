"""A clip as one HTML file: the talking head, its sound and its curves, opened by double click, without a network.

The file holds the page's code (built from ``python_server/web``), the head, the animation as the NPZ of
:func:`write_npz` and the sound as FLAC.  Its content security policy allows that code by hash, and no connection.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import soundfile

from a2fbridge._errors import ConfigError, ConventionError
from a2fbridge._resources import data_dir
from a2fbridge.animation import Animation
from a2fbridge.export._atomic import atomic_file
from a2fbridge.export._npz import npz_bytes

__all__ = ["write_html"]

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="a2fbridge-page"><noscript>This page needs JavaScript.</noscript></div>
{data}
<script>{code}</script>
</body>
</html>
"""
_POLICY: Final = (
    "default-src 'none'; script-src '{code}'; style-src '{style}'; img-src blob: data:; media-src blob:; "
    "base-uri 'none'; form-action 'none'"
)


def write_html(animation: Animation, path: str | Path) -> None:
    """Write a page that plays the clip; some 1.5 MB and 35 kB for each second.

    Raises ConventionError after a mapping: the head is moved by blend shapes.
    """
    if animation.convention == "target":
        raise ConventionError("a mapped animation cannot move the head; write HTML from the unmapped one")
    code, style = _asset("player.js"), _asset("player.css")
    policy = _POLICY.format(code=_hash(code), style=_hash(style))
    page = _PAGE.format(
        policy=policy,
        title=html.escape(Path(path).stem),
        style=style,
        data=_data(animation, Path(path).stem),
        code=code,
    )
    with atomic_file(path) as file:
        file.write(page.encode())


def _data(animation: Animation, title: str) -> str:
    """Return the elements that the page's code reads."""
    about = json.dumps({"title": title, "detail": _detail(animation)}).replace("<", "\\u003c")
    parts = [f'<script type="application/json" id="a2fbridge-about">{about}</script>']
    parts.append(_element("head", (data_dir() / "head" / "head.npz").read_bytes(), "application/zip"))
    parts.append(_element("animation", npz_bytes(replace(animation, audio=None)), "application/zip"))
    if animation.audio is not None and len(animation.audio):
        parts.append(_element("sound", _flac(animation), "audio/flac"))
    return "\n".join(parts)


def _detail(animation: Animation) -> str:
    pack = animation.settings.get("pack")
    rate = f"{float(animation.frame_rate):.5g} fps"
    return " · ".join([f"{animation.duration:.2f} s", rate, *([f"pack {pack}"] if pack else [])])


def _element(name: str, data: bytes, kind: str) -> str:
    text = base64.b64encode(data).decode()
    return f'<script type="text/plain" id="a2fbridge-{name}" data-type="{kind}">{text}</script>'


def _flac(animation: Animation) -> bytes:
    """Return the sound, lossless: no encoder's delay moves it against the frames."""
    buffer = io.BytesIO()
    soundfile.write(buffer, animation.audio, animation.sample_rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def _asset(name: str) -> str:
    path = data_dir() / "web" / name
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(
            f"{path}: the page's code is missing from this installation: {error.strerror}"
        ) from None


def _hash(text: str) -> str:
    """Return the source expression that allows one inline element."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
