"""The reference network's ear: autocorrelation of 25 short windows, in torch and as graph nodes.

No FFT: 32 lags of a window are sums along the diagonals of the product of its blocks of 32 samples with each
block and its successor, one small matrix product for each window.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._graph import GraphWriter

__all__ = ["LAGS", "STEPS", "WIDTH", "autocorrelation", "autocorrelation_nodes", "hann"]

STEPS: Final = 25
"""Windows in 8320 samples."""
WIDTH: Final = 640
"""Samples per window; the next one starts half of it later."""
LAGS: Final = 32
_GAIN: Final = 8.912028
"""Factor on samples (training_and_dcc.md 1.8)."""
_BLOCKS: Final = WIDTH // LAGS


def hann() -> NDArray[np.float32]:
    """Return the window's weights [640], periodic as in signal processing."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WIDTH) / WIDTH)).astype(np.float32)


def autocorrelation(windows: Any) -> Any:
    """Return torch [N, 25, 32] for samples [N, 8320]: lag l is the sum of f(n) f(n + l) over the window, / 640."""
    import torch

    frames = (windows * _GAIN).unfold(-1, WIDTH, WIDTH // 2)
    frames = (frames - frames.mean(dim=-1, keepdim=True)) * torch.from_numpy(hann()).to(windows.device)
    count = len(frames)
    blocks = frames.reshape(count, STEPS, _BLOCKS, LAGS)
    after = torch.nn.functional.pad(blocks[:, :, 1:], (0, 0, 0, 1))
    products = blocks.transpose(2, 3) @ torch.cat([blocks, after], dim=3)
    flat = torch.nn.functional.pad(products.reshape(count, STEPS, 2 * LAGS * LAGS), (0, LAGS))
    skewed = flat.reshape(count, STEPS, LAGS, 2 * LAGS + 1)
    return skewed[..., :LAGS].sum(dim=2) / WIDTH


def autocorrelation_nodes(w: GraphWriter, source: str) -> str:
    """Write the same: ``source`` [B, 1, 8320] to [B, 1, 25, 32]."""

    def sliced(output: str, name: str, axis: int, start: int, end: int) -> str:
        parts = zip(("from", "to", "axis"), (start, end, axis), strict=True)
        return w.add("Slice", output, name, *(w.constant(f"{output}.{k}", np.array([v])) for k, v in parts))

    def padded(output: str, name: str, after: list[int]) -> str:
        pads = np.array([0] * len(after) + after, np.int64)
        return w.add("Pad", output, name, w.constant(f"{output}.pads", pads))

    loud = w.add("Mul", "loud", source, w.constant("gain", np.array(_GAIN, np.float32)))
    halves = w.reshape("halves", loud, 0, STEPS + 1, WIDTH // 2)
    pair = sliced("first.half", halves, 1, 0, STEPS), sliced("second.half", halves, 1, 1, STEPS + 1)
    frames = w.add("Concat", "frames", *pair, axis=2)
    mean = w.add("ReduceMean", "frames.mean", frames, axes=[-1], keepdims=1)
    centred = w.add("Sub", "frames.centred", frames, mean)
    windowed = w.add("Mul", "frames.windowed", centred, w.constant("hann", hann()))
    blocks = w.reshape("blocks", windowed, 0, STEPS, _BLOCKS, LAGS)
    later = sliced("blocks.later", blocks, 2, 1, _BLOCKS)
    after = padded("blocks.after", later, [0, 0, 1, 0])
    both = w.add("Concat", "blocks.both", blocks, after, axis=3)
    turned = w.add("Transpose", "blocks.turned", blocks, perm=[0, 1, 3, 2])
    products = w.add("MatMul", "products", turned, both)
    flat = padded(
        "products.padded", w.reshape("products.flat", products, 0, STEPS, 2 * LAGS * LAGS), [0, 0, LAGS]
    )
    skewed = w.reshape("products.skewed", flat, 0, STEPS, LAGS, 2 * LAGS + 1)
    kept = sliced("products.kept", skewed, 3, 0, LAGS)
    total = w.add("ReduceSum", "lags.sum", kept, w.constant("lags.axis", np.array([2])), keepdims=0)
    lags = w.add("Mul", "lags", total, w.constant("lags.scale", np.array(1 / WIDTH, np.float32)))
    return w.reshape("lags.image", lags, 0, 1, STEPS, LAGS)
