"""``a2fbridge packs``: which model packs there are, what is in one, whether it is sound; getting more."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

import a2fbridge
from a2fbridge.cli import _compare
from a2fbridge.cli._arguments import add_output_options
from a2fbridge.cli._output import Reporter

__all__ = ["add_parser"]


def add_parser(verbs: Any) -> None:
    """Add the verb."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "packs", help="list, inspect, validate, compare, fetch and add model packs"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list the packs that are found")
    listing.set_defaults(run=_list)
    inspect = actions.add_parser("inspect", help="show what a pack holds")
    inspect.add_argument("pack", help="id or folder")
    inspect.set_defaults(run=_inspect)
    validate = actions.add_parser("validate", help="check a pack; exit status 1 when it has errors")
    validate.add_argument("pack", help="id or folder")
    validate.add_argument(
        "--no-run", action="store_true", help="check the files only, do not run the network"
    )
    validate.set_defaults(run=_validate)
    fetch = actions.add_parser(
        "fetch",
        help="fetch a pack from the Hugging Face hub",
        description="Fetch a pack, such as nvidia/Audio2Face-3D-v2.3-Mark, -v2.3.1-Claire, -v2.3.1-James, -v3.0, "
        "nvidia/Audio2Emotion-v2.2, -v3.0.  Packs behind a gate need an access token in HF_TOKEN.",
    )
    fetch.add_argument("repo", metavar="ID", help="repository: OWNER/NAME (nvidia/ may be left out)")
    fetch.add_argument("--accept-licence", action="store_true", help="you have read the licence and agree")
    fetch.add_argument("--revision", default="main", help="branch, tag or commit (default: main)")
    fetch.set_defaults(run=_fetch)
    add = actions.add_parser("add", help="copy a pack's folder to your own packs, checked")
    add.add_argument("path", help="folder of a pack, also one of a Hugging Face cache")
    add.add_argument("--name", help="the id it gets (default: the folder's name)")
    add.set_defaults(run=_add)
    _compare.add_action(actions)
    for action in (listing, inspect, validate, fetch, add):
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
    findings = a2fbridge.validate_pack(options.pack, run=not options.no_run)
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


def _fetch(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    try:
        path = a2fbridge.fetch_pack(
            options.repo,
            accept_licence=options.accept_licence,
            revision=options.revision,
            on_message=lambda text: reporter.event("message", text, text=text),
            on_progress=reporter.progress,
        )
    finally:
        reporter.close()
    reporter.event("finished", f"pack '{path.name}' is in {path}", id=path.name, path=str(path))
    return 0


def _add(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    try:
        path = a2fbridge.add_pack(options.path, options.name, on_progress=reporter.progress)
    finally:
        reporter.close()
    reporter.event("finished", f"pack '{path.name}' is in {path}", id=path.name, path=str(path))
    return 0
