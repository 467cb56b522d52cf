"""Emotions that drive the face: time-coded keys from the client.

Knows names and the sample clock; must not know packs, networks or the wire.
"""

from a2fbridge.emotion._keys import EmotionTrack, check_emotion_time, check_emotions

__all__ = ["EmotionTrack", "check_emotion_time", "check_emotions"]
