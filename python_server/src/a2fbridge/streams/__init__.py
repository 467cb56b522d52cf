"""One animated stream as a pure object: push audio and emotions, pull frames.

Knows the model, audio buffers and the frame clock; must not know sockets, threads or wall time.
"""

from a2fbridge.streams._batch import run_batch
from a2fbridge.streams._emotions import EmotionSource
from a2fbridge.streams._interactive import InteractiveClip
from a2fbridge.streams._layers import Layer
from a2fbridge.streams._stream import (
    MAX_SAMPLE_RATE,
    MIN_SAMPLE_RATE,
    Stream,
    StreamOptions,
    settings_in_force,
)

__all__ = [
    "MAX_SAMPLE_RATE",
    "MIN_SAMPLE_RATE",
    "EmotionSource",
    "InteractiveClip",
    "Layer",
    "Stream",
    "StreamOptions",
    "run_batch",
    "settings_in_force",
]
