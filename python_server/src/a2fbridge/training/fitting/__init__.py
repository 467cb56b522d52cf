"""Fitting: the optimiser's loop with checkpoints, validation, early stop and logs; and learners on a dataset.

The loop knows nothing of networks: a :class:`Learner` brings parameters, batches and losses.
"""

from a2fbridge.training.fitting._checkpoint import load_checkpoint
from a2fbridge.training.fitting._learner import Learner, Parameters, Tensors, chosen_device, import_torch
from a2fbridge.training.fitting._log import FitLog, draw_losses, read_metrics
from a2fbridge.training.fitting._loop import CHECKPOINT, Outcome, run_loop, save_parameters

__all__ = [
    "CHECKPOINT",
    "FitLog",
    "Learner",
    "Outcome",
    "Parameters",
    "Tensors",
    "chosen_device",
    "draw_losses",
    "import_torch",
    "load_checkpoint",
    "read_metrics",
    "run_loop",
    "save_parameters",
]
