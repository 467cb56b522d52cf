"""``a2fbridge train``: make a model pack: corpus, fit, export."""

from __future__ import annotations

import argparse
from typing import Any

from a2fbridge.cli import _datasets
from a2fbridge.cli._arguments import add_output_options
from a2fbridge.cli._output import Reporter

__all__ = ["add_parser"]

_STAGES = {
    "corpus": "synthesise speech with exact phone times",
    "fit": "train the network on the corpus",
    "export": "write the pack",
}


def add_parser(verbs: Any) -> None:
    """Add the verb."""
    parser: argparse.ArgumentParser = verbs.add_parser("train", help="make a model pack")
    actions = parser.add_subparsers(dest="stage", required=True, metavar="STAGE")
    for name, text in _STAGES.items():
        action = actions.add_parser(name, help=text)
        action.add_argument("--work", required=True, metavar="DIR", help="folder that all stages share")
        action.set_defaults(run=_run, seed=1, minutes=None, output=None)
        if name != "export":
            action.add_argument("--seed", type=int, help="seed of everything random (default 1)")
        if name == "fit":
            action.add_argument("--minutes", type=float, help="wall-clock time of the fit")
        if name == "export":
            action.add_argument(
                "-o", "--output", metavar="DIR", help="folder of the pack (default: DIR/pack)"
            )
        add_output_options(action)
    _datasets.add_actions(actions)


def _run(options: argparse.Namespace) -> int:
    from a2fbridge import train

    reporter = Reporter(options)
    try:
        made = train(
            options.stage,
            options.work,
            output=options.output,
            seed=options.seed,
            minutes=options.minutes,
            on_progress=reporter.progress,
            on_message=lambda text: reporter.event("message", text, text=text),
        )
    finally:
        reporter.close()
    reporter.event("finished", f"made {made}", path=str(made))
    return 0
