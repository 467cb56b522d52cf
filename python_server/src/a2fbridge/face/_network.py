"""The two kinds of face network behind one call: windows of sound and emotions in, one row of values per frame out.

A row is skin, tongue, jaw, eyes; skin and tongue are PCA coefficients (regression) or offsets of vertices
(diffusion).  State that a network carries from window to window lies here, in rows, one for each stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError
from a2fbridge.backends import Backend
from a2fbridge.face._part import grown
from a2fbridge.packs import DiffusionInfo, FacePack, RegressionInfo

__all__ = ["FaceNetwork", "Noise", "open_network"]

Floats = NDArray[np.float32]
Slots = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Noise:
    """Where a diffusion network's noise comes from.

    Block n is ``Generator(Philox(key=[seed, n])).standard_normal(shape, float32)`` of NumPy, so that any block can be
    had without those before it.  Every stream sees the same blocks: a face depends on its own sound alone.
    """

    constant: bool = True
    """Block 0 for every window (NVIDIA's services); otherwise block n for a stream's window n."""
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 1 << 63:
            raise ParameterError(f"noise seed is {self.seed}; right is a whole number from 0 below 2^63")

    def block(self, n: int, shape: tuple[int, ...]) -> Floats:
        """Return block n."""
        generator = np.random.Generator(np.random.Philox(key=np.array([self.seed, n], np.uint64)))
        return generator.standard_normal(shape, np.float32)


class FaceNetwork(Protocol):
    """A pack's network with the state of its streams."""

    max_batch: int
    """Windows of one inference at most."""
    consecutive: int
    """How many consecutive windows of one stream an inference may hold."""
    recurrent: bool
    """Whether a window needs the state that those before it left."""

    def reset(self, slot: int) -> None:
        """Forget a stream's past; makes room for a new one."""

    def run(self, audio: Floats, emotion: Floats, slots: Slots, identities: Slots) -> Floats:
        """Infer B windows: audio [B, W], emotion [B, F, E], and each row's stream and identity.

        Returns rows [B, F, row size] that hold until the next run; a row that is not finite failed.  Streams advance
        with :meth:`commit`: until then the run may be repeated.  Raises BackendError.
        """

    def commit(self, slots: Slots) -> None:
        """Let the streams of the last run go on from where it left them."""

    def seek(self, slot: int, window: int, state: Floats | None) -> None:
        """Let ``window`` be the stream's next one, and ``state`` (of :meth:`state`, or none) what it knows."""

    def state(self, slot: int) -> Floats:
        """Return a copy of what the stream's next window needs to know of its past."""


def open_network(pack: FacePack, backend: Backend, noise: Noise) -> FaceNetwork:
    """Return the network of a pack on a backend."""
    if isinstance(pack.info, DiffusionInfo):
        return _DiffusionNetwork(pack.info, backend, noise)
    return _RegressionNetwork(pack, pack.info, backend)


class _RegressionNetwork:
    """Stateless: windows of any stream in any order."""

    recurrent = False

    def __init__(self, pack: FacePack, info: RegressionInfo, backend: Backend) -> None:
        self.max_batch = self.consecutive = backend.max_batch
        self._backend = backend
        self._implicit = np.stack([identity.implicit_emotion for identity in pack.identities])
        self._emotion = info.implicit_length + len(info.emotions)

    def reset(self, slot: int) -> None:
        pass

    def run(self, audio: Floats, emotion: Floats, slots: Slots, identities: Slots) -> Floats:
        full = np.empty((len(audio), 1, self._emotion), np.float32)
        implicit = self._implicit.shape[1]
        full[:, 0, :implicit] = self._implicit[identities]
        full[:, :, implicit:] = emotion
        return self._backend.run({"input": audio[:, None], "emotion": full})["result"]

    def commit(self, slots: Slots) -> None:
        pass

    def seek(self, slot: int, window: int, state: Floats | None) -> None:
        pass

    def state(self, slot: int) -> Floats:
        return np.empty(0, np.float32)


class _DiffusionNetwork:
    """Recurrent: a stream's windows one after the other, its latents handed on (spec: diffusion, A.2 to A.5)."""

    consecutive = 1
    recurrent = True

    def __init__(self, info: DiffusionInfo, backend: Backend, noise: Noise) -> None:
        self.max_batch = backend.max_batch
        self._backend, self._noise = backend, noise
        self._identities = np.eye(len(info.identities), dtype=np.float32)
        self._window = np.zeros(0, np.int64)
        self._shape = (info.steps + 1, info.total, info.row_size)
        self._constant = noise.block(0, self._shape) if noise.constant else None
        self._drawn = np.empty((0, *self._shape), np.float32)

    def reset(self, slot: int) -> None:
        if slot >= len(self._window):
            self._window = grown(self._window, 2 * slot + 1)
        self.seek(slot, 0, None)

    def run(self, audio: Floats, emotion: Floats, slots: Slots, identities: Slots) -> Floats:
        feeds = {
            "window": audio,
            "identity": self._identities[identities],
            "emotion": emotion,
            "noise": self._blocks(slots),
        }
        return self._backend.run(feeds, slots)["prediction"]

    def commit(self, slots: Slots) -> None:
        self._backend.commit()
        self._window[slots] += 1

    def seek(self, slot: int, window: int, state: Floats | None) -> None:
        self._backend.set_state(slot, state)
        self._window[slot] = window

    def state(self, slot: int) -> Floats:
        return self._backend.state(slot)

    def _blocks(self, slots: Slots) -> Floats:
        """Return the noise of each row; constant noise is one block, however many rows see it."""
        if self._constant is not None:
            return np.broadcast_to(self._constant, (len(slots), *self._shape))
        if len(self._drawn) < len(slots):
            self._drawn = np.empty((len(slots), *self._shape), np.float32)
        for row, slot in enumerate(slots):
            self._drawn[row] = self._noise.block(int(self._window[slot]), self._shape)
        return self._drawn[: len(slots)]
