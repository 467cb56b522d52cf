"""Vertex colours of the skin and tongue, linear RGB, by formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training.head._hair import BROW_LINE
from a2fbridge.training.head._skin import Skin
from a2fbridge.training.head._topology import Topology

__all__ = ["skin_colours", "tongue_colours"]

Array = NDArray[np.float64]

_TONGUE = (0.36, 0.110, 0.105)
_THROAT = (0.06, 0.018, 0.018)
_SKIN = (0.60, 0.335, 0.235)
_LIPS = (0.46, 0.165, 0.140)
_BLUSH = (0.60, 0.230, 0.175)
_LID = (0.47, 0.235, 0.165)
_MOUTH = (0.13, 0.022, 0.022)
_BROW = (0.20, 0.115, 0.080)
_STUBBLE = (0.125, 0.085, 0.066)


def skin_colours(skin: Skin) -> Array:
    """Return [V, 3]."""
    x, y, z = skin.neutral.T
    out = np.tile(np.array(_SKIN), (len(x), 1))
    topology = Topology(skin.faces, len(x))
    _mix(out, _STUBBLE, 0.86 * topology.smooth(_scalp(x, y, z), 1))
    _mix(out, _BLUSH, 0.55 * _spot(np.abs(x), y, (4.3, 0.4), (1.7, 1.5)) * (z > 3))
    _mix(out, _BLUSH, 0.30 * _spot(x, y, (0.0, 0.3), (1.0, 0.9)) * (z > 8))
    brow = np.interp(np.abs(x), BROW_LINE[:, 0], BROW_LINE[:, 1])
    inside = (np.abs(x) > 1.0) & (np.abs(x) < 5.3) & (z > 3)
    _mix(out, _BROW, 0.35 * np.exp(-(((y - brow) / 0.28) ** 2)) * inside)
    lid, lips = np.zeros(len(x)), np.zeros(len(x))
    lid[skin.lids[:, 2:].ravel()] = 1.0
    lips[skin.lips[:9].ravel()] = 1.0
    _mix(out, _LID, 0.6 * topology.smooth(lid, 2))
    _mix(out, _LIPS, 0.8 * topology.smooth(lips, 1))
    _mix(out, _LIPS, 0.4 * lips)
    mouth = np.zeros(len(x))
    mouth[skin.mouth] = 1.0
    _mix(out, _MOUTH, topology.smooth(mouth, 2) * mouth)
    return out


def tongue_colours(vertices: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return [Vt, 3] for the tongue at rest: pink at the tip, in the mouth's shadow at the root."""
    z = vertices[:, 2]
    share = np.clip((z - z.min() - 2.5) / (np.ptp(z) - 2.6), 0.0, 1.0)[:, None]
    return np.asarray(np.array(_THROAT) + (np.array(_TONGUE) - _THROAT) * share, np.float32)


def _mix(colours: Array, colour: tuple[float, float, float], amount: Array) -> None:
    colours += (np.array(colour) - colours) * amount[:, None]


def _spot(x: Array, y: Array, centre: tuple[float, float], radius: tuple[float, float]) -> Array:
    return np.asarray(np.exp(-(((x - centre[0]) / radius[0]) ** 2) - ((y - centre[1]) / radius[1]) ** 2))


def _scalp(x: Array, y: Array, z: Array) -> Array:
    """Return 1 where short hair grows: above a line from the forehead over the ears to the nape."""
    hairline = np.interp(z, [-6, -3, 1.2, 2.6, 4.0, 7.0, 9.5], [-3.2, -1.5, 1.5, 4.2, 7.4, 9.0, 9.6])
    ear = (np.abs(x) > 7.1) & (y < 5.2) & (z > -2.5)
    return np.asarray(np.clip((y - hairline) / 0.9 + 0.5, 0, 1) * ~ear)
