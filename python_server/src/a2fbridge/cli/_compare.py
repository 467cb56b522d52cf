"""``a2fbridge packs compare``: how far two packs, backends, solvers or identities are apart on one recording."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

import a2fbridge
from a2fbridge import ConfigError
from a2fbridge.cli._arguments import add_output_options
from a2fbridge.cli._output import Reporter

__all__ = ["add_action"]

_SIDES = ("backend", "solver", "identity")


def add_action(actions: Any) -> None:
    """Add the action to ``packs``."""
    parser: argparse.ArgumentParser = actions.add_parser(
        "compare",
        help="animate a recording twice and show how far the results are apart",
        description="Animate a recording with pack A and pack B (or A twice, with two backends, solvers or identities) "
        "and show the greatest and the mean difference of every channel.  Exit status 1 when a weight differs by more "
        "than --tolerance.",
    )
    parser.add_argument("first", metavar="A", help="id or folder")
    parser.add_argument("second", metavar="B", nargs="?", help="id or folder (default: A)")
    parser.add_argument("--audio", metavar="FILE", help="recording (default: the sample that ships)")
    parser.add_argument("--fps", default="30", help="frames per second (default 30)")
    for name in _SIDES:
        parser.add_argument(
            f"--{name}",
            nargs="+",
            default=[],
            metavar="NAME",
            help="one for both, or one for A and one for B",
        )
    parser.add_argument("--geometry", action="store_true", help="compare the vertices too")
    parser.add_argument(
        "--tolerance", type=float, metavar="T", help="greatest difference of a weight allowed"
    )
    add_output_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    first, second = _side(options, 0, options.first), _side(options, 1, options.second or options.first)
    if first == second:
        raise ConfigError("A and B are the same; name two packs, or two of --backend, --solver or --identity")
    found = a2fbridge.compare(first, second, options.audio, frame_rate=options.fps, geometry=options.geometry)
    for difference in found:
        text = (
            f"{difference.name:24} max {difference.maximum:<10.3g} mean {difference.mean:<10.3g} "
            f"at {difference.seconds:.2f} s {difference.unit}"
        )
        reporter.event("difference", text.rstrip(), **asdict(difference))
    worst = max((d for d in found if not d.unit), key=lambda d: d.maximum, default=found[0])
    reporter.event(
        "finished",
        f"greatest difference{'' if worst.unit else ' of a weight'}: {worst.maximum:.3g} ({worst.name} at "
        f"{worst.seconds:.2f} s)",
        name=worst.name,
        maximum=worst.maximum,
        seconds=worst.seconds,
    )
    return int(options.tolerance is not None and worst.maximum > options.tolerance)


def _side(options: argparse.Namespace, side: int, pack: str) -> dict[str, str]:
    chosen = {"pack": pack}
    for name in _SIDES:
        values = getattr(options, name)
        if len(values) > 2:
            raise ConfigError(f"--{name} takes one name for both, or two")
        if values:
            chosen[name] = values[min(side, len(values) - 1)]
    return chosen
