"""Emotions that drive the face: the client's time-coded keys, or heard from the voice by a classifier.

Knows names, the sample clock, emotion packs and their backend; must not know faces, streams or the wire.
"""

from a2fbridge.emotion._automatic import AutomaticEmotion, Logits, hear
from a2fbridge.emotion._keys import EmotionTrack, check_emotion_time, check_emotions, hold_emotions
from a2fbridge.emotion._model import EmotionModel, EmotionTiming, default_timing
from a2fbridge.emotion._settings import (
    EMOTION_PARAMETERS,
    EmotionSettings,
    check_emotion_parameters,
)

__all__ = [
    "EMOTION_PARAMETERS",
    "AutomaticEmotion",
    "EmotionModel",
    "EmotionSettings",
    "EmotionTiming",
    "EmotionTrack",
    "Logits",
    "check_emotion_parameters",
    "check_emotion_time",
    "check_emotions",
    "default_timing",
    "hear",
    "hold_emotions",
]
