"""Sound: files to samples, PCM, resampling, and the buffer of a stream.

Samples are mono float32 in [-1, 1].  Knows nothing of frames, networks or faces.
"""

from a2fbridge.audio._buffer import AudioBuffer
from a2fbridge.audio._pcm import float_to_pcm16, pcm16_to_float

__all__ = ["AudioBuffer", "float_to_pcm16", "pcm16_to_float"]
