"""Turn the network of the built-in pack's second version into a fit that later fits can start from.

That network answered with blend-shape weights; its hidden layers are kept, and its last one is mapped, by the
composition table read backwards, to articulators.  The third version started from it:

    git archive beef1c7d python_server/src/a2fbridge/data/packs/builtin | tar x -C OLD
    python scripts/start_from_weights.py OLD/python_server/src/a2fbridge/data/packs/builtin start.npz
    python -m a2fbridge.training fit --work DIR --start start.npz
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from a2fbridge import shapes
from a2fbridge.training._compose import CHANNELS
from a2fbridge.training._network import LAYERS

STEEPNESS = 6.0
"""Log odds between a gate's 0 and 1, which the old network answered with as they are: 0.5 stays 0.5."""


def main(pack: str, out: str) -> None:
    """Read the pack's network and card, write the fit and its description."""
    network = Path(pack, "network.onnx")
    found = {t.name: numpy_helper.to_array(t) for t in onnx.load(network).graph.initializer}
    hidden = {f"{layer.name}.{part}": found[f"{layer.name}.{part}"] for layer in LAYERS[:-1] for part in "wb"}
    matrix, constant = articulators()
    kernel = found["weights.w"][:, :, 0, 1] / 0.5  # the middle one of the three weighted predictions
    answer = {
        "answer.w": (matrix @ kernel)[:, :, None, None],
        "answer.b": matrix @ found["weights.b"] + constant,
    }
    np.savez(out, **{name: value.astype(np.float32) for name, value in (hidden | answer).items()})
    card = json.loads(Path(pack, "card.json").read_text())
    about = {"network_sha256": hashlib.sha256(network.read_bytes()).hexdigest(), "fit": card["fit"]}
    Path(out).with_suffix(".json").write_text(json.dumps(about, indent=2))


def articulators() -> tuple[np.ndarray, np.ndarray]:
    """Return [24, 68] and [24]: articulators (gates as log odds) of weights in a calm mood, to first order."""
    matrix, constant = np.zeros((len(CHANNELS), len(shapes.FACE_NAMES))), np.zeros(len(CHANNELS))

    def add(channel: str, shape: str, value: float) -> None:
        sides = (shape,) if shape in shapes.INDEX else (shape + "Left", shape + "Right")
        for side in sides:
            matrix[CHANNELS.index(channel), shapes.INDEX[side]] += value / len(sides)

    for channel, shape, value in (
        ("jaw", "JawOpen", 1.0), ("jaw", "MouthClose", 1.0), ("lips", "MouthLowerDown", 1 / 0.75),
        ("spread", "MouthSmile", 1 / 0.30), ("accent", "BrowInnerUp", 1 / 0.12), ("pucker", "MouthPucker", 1.05),
        ("funnel", "MouthFunnel", 1.0), ("seal", "MouthPress", STEEPNESS / 0.22),
        ("bite", "MouthRollLower", STEEPNESS / 0.48), ("bite", "MouthPress", -STEEPNESS * 0.10 / 0.48 / 0.22),
        *((name, name, 1.0) for name in shapes.TONGUE_NAMES),
    ):  # fmt: skip
        add(channel, shape, value)
    constant[-2:] = -STEEPNESS / 2
    return matrix, constant


if __name__ == "__main__":
    main(*sys.argv[1:3])
