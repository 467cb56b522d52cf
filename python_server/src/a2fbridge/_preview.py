"""A fit, finished or not, seen as a user will see it: a temporary pack through the ordinary path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from a2fbridge._api import animate
from a2fbridge._errors import ConfigError
from a2fbridge._resources import data_dir
from a2fbridge.animation import Animation
from a2fbridge.audio import AudioSource
from a2fbridge.export import write
from a2fbridge.training import open_work, temporary_pack

__all__ = ["preview_training"]


def preview_training(
    work: str | Path,
    audio: AudioSource | None = None,
    outputs: Sequence[str | Path] = (),
    *,
    on_message: Callable[[str], None] | None = None,
    **options: Any,
) -> Animation:
    """Animate a sound (default: the sample that ships) with a run's fit, or its newest checkpoint, and save it.

    ``options`` are those of :func:`animate`.  Raises ConfigError when nothing has been fitted yet, PackError when the
    pack would be refused.
    """
    if not Path(work).is_dir():
        raise ConfigError(f"{work}: no such folder; right is the --work folder of a training run")
    opened = open_work(Path(work), None, progress=lambda text, _: on_message(text) if on_message else None)
    sound = audio if audio is not None else data_dir() / "samples" / "hello.wav"
    with temporary_pack(opened) as pack:
        animation = animate(sound, pack=pack, **options)
    for output in outputs:
        write(animation, output)
    return animation
