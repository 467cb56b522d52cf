"""``a2fbridge studio``: the web page that shows, tunes and exports faces."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import Any

from a2fbridge import ConfigError
from a2fbridge.cli._arguments import add_client_options, client_options

__all__ = ["add_parser"]


def add_parser(verbs: Any) -> None:
    """Add the verb."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "studio",
        help="see, hear, tune and export in a browser",
        description="Open a web page that animates recordings and the microphone; stop with Ctrl-C. "
        "Needs: pip install 'a2fbridge[studio]'.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default: this machine only)")
    parser.add_argument("--port", type=int, default=8570, help="port (default 8570; 0: any free one)")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    engine = parser.add_argument_group("its own engine (without --server)")
    engine.add_argument(
        "--config", metavar="DIR", help="folder with NIM 2.0's three YAML files, as for `serve`"
    )
    engine.add_argument("--pack", help="model pack, id or folder (default: builtin)")
    engine.add_argument("--solver", help="bvls (exact, default) or admm (NVIDIA's four steps)")
    engine.add_argument(
        "--threads", type=int, help="CPU threads of one inference (default: all cores but one)"
    )
    add_client_options(parser)
    parser.add_argument(
        "--authoring-server",
        metavar="HOST:PORT",
        help="authoring service for single frames while editing, where --server has none (NVIDIA's stands alone)",
    )
    access = parser.add_argument_group("access to the page")
    access.add_argument("--page-cert", metavar="PEM", help="certificate of the page (https)")
    access.add_argument("--page-key", metavar="PEM", help="key of the certificate")
    access.add_argument("--page-token-file", metavar="FILE", help="tokens of which a page must send one")
    access.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME[:PORT]", help="further name of this studio"
    )
    access.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="URL",
        help="another site whose pages may open live streams, such as https://example.com",
    )
    access.add_argument(
        "--insecure",
        action="store_true",
        help="allow an address other than loopback without https; the network is trusted",
    )
    access.add_argument(
        "--max-upload", type=float, default=64, metavar="MIB", help="largest file (default 64)"
    )
    access.add_argument(
        "--max-seconds", type=float, default=600, metavar="S", help="longest recording (default 600)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON event a line on standard output")
    parser.add_argument(
        "--with-parent",
        type=int,
        metavar="PID",
        help="end when this process ends, killed or not: for programs that start a studio of their own",
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from a2fbridge import StudioConfig, load_server_config, run_studio

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
    engine = {name: getattr(options, name) for name in ("pack", "solver", "threads")}
    if options.server and (options.config or any(engine.values())):
        raise ConfigError(
            "--config, --pack, --solver and --threads are the server's; leave them out with --server"
        )
    config = StudioConfig(
        host=options.host,
        port=options.port,
        server=options.server,
        client=client_options(options) if options.server else {},
        authoring=options.authoring_server,
        engine=load_server_config(options.config, **engine),
        tls_cert=options.page_cert,
        tls_key=options.page_key,
        tokens=_tokens(options.page_token_file) if options.page_token_file else (),
        insecure=options.insecure,
        allow_hosts=tuple(options.allow_host),
        allow_origins=tuple(options.allow_origin),
        upload_bytes=int(options.max_upload * 2**20),
        clip_seconds=options.max_seconds,
    )
    return run_studio(config, open_browser=options.open, json_events=options.json, parent=options.with_parent)


def _tokens(path: str) -> tuple[str, ...]:
    try:
        lines = Path(path).read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the tokens cannot be read: {error}") from None
    if not lines:
        raise ConfigError(f"{path}: there is no token in it; right is one a line")
    return tuple(lines)
