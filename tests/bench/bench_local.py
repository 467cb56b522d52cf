"""The local path: a recording animated at 60 frames per second, as a multiple of real time, on one core.

python tests/bench/bench_local.py RECORDING [PACK]
"""

from __future__ import annotations

import argparse

from interleaved import interleave, one_core

import a2fbridge


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording")
    parser.add_argument("pack", nargs="?", default="builtin")
    options = parser.parse_args()
    one_core()
    samples, rate = a2fbridge.read_audio(options.recording)
    seconds = len(samples) / rate
    engines = {name: a2fbridge.Engine.open(options.pack, solver=name, threads=1) for name in ("bvls", "admm")}
    model = engines["bvls"]._model
    cases = {
        f"{name}, 60 fps": (lambda engine=engine: engine.animate(samples, rate, frame_rate=60), 1)
        for name, engine in engines.items()
    }
    feeds = _window_batch(model)
    cases["bare network, batch 32"] = (lambda: model.backend.run(feeds), 32)
    for name, timing in interleave(cases, rounds=9, repeat=1).items():
        if name.startswith("bare"):
            print(f"{name:24} {timing.text()} us a frame")
        else:
            speeds = [seconds / s for s in timing.seconds]
            print(f"{name:24} {seconds / timing.median:.0f}x real time [{min(speeds):.0f}-{max(speeds):.0f}]")


def _window_batch(model):
    import numpy as np

    rng = np.random.default_rng(0)
    inputs = model.pack.network.inputs
    return {t.name: (0.1 * rng.normal(size=t.sized(32))).astype(np.float32) for t in inputs}


if __name__ == "__main__":
    main()
