"""The trainer: packs from datasets of speech and animation, and the built-in one from synthetic speech.

``train`` runs a stage of a configuration by name (``stages``, ``config``).  On datasets (``dataset``) it fits a
network of ``networks`` to ``samples`` with ``losses``; the built-in kind speaks and labels sentences
(``make_corpus``), fits the network that ships (``fit``), measures it on speech with timed phones (``evaluate``) and
writes its pack (``export``).  ``fitting`` holds the loop of both.

Importing the room needs NumPy alone: torch, ONNX and the speech engines are asked for when used.  It must not know
of servers or command lines; its packs are read back by ``a2fbridge.packs``.
"""

from a2fbridge.training._align import align, aligned_recordings
from a2fbridge.training._articulation import articulate
from a2fbridge.training._config import CorpusConfig, ExportConfig, FitConfig, Progress
from a2fbridge.training._corpus import make_corpus
from a2fbridge.training._evaluate import evaluate, predictor, spoken_sentences
from a2fbridge.training._export import export
from a2fbridge.training._expression import express
from a2fbridge.training._fit import fit, load_fit
from a2fbridge.training._network import multiply_adds, parameter_count
from a2fbridge.training._phones import Segment, Utterance
from a2fbridge.training._quality import METRICS, Figure, Mouth, Take, assess, mouth_of
from a2fbridge.training._voices import LICENCES, VOICES
from a2fbridge.training.config import read_run, run_schema, training_config
from a2fbridge.training.dataset import (
    Finding,
    PrepareConfig,
    check_dataset,
    import_claire,
    load_prepared,
    make_example,
    open_dataset,
    prepare,
)
from a2fbridge.training.stages import Stage, open_work, temporary_pack, train

__all__ = [
    "LICENCES",
    "METRICS",
    "VOICES",
    "CorpusConfig",
    "ExportConfig",
    "Figure",
    "Finding",
    "FitConfig",
    "Mouth",
    "PrepareConfig",
    "Progress",
    "Segment",
    "Stage",
    "Take",
    "Utterance",
    "align",
    "aligned_recordings",
    "articulate",
    "assess",
    "check_dataset",
    "evaluate",
    "export",
    "express",
    "fit",
    "import_claire",
    "load_fit",
    "load_prepared",
    "make_corpus",
    "make_example",
    "mouth_of",
    "multiply_adds",
    "open_dataset",
    "open_work",
    "parameter_count",
    "predictor",
    "prepare",
    "read_run",
    "run_schema",
    "spoken_sentences",
    "temporary_pack",
    "train",
    "training_config",
]
