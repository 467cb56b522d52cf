"""Where a stream's emotions come from: what the client says, or what is heard in the voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import ParameterError
from a2fbridge.audio import AudioBuffer
from a2fbridge.emotion import AutomaticEmotion, EmotionModel, EmotionSettings, EmotionTrack, Logits
from a2fbridge.packs import FacePack

__all__ = ["EmotionSource", "emotion_source", "named_emotions", "required"]


class EmotionSource(Protocol):
    """Where a stream's emotions come from: a vector for every sample of its audio."""

    def begin(self, sound: AudioBuffer) -> None:
        """Begin with a new sound, from which the emotion may be heard."""

    @property
    def first_needed(self) -> int | None:
        """First sample of the sound that it will still look at.  None: it looks at none."""

    def close(self) -> None:
        """Give back what is held."""

    @property
    def known_to(self) -> int | None:
        """Last sample whose emotion is settled; windows with frames beyond it wait.  None: all are."""

    def add(self, sample: int, emotions: Mapping[str, float]) -> None:
        """Take what the client says, from ``sample`` on; raises ParameterError."""

    def fade(self, start: int, end: int) -> None:
        """Go to neutral between two samples, and stay there."""

    def at(self, sample: int) -> NDArray[np.float32]:
        """Return [E] in the pack's order; a sample before 0 has the first emotion."""

    def heard_at(self, sample: int) -> NDArray[np.float32] | None:
        """Return [10] as heard in the sound, for those who asked for it."""

    def drop_before(self, sample: int) -> None:
        """Forget what no sample from ``sample`` on needs."""


def emotion_source(
    pack: FacePack,
    automatic: EmotionSettings | None,
    hearing: EmotionModel | None,
    memory: list[Logits] | None = None,
) -> EmotionSource:
    """Return the source of a stream's emotions, with a ``memory`` as for AutomaticEmotion.

    Raises ParameterError when what it asks for cannot be heard.
    """
    if automatic is None:
        return EmotionTrack(pack.info.emotions)
    hearing = required(hearing)
    if hearing.pack.sample_rate != pack.info.sample_rate:
        rates = f"{hearing.pack.sample_rate} and {pack.info.sample_rate} Hz"
        raise ParameterError(f"emotion pack '{hearing.pack.id}' does not go with '{pack.id}': {rates}")
    return AutomaticEmotion(hearing, pack.info.emotions, automatic, memory)


def required(hearing: EmotionModel | None) -> EmotionModel:
    """Return what hears emotions; raises ParameterError when there is nothing."""
    if hearing is None:
        raise ParameterError("automatic emotion needs an emotion pack, and none is loaded")
    return hearing


def named_emotions(explicit: NDArray[np.float32], names: tuple[str, ...]) -> NDArray[np.float32]:
    """Return [R, 10] in canonical order from a pack's own order; emotions the pack does not know are 0."""
    if names == shapes.EMOTION_NAMES:
        return explicit
    out = np.zeros((len(explicit), len(shapes.EMOTION_NAMES)), np.float32)
    for i, name in enumerate(shapes.EMOTION_NAMES):
        if name in names:
            out[:, i] = explicit[:, names.index(name)]
    return out
