"""The exported network alone on one core: frames per second at batch 1, 8 and 32, size, parameters, multiply-adds.

Times are CPU time of the one thread, so that a busy machine tells nearly the truth.

python tests/bench/bench_network.py [PACK ...] (default: the built-in pack, and the networks for datasets with the
numbers of values of NVIDIA's Claire, 140 skin shapes; their parameters are random, which costs the same)
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from interleaved import interleave, one_core

from a2fbridge._resources import data_dir

BATCHES = (1, 8, 32)


def session(path: Path) -> onnxruntime.InferenceSession:
    """Open a network as the server does: one thread that does not spin."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def describe(pack: Path) -> str:
    """Return size, parameters and multiply-adds; the latter as the card gives them, when there is one."""
    network = pack / "network.onnx"
    parameters = sum(int(np.prod(t.dims)) for t in onnx.load(network).graph.initializer)
    card = pack / "card.json"
    total = json.loads(card.read_text())["multiply_adds_per_frame"]["total"] if card.exists() else 0
    return f"{network.stat().st_size / 1e6:.2f} MB, {parameters} numbers, {total / 1e6:.2f} M multiply-adds a frame"


def dataset_network(kind: str, folder: Path) -> Path:
    """Write a network for datasets as a folder with a card, and return it."""
    from a2fbridge.training.config import default_run
    from a2fbridge.training.networks import Sizes, network_for

    network = network_for(default_run(kind).network, Sizes(140, 10, 15, 4, 10))
    parameters = network.initial(1)
    pack = folder / kind
    pack.mkdir()
    (pack / "network.onnx").write_bytes(network.graph(parameters).SerializeToString())
    (pack / "card.json").write_text(json.dumps({"multiply_adds_per_frame": network.cost(parameters)}))
    return pack


def main(packs: list[Path]) -> None:
    """Print the figures, all cases interleaved."""
    one_core()
    if not packs:
        with tempfile.TemporaryDirectory() as folder:
            made = [dataset_network(kind, Path(folder)) for kind in ("compact", "reference")]
            main([data_dir() / "packs" / "builtin", *made])
        return
    cases = {}
    rng = np.random.default_rng(0)
    for pack in packs:
        print(f"{pack.name}: {describe(pack)}")
        opened = session(pack / "network.onnx")
        for batch in BATCHES:
            sound = (rng.standard_normal((batch, 1, 8320)) * 0.05).astype(np.float32)
            feeds = {"input": sound, "emotion": np.zeros((batch, 1, 26), np.float32)}
            cases[f"{pack.name}, batch {batch}"] = (lambda s=opened, f=feeds: s.run(None, f), batch)
    for name, timing in interleave(cases, rounds=15, repeat=8, clock=time.process_time).items():
        print(f"{name:24} {timing.text()} us a frame, {1 / timing.median:.0f} frames per second per core")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
