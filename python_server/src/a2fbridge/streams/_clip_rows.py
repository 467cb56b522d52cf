"""What the network says of a whole clip: rows by window, kept within bounds, and a recurrent network's states."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import BackendError, StreamError
from a2fbridge.audio import AudioBuffer
from a2fbridge.face import FaceModel
from a2fbridge.timeline import Windows

__all__ = ["ClipRows"]

Floats = NDArray[np.float32]


class ClipRows:
    """Runs windows of one closed clip in any order; what was run is not run again while it is kept."""

    def __init__(
        self,
        model: FaceModel,
        slot: int,
        sound: AudioBuffer,
        windows: Windows,
        emotions_at: Callable[[Sequence[int]], Floats],
        *,
        look_back: int | None,
        cache_bytes: int,
    ) -> None:
        """``sound`` is closed, ``slot`` the clip's place in the model; ``emotions_at`` gives [n, E] at samples."""
        self._model, self._slot, self._windows = model, slot, windows
        self._emotions_at = emotions_at
        self._look_back, self._cache_bytes = look_back, cache_bytes
        self._buffer = sound
        self.total = windows.ready(len(sound), True)
        """Windows of the clip."""
        self.input_strength = 1.0
        self._identity = model.faces.index(model.face_of(slot))
        self._stop = threading.Event()
        self._rows: OrderedDict[int, Floats] = OrderedDict()
        self._states: dict[int, Floats | None] = {0: None}

    def begin(self) -> None:
        """Forget an interruption of before."""
        self._stop.clear()

    def interrupt(self) -> None:
        """Let the next window raise StreamError; from any thread."""
        self._stop.set()

    def clear(self) -> None:
        """Forget everything: sound, emotions or strength are other ones now."""
        self._rows.clear()
        self._states = {0: None}

    def row(self, frame: int) -> Floats:
        """Return the row [D] of one frame of the windows."""
        window, within = divmod(frame, self._windows.frames)
        if window not in self._rows:
            self._infer_up_to(window)
        self._rows.move_to_end(window)
        row: Floats = self._rows[window][within]
        return row

    def batch(self, first: int, count: int) -> Floats:
        """Return the rows [n, F, D] of windows of a run through the whole clip, which begins with window 0."""
        network, after = self._model.network, first + count
        if network.recurrent and first == 0:
            network.seek(self._slot, 0, None)
        kept = all(window in self._rows for window in range(first, after))
        if kept and (not network.recurrent or after in self._states):
            if network.recurrent:
                network.seek(self._slot, after, self._states[after])
            return np.stack([self._rows[window] for window in range(first, after)])
        rows = self._infer(first, count)
        if network.recurrent:
            self._states[after] = network.state(self._slot)
        return rows

    def emotions(self, first: int, count: int) -> Floats:
        """Return the emotions [n, F, E] of consecutive windows."""
        size = self._windows.frames
        frames = range(first * size, (first + count) * size)
        found = self._emotions_at([self._windows.target_of(frame) for frame in frames])
        return found.reshape(count, size, -1)

    def _infer_up_to(self, window: int) -> None:
        """Infer one window, after those before it that its state needs."""
        network = self._model.network
        if not network.recurrent:
            self._infer(window, 1)
            return
        known = max(first for first in self._states if first <= window)
        exact = self._look_back is None or window - known < self._look_back
        first = known if exact else window + 1 - (self._look_back or 0)
        network.seek(self._slot, first, self._states[known] if exact else None)
        for at in range(first, window + 1):
            self._infer(at, 1)
            if exact:
                self._states[at + 1] = network.state(self._slot)

    def _infer(self, first: int, count: int) -> Floats:
        """Infer windows in their order; returns and keeps their rows [n, F, D]."""
        if self._stop.is_set():
            raise StreamError("the computation was interrupted")
        windows = range(first, first + count)
        audio = np.empty((count, self._windows.size), np.float32)
        self._buffer.gather([self._windows.start_of(w) for w in windows], self._windows.size, audio)
        audio *= np.float32(self.input_strength)
        emotion = self.emotions(first, count)
        slots, identities = np.full(count, self._slot, np.intp), np.full(count, self._identity, np.intp)
        rows = self._model.network.run(audio, emotion, slots, identities)
        self._model.network.commit(slots)
        if not np.isfinite(rows).all():
            text = f"the network gave values that are not finite in window {first}"
            raise BackendError(f"{text}; is the pack damaged?")
        for at, window in enumerate(windows):
            self._rows[window] = rows[at].copy()  # the network's own hold until its next run
        most = max(1, self._cache_bytes // rows[0].nbytes)
        while len(self._rows) > most:
            self._rows.popitem(last=False)
        return rows
