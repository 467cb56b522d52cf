"""One pack on one backend: audio windows of many streams in, weights out.

A stream is a slot: a row of the network's state and of its face's arrays.  Knows nothing of audio buffers, clocks or
threads; not thread-safe: one thread owns it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError, ParameterError, nearest
from a2fbridge.backends import Backend, finite_rows
from a2fbridge.face._face import Face
from a2fbridge.face._network import Noise, open_network
from a2fbridge.face._part import SOLVERS, Solver
from a2fbridge.face._settings import FaceSettings, PoseSettings
from a2fbridge.packs import FacePack

__all__ = ["FaceModel", "Inferred"]

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Slots = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Inferred:
    """What one inference of B windows gave."""

    projected: Array
    """[B, F, M] rows of the frames, projected (see Face)."""
    ok: NDArray[np.bool_]
    """[B] False where the network gave no finite values."""
    rows: Floats
    """[B, F, row size] the network's own values; they hold until the next inference."""


class FaceModel:
    """Runs batches of windows and keeps every stream's state: the network's, the animators' and the solver's."""

    def __init__(
        self,
        pack: FacePack,
        backend: Backend,
        solver: str = "bvls",
        poses: PoseSettings | None = None,
        noise: Noise | None = None,
    ) -> None:
        """Raises ConfigError for an unknown solver, ParameterError for a bad pose name or pack default."""
        if solver not in SOLVERS:
            raise ConfigError(
                f"unknown solver '{solver}'{nearest(solver, SOLVERS)}; right is one of {', '.join(SOLVERS)}"
            )
        self.pack, self.backend = pack, backend
        self.solver: Solver = "admm" if solver == "admm" else "bvls"
        self.noise = noise or Noise()
        self.network = open_network(pack, backend, self.noise)
        self.poses = poses or PoseSettings()
        self.faces = tuple(Face(identity, pack.info, self.solver, self.poses) for identity in pack.identities)
        """A face for each identity; the first is the default."""
        self.width = max(face.width for face in self.faces)
        """[M] values of a projected row; a narrower face leaves the rest 0."""
        self._face_of = np.zeros(0, np.intp)
        self._free: list[int] = []
        self._still: dict[int, Face] = {}

    @property
    def identities(self) -> tuple[str, ...]:
        """Names of the faces."""
        return tuple(face.identity.name for face in self.faces)

    def face(self, identity: str = "") -> Face:
        """Return a face by name, upper and lower case alike; the first by default.  Raises ParameterError."""
        return self.faces[self._index(identity)]

    def still_face(self, identity: str = "") -> Face:
        """Return the face of single frames: its solver has no past.  Built on first use; raises ParameterError."""
        index = self._index(identity)
        if index not in self._still:
            poses = replace(self.poses, temporal=False)
            self._still[index] = Face(self.pack.identities[index], self.pack.info, self.solver, poses)
        return self._still[index]

    def face_of(self, slot: int) -> Face:
        """Return the face of a stream."""
        return self.faces[int(self._face_of[slot])]

    def open(self, settings: FaceSettings, period: float, identity: str = "") -> int:
        """Take a slot for a stream with frames ``period`` seconds apart; raises ParameterError."""
        index = self._index(identity)
        slot = self._free[-1] if self._free else len(self._face_of)
        self.faces[index].open(slot, settings, period)
        if self._free:
            self._free.pop()
        else:
            self._face_of = np.append(self._face_of, index)
        self._face_of[slot] = index
        self.network.reset(slot)
        return slot

    def close(self, slot: int) -> None:
        """Give the slot back."""
        self.face_of(slot).close(slot)
        self._free.append(slot)

    def reset(self, slot: int) -> None:
        """Forget the stream's past: the next window is its first."""
        self.face_of(slot).reset(slot)
        self.network.reset(slot)

    def infer(self, audio: Floats, emotion: Floats, slots: Slots) -> Inferred:
        """Infer B windows, windows of a slot in order: audio [B, W], emotion [B, F, E].

        Raises BackendError, and has changed nothing then.
        """
        faces = self._face_of[slots]
        rows = self.network.run(audio, emotion, slots, faces)
        frames = rows.shape[1]
        flat, of_row = rows.reshape(len(slots) * frames, -1), np.repeat(slots, frames)
        projected = np.zeros((len(flat), self.width))
        found = np.unique(faces)
        for index in found.tolist():
            face = self.faces[index]
            chosen = slice(None) if len(found) == 1 else np.flatnonzero(np.repeat(faces == index, frames))
            with np.errstate(invalid="ignore", over="ignore"):
                projected[chosen, : face.width] = face.project(flat[chosen], of_row[chosen])
        framed = projected.reshape(len(slots), frames, -1)
        self.network.commit(slots)
        return Inferred(framed, finite_rows(framed), rows)

    def animate(self, projected: Array, slots: Slots) -> Floats:
        """Return weights [R, K] of projected rows [R, M]; where faces differ in K, the rest of a row is 0."""
        faces = self._face_of[slots]
        found = np.unique(faces)
        if len(found) == 1:
            return self.faces[int(found[0])].animate(projected, slots)
        out = np.zeros((len(slots), max(len(face.names) for face in self.faces)), np.float32)
        for index in found.tolist():
            chosen = np.flatnonzero(faces == index)
            face = self.faces[index]
            out[chosen, : len(face.names)] = face.animate(projected[chosen], slots[chosen])
        return out

    def remember(self, slots: Slots) -> Callable[[], None]:
        """Return what puts streams back to where they are now, as far as :meth:`animate` moves them on."""
        faces = self._face_of[slots]
        chosen = [(self.faces[i], slots[faces == i]) for i in np.unique(faces).tolist()]
        past = [(face, of, face.remember(of)) for face, of in chosen]

        def recall() -> None:
            for face, of, values in past:
                face.recall(of, values)

        return recall

    def _index(self, identity: str) -> int:
        names = [name.lower() for name in self.identities]
        if not identity:
            return 0
        if identity.lower() not in names:
            raise ParameterError(
                f"unknown identity '{identity}'{nearest(identity, self.identities)}; pack '{self.pack.id}' has "
                f"{', '.join(self.identities)}"
            )
        return names.index(identity.lower())
