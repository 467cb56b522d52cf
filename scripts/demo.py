"""The demo: a server process and this one as its client; speech in, MetaHuman curves and a picture of them out.

Run by ``python3 run.py demo``; the server is the command line's, the client is the public Python API.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import a2fbridge


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
    command = [sys.executable, "-m", "a2fbridge", "serve", "--port", "0", "--json"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        _import_client()  # while the server loads
        address = _wait_for(server)
        print(f"server   {address}  (pack builtin, the gRPC protocol of NVIDIA's Audio2Face-3D)")
        _animate(options.audio, address, options.out)
    except a2fbridge.A2FBridgeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        server.terminate()
        server.communicate(timeout=20)
    print(f"\ndone in {time.monotonic() - started:.1f} s; look at {options.out / 'curves.png'} first")
    return 0


def _import_client() -> None:
    import matplotlib.figure  # noqa: F401

    for name in ("Client", "MappingTable", "save"):
        getattr(a2fbridge, name)


def _wait_for(server: subprocess.Popen[bytes]) -> str:
    assert server.stdout
    assert server.stderr
    for line in server.stdout:
        event = json.loads(line)
        if event["event"] == "running":
            return str(event["address"])
    raise SystemExit(f"error: the server did not start:\n{server.stderr.read().decode()}")


def _animate(audio: Path, address: str, out: Path) -> None:
    print(f"speech   {audio}")
    with a2fbridge.Client(address) as client:
        animation = client.animate(audio, frame_rate=60)
    curves = a2fbridge.MappingTable.load("mh4").map(animation)
    for clip, name, what in (
        (animation, "weights.npz", "68 blend-shape weights a frame, NumPy"),
        (animation, "session.a2frec", "the session as recorded: weights and sound"),
        (curves, "metahuman.csv", "MetaHuman curves (table mh4), one row a frame"),
        (curves, "curves.png", "a picture of the liveliest curves"),
    ):
        a2fbridge.save(clip, out / name)
        print(f"wrote    {out / name}  {what}")


if __name__ == "__main__":
    sys.exit(main())
