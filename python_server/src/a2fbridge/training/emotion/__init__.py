"""Trains the emotion estimator that ships: six moods from how something is said, on synthetic expressive speech.

    python -m a2fbridge.training.emotion corpus|fit|evaluate|export --work DIR

Synthetic voices say neutral sentences; :mod:`_prosody` gives each the pitch, pace, loudness and voice quality that the
literature reports for a mood; a small network learns to tell the moods apart.  What it learns is that recipe: it
has never heard a person who felt anything.  ``docs/emotion.md`` says how far that carries.
"""

from a2fbridge.training.emotion._corpus import make_corpus
from a2fbridge.training.emotion._export import export_pack
from a2fbridge.training.emotion._fit import evaluate, fit
from a2fbridge.training.emotion._prosody import CLASSES, express

__all__ = ["CLASSES", "evaluate", "export_pack", "express", "fit", "make_corpus"]
