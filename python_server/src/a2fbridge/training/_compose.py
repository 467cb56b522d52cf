"""From articulators to blend-shape weights: the last, fixed step of articulation, and of the network.

A mouth is described by *moves* (jaw, lips, pucker, funnel, spread, accent, 16 of the tongue) and two *gates*:
the seal (lips shut: p b m) and the bite (lower lip under the teeth: f v).  Each blend shape is a sum of
moves, each let through or held back by the gates.  Written as products of linear maps, the same constants
serve NumPy, torch and the exported graph:

    weights = SHAPES @ ((SELECT @ moves + ALONE) * (FIRST @ gates + FIRST_AT_0) * (SECOND @ gates + SECOND_AT_0))

A network that answers with gates decides: what it is unsure of is not half shut lips.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes

__all__ = ["CHANNELS", "GATES", "MOVES", "channel", "compose", "lip_gap"]

MOVES: Final = ("jaw", "lips", "pucker", "funnel", "spread", "accent", *shapes.TONGUE_NAMES)
GATES: Final = ("seal", "bite")
CHANNELS: Final = (*MOVES, *GATES)

# what passes | first gate factor | second gate factor | blend shapes; "1" stands for the gate alone
_TABLE = """
jaw    | 1 - seal      |              | JawOpen 1.00
jaw    | seal          |              | MouthClose 1.00
funnel | 1 - seal      | 1 - .60 bite | MouthFunnel 1.00
pucker | 1 - .35 seal  |              | MouthPucker 1.00
lips   | 1 - seal      | 1 - bite     | MouthLowerDown .75
lips   | 1 - seal      |              | MouthUpperUp .45
1      | bite          | 1 - seal     | MouthUpperUp .14 MouthRollLower .48
spread |               |              | MouthSmile .30 MouthStretch .35 MouthDimple .15
1      | seal          |              | MouthRollLower .10 MouthRollUpper .10 MouthPress .22 MouthShrugLower .10
accent |               |              | BrowInnerUp .12 BrowOuterUp .08
"""


def _factor(text: str) -> tuple[float, dict[str, float]]:
    """Read ``1 - .35 seal`` or ``seal`` as a constant and a slope per gate."""
    words = text.split()
    if not words:
        return 1.0, {}
    if words[0] != "1":
        return 0.0, {words[0]: 1.0}
    return 1.0, {words[-1]: -float(words[2]) if len(words) == 4 else -1.0}


def _read() -> tuple[NDArray[np.float64], ...]:
    rows = [[part.strip() for part in line.split("|")] for line in _TABLE.strip().splitlines()]
    rows += [[name, "", "", f"{name} 1.00"] for name in shapes.TONGUE_NAMES]
    select, alone = np.zeros((len(rows), len(MOVES))), np.zeros(len(rows))
    slopes, at_0 = np.zeros((2, len(rows), len(GATES))), np.ones((2, len(rows)))
    spread = np.zeros((len(shapes.FACE_NAMES), len(rows)))
    for i, (move, *factors, targets) in enumerate(rows):
        if move == "1":
            alone[i] = 1.0
        else:
            select[i, MOVES.index(move)] = 1.0
        for k, factor in enumerate(factors):
            at_0[k, i], slope = _factor(factor)
            for gate, change in slope.items():
                slopes[k, i, GATES.index(gate)] = change
        words = targets.split()
        for name, value in zip(words[::2], words[1::2], strict=True):
            for full in (name,) if name in shapes.INDEX else (name + "Left", name + "Right"):
                spread[shapes.INDEX[full], i] = float(value)
    return spread, select, alone, slopes[0], at_0[0], slopes[1], at_0[1]


SHAPES, SELECT, ALONE, FIRST, FIRST_AT_0, SECOND, SECOND_AT_0 = _read()


def channel(tracks: Any, name: str) -> Any:
    """Return one channel [...] of tracks [..., 24]."""
    return tracks[..., CHANNELS.index(name)]


def compose(tracks: Any, constant: Any = np.asarray) -> Any:
    """Return weights [..., 68] of a calm face for tracks [..., 24]: moves of 0 and more, gates in 0..1.

    For torch tensors ``constant`` turns an array into a tensor.  Weights may exceed 1; clip them last.
    """
    moves, gates = tracks[..., : len(MOVES)], tracks[..., len(MOVES) :]
    passed = moves @ constant(SELECT.T) + constant(ALONE)
    passed = passed * (gates @ constant(FIRST.T) + constant(FIRST_AT_0))
    passed = passed * (gates @ constant(SECOND.T) + constant(SECOND_AT_0))
    return passed @ constant(SHAPES.T)


def lip_gap(weights: Any) -> Any:
    """Return how far lips are apart [...] for weights [..., 68] (``a2f``), in units of a whole JawOpen."""
    lips = sum(weights[..., shapes.INDEX[name]] for name in _LIPS)
    return weights[..., shapes.INDEX["JawOpen"]] + 0.2 * lips


_LIPS: Final = ("MouthLowerDownLeft", "MouthLowerDownRight", "MouthUpperUpLeft", "MouthUpperUpRight")
