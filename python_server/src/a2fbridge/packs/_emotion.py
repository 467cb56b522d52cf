"""An Audio2Emotion pack from its folder (spec: diffusion and emotion, section B.2; training and DCC, section 3.6)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.packs import _limits as limits
from a2fbridge.packs._examine import examine_engine
from a2fbridge.packs._findings import Report, fault
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._geometry import NETWORK
from a2fbridge.packs._json import Fields, read_json
from a2fbridge.packs._model import NetworkSpec, TensorSpec
from a2fbridge.packs._onnx import describe_dims, inspect_network
from a2fbridge.packs._pack import CARD
from a2fbridge.packs._recipe import ShapeRange, read_recipe

__all__ = ["EmotionPack", "EmotionPost"]

INPUT: Final = "input_values"
OUTPUT: Final = "output"
_FLOAT32: Final = 1
_SLIDERS: Final = 10
"""Emotions of NVIDIA's face models."""
_WINDOW: Final = ShapeRange((1, 5000), (10, 60000), (128, 60000))
"""Samples that NVIDIA's engines are built for when the pack does not say (spec: B.3)."""


@dataclass(frozen=True, slots=True)
class EmotionPost:
    """``post_processing_config``: what is made of the classifier's logits (spec: B.2, B.5)."""

    contrast: float
    """0.3..3"""
    max_emotions: int
    """Strongest classes kept."""
    live_blend: float
    """0..1: share of the previous frame's value; 1 is frozen."""
    enable_preferred: bool
    preferred: tuple[float, ...]
    """[sliders] 0..1"""
    preferred_strength: float
    """0..1"""
    transition: float
    """Seconds over which a change is spread (``transition_smoothing``, the service's ``live_transition_time``)."""
    strength: float
    """0..1"""


@dataclass(frozen=True, slots=True, eq=False)
class EmotionPack:
    """A validated emotion pack, complete and ready to run."""

    id: str
    """Registry id: the folder's name."""
    root: Path
    network_path: Path
    """``network.onnx``."""
    sample_rate: int
    classes: tuple[str, ...]
    """[C] what the network tells apart, in the order of its output."""
    sliders: int
    """Length of the emotion vector that comes out."""
    correspondence: tuple[int, ...]
    """[C] slider of each class, -1 for none."""
    post: EmotionPost
    window: ShapeRange
    """[batch, samples] that an engine takes."""
    usual_window: int | None
    """Samples of a window where the pack says (``buffer_len``, our addition) or its network takes no other number."""
    usual_look_ahead: int | None
    """Samples of a window after its frame where the pack says (``buffer_len`` less ``buffer_ofs``)."""

    @property
    def scatter(self) -> NDArray[np.intp]:
        """[M] classes that have a slider."""
        return np.flatnonzero(np.array(self.correspondence) >= 0)

    def network(self, samples: int) -> NetworkSpec:
        """Return the network with windows of so many samples."""
        audio, logits = TensorSpec(INPUT, (None, samples)), TensorSpec(OUTPUT, (None, len(self.classes)))
        return NetworkSpec(self.id, self.network_path, (audio,), (logits,))


def read_emotion_pack(folder: PackFolder, report: Report) -> EmotionPack | None:
    """Read and check everything; returns None when ``report`` has errors.  Never executes anything."""
    card = report.attempt(read_json, folder, CARD, CARD, "", report)
    if card is None:
        return None
    info = report.attempt(_read_info, folder, card, report)
    config = report.attempt(_read_config, folder, card, info.classes if info else (), report)
    network = report.attempt(_read_network, folder, card, info.classes if info else None, report)
    if report.errors or info is None or config is None or network is None:
        return None
    path, length = network
    sliders, correspondence, post = config
    return EmotionPack(
        id=folder.root.name,
        root=folder.root,
        network_path=path,
        sample_rate=info.rate,
        classes=info.classes,
        sliders=sliders,
        correspondence=correspondence,
        post=post,
        window=_window(folder, length),
        usual_window=length or info.window,
        usual_look_ahead=info.look_ahead,
    )


def examine_emotion(folder: PackFolder, report: Report) -> None:
    """Add warnings about an emotion pack that was read without errors."""
    examine_engine(folder, read_json(folder, CARD, CARD, "", report), report)


@dataclass(frozen=True, slots=True)
class _Info:
    """``network_info.json``"""

    rate: int
    classes: tuple[str, ...]
    window: int | None
    look_ahead: int | None


