"""``network_info.json``, ``model_config.json`` and the blend-shape configurations."""

from __future__ import annotations

from typing import Final

from a2fbridge.packs import _limits as limits
from a2fbridge.packs._findings import Fault
from a2fbridge.packs._json import Fields
from a2fbridge.packs._model import DiffusionInfo, NetworkInfo, RegressionInfo, SolverConfig

__all__: list[str] = []

_ANY: Final = (-1e30, 1e30)
PARAMETER_RANGES: Final[dict[str, tuple[float, float]]] = {
    "input_strength": _ANY,
    "upper_face_smoothing": (0, 0.1),
    "lower_face_smoothing": (0, 0.1),
    "upper_face_strength": (0, 2),
    "lower_face_strength": (0, 2),
    "face_mask_level": (0, 1),
    "face_mask_softness": (0.001, 0.5),
    "skin_strength": (0, 2),
    "blink_strength": (0, 2),
    "eyelid_open_offset": (-1, 1),
    "lip_open_offset": (-0.2, 0.2),
    "tongue_strength": (0, 3),
    "tongue_height_offset": (-3, 3),
    "tongue_depth_offset": (-3, 3),
    "lower_teeth_strength": (0, 2),
    "lower_teeth_height_offset": (-3, 3),
    "lower_teeth_depth_offset": (-3, 3),
    "eyeballs_strength": (0, 2),
    "saccade_strength": (0, 2),
    "eye_saccade_seed": (0, 4999),
    "right_eye_rot_x_offset": (-10, 10),
    "right_eye_rot_y_offset": (-10, 10),
    "left_eye_rot_x_offset": (-10, 10),
    "left_eye_rot_y_offset": (-10, 10),
}
"""Numbers of ``model_config.json`` with the range of each (spec: regression, section 4.8)."""

_OLD_NAMES: Final = {"eyelid_open_offset": "eyelid_offset", "lip_open_offset": "lip_close_offset"}
"""Parameter -> its name in older configurations (spec: regression, section 1.4)."""

_DEFAULT_TEMPLATE_SIZE: Final = 54.7
_EYES: Final = 4
_USUAL_RATES: Final = (30, 60)


def read_network_info(fields: Fields, kind: str) -> RegressionInfo | DiffusionInfo:
    """Read the sizes of a network of the kind that the card's keys tell; raises Fault."""
    identity = fields.child("id")
    if identity.text("type") != kind:
        identity.wrong("type", f"'{kind}', as the card's keys say")
        raise Fault
    if identity.text("output") != "geometry":
        identity.wrong("output", "'geometry'")
    return _read_diffusion(fields, identity) if kind == "diffusion" else _read_regression(fields, identity)


def _read_regression(fields: Fields, identity: Fields) -> RegressionInfo:
    params, audio = fields.child("params"), fields.child("audio_params")
    emotions = params.texts("explicit_emotions", limits.EMOTIONS)
    window = audio.integer("buffer_len", 1, limits.WINDOW)
    info = RegressionInfo(
        actor=identity.text("actor"),
        version=identity.text("version", ""),
        emotions=emotions,
        default_emotion=params.numbers("default_emotion", len(emotions)),
        implicit_length=params.integer("implicit_emotion_len", 0, limits.SHAPES),
        skin_shapes=params.integer("num_shapes_skin", 1, limits.SHAPES),
        skin_vertices=params.integer("num_verts_skin", 1, limits.VERTICES),
        tongue_shapes=params.integer("num_shapes_tongue", 0, limits.SHAPES),
        tongue_vertices=params.integer("num_verts_tongue", 0, limits.VERTICES),
        jaw_size=params.integer("result_jaw_size", 0, 3 * limits.SHAPES),
        eyes_size=params.integer("result_eyes_size", _EYES, _EYES),
        window=window,
        offset=audio.integer("buffer_ofs", 0, window),
        sample_rate=audio.integer("samplerate", 8000, 192000),
    )
    if 2 * info.offset != info.window:
        audio.doubt("buffer_ofs", f"half of buffer_len: {info.window // 2}")
    _check_network_info(info, params, "result_jaw_size", "explicit_emotions")
    fields.close()
    return info


