"""Networks of the reference's size, with random weights, end to end on one core: time, memory, share outside them.

    python tests/bench/bench_reference.py regression      # 1.5e9 multiplications a frame, as Mark v2.3
    python tests/bench/bench_reference.py diffusion       # 180 million parameters, as v3.0

Times are CPU seconds of this process, so that other work on the machine does not count; memory is the peak.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from interleaved import one_core

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from in_memory import speechlike
from synthetic_diffusion import KINDS as DIFFUSION
from synthetic_diffusion import write_diffusion_pack
from synthetic_packs import KINDS, write_pack

from a2fbridge.backends import open_backend
from a2fbridge.face import FaceModel
from a2fbridge.packs import load
from a2fbridge.streams import Stream, StreamOptions

HALF_SECONDS = 12


class Timed:
    """A backend that knows how long it took."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def run(self, feeds: Any, *slots: Any) -> Any:
        started = time.process_time()
        try:
            return self._backend.run(feeds, *slots)
        finally:
            self.seconds += time.process_time() - started


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["regression", "diffusion"])
    options = parser.parse_args()
    one_core()
    with tempfile.TemporaryDirectory(prefix="a2fbridge-reference-") as folder:
        _bench(options.kind, Path(folder) / "pack")


def _bench(kind: str, folder: Path) -> None:
    if kind == "diffusion":
        write_diffusion_pack(folder, DIFFUSION["reference"])
    else:
        write_pack(folder, replace(KINDS["mark"], network="reference"))
    size = (folder / "network.onnx").stat().st_size
    started = time.process_time()
    pack = load(folder)
    backend = Timed(open_backend(pack.network, threads=1))
    model = FaceModel(pack, backend)
    print(f"{kind}: network {size / 1e6:.0f} MB, opened in {time.process_time() - started:.1f} s of CPU")
    print(f"  memory held after opening {_resident():.0f} MB")
    with Stream(model, StreamOptions(frame_rate=Fraction(60))) as stream:
        stream.push(speechlike(1.5))
        stream.pull()
        turns = [_turn(stream, backend, seed) for seed in range(HALF_SECONDS)]
    frames = sum(n for n, _, _ in turns)
    each = [1e3 * total / n for n, total, _ in turns]
    share = [1 - inside / total for _, total, inside in turns]
    network = [1e3 * inside / n for n, _, inside in turns]
    print(f"  {frames} frames at 60 fps, one core, batch as one stream has it")
    for name, values in (("CPU ms a frame", each), ("of it network", network), ("share outside", share)):
        print(f"  {name:16} {median(values):.4g} [{min(values):.4g}-{max(values):.4g}]")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(
        f"  memory held {_resident():.0f} MB, peak {peak:.0f} MB (the network's file while it is read included)"
    )


def _turn(stream: Stream, backend: Timed, seed: int) -> tuple[int, float, float]:
    """Half a second of sound: frames, CPU seconds in all and in the network."""
    sound = speechlike(0.5, seed=seed)
    before, started = backend.seconds, time.process_time()
    stream.push(sound)
    made = stream.pull()
    assert all(np.isfinite(frame.weights).all() for frame in made)
    return len(made), time.process_time() - started, backend.seconds - before


def _resident() -> float:
    """Return the resident memory that is not a file's, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1e3
    return float("nan")


if __name__ == "__main__":
    main()
