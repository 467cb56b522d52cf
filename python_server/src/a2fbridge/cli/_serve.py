"""``a2fbridge serve``: the gRPC server."""

from __future__ import annotations

import argparse
import logging
import sys
from typing import Any

from a2fbridge.cli._arguments import add_backend_options

__all__ = ["add_parser"]

_GIVEN = (
    "host",
    "port",
    "pack",
    "identity",
    "backend",
    "device",
    "solver",
    "threads",
    "max_streams",
    "tls_cert",
    "tls_key",
    "client_ca",
    "token_file",
)


def add_parser(verbs: Any) -> None:
    """Add the verb."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "serve",
        help="run the gRPC server",
        description="Serve NVIDIA's Audio2Face-3D protocol; stop with Ctrl-C.",
    )
    parser.add_argument("--host", help="address to bind (default 127.0.0.1: this machine only)")
    parser.add_argument("--port", type=int, help="port (default 52000; 0: any free one, which is then told)")
    parser.add_argument(
        "--config", metavar="DIR", help="folder with NIM 2.0's three YAML files, each optional"
    )
    parser.add_argument("--pack", help="model pack, id or folder (default: builtin)")
    parser.add_argument(
        "--identity", metavar="NAME", help="face of streams that ask for none (default: the first)"
    )
    parser.add_argument("--solver", help="bvls (exact, default) or admm (NVIDIA's four steps)")
    add_backend_options(parser)
    parser.add_argument(
        "--threads", type=int, help="CPU threads of one inference (default: all cores but one)"
    )
    parser.add_argument("--max-streams", type=int, metavar="N", help="streams at once, at most")
    security = parser.add_argument_group("security")
    security.add_argument("--tls-cert", metavar="PEM", help="certificate of the server")
    security.add_argument("--tls-key", metavar="PEM", help="key of the certificate")
    security.add_argument(
        "--client-ca", metavar="PEM", help="ask clients for a certificate of this authority (mTLS)"
    )
    security.add_argument(
        "--token-file", metavar="FILE", help="file with the bearer token that clients must send"
    )
    security.add_argument(
        "--insecure",
        action="store_true",
        help="allow an address other than loopback without TLS; the network is trusted",
    )
    parser.add_argument("--json", action="store_true", help="one JSON event a line on standard output")
    parser.add_argument(
        "--with-parent",
        type=int,
        metavar="PID",
        help="end when this process ends, killed or not: for programs that start a server of their own",
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from a2fbridge import load_server_config, serve

    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
        force=True,
    )
    given = {name: value for name in _GIVEN if (value := getattr(options, name)) is not None}
    config = load_server_config(options.config, insecure=options.insecure, **given)
    return serve(config, json_events=options.json, parent=options.with_parent)
