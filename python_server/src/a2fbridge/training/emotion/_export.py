"""``export``: the fitted network becomes an emotion pack in the layout of NVIDIA's Audio2Emotion."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from a2fbridge._errors import PackError
from a2fbridge._resources import data_dir
from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training.emotion._corpus import load_corpus
from a2fbridge.training.emotion._fit import WINDOW, evaluate, load_network
from a2fbridge.training.emotion._network import MIN_SAMPLES
from a2fbridge.training.emotion._prosody import CLASSES

__all__ = ["export_pack"]

_LOOK_AHEAD: Final = 4160
"""Samples: what the face's network looks ahead, so that automatic emotion delays no frame further."""
_LARGEST: Final = 1 << 20
_POST: Final = {
    "output_emotion_length": 10,
    "emotion_correspondence": [1, 3, 4, 6, -1, 9],
    "emotion_contrast": 1.0,
    "max_emotions": 3,  # as the server: NVIDIA's stylization default
    "live_blend_coef": 0.7,
    "enable_preferred_emotion": False,
    "preferred_emotion": [0.0] * 10,
    "preferred_emotion_strength": 0.5,
    "transition_smoothing": 0.5,
    "fixed_dt": 0.033,
    "emotion_strength": 0.6,
}
"""Values of Audio2Emotion v2.2 (spec: diffusion and emotion, B.2)."""


def export_pack(work: Path, out: Path | None = None) -> Path:
    """Write the pack folder, by default the one that ships; raises PackError when it is not fit to ship."""
    out = out or data_dir() / "packs" / "builtin-emotion"
    out.mkdir(parents=True, exist_ok=True)
    network = load_network(work)
    network.to_onnx(out / "network.onnx")
    _check(network, out / "network.onnx")
    for name, value in _documents(work).items():
        (out / name).write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    return out


def _documents(work: Path) -> dict[str, Any]:
    ends = zip(("min", "opt", "max"), ("1", "{OPT_BATCH_SIZE}", "{MAX_BATCH_SIZE}"), strict=True)
    lengths = {"min": MIN_SAMPLES, "opt": WINDOW, "max": 60000}
    audio = {"samplerate": SAMPLE_RATE, "buffer_len": WINDOW, "buffer_ofs": WINDOW - _LOOK_AHEAD}
    corpus = load_corpus(work)
    return {
        "model.json": {
            "networkInfoPath": "network_info.json",
            "networkPath": "network.trt",
            "modelConfigPath": "model_config.json",
        },
        "network_info.json": {
            "id": {"type": "emotion", "actor": "builtin", "version": "0.1"},
            "audio_params": audio,
            "emotions": list(CLASSES),
        },
        "model_config.json": {"post_processing_config": _POST},
        "trt_info.json": {
            "trt_build_param": {
                "batch": [f"--{end}Shapes=input_values:{n}x{lengths[end]}" for end, n in ends]
            },
            "defaults": {"MAX_BATCH_SIZE": 128, "OPT_BATCH_SIZE": 10},
        },
        "card.json": {
            "name": "builtin-emotion",
            "made_by": "python -m a2fbridge.training.emotion corpus | fit | export",
            "date": datetime.date.today().isoformat(),
            "what": "synthetic speech with the prosody of six moods; no person's emotion was heard in training",
            "fit": json.loads((work / "fit.json").read_text("utf-8")),
            "corpus": corpus.about,
            "evaluation": evaluate(work),
        },
    }


def _check(network: torch.nn.Module, path: Path) -> None:
    """The file gives what the network gives, for several batches and lengths; it is small."""
    import onnxruntime

    if path.stat().st_size > _LARGEST:
        raise PackError(f"{path} has {path.stat().st_size} bytes; right is at most {_LARGEST}")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    for rows, length in ((1, MIN_SAMPLES), (3, WINDOW), (2, 60000)):
        sound = rng.normal(scale=0.1, size=(rows, length)).astype(np.float32)
        with torch.no_grad():
            wanted = network(torch.from_numpy(sound)).numpy()
        apart = np.abs(session.run(None, {"input_values": sound})[0] - wanted).max()
        if not apart < 1e-3:
            raise PackError(f"{path} differs by {apart:g} from the fitted network")
