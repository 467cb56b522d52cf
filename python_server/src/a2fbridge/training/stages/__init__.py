"""The stages of training on one folder: prepare or corpus, fit, evaluate, export; resumable, recorded, logged.

Stages know networks only by their interface; the packs they write are read back by ``a2fbridge.packs``.
"""

from a2fbridge.training.stages._export import temporary_pack
from a2fbridge.training.stages._run import Stage, train
from a2fbridge.training.stages._work import Work, open_work

__all__ = ["Stage", "Work", "open_work", "temporary_pack", "train"]
