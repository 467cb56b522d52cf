"""What of an interactive clip a change makes invalid (spec: diffusion, C.6; regression, 6.7)."""

from __future__ import annotations

import enum

__all__ = ["Layer", "layer_of", "spread"]


class Layer(enum.Flag):
    """What a change makes invalid; a layer includes those that are computed from it."""

    WEIGHTS = 1
    SKIN = enum.auto()
    TONGUE = enum.auto()
    TEETH = enum.auto()
    EYES = enum.auto()
    INFERENCE = enum.auto()
    EMOTION = enum.auto()
    """Emotions of every frame; with automatic emotion what is made of the classifier's answers."""
    HEARING = enum.auto()
    """The classifier's answers, which depend on the sound alone."""
    ALL = WEIGHTS | SKIN | TONGUE | TEETH | EYES | INFERENCE | EMOTION | HEARING
    NONE = 0


def layer_of(parameter: str) -> Layer:
    """Return the layer that a face parameter belongs to."""
    if parameter == "inputStrength":
        return Layer.INFERENCE
    for beginning, layer in (("tongue", Layer.TONGUE), ("lowerTeeth", Layer.TEETH)):
        if parameter.startswith(beginning):
            return layer
    eyes = ("eyeballs", "saccade", "eyeSaccade", "rightEye", "leftEye")
    return Layer.EYES if parameter.startswith(eyes) else Layer.SKIN


def spread(layer: Layer) -> Layer:
    """Return a layer with those that are computed from it."""
    if layer & Layer.HEARING:
        return Layer.ALL
    if layer & (Layer.INFERENCE | Layer.EMOTION):
        return layer | (Layer.ALL & ~(Layer.HEARING | Layer.EMOTION))
    return layer | Layer.WEIGHTS if layer & (Layer.SKIN | Layer.TONGUE) else layer
