"""A regression pack in memory: what the face room needs, nothing of files.

Lengths are centimetres, y up; arrays are float32 in C order (spec: regression, section 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["BlendshapeSet", "NetworkInfo", "RegressionPack", "SolverConfig"]


@dataclass(frozen=True, slots=True)
class NetworkInfo:
    """``network_info.json``: the sizes that bind all other files."""

    actor: str
    version: str
    emotions: tuple[str, ...]
    """[E] names, the order of the explicit emotion vector."""
    default_emotion: tuple[float, ...]
    implicit_length: int
    skin_shapes: int
    skin_vertices: int
    tongue_shapes: int
    tongue_vertices: int
    jaw_size: int
    eyes_size: int
    window: int
    """Audio samples per frame (``buffer_len``)."""
    offset: int
    """The frame's own sample within the window (``buffer_ofs``)."""
    sample_rate: int

    @property
    def result_size(self) -> int:
        """Length of the network's output row: skin, tongue, jaw, eyes."""
        return self.skin_shapes + self.tongue_shapes + self.jaw_size + self.eyes_size


@dataclass(frozen=True, slots=True)
class SolverConfig:
    """``bs_*_config.json``: parameters of the blend-shape solver (spec: regression, sections 1.7 and 5.1)."""

    l1: float
    l2: float
    temporal: float
    symmetry: float
    template_size: float
    """``templateBBSize``, centimetres."""
    active: tuple[bool, ...]
    """[K] poses in the solve."""
    cancel: tuple[int, ...]
    """[K] pair id of mutually exclusive poses, -1 none."""
    symmetric: tuple[int, ...]
    """[K] pair id of left/right poses, -1 none."""
    multipliers: tuple[float, ...]
    offsets: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BlendshapeSet:
    """``bs_*.npz`` with its config: the poses that the solver explains a mesh with."""

    names: tuple[str, ...]
    """[K] pose names as in the file (lower camel: ``jawOpen``), neutral left out."""
    neutral: NDArray[np.float32]
    """[V, 3]"""
    deltas: NDArray[np.float32]
    """[K, V, 3] offsets from neutral."""
    mask: NDArray[np.int32] | None
    """[M] vertex indices used in the solve; None means all."""
    config: SolverConfig


@dataclass(frozen=True, slots=True, eq=False)
class RegressionPack:
    """A validated regression pack, complete and ready to run."""

    id: str
    """Registry id: the folder's name."""
    root: Path
    network_path: Path
    """``network.onnx``."""
    info: NetworkInfo
    parameters: dict[str, float]
    """``model_config.json`` keys in the file's spelling, numbers only: the pack's defaults."""
    implicit_emotion: NDArray[np.float32]
    """[implicit_length] the row of the emotion database that source_shot and source_frame choose."""
    skin_basis: NDArray[np.float32]
    """[skin_shapes, Vs, 3]"""
    skin_mean: NDArray[np.float32]
    """[Vs, 3]"""
    lip_open: NDArray[np.float32]
    """[Vs, 3] delta"""
    eye_close: NDArray[np.float32]
    """[Vs, 3] delta"""
    tongue_basis: NDArray[np.float32]
    """[tongue_shapes, Vt, 3]"""
    tongue_mean: NDArray[np.float32]
    """[Vt, 3]"""
    neutral_jaw: NDArray[np.float32]
    """[jaw_size / 3, 3]"""
    saccade: NDArray[np.float32]
    """[F, 2] eye rotations in degrees at 30 frames per second."""
    skin: BlendshapeSet
    tongue: BlendshapeSet | None

    @property
    def names(self) -> tuple[str, ...]:
        """[K] weight names in output order, PascalCase: skin, then tongue."""
        poses = self.skin.names + (self.tongue.names if self.tongue else ())
        return tuple(name[:1].upper() + name[1:] for name in poses)
