"""The reference's losses, usable with every network on a dataset."""

from a2fbridge.training.losses._anneal import Scale
from a2fbridge.training.losses._regions import Heights, face_regions, heights, measured
from a2fbridge.training.losses._terms import (
    change,
    implicit_change,
    lip_distance,
    lip_size,
    motion,
    phoneme,
    squared,
    stability,
)

__all__ = [
    "Heights",
    "Scale",
    "change",
    "face_regions",
    "heights",
    "implicit_change",
    "lip_distance",
    "lip_size",
    "measured",
    "motion",
    "phoneme",
    "squared",
    "stability",
]
