"""Model packs: bounded, checked reading of NVIDIA's regression layout, and the registry that finds packs.

Loading executes nothing and spends memory only on sizes already known to be right.  The room hands out arrays
and numbers (:class:`RegressionPack`); it knows nothing of inference, faces or streams.
"""

from a2fbridge.packs._findings import Finding
from a2fbridge.packs._model import BlendshapeSet, NetworkInfo, RegressionPack, SolverConfig
from a2fbridge.packs._parameters import PARAMETER_RANGES
from a2fbridge.packs._registry import (
    DEFAULT_PACK,
    PACKS_VARIABLE,
    PackInfo,
    list_packs,
    load,
    pack_folders,
    user_folder,
    validate,
)

__all__ = [
    "DEFAULT_PACK",
    "PACKS_VARIABLE",
    "PARAMETER_RANGES",
    "BlendshapeSet",
    "Finding",
    "NetworkInfo",
    "PackInfo",
    "RegressionPack",
    "SolverConfig",
    "list_packs",
    "load",
    "pack_folders",
    "user_folder",
    "validate",
]
