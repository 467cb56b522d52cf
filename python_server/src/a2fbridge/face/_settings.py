"""What a stream and a deployment may set of the face."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from a2fbridge._errors import ParameterError, nearest
from a2fbridge.packs import BlendshapeSet, Identity

__all__ = ["SKIPPABLE", "FaceSettings", "PoseSettings", "check_skipped", "pose_name", "posed"]

SKIPPABLE: Final = ("skin", "tongue", "jaw", "eyes")
"""NVIDIA's execution options, the other way round."""


@dataclass(frozen=True, slots=True)
class FaceSettings:
    """What one stream may set; names are the wire's."""

    parameters: Mapping[str, float] = field(default_factory=dict)
    """Face parameters that differ from the pack's, by wire name."""
    multipliers: Mapping[str, float] = field(default_factory=dict)
    """Weight gains by blend-shape name; they replace the pack's."""
    offsets: Mapping[str, float] = field(default_factory=dict)
    """Weight offsets by blend-shape name; they replace the pack's."""
    clamp: bool = False
    """Clamp weights to 0..1 after gain and offset."""
    rig: bool = False
    """Also deliver jaw transform and eye rotations."""
    geometry: bool = False
    """Also deliver the vertices of skin and tongue; the mesh is built for this alone."""
    skip: Collection[str] = ()
    """Parts of SKIPPABLE that are not computed: weights of skin and tongue are 0 then, vertices, jaw and eyes are not
    there."""


@dataclass(frozen=True, slots=True)
class PoseSettings:
    """What a deployment may set of the solver, by PascalCase name; names left out keep the pack's value."""

    active: Mapping[str, bool] = field(default_factory=dict)
    cancel: Mapping[str, int] = field(default_factory=dict)
    symmetric: Mapping[str, int] = field(default_factory=dict)
    tongue: bool = True
    """Deliver the tongue's 16 weights."""
    temporal: bool = True
    """Let the solver see a stream's last weights."""


def check_skipped(parts: Collection[str]) -> None:
    """Raise ParameterError for a part that cannot be skipped."""
    for part in parts:
        if part not in SKIPPABLE:
            raise ParameterError(
                f"part '{part}' cannot be skipped{nearest(part, SKIPPABLE)}; right are {', '.join(SKIPPABLE)}"
            )


def pose_name(name: str) -> str:
    """Return the PascalCase spelling of a pose of a pack."""
    return name[:1].upper() + name[1:]


def posed(identity: Identity, poses: PoseSettings) -> tuple[BlendshapeSet | None, BlendshapeSet | None]:
    """Apply a deployment's pose settings; raises ParameterError for a name that is no pose of the face."""
    known = identity.names
    for name in (*poses.active, *poses.cancel, *poses.symmetric):
        if name not in known:
            raise ParameterError(
                f"unknown blend shape '{name}'{nearest(name, known)} in the solver's pose settings"
            )
    tongue = identity.tongue if poses.tongue else None
    return _changed(identity.skin, poses), _changed(tongue, poses)


def _changed(poses: BlendshapeSet | None, settings: PoseSettings) -> BlendshapeSet | None:
    if poses is None:
        return None
    config = poses.config
    names = [pose_name(name) for name in poses.names]
    return replace(
        poses,
        config=replace(
            config,
            temporal=config.temporal if settings.temporal else 0.0,
            active=tuple(bool(settings.active.get(n, v)) for n, v in zip(names, config.active, strict=True)),
            cancel=tuple(settings.cancel.get(n, v) for n, v in zip(names, config.cancel, strict=True)),
            symmetric=tuple(
                settings.symmetric.get(n, v) for n, v in zip(names, config.symmetric, strict=True)
            ),
        ),
    )
