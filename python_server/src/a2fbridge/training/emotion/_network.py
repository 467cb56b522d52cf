"""The estimator's network: two filter banks, a few convolutions over time, attention, six logits.

Any number of samples from MIN_SAMPLES on; the level of the recording is taken out, so a quiet microphone is not
a sad voice.  Every operator is one that TensorRT's parser takes.
"""

from __future__ import annotations

import warnings
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._features import BANDS, filters
from a2fbridge.training.emotion._prosody import CLASSES

__all__ = ["HOP", "MIN_SAMPLES", "EmotionNetwork"]

HOP: Final = 320
"""20 ms."""
MIN_SAMPLES: Final = 8000
_PITCH_TAPS: Final = 960
"""60 ms: long enough to tell the harmonics of a low voice apart."""
_PITCH_BANDS: Final = 40
_LOWEST, _HIGHEST = 65.0, 520.0
_WIDTH: Final = 48
_FLOOR: Final = 1e-8


def pitch_filters() -> NDArray[np.float32]:
    """Return [2, bands, taps]: cosine and sine filters, evenly spaced in octaves from 65 to 520 Hz, unit gain."""
    hertz = np.geomspace(_LOWEST, _HIGHEST, _PITCH_BANDS)[:, None]
    time = (np.arange(_PITCH_TAPS) - (_PITCH_TAPS - 1) / 2) / SAMPLE_RATE
    window = np.hanning(_PITCH_TAPS + 2)[1:-1]
    window /= window.sum() / 2
    return np.stack(
        [window * np.cos(2 * np.pi * hertz * time), window * np.sin(2 * np.pi * hertz * time)]
    ).astype(np.float32)


class EmotionNetwork(nn.Module):  # type: ignore[misc]
    """Sound [B, samples] to logits [B, 6]."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("timbre", torch.from_numpy(filters().reshape(2 * BANDS, 1, -1).copy()))
        self.register_buffer(
            "pitch", torch.from_numpy(pitch_filters().reshape(2 * _PITCH_BANDS, 1, -1).copy())
        )
        bands = BANDS + _PITCH_BANDS
        self.first = nn.Conv1d(2 * bands, _WIDTH, 1)
        self.layers = nn.ModuleList(
            nn.Conv1d(_WIDTH, _WIDTH, 5, padding=2 * spread, dilation=spread) for spread in (1, 2, 4)
        )
        self.attention = nn.Conv1d(_WIDTH, 1, 1)
        self.hidden = nn.Linear(2 * _WIDTH, _WIDTH)
        self.last = nn.Linear(_WIDTH, len(CLASSES))
        self.drop = nn.Dropout(0.3)

    def powers(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        """Return band powers of timbre and pitch [B, bands, T], T frames of 20 ms."""
        x = sound.unsqueeze(1)
        margin = (self.pitch.shape[2] - self.timbre.shape[2]) // 2
        found = []
        for bank, cut in ((self.timbre, margin), (self.pitch, 0)):
            heard = x[:, :, cut : x.shape[2] - cut] if cut else x
            out = torch.nn.functional.conv1d(heard, bank, stride=HOP)
            half = bank.shape[0] // 2
            found.append(out[:, :half] * out[:, :half] + out[:, half:] * out[:, half:])
        return found[0], found[1]

    def forward(self, sound: Tensor) -> Tensor:
        """Return logits."""
        return self.judge(*self.powers(sound))

    def judge(self, timbre: Tensor, pitch: Tensor) -> Tensor:
        """Return logits [B, 6] for band powers."""
        logs = torch.cat([torch.log(timbre + _FLOOR), torch.log(pitch + _FLOOR)], 1) * 0.25
        loud = timbre.mean(1, keepdim=True)
        # Means are taken where there is sound: pauses and the silence before a stream say nothing of the voice.
        weight = loud / (loud + 0.03 * loud.mean(2, keepdim=True) + _FLOOR)
        level = (logs * weight).sum((1, 2), keepdim=True) / (
            weight.sum(2, keepdim=True) * logs.shape[1] + 1e-3
        )
        shape = (logs - level) * weight
        local = logs - logs.mean(1, keepdim=True)
        x = torch.relu(self.first(torch.cat([shape, local * weight], 1)))
        for layer in self.layers:
            x = x + torch.relu(layer(x))
        score = torch.softmax(self.attention(x) + torch.log(weight + 1e-4), 2)
        mean = (x * score).sum(2)
        spread = torch.sqrt(((x * x) * score).sum(2) - mean * mean + 1e-4)
        return self.last(self.drop(torch.relu(self.hidden(torch.cat([mean, spread], 1)))))

    def to_onnx(self, path: Any) -> None:
        """Write the network with free batch and length, tensors named as in Audio2Emotion."""
        self.eval()
        example = torch.zeros(2, 2 * MIN_SAMPLES)
        axes = {"input_values": {0: "batch", 1: "length"}, "output": {0: "batch"}}
        with warnings.catch_warnings():
            # The exporter by tracing is the one whose free axes are known to work; its check of lengths is a constant.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                self,
                (example,),
                str(path),
                input_names=["input_values"],
                output_names=["output"],
                dynamic_axes=axes,
                opset_version=17,
                dynamo=False,
            )