def _read_info(folder: PackFolder, card: Fields, report: Report) -> _Info:
    fields = read_json(folder, card.path("networkInfoPath"), card.file, "networkInfoPath", report)
    audio = fields.child("audio_params")
    rate = audio.integer("samplerate", 8000, 192000)
    window = audio.integer("buffer_len", 1, limits.WINDOW) if "buffer_len" in audio else None
    look_ahead = None
    if window and "buffer_ofs" in audio:
        look_ahead = window - audio.integer("buffer_ofs", 0, window - 1)
    classes = fields.texts("emotions", limits.EMOTIONS)
    if not classes and "emotions" in fields:
        fields.wrong("emotions", "at least one class")
    fields.close()
    return _Info(rate, classes, window, look_ahead)


def _read_config(
    folder: PackFolder, card: Fields, classes: tuple[str, ...], report: Report
) -> tuple[int, tuple[int, ...], EmotionPost]:
    fields = read_json(folder, card.path("modelConfigPath"), card.file, "modelConfigPath", report)
    config = fields.child("post_processing_config")
    sliders = config.integer("output_emotion_length", 1, limits.EMOTIONS)
    correspondence = config.integers("emotion_correspondence", len(classes), -1, max(sliders, 1) - 1)
    config.number("fixed_dt", 1e-6, 10)  # read by NVIDIA's loader, then overwritten by the frame rate
    post = EmotionPost(
        contrast=config.number("emotion_contrast", 0, 100),
        max_emotions=config.integer("max_emotions", 0, limits.EMOTIONS),
        live_blend=config.number("live_blend_coef", 0, 1),
        enable_preferred=config.flag("enable_preferred_emotion"),
        preferred=config.numbers("preferred_emotion", sliders),
        preferred_strength=config.number("preferred_emotion_strength", 0, 1),
        transition=config.number("transition_smoothing", 0, 1e6),
        strength=config.number("emotion_strength", 0, 100),
    )
    _check_config(config, sliders, correspondence, classes)
    fields.close()
    return sliders, correspondence, post


def _check_config(
    config: Fields, sliders: int, correspondence: tuple[int, ...], classes: tuple[str, ...]
) -> None:
    if sliders != _SLIDERS:
        config.doubt("output_emotion_length", f"{_SLIDERS}, the emotions of NVIDIA's face models")
    used = [slider for slider in correspondence if slider >= 0]
    if len(set(used)) < len(used):
        config.wrong("emotion_correspondence", "every slider at most once")
    if classes and not used:
        config.doubt("emotion_correspondence", "at least one class with a slider")


def _read_network(
    folder: PackFolder, card: Fields, classes: tuple[str, ...] | None, report: Report
) -> tuple[Path, int | None]:
    """Return the network's path and the only length that it takes, None when that is free."""
    named = card.path("networkPath")
    name = named if named.lower().endswith(".onnx") else NETWORK
    path = folder.locate(name, card.file, "networkPath", limits.NETWORK_BYTES)
    network = inspect_network(folder, name)
    kind, dims = _tensor(network.inputs, INPUT, name, "input")
    if kind != _FLOAT32 or len(dims) != 2:
        raise fault(name, INPUT, "float32 n x samples", f"input is {describe_dims(dims)} of ONNX type {kind}")
    out_kind, out = _tensor(network.outputs, OUTPUT, name, "output")
    right = len(classes) if classes else None
    if out_kind != _FLOAT32 or len(out) != 2 or (right and out[1] not in (None, right)):
        found = f"output is {describe_dims(out)} of ONNX type {out_kind}"
        raise fault(name, OUTPUT, f"float32 n x {right or 'classes'}", found)
    return path, dims[1]


def _tensor(
    found: dict[str, tuple[int, tuple[int | None, ...]]], name: str, file: str, kind: str
) -> tuple[int, tuple[int | None, ...]]:
    if found.keys() != {name}:
        raise fault(file, name, f"one {kind}, '{name}'", f"has {', '.join(sorted(found)) or 'none'}")
    return found[name]


def _window(folder: PackFolder, length: int | None) -> ShapeRange:
    """Return what the network and an engine take: a length, the builder's file, or NVIDIA's documented range."""
    if length is not None:
        return ShapeRange((1, length), (10, length), (128, length))
    quiet = Report()
    recipe = quiet.attempt(read_recipe, folder, quiet)
    shape = recipe.shapes.get(INPUT) if recipe else None
    if shape is None or any(len(end) != 2 for end in (shape.low, shape.best, shape.high)):
        return _WINDOW
    return shape