def _read_diffusion(fields: Fields, identity: Fields) -> DiffusionInfo:
    params, audio = fields.child("params"), fields.child("audio_params")
    emotions = params.texts("emotions", limits.EMOTIONS)
    window = audio.integer("buffer_len", 1, limits.WINDOW)
    info = DiffusionInfo(
        actor=identity.text("actor", ""),
        version=identity.text("version", ""),
        emotions=emotions,
        default_emotion=params.numbers("default_emotion", len(emotions)),
        identities=params.texts("identities", limits.IDENTITIES),
        skin_vertices=_points(params, "skin_size", 1),
        tongue_vertices=_points(params, "tongue_size", 0),
        jaw_size=params.integer("jaw_size", 0, 3 * limits.SHAPES),
        eyes_size=params.integer("eyes_size", _EYES, _EYES),
        steps=params.integer("num_diffusion_steps", 1, limits.FRAMES),
        layers=params.integer("num_gru_layers", 1, limits.FRAMES),
        latent=params.integer("gru_latent_dim", 1, limits.LATENTS),
        left=params.integer("num_frames_left_truncate", 0, limits.FRAMES),
        center=params.integer("num_frames_center", 1, limits.FRAMES),
        right=params.integer("num_frames_right_truncate", 0, limits.FRAMES),
        window=window,
        padding=audio.integer("padding_left", 0, limits.WINDOW),
        sample_rate=audio.integer("samplerate", 8000, 192000),
    )
    audio.integer("padding_right", 0, limits.WINDOW)
    if not info.identities:
        params.wrong("identities", "at least one name")
    if len({name.lower() for name in info.identities}) < len(info.identities):
        params.wrong("identities", "names that differ in more than upper and lower case")
    fields.close()
    first = -(-info.window * info.left // info.total)
    if info.padding < first:
        audio.wrong(
            "padding_left", f"{first} or more, so that no frame comes before the first that is cut off"
        )
    if info.steps * info.layers * info.latent > limits.LATENTS:
        params.wrong("gru_latent_dim", f"a state of at most {limits.LATENTS} values")
    if 4 * (info.steps + 2) * info.total * info.row_size > limits.ROW_BYTES:
        found = f"{info.steps + 1} x {info.total} x {info.row_size} values of noise"
        params.wrong("skin_size", f"at most {limits.ROW_BYTES} bytes of noise and prediction a row", found)
    if info.windows(info.frame_rate).stride.denominator != 1:
        params.doubt("num_frames_center", "frames whose hop is a whole number of samples")
    if info.frame_rate not in _USUAL_RATES:
        params.doubt("num_frames_center", f"frames for 60 or 30 a second (these give {info.frame_rate})")
    _check_network_info(info, params, "jaw_size", "emotions")
    fields.close()
    return info


def _points(params: Fields, key: str, least: int) -> int:
    size = params.integer(key, 3 * least, 3 * limits.VERTICES)
    if size % 3:
        params.wrong(key, "a multiple of 3: vertices of x, y, z")
    return size // 3


def _check_network_info(info: NetworkInfo, params: Fields, jaw: str, emotions: str) -> None:
    if info.jaw_size % 3:
        params.wrong(jaw, "a multiple of 3: key points of x, y, z")
    if "neutral" in info.emotions or any(name != name.lower() for name in info.emotions):
        params.doubt(emotions, "lower-case names without neutral (neutral is all zeros)")


def read_parameters(fields: Fields) -> dict[str, float]:
    """Read the animators' defaults; raises Fault."""
    config = fields.child("config")
    values = {name: _parameter(config, name) for name in PARAMETER_RANGES}
    fields.close()
    return values


def read_source(fields: Fields) -> tuple[str, int]:
    """Read source_shot and source_frame; raises Fault."""
    config = fields.child("config")
    shot, frame = config.text("source_shot"), config.integer("source_frame", 0, 1 << 31)
    fields.close()
    return shot, frame


def _parameter(config: Fields, name: str) -> float:
    """Return one parameter; a spelling of older packs is taken with a warning."""
    old = _OLD_NAMES.get(name, "")
    if name not in config and old in config:
        config.doubt(old, f"'{name}', the name that NVIDIA's reader knows")
        return config.number(old, *PARAMETER_RANGES[name])
    return config.number(name, *PARAMETER_RANGES[name])


def read_solver_config(fields: Fields, poses: int) -> SolverConfig:
    """Read the solver's parameters for ``poses`` poses; raises Fault."""
    config = fields.child("blendshape_params")
    count = config.integer("numPoses", 1, limits.POSES)
    if count != poses:
        config.wrong("numPoses", f"{poses}, the number of poses in the data")
    fields.close()
    if "templateBBSize" not in config:
        config.doubt(
            "templateBBSize", f"the diagonal of the neutral mesh in cm (default {_DEFAULT_TEMPLATE_SIZE})"
        )
    solver = SolverConfig(
        l1=config.number("strengthL1regularization", 0, 1e9),
        l2=config.number("strengthL2regularization", 0, 1e9),
        temporal=config.number("strengthTemporalSmoothing", 0, 1e9),
        symmetry=config.number("strengthSymmetry", 0, 1e9),
        template_size=config.number("templateBBSize", 1, 1e6, default=_DEFAULT_TEMPLATE_SIZE),
        active=tuple(map(bool, config.integers("bsSolveActivePoses", poses, 0, 1))),
        cancel=config.integers("bsSolveCancelPoses", poses, -1, 1 << 31),
        symmetric=config.integers("bsSolveSymmetryPoses", poses, -1, 1 << 31),
        multipliers=config.numbers("bsWeightMultipliers", poses),
        offsets=config.numbers("bsWeightOffsets", poses),
    )
    _check_solver_config(solver, config)
    fields.close()
    return solver


def _check_solver_config(solver: SolverConfig, config: Fields) -> None:
    if "bsSolveActivePoses" in config and not any(solver.active):
        config.wrong("bsSolveActivePoses", "at least one pose that is active")
    for key, pairs in (("bsSolveCancelPoses", solver.cancel), ("bsSolveSymmetryPoses", solver.symmetric)):
        odd = sorted({pair for pair in pairs if pair >= 0 and pairs.count(pair) != 2})
        if odd:
            config.wrong(key, "every pair id exactly twice", f"pair {odd[0]}: {pairs.count(odd[0])} times")
