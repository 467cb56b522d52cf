"""Windows of many streams in one inference, and what may go wrong on the way: whose fault, and who must not feel it.

Up to and including the inference nothing has moved on, so that a batch that failed may be tried again in parts.  From
there on every failure is that of one stream; where it came up among several, each is finished alone, from the state
before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import A2FBridgeError, BackendError, explained
from a2fbridge.animation import Frame
from a2fbridge.emotion import hear
from a2fbridge.face import FaceModel, Inferred

if TYPE_CHECKING:
    from a2fbridge.streams._stream import Stream

__all__ = ["run_batch"]

_T = TypeVar("_T")
Rows = NDArray[np.float64]
Floats = NDArray[np.float32]


def run_batch(model: FaceModel, batch: Iterable[tuple[Stream, int]]) -> list[list[Frame] | A2FBridgeError]:
    """Infer ``n`` ready windows of each stream together; streams of one model, each named once.

    Returns the frames that this completes per stream, in order, perhaps none; a stream that failed gets its error
    instead, is of no more use, and the others are unharmed.  Raises when the whole inference failed: no stream has
    moved on then, and it may be tried again.
    """
    taken = list(batch)
    info = model.pack.info
    windows = sum(n for _, n in taken)
    audio = np.empty((windows, info.window), np.float32)
    emotion = np.empty((windows, taken[0][0].windows.frames, len(info.emotions)), np.float32)
    slots = np.repeat([stream.slot for stream, _ in taken], [n for _, n in taken])
    spans = _spans(n for _, n in taken)
    hear(stream.hearing_of(n) for stream, n in taken)
    for (stream, _), span in zip(taken, spans, strict=True):
        stream.fill(audio[span], emotion[span])
    inferred = model.infer(audio, emotion, slots)
    due = [
        _attempted(_due, stream, n, inferred, emotion, span)
        for (stream, n), span in zip(taken, spans, strict=True)
    ]
    return _frames_of(model, [stream for stream, _ in taken], due)


def _attempted(step: Callable[..., _T], *arguments: Any) -> _T | A2FBridgeError:
    """Return what a stream's own step gives, or what is to be said of its failure."""
    try:
        return step(*arguments)
    except Exception as error:
        return explained(error, "its frames could not be finished")


def _due(stream: Stream, windows: int, inferred: Inferred, emotion: Floats, span: slice) -> Rows:
    """Return what the frames that are due now carry: projected values, emotions, and raw values if needed."""
    if not inferred.ok[span].all():
        text = f"the network gave values that are not finite at frame {stream.next_frame}"
        raise BackendError(f"{text}; is the pack damaged?")
    parts: list[NDArray[Any]] = [inferred.projected[span], emotion[span]]
    if stream.options.face.geometry:
        parts.append(inferred.rows[span])
    rows = np.concatenate(parts, axis=2)
    return stream.advance(rows.reshape(-1, rows.shape[2]), windows)


def _frames_of(
    model: FaceModel, streams: Sequence[Stream], due: Sequence[Rows | A2FBridgeError]
) -> list[list[Frame] | A2FBridgeError]:
    """Animate the rows that are due, all streams together, and name them."""
    good = [(stream, rows) for stream, rows in zip(streams, due, strict=True) if isinstance(rows, np.ndarray)]
    finished = iter([_named(*one) for one in zip(good, _animated(model, good), strict=True)])
    return [rows if isinstance(rows, A2FBridgeError) else next(finished) for rows in due]


def _named(taken: tuple[Stream, Rows], weights: Floats | A2FBridgeError) -> list[Frame] | A2FBridgeError:
    """Return a stream's frames, given their weights."""
    if isinstance(weights, A2FBridgeError):
        return weights
    stream, rows = taken
    return _attempted(stream.accept, weights[:, : len(stream.names)], rows)


def _animated(model: FaceModel, taken: Sequence[tuple[Stream, Rows]]) -> list[Floats | A2FBridgeError]:
    """Return each stream's weights, or why it has none; animators and solver move on once."""
    if not any(len(rows) for _, rows in taken):
        return [np.empty((0, 0), np.float32) for _ in taken]
    counts = [len(rows) for _, rows in taken]
    each = np.array([stream.slot for stream, _ in taken], np.intp)
    recall = model.remember(each)
    try:
        projected = np.concatenate([rows[:, : model.width] for _, rows in taken])
        weights = model.animate(projected, np.repeat(each, counts))
    except Exception as error:
        recall()
        if len(taken) == 1:
            return [explained(error, "its frames could not be finished")]
        return [found for one in taken for found in _animated(model, [one])]
    return [weights[span] for span in _spans(counts)]


def _spans(counts: Iterable[int]) -> list[slice]:
    """Return the slice of each stream's rows in the batch."""
    ends = list(accumulate(counts, initial=0))
    return [slice(start, stop) for start, stop in pairwise(ends)]
