"""A face pack in memory: what the backends and the face room need, nothing of files.

Lengths are centimetres, y up; arrays are float32 in C order (spec: regression, section 1; diffusion, A.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from a2fbridge.timeline import Windows

__all__ = [
    "BlendshapeSet",
    "DiffusionInfo",
    "FacePack",
    "Identity",
    "NetworkInfo",
    "NetworkSpec",
    "RegressionInfo",
    "SolverConfig",
    "TensorSpec",
]


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One float32 tensor that goes into or comes out of a network."""

    name: str
    shape: tuple[int | None, ...]
    """Lengths of the axes; None is the batch axis, which every tensor has once."""
    wanted: tuple[int, int] | None = None
    """Of an output [batch, n, ...]: the places of its second axis that anyone looks at, first and past the last."""

    @property
    def batch_axis(self) -> int:
        """The axis along which the rows of a batch lie."""
        return self.shape.index(None)

    def sized(self, rows: int) -> tuple[int, ...]:
        """Return the shape for a batch of ``rows``."""
        return tuple(rows if n is None else n for n in self.shape)

    def looked_at(self, rows: int) -> tuple[int, ...]:
        """Return the shape of what a caller gets of an output."""
        shape = self.sized(rows)
        return shape if self.wanted is None else (shape[0], self.wanted[1] - self.wanted[0], *shape[2:])


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """A network's file and everything that must go in and out of it."""

    pack: str
    """Id of the pack, for messages."""
    path: Path
    """``network.onnx``"""
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    state: tuple[str, str] | None = None
    """Of a network that hands something on from window to window: the input and the output that hold it."""

    @property
    def fed(self) -> tuple[TensorSpec, ...]:
        """Inputs other than the state."""
        return tuple(t for t in self.inputs if not self.state or t.name != self.state[0])

    @property
    def given(self) -> tuple[TensorSpec, ...]:
        """Outputs other than the state."""
        return tuple(t for t in self.outputs if not self.state or t.name != self.state[1])

    @property
    def state_input(self) -> TensorSpec:
        """The input that holds the state."""
        return next(t for t in self.inputs if self.state and t.name == self.state[0])


@dataclass(frozen=True, slots=True)
class NetworkInfo:
    """``network_info.json``: the sizes that bind all other files; what the two kinds of network share."""

    actor: str
    version: str
    emotions: tuple[str, ...]
    """[E] names, the order of the explicit emotion vector."""
    default_emotion: tuple[float, ...]
    skin_vertices: int
    tongue_vertices: int
    jaw_size: int
    eyes_size: int
    window: int
    """Audio samples of one inference (``buffer_len``)."""
    sample_rate: int

    @property
    def kind(self) -> Literal["regression", "diffusion"]:
        """What ``id.type`` says."""
        raise NotImplementedError

    @property
    def skin_columns(self) -> int:
        """Values of a frame's row that are skin; the row is skin, tongue, jaw, eyes."""
        return 3 * self.skin_vertices

    @property
    def tongue_columns(self) -> int:
        """Values of a frame's row that are tongue."""
        return 3 * self.tongue_vertices

    @property
    def row_size(self) -> int:
        """Values of a frame's row."""
        return self.skin_columns + self.tongue_columns + self.jaw_size + self.eyes_size

    def windows(self, frame_rate: Fraction) -> Windows:
        """Return the windows that a stream of this frame rate is inferred in."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class RegressionInfo(NetworkInfo):
    """A regression network: stateless, one window per frame at any rate, PCA coefficients out."""

    implicit_length: int
    skin_shapes: int
    tongue_shapes: int
    offset: int
    """The frame's own sample within the window (``buffer_ofs``)."""

    @property
    def kind(self) -> Literal["regression", "diffusion"]:
        """``regression``"""
        return "regression"

    @property
    def skin_columns(self) -> int:
        """PCA coefficients of the skin."""
        return self.skin_shapes

    @property
    def tongue_columns(self) -> int:
        """PCA coefficients of the tongue."""
        return self.tongue_shapes

    def windows(self, frame_rate: Fraction) -> Windows:
        """Return one window a frame (spec: regression, 2.3)."""
        stride = Fraction(self.sample_rate) / frame_rate
        return Windows(self.window, -self.offset, Fraction(self.offset), stride, 1)


@dataclass(frozen=True, slots=True)
class DiffusionInfo(NetworkInfo):
    """A diffusion network: stateful, many frames per window at its own rate, vertex offsets out."""

    identities: tuple[str, ...]
    """Names in the order of the one-hot identity vector."""
    steps: int
    """``num_diffusion_steps``"""
    layers: int
    """``num_gru_layers``"""
    latent: int
    """``gru_latent_dim``"""
    left: int
    """Frames cut at the window's start, then frames kept, then frames cut at its end."""
    center: int
    right: int
    padding: int
    """``padding_left``: zeros before the track."""

    @property
    def kind(self) -> Literal["regression", "diffusion"]:
        """``diffusion``"""
        return "diffusion"

    @property
    def total(self) -> int:
        """Frames of a window, the truncated ones included."""
        return self.left + self.center + self.right

    @property
    def frame_rate(self) -> Fraction:
        """The network's own frame rate (spec: diffusion, A.3)."""
        return Fraction(self.total * self.sample_rate, self.window)

    def windows(self, frame_rate: Fraction) -> Windows:
        """Return the network's own windows, whatever the stream's rate (spec: diffusion, A.3)."""
        per_frame = Fraction(self.window, self.total)
        return Windows(
            self.window, -self.padding, per_frame * self.left, per_frame * self.center, self.center
        )


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
class Identity:
    """One face of a pack: its geometry, its parameters, its poses.  A regression pack has one."""

    name: str
    parameters: dict[str, float]
    """``model_config.json`` keys in the file's spelling, numbers only: the identity's defaults."""
    implicit_emotion: NDArray[np.float32]
    """[implicit_length] the row of the emotion database that source_shot and source_frame choose; [0] for diffusion."""
    skin_basis: NDArray[np.float32] | None
    """[skin_shapes, Vs, 3]; None when the network gives the offsets of the vertices themselves."""
    skin_mean: NDArray[np.float32]
    """[Vs, 3] neutral"""
    lip_open: NDArray[np.float32]
    """[Vs, 3] delta"""
    eye_close: NDArray[np.float32]
    """[Vs, 3] delta"""
    tongue_basis: NDArray[np.float32] | None
    """[tongue_shapes, Vt, 3]; None as for the skin."""
    tongue_mean: NDArray[np.float32]
    """[Vt, 3] neutral"""
    neutral_jaw: NDArray[np.float32]
    """[jaw_size / 3, 3]"""
    saccade: NDArray[np.float32]
    """[F, 2] eye rotations in degrees at 30 frames per second."""
    skin: BlendshapeSet | None
    """None, as for the tongue: no weights of this part, only its vertices."""
    tongue: BlendshapeSet | None

    @property
    def names(self) -> tuple[str, ...]:
        """[K] weight names in output order, PascalCase: skin, then tongue."""
        poses = [name for part in (self.skin, self.tongue) if part for name in part.names]
        return tuple(name[:1].upper() + name[1:] for name in poses)


@dataclass(frozen=True, slots=True, eq=False)
class FacePack:
    """A validated face pack, complete and ready to run."""

    id: str
    """Registry id: the folder's name."""
    root: Path
    info: RegressionInfo | DiffusionInfo
    network: NetworkSpec
    identities: tuple[Identity, ...]
    """At least one; the first is the default."""
