"""A picture of the liveliest curves above the sound, on one time axis.  Needs the extra ``[plot]``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from a2fbridge._errors import ConfigError
from a2fbridge.animation import Animation
from a2fbridge.export._atomic import atomic_file

__all__ = ["write_plot"]

_CURVES: Final = 12
_TWIN: Final = 0.05
"""Curves that stay closer than this show the same movement."""


def write_plot(animation: Animation, path: str | Path) -> None:
    """Draw the twelve curves that move most, and the sound when the clip keeps it, into a PNG.

    Raises ConfigError without matplotlib.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise ConfigError(
            "a picture of the curves needs matplotlib; right is: pip install 'a2fbridge[plot]'"
        ) from None
    shown = _liveliest(animation)
    rows = len(shown) + (animation.audio is not None)
    figure = Figure(figsize=(11, 0.8 * rows + 0.8), layout="constrained")
    axes = list(figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0])
    if animation.audio is not None:
        sound = axes.pop(0)
        sound.plot(
            np.arange(len(animation.audio)) / animation.sample_rate, animation.audio / 32768, "k", lw=0.3
        )
        _label(sound, "sound")
    for axis, curve in zip(axes, shown, strict=True):
        axis.plot(animation.time_codes, animation.weights[:, curve], lw=1.2)
        axis.set_ylim(min(-0.02, float(animation.weights[:, curve].min(initial=0))), 1.02)
        axis.grid(alpha=0.25)
        _label(axis, animation.names[curve].removeprefix("CTRL_expressions_"))
    (axes or figure.axes)[-1].set_xlabel("seconds")
    with atomic_file(path) as file:
        FigureCanvasAgg(figure).print_png(file)


def _liveliest(animation: Animation) -> list[int]:
    """Return the curves that move most, in order of their names; a twin of one shown is left out."""
    if not len(animation):
        return list(range(min(_CURVES, len(animation.names))))
    chosen: list[int] = []
    for curve in np.argsort(-np.ptp(animation.weights, axis=0), kind="stable").tolist():
        values = animation.weights[:, curve]
        if all(np.abs(values - animation.weights[:, other]).max() > _TWIN for other in chosen):
            chosen.append(curve)
        if len(chosen) == _CURVES:
            break
    return sorted(chosen)


def _label(axis: object, text: str) -> None:
    axis.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=8)  # type: ignore[attr-defined]
    axis.tick_params(labelsize=7)  # type: ignore[attr-defined]
