"""The face: network output to blend-shape weights (animators and solver).

Knows packs and backends; must not know audio buffers, clocks of streams, threads or the wire.
"""

from a2fbridge.face._animators import (
    EyeAnimator,
    SkinAnimator,
    face_mask,
    fit_jaw,
    half_life_gain,
    pose_tongue,
)
from a2fbridge.face._bvls import COMPILED
from a2fbridge.face._face import Face
from a2fbridge.face._model import FaceModel, Inferred
from a2fbridge.face._network import FaceNetwork, Noise
from a2fbridge.face._parameters import (
    PARAMETERS,
    Parameter,
    check_parameters,
    pack_parameters,
    unknown_parameters,
)
from a2fbridge.face._part import SOLVERS
from a2fbridge.face._settings import FaceSettings, PoseSettings
from a2fbridge.face._system import SolverSystem

__all__ = [
    "COMPILED",
    "PARAMETERS",
    "SOLVERS",
    "EyeAnimator",
    "Face",
    "FaceModel",
    "FaceNetwork",
    "FaceSettings",
    "Inferred",
    "Noise",
    "Parameter",
    "PoseSettings",
    "SkinAnimator",
    "SolverSystem",
    "check_parameters",
    "face_mask",
    "fit_jaw",
    "half_life_gain",
    "pack_parameters",
    "pose_tongue",
    "unknown_parameters",
]
