"""The talking head: built by a script from CC0 data, loaded by the trainer, drawn for the documentation.

``python -m a2fbridge.training.head build`` makes ``head.npz``, ``head.glb`` and ``solver.json`` out of the
MakeHuman base mesh and its face units (docs/head.md); :func:`load_head` reads what ships.  The room needs NumPy
alone and must not know of networks, audio or packs.
"""

from a2fbridge.training.head._file import load_head, save_head
from a2fbridge.training.head._head import Head, Part

__all__ = ["Head", "Part", "load_head", "save_head"]
