"""The articulation table: what each phone asks of jaw, lips and tongue, and how firmly.

Values are blend-shape weights at full strength, set by ear, eye and phonetics textbooks for a face that
speaks clearly without shouting.  ``jaw`` is the whole jaw opening, sealed or not.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.shapes import TONGUE_NAMES

__all__ = ["ARTICULATORS", "DOMINANCE", "GROUPS", "TARGETS", "TONGUE"]

ARTICULATORS: Final = ("jaw", "lips", "pucker", "funnel", "spread")
GROUPS: Final = {"jaw": ("jaw",), "lips": ("lips",), "shape": ("pucker", "funnel", "spread")}

# phones | jaw lips pucker funnel spread | dominance of jaw, lips, shape, tongue | tongue shapes
_TABLE = """
aa        | .50 .34 .00 .04 .00 | 1.0 1.0 0.6 0.6 | Down .45 In .20
ae        | .44 .42 .00 .00 .24 | 1.0 1.0 0.8 0.6 | Down .25 Stretch .15
ah        | .33 .26 .00 .02 .04 | 0.9 0.9 0.4 0.5 | Down .25
ao        | .42 .26 .20 .42 .00 | 1.0 0.9 1.0 0.6 | Down .35 In .30
ax        | .20 .18 .00 .02 .04 | 0.6 0.6 0.3 0.3 | Down .08
eh        | .34 .34 .00 .00 .22 | 0.9 0.9 0.8 0.6 | Down .15 Stretch .20
e         | .24 .30 .00 .00 .34 | 0.9 0.9 0.9 0.7 | Up .20 Stretch .20
er        | .20 .20 .22 .32 .00 | 0.8 0.8 0.9 0.9 | RollUp .35 In .25
ih        | .21 .26 .00 .00 .20 | 0.8 0.8 0.6 0.6 | Up .20 Stretch .15
iy        | .15 .28 .00 .00 .46 | 0.9 0.9 1.0 0.8 | Up .40 Stretch .25 Wide .30
o         | .30 .18 .42 .40 .00 | 1.0 0.9 1.1 0.6 | Down .15 In .30
oe        | .26 .18 .40 .42 .00 | 0.9 0.9 1.1 0.6 | Up .15 Stretch .15
ue        | .14 .08 .62 .34 .00 | 0.9 0.9 1.3 0.8 | Up .40 Stretch .20
uh        | .22 .14 .30 .34 .00 | 0.8 0.8 0.9 0.6 | Up .20 In .30
uw        | .15 .06 .68 .34 .00 | 0.9 0.9 1.3 0.7 | Up .25 In .40
p b m     | .12 .08 .00 .00 .00 | 0.8 0.5 0.1 0.1 |
f v       | .09 .16 .00 .00 .06 | 1.4 0.8 0.5 0.2 |
th dh     | .14 .22 .00 .00 .04 | 1.1 0.9 0.3 1.6 | Stretch .60 TipUp .15 Wide .20
t d n     | .10 .20 .00 .00 .08 | 0.9 0.7 0.2 1.4 | TipUp .75 Up .15
dx        | .16 .20 .00 .00 .04 | 0.4 0.4 0.1 1.0 | TipUp .60
s z       | .05 .24 .00 .00 .26 | 1.8 1.0 0.6 1.3 | TipUp .35 Up .20 Narrow .25
sh zh ch jh | .07 .24 .30 .52 .00 | 1.8 1.0 1.4 1.2 | Up .40 TipUp .20 Wide .15
k g ng    | .17 .18 .00 .00 .02 | 0.4 0.4 0.1 1.4 | Up .70 In .35
l         | .19 .20 .00 .00 .04 | 0.6 0.5 0.2 1.4 | TipUp .85 Narrow .30
r         | .13 .16 .34 .34 .00 | 0.8 0.8 1.1 1.2 | RollUp .50 In .30
w         | .10 .04 .80 .26 .00 | 1.2 1.1 1.6 0.7 | Up .25 In .40
y         | .11 .24 .00 .00 .34 | 0.9 0.8 0.9 1.0 | Up .55 Stretch .20
hh        | .20 .20 .00 .02 .02 | 0.2 0.2 0.1 0.1 |
sil       | .00 .00 .00 .00 .00 | 1.0 1.0 1.0 1.0 |
"""


def _tongue(words: list[str]) -> NDArray[np.float64]:
    values = np.zeros(len(TONGUE_NAMES))
    for name, value in zip(words[::2], words[1::2], strict=True):
        values[TONGUE_NAMES.index("Tongue" + name)] = float(value)
    return values


TARGETS: Final[dict[str, tuple[float, ...]]] = {}
"""Phone -> value per articulator."""
DOMINANCE: Final[dict[str, dict[str, float]]] = {}
"""Phone -> dominance per group."""
TONGUE: Final[dict[str, NDArray[np.float64]]] = {}
"""Phone -> [16] tongue weights."""

for _line in _TABLE.strip().splitlines():
    _phones, _values, _firm, _shapes = (part.split() for part in _line.split("|"))
    for _phone in _phones:
        TARGETS[_phone] = tuple(map(float, _values))
        DOMINANCE[_phone] = dict(zip((*GROUPS, "tongue"), map(float, _firm), strict=True))
        TONGUE[_phone] = _tongue(_shapes)
