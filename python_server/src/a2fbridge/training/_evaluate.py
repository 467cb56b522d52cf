"""How good a fit is: the network alone, run as it will ship, on speech with timed phones.

On synthetic sentences that training never heard, and on recordings of people (``aligned_recordings``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.training._config import SAMPLE_RATE, Decision, ExportConfig
from a2fbridge.training._corpus import labelled
from a2fbridge.training._graph import IMPLICIT, OFFSET, WINDOW, build_graph
from a2fbridge.training._network import Parameters
from a2fbridge.training._phones import Utterance
from a2fbridge.training._quality import FRAME_RATE, Figure, Take, assess, mouth_of
from a2fbridge.training._voices import speak, voice_named

__all__ = ["Predict", "evaluate", "predictor", "spoken_sentences"]

Predict = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]
"""Samples at 16 kHz and emotions [10] in; weights [N, 68] at 60 frames per second out."""

_UNHEARD = 20_011
"""Seed of sentences for evaluation; corpora take theirs from others."""
_AFTER = 1.0
"""Seconds of digital silence after each recording, to see the mouth come to rest."""


def predictor(parameters: Parameters, decision: Decision | None = None) -> Predict:
    """Return a function that runs the run-time form of the network, one row per frame, on ONNX Runtime."""
    import onnxruntime

    chosen = decision or ExportConfig().decision
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    graph = build_graph(parameters, np.eye(len(shapes.FACE_NAMES)), chosen).SerializeToString()
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def predict(samples: NDArray[np.float32], emotions: NDArray[np.float32]) -> NDArray[np.float32]:
        padded = np.pad(samples, (OFFSET, WINDOW))
        starts = np.arange(0, len(samples) * FRAME_RATE // SAMPLE_RATE) * SAMPLE_RATE // FRAME_RATE
        mood = np.concatenate([np.zeros(IMPLICIT), emotions]).astype(np.float32)[None, None]
        rows = []
        for chunk in np.array_split(starts, max(1, len(starts) // 32)):
            windows = np.stack([padded[s : s + WINDOW] for s in chunk])[:, None].astype(np.float32)
            feeds = {"input": windows, "emotion": np.repeat(mood, len(chunk), axis=0)}
            rows.append(session.run(None, feeds)[0][:, 0])
        return np.asarray(np.concatenate(rows), np.float32)

    return predict


def spoken_sentences(voice: str, count: int = 16) -> list[Utterance]:
    """Return sentences spoken by a voice that no corpus holds, with corrected labels."""
    texts = voice_named(voice).script(count, _UNHEARD)
    return labelled(list(speak(voice, texts, _UNHEARD)))[0]


def evaluate(
    predict: Predict, utterances: Sequence[Utterance], emotions: NDArray[np.float32] | None = None
) -> dict[str, Figure]:
    """Return the metrics of ``assess`` over all utterances, spoken in a mood [10] (default: calm)."""
    mood = np.zeros(len(shapes.EMOTION_NAMES), np.float32) if emotions is None else emotions
    silence = np.zeros(int(_AFTER * SAMPLE_RATE), np.float32)
    return assess(
        [Take(u.segments, mouth_of(predict(np.concatenate([u.samples, silence]), mood))) for u in utterances]
    )
