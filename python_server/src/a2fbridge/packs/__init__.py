"""Model packs: bounded, checked reading of NVIDIA's layouts, the registry that finds packs, and how more are got.

Loading executes nothing and spends memory only on sizes already known to be right.  The room hands out arrays
and numbers (:class:`FacePack`, :class:`EmotionPack`); it knows nothing of inference, faces or streams.
"""

from a2fbridge.packs._arrays import map_array, open_archive
from a2fbridge.packs._emotion import EmotionPack, EmotionPost
from a2fbridge.packs._findings import Fault, Finding
from a2fbridge.packs._hub import fetch
from a2fbridge.packs._install import add
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
from a2fbridge.packs._recipe import EngineRecipe, ShapeRange, recipe_of
from a2fbridge.packs._registry import (
    DEFAULT_EMOTION_PACK,
    DEFAULT_PACK,
    PACKS_VARIABLE,
    PackInfo,
    list_packs,
    load,
    load_emotion,
    pack_folders,
    pack_kind,
    user_folder,
    validate,
)

__all__ = [
    "DEFAULT_EMOTION_PACK",
    "DEFAULT_PACK",
    "PACKS_VARIABLE",
    "PARAMETER_RANGES",
    "BlendshapeSet",
    "DiffusionInfo",
    "EmotionPack",
    "EmotionPost",
    "EngineRecipe",
    "FacePack",
    "Fault",
    "Finding",
    "Identity",
    "NetworkInfo",
    "NetworkSpec",
    "PackInfo",
    "RegressionInfo",
    "ShapeRange",
    "SolverConfig",
    "TensorSpec",
    "add",
    "fetch",
    "list_packs",
    "load",
    "load_emotion",
    "map_array",
    "open_archive",
    "pack_folders",
    "pack_kind",
    "recipe_of",
    "user_folder",
    "validate",
]
