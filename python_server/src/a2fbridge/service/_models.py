"""From a configuration to running models: packs, backends, solver, one scheduler each."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from a2fbridge._errors import ConfigError, nearest
from a2fbridge.backends import (
    HALF_PRECISION,
    Backend,
    Batches,
    RememberingBackend,
    chosen_backend,
    open_backend,
)
from a2fbridge.emotion import EmotionModel, default_timing
from a2fbridge.face import FaceModel, Noise, PoseSettings
from a2fbridge.packs import NetworkSpec, load, load_emotion
from a2fbridge.scheduler import Limits, Scheduler
from a2fbridge.service._advanced import EmotionEngine, FaceEngine
from a2fbridge.service._config import ServerConfig

__all__ = ["open_schedulers"]

_log = logging.getLogger("a2fbridge.service")


def open_schedulers(config: ServerConfig) -> list[Scheduler]:
    """Load the packs and return a scheduler for each, not started.  Raises PackError, BackendError, ConfigError."""
    limits = _limits(config)
    schedulers = [
        Scheduler(_open_model(config, pack), limits, _open_hearing(config)) for pack in config.packs
    ]
    _check_identity(config, [name for s in schedulers for name in s.model.identities])
    ids = [scheduler.model.pack.id for scheduler in schedulers]
    if len(set(ids)) < len(ids):
        raise ConfigError(f"packs of one name cannot be served together: {', '.join(ids)}")
    return schedulers


def _open_model(config: ServerConfig, pack: str) -> FaceModel:
    bridge = config.deployment.a2fbridge
    loaded = load(pack)
    diffusion = config.stylization.a2f.diffusion_model
    advanced = config.advanced
    backend = _open_backend(config, loaded.network, advanced.a2f.device_id, advanced.trt_model_generation.a2f)
    noise = Noise(diffusion.constant_noise, bridge.noise_seed)
    solver = config.stylization.a2fbridge.solver or bridge.solver
    model = FaceModel(loaded, backend, solver, _poses(config), noise)
    model.face(
        config.identity_of(model.identities)
    )  # one that is not there is refused now, not with a stream
    _check_kind(config, model)
    _check_weights(model)
    return model


def _open_hearing(config: ServerConfig) -> EmotionModel | None:
    """Return what hears emotions, one for each scheduler because each has a thread of its own."""
    bridge = config.deployment.a2fbridge
    if not bridge.emotion_pack:
        return None
    pack = load_emotion(bridge.emotion_pack)
    timing = default_timing(
        pack,
        bridge.emotion_window or None,
        bridge.emotion_look_ahead or None,
        config.advanced.a2e.inference_interval,
    )
    advanced, network = config.advanced, pack.network(timing.window)
    engine = advanced.trt_model_generation.a2e
    backend = _open_backend(config, network, advanced.a2e.device_id, engine)
    return EmotionModel(pack, backend, timing)


def _open_backend(
    config: ServerConfig, network: NetworkSpec, device: int, engine: EmotionEngine | FaceEngine
) -> Backend:
    """Open a network for the batches that the scheduler forms, so that a GPU keeps no memory for more."""
    bridge = config.deployment.a2fbridge
    batches = Batches(min(engine.maximum_shape, bridge.max_batch), engine.optimal_shape or None)
    name = chosen_backend(network, bridge.backend)
    half = engine.precision == "fp16"
    if half and name not in HALF_PRECISION:
        _log.warning("pack %s runs in fp32: precision fp16 is without effect with %s", network.pack, name)
    backend = open_backend(
        network,
        name,
        bridge.threads or None,
        device=None if device < 0 or name == "onnxruntime" else device,
        batches=batches,
        fp16=half and name in HALF_PRECISION,
        on_build=_log_build,
    )
    memory = bridge.network_memory_mib << 20
    return RememberingBackend(backend, network, memory) if memory else backend


def _log_build(phase: str, done: float) -> None:
    if done >= 1.0:
        _log.info("building an engine: %s is done", phase)


def _check_weights(model: FaceModel) -> None:
    """Raise ConfigError for a face without weights: the protocol carries nothing else."""
    for face in model.faces:
        if not face.names:
            raise ConfigError(
                f"pack '{model.pack.id}' has vertices and no weights of {face.identity.name} (no blendshapePaths in "
                "its model.json), and a server sends weights; right is a pack with blend shapes"
            )


def _check_kind(config: ServerConfig, model: FaceModel) -> None:
    """Raise ConfigError when the stylization names a model of another kind than it says."""
    face, kind = config.stylization.a2f, model.pack.info.kind
    if face.model_id and not config.deployment.a2fbridge.packs and face.inference_type != kind:
        raise ConfigError(
            f"inference_type is {face.inference_type}, but pack '{model.pack.id}' is a {kind} pack"
        )


def _check_identity(config: ServerConfig, identities: Sequence[str]) -> None:
    """Raise ConfigError for a default face that no pack has."""
    wanted = config.deployment.a2fbridge.identity
    if wanted and wanted.lower() not in [name.lower() for name in identities]:
        known = ", ".join(identities)
        raise ConfigError(
            f"unknown identity '{wanted}'{nearest(wanted, identities)}; the packs served have {known}"
        )


def _poses(config: ServerConfig) -> PoseSettings:
    face = config.stylization.a2f
    tables = face.blendshape_params
    return PoseSettings(
        active={name: bool(value) for name, value in tables.active_poses.items()},
        cancel=dict(tables.cancel_poses),
        symmetric=dict(tables.symmetry_poses),
        tongue=face.enable_tongue_blendshapes,
    )


def _limits(config: ServerConfig) -> Limits:
    bridge = config.deployment.a2fbridge
    return Limits(
        max_streams=config.deployment.common.stream_number,
        max_load=bridge.max_load,
        max_batch=bridge.max_batch,
        output_frames=config.advanced.pipeline_parameters.queue_size_after_a2f,
    )
