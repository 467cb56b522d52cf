"""The talking head: built by a script from CC0 data, loaded by the trainer, drawn for the documentation.

``python -m a2fbridge.training.head build`` makes ``head.npz``, ``head.glb`` and ``solver.json`` out of the
MakeHuman base mesh and its face units (docs/head.md); :func:`load_head` reads what ships and :func:`render`
draws it.  The room needs NumPy alone and must not know of networks, audio or packs.
"""

from a2fbridge.training.head._draw import VIEWS, contact_sheet, named_weights, render
from a2fbridge.training.head._file import load_head, save_head
from a2fbridge.training.head._head import Head, Part
from a2fbridge.training.head._render import Camera
from a2fbridge.training.head._settings import solver_block, solver_settings, symmetry_pair

__all__ = [
    "VIEWS",
    "Camera",
    "Head",
    "Part",
    "contact_sheet",
    "load_head",
    "named_weights",
    "render",
    "save_head",
    "solver_block",
    "solver_settings",
    "symmetry_pair",
]
