"""Model packs: bounded, checked reading of NVIDIA's regression and diffusion layouts; the registry that finds packs.

Loading executes nothing and spends memory only on sizes already known to be right.  The room hands out arrays
and numbers (:class:`FacePack`); it knows nothing of inference, faces or streams.
"""

from a2fbridge.packs._findings import Finding
from a2fbridge.packs._model import (
    BlendshapeSet,
    DiffusionInfo,
    FacePack,
    Identity,
    NetworkInfo,
    NetworkSpec,
    RegressionInfo,
    SolverConfig,
    TensorSpec,
)
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
    "DiffusionInfo",
    "FacePack",
    "Finding",
    "Identity",
    "NetworkInfo",
    "NetworkSpec",
    "PackInfo",
    "RegressionInfo",
    "SolverConfig",
    "TensorSpec",
    "list_packs",
    "load",
    "pack_folders",
    "user_folder",
    "validate",
]
