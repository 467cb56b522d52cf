"""Training samples from a prepared dataset: windows of sound, moods and targets; muted takes; phoneme targets.

NumPy alone; knows nothing of networks but the sizes of their answers.
"""

from a2fbridge.training.samples._batches import Sampler, Samples
from a2fbridge.training.samples._features import FeatureCache
from a2fbridge.training.samples._muted import calmest, microphone_noise, muted_takes, named_frame
from a2fbridge.training.samples._phonemes import PhonemeTargets
from a2fbridge.training.samples._prepared import Prepared, Take, open_prepared
from a2fbridge.training.samples._windows import between, starts, windows

__all__ = [
    "FeatureCache",
    "PhonemeTargets",
    "Prepared",
    "Sampler",
    "Samples",
    "Take",
    "between",
    "calmest",
    "microphone_noise",
    "muted_takes",
    "named_frame",
    "open_prepared",
    "starts",
    "windows",
]
