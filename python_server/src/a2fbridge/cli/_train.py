"""``a2fbridge train``: make a model pack: corpus, fit, export."""

from __future__ import annotations

import argparse
from typing import Any

from a2fbridge.cli._arguments import add_output_options
from a2fbridge.cli._output import Reporter

__all__ = ["add_parser"]


def add_parser(verbs: Any) -> None:
    """Add the verb."""
    parser: argparse.ArgumentParser = verbs.add_parser("train", help="make a model pack")
    actions = parser.add_subparsers(dest="action", required=True, metavar="STAGE")
    for name, text in (
        ("corpus", "synthesise speech with exact phone times"),
        ("fit", "train the network on the corpus"),
        ("export", "write the pack"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("--work", required=True, metavar="DIR", help="folder that all stages share")
        action.add_argument("--seed", type=int, default=1, help="seed of everything random (default 1)")
        if name == "export":
            action.add_argument("-o", "--output", required=True, metavar="DIR", help="folder of the pack")
        add_output_options(action)
        action.set_defaults(run=_run, stage=name)


def _run(options: argparse.Namespace) -> int:
    from a2fbridge import train

    reporter = Reporter(options)
    try:
        result = train(options.stage, options.work, seed=options.seed, on_progress=reporter.progress)
    finally:
        reporter.close()
    reporter.event("finished", str(result))
    return 0
