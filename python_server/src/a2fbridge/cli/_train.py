"""``a2fbridge train``: datasets checked and prepared, networks fitted, measured and exported as packs."""

from __future__ import annotations

import argparse
import json
from typing import Any

from a2fbridge.cli import _datasets
from a2fbridge.cli._arguments import add_output_options
from a2fbridge.cli._output import Reporter

__all__ = ["add_parser"]

_STAGES = {
    "run": "all stages in a row; those whose inputs have not changed are skipped",
    "corpus": "synthesise speech with exact phone times (kind builtin)",
    "prepare": "turn a dataset into coefficients and sound (kinds reference and compact)",
    "fit": "train the network; goes on from a checkpoint",
    "evaluate": "measure the fit and write an HTML report",
    "export": "write the pack, checked by the validator",
}


def add_parser(verbs: Any) -> None:
    """Add the verb."""
    parser: argparse.ArgumentParser = verbs.add_parser("train", help="make a model pack")
    actions = parser.add_subparsers(dest="stage", required=True, metavar="STAGE")
    for name, text in _STAGES.items():
        _add_stage(actions.add_parser(name, help=text, description=text), name)
    _add_preview(actions.add_parser("preview", help="animate a sound with the fit or its newest checkpoint"))
    _datasets.add_actions(actions)
    config = actions.add_parser("config", help="print a configuration to start from, every key explained")
    config.add_argument(
        "--kind", default="compact", metavar="KIND", help="builtin, reference or compact (default)"
    )
    config.add_argument("--schema", action="store_true", help="print the JSON schema of all kinds instead")
    config.set_defaults(run=_config)


def _add_stage(action: argparse.ArgumentParser, name: str) -> None:
    action.add_argument(
        "config", nargs="?", metavar="CONFIG", help="configuration (default: the one DIR was last run with)"
    )
    action.add_argument("--work", required=True, metavar="DIR", help="folder that all stages share")
    action.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change an option, e.g. fit.steps=500"
    )
    action.set_defaults(run=_stage, restart=False, output=None)
    if name in ("fit", "run"):
        action.add_argument("--restart", action="store_true", help="begin anew instead of going on")
    if name in ("export", "run"):
        action.add_argument("-o", "--output", metavar="DIR", help="folder of the pack (default: DIR/pack)")
    add_output_options(action)


def _add_preview(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "audio", nargs="?", metavar="SOUND", help="what is said (default: the sample that ships)"
    )
    action.add_argument("--work", required=True, metavar="DIR", help="folder of the run")
    action.add_argument(
        "-o",
        "--output",
        action="append",
        required=True,
        metavar="OUT",
        help="animation file, such as face.html",
    )
    action.add_argument("--fps", default="30", help="frame rate (default 30)")
    action.set_defaults(run=_preview)
    add_output_options(action)


def _stage(options: argparse.Namespace) -> int:
    from a2fbridge import train

    reporter = Reporter(options)
    try:
        made = train(
            options.stage,
            options.work,
            options.config,
            changes=options.set,
            output=options.output,
            restart=options.restart,
            on_progress=reporter.progress,
            on_message=lambda text: reporter.event("message", text, text=text),
        )
    finally:
        reporter.close()
    reporter.event("finished", f"made {made}", path=str(made))
    return 0


def _preview(options: argparse.Namespace) -> int:
    from a2fbridge import preview_training

    reporter = Reporter(options)
    preview_training(
        options.work,
        options.audio,
        options.output,
        frame_rate=options.fps,
        on_message=lambda text: reporter.event("message", text, text=text),
    )
    for path in options.output:
        reporter.event("finished", f"made {path}", path=str(path))
    return 0


def _config(options: argparse.Namespace) -> int:
    from a2fbridge import training_config, training_schema

    if options.schema:
        print(json.dumps(training_schema(), indent=2))
    else:
        print(training_config(options.kind), end="")
    return 0
