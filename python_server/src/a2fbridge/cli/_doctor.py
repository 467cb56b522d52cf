"""``a2fbridge doctor``: names the failing link."""

from __future__ import annotations

import argparse
from typing import Any

import a2fbridge
from a2fbridge.cli._arguments import add_client_options, add_output_options, client_options
from a2fbridge.cli._output import Reporter

__all__ = ["add_parser"]


def add_parser(verbs: Any) -> None:
    """Add the verb."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "doctor",
        help="check this installation, and a server, link by link",
        description="Check environment, packs, tables, port and the way to a server. Exit status 1 on a failure.",
    )
    parser.add_argument("--pack", default="builtin", help="the pack to try (default: builtin)")
    parser.add_argument(
        "--port", type=int, default=52000, help="the port that `serve` would use (default 52000)"
    )
    add_client_options(parser)
    add_output_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    client = client_options(options) if options.server else {}
    failed = 0
    for check in a2fbridge.diagnose(options.pack, options.port, options.server, **client):
        failed += check.status == "failed"
        text = f"{check.status:7} {check.link:12} {check.text}"
        reporter.event("check", text, link=check.link, status=check.status, text=check.text)
    reporter.event("finished", f"{failed} failed" if failed else "all links hold", failed=failed)
    return 1 if failed else 0
