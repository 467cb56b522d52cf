"""The command line.  Uses nothing but what ``import a2fbridge`` gives everyone."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence

import a2fbridge
from a2fbridge.cli import _animate, _bench, _doctor, _map, _packs, _serve, _studio, _train

__all__ = ["main"]

_VERBS = (_animate, _serve, _studio, _packs, _map, _train, _bench, _doctor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0 good, 1 an error that was explained, 2 bad usage."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what went wrong is said once, in our words
    logging.basicConfig(
        level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    try:
        return int(options.run(options))
    except a2fbridge.A2FBridgeError as error:
        return _failed(options, error, str(error))
    except BrokenPipeError:
        sys.stderr.close()
        return 141
    except OSError as error:
        named = error.filename and error.strerror
        return _failed(options, error, f"{error.filename}: {error.strerror}" if named else str(error))
    except ImportError as error:
        return _failed(options, error, f"{error}; `a2fbridge doctor` checks the installation")
    except KeyboardInterrupt:
        return 130


def _failed(options: argparse.Namespace, error: Exception, text: str) -> int:
    if getattr(options, "json", False):
        print(json.dumps({"event": "error", "type": type(error).__name__, "message": text}), flush=True)
    else:
        print(f"error: {text}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="a2fbridge", description="Speech in, facial animation out.")
    parser.add_argument("--version", action="version", version=f"a2fbridge {a2fbridge.__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in _VERBS:
        verb.add_parser(verbs)
    return parser


if __name__ == "__main__":
    sys.exit(main())
