"""Sound: files to samples, PCM, resampling, and the buffer of a stream.

Samples are mono float32 in [-1, 1].  Knows nothing of frames, networks or faces.
"""

from a2fbridge.audio._buffer import AudioBuffer
from a2fbridge.audio._decode import MAX_RATE, MAX_SECONDS, MIN_RATE, Sound, decode
from a2fbridge.audio._pcm import float_to_pcm16, pcm16_to_float
from a2fbridge.audio._resample import StreamResampler, resample
from a2fbridge.audio._source import AudioSource, mono, read_audio

__all__ = [
    "MAX_RATE",
    "MAX_SECONDS",
    "MIN_RATE",
    "AudioBuffer",
    "AudioSource",
    "Sound",
    "StreamResampler",
    "decode",
    "float_to_pcm16",
    "mono",
    "pcm16_to_float",
    "read_audio",
    "resample",
]
