"""``a2fbridge train check | import | example``: datasets before they are trained on."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from a2fbridge.cli._arguments import add_output_options
from a2fbridge.cli._output import Reporter

__all__ = ["add_actions"]


def add_actions(actions: Any) -> None:
    """Add the actions to those of ``train``."""
    check = actions.add_parser(
        "check", help="say everything that is wrong with a dataset; exit status 1 for errors"
    )
    check.add_argument("dataset", metavar="DATASET", help="folder (docs/dataset.md)")
    check.set_defaults(run=_check)
    imported = actions.add_parser("import", help="make a dataset of a folder in NVIDIA's layout")
    imported.add_argument(
        "source", metavar="CLAIRE", help="one actor's folder; its sounds and caches stay there"
    )
    imported.add_argument("dataset", metavar="DATASET", help="new folder")
    imported.add_argument("--fps", type=float, default=30.0, help="frame rate of the caches (default 30)")
    imported.set_defaults(run=_import)
    example = actions.add_parser("example", help="write a small made-up dataset")
    example.add_argument("dataset", metavar="DATASET", help="new folder")
    example.add_argument(
        "--kind",
        choices=("weights", "vertices"),
        default="weights",
        help="blend-shape weights (default) or vertex caches",
    )
    example.set_defaults(run=_example)
    for action in (check, imported, example):
        add_output_options(action)


def _check(options: argparse.Namespace) -> int:
    from a2fbridge import check_dataset

    reporter = Reporter(options)
    try:
        findings = check_dataset(
            options.dataset, lambda text, done: reporter.progress(round(100 * done), 100)
        )
    finally:
        reporter.close()
    errors = _tell(reporter, findings)
    text = f"{errors} errors, {len(findings) - errors} warnings" if findings else "nothing is wrong"
    reporter.event("checked", f"{options.dataset}: {text}", errors=errors, warnings=len(findings) - errors)
    return 1 if errors else 0


def _import(options: argparse.Namespace) -> int:
    from a2fbridge import import_dataset

    reporter = Reporter(options)
    _tell(reporter, import_dataset(options.source, options.dataset, options.fps))
    reporter.event("finished", f"made {options.dataset}", path=options.dataset)
    return 0


def _example(options: argparse.Namespace) -> int:
    from a2fbridge import example_dataset

    made = example_dataset(options.dataset, options.kind)
    Reporter(options).event("finished", f"made {made}", path=str(made))
    return 0


def _tell(reporter: Reporter, findings: list[Any]) -> int:
    """Print findings; return the number of errors."""
    for finding in findings:
        reporter.event("finding", f"{finding.severity}: {finding}", **asdict(finding))
    return sum(finding.severity == "error" for finding in findings)
