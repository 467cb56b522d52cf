"""``a2fbridge packs``: which model packs there are, what is in one, and whether it is sound."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

import a2fbridge
from a2fbridge.cli._arguments import add_output_options
from a2fbridge.cli._output import Reporter

__all__ = ["add_parser"]


def add_parser(verbs: Any) -> None:
    """Add the verb."""
    parser: argparse.ArgumentParser = verbs.add_parser("packs", help="list, inspect and validate model packs")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list the packs that are found")
    listing.set_defaults(run=_list)
    inspect = actions.add_parser("inspect", help="show what a pack holds")
    inspect.add_argument("pack", help="id or folder")
    inspect.set_defaults(run=_inspect)
    validate = actions.add_parser("validate", help="check a pack; exit status 1 when it has errors")
    validate.add_argument("pack", help="id or folder")
    validate.set_defaults(run=_validate)
    for action in (listing, inspect, validate):
        add_output_options(action)


def _list(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    for info in a2fbridge.list_packs():
        values = {key: str(value) if key == "path" else value for key, value in asdict(info).items()}
        text = (
            f"{info.id:20} {info.kind:12} {info.actor} {info.version}  {info.size / 1e6:.1f} MB  {info.path}"
        )
        reporter.event("pack", text, **values)
    return 0


def _inspect(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    for section, values in a2fbridge.inspect_pack(options.pack).items():
        lines = "".join(f"\n  {key:24} {value}" for key, value in values.items())
        reporter.event(section, f"{section}{lines}", **values)
    return 0


def _validate(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    findings = a2fbridge.validate_pack(options.pack)
    for finding in findings:
        reporter.event("finding", str(finding), **asdict(finding))
    errors = sum(finding.severity == "error" for finding in findings)
    reporter.event(
        "finished",
        f"{options.pack}: {errors} errors, {len(findings) - errors} warnings",
        errors=errors,
        warnings=len(findings) - errors,
    )
    return 1 if errors else 0
