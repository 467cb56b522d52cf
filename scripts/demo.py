"""The demo: server and client as two processes, speech in, MetaHuman curves and a picture of them out.

Run by ``python3 run.py demo``; uses the installed command line exactly as a user would.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import a2fbridge

CLI = [sys.executable, "-m", "a2fbridge"]


def main() -> int:
    """Start a server, animate through it, say where the results are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument(
        "--audio", type=Path, default=Path(a2fbridge.__file__).parent / "data/samples/hello.wav"
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    server = subprocess.Popen(
        [*CLI, "serve", "--port", "0", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        address = _wait_for(server)
        print(f"server   {address}  (pack builtin, the gRPC protocol of NVIDIA's Audio2Face-3D)")
        code = _animate(options, address)
    finally:
        server.terminate()
        server.wait(10)
    if code == 0:
        print(f"\ndone in {time.monotonic() - started:.1f} s; look at {options.out / 'curves.png'} first")
    return code


def _wait_for(server: subprocess.Popen[bytes]) -> str:
    assert server.stdout
    assert server.stderr
    for line in server.stdout:
        event = json.loads(line)
        if event["event"] == "running":
            return str(event["address"])
    raise SystemExit(f"error: the server did not start:\n{server.stderr.read().decode()}")


def _animate(options: argparse.Namespace, address: str) -> int:
    print(f"speech   {options.audio}")
    weights, curves = options.out / "weights.npz", options.out / "metahuman.csv"
    remote = ["--server", address, "--fps", "60", "--quiet"]
    session = options.out / "session.a2frec"
    code = _call("animate", options.audio, "-o", weights, "-o", session, *remote)
    code = code or _call("map", "apply", "mh4", weights, "-o", curves, "--quiet")
    code = code or _call("map", "apply", "mh4", weights, "-o", options.out / "curves.png", "--quiet")
    if code == 0:
        for path, what in (
            (weights, "68 blend-shape weights a frame, NumPy"),
            (session, "the session as recorded: weights and sound"),
            (curves, "MetaHuman curves (table mh4), one row a frame"),
            (options.out / "curves.png", "a picture of the liveliest curves"),
        ):
            print(f"wrote    {path}  {what}")
    return code


def _call(*arguments: object) -> int:
    return subprocess.run([*CLI, *map(str, arguments)]).returncode


if __name__ == "__main__":
    sys.exit(main())
