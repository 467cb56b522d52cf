"""What a page may set, checked: as a request to a server, and as the file that servers and the plugin read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from a2fbridge._errors import ParameterError, nearest
from a2fbridge.emotion import check_emotions
from a2fbridge.face import SOLVERS, check_parameters
from a2fbridge.mapping import MappingTable, list_tables
from a2fbridge.service import Stylization, dump_yaml, import_settings, read_stylization
from a2fbridge.shapes import FACE_NAMES
from a2fbridge.timeline import parse_frame_rate

__all__ = ["FILE_NAME", "Settings"]

FILE_NAME: Final = "stylization_config.yaml"
_HEAD: Final = (
    "# Made by A2FBridge's studio.  `a2fbridge serve --config FOLDER` reads it from FOLDER, and so does\n"
    "# any Audio2Face-3D NIM 2.0 without the section a2fbridge.\n"
)
_SHAPE_RANGE: Final = 100.0


@dataclass(frozen=True, slots=True)
class Settings:
    """One set of values; None and empty mean the server's own."""

    pack: str | None = None
    identity: str | None = None
    solver: Literal["bvls", "admm"] | None = None
    frame_rate: str | None = None
    emotions: Mapping[str, float] = field(default_factory=dict)
    emotion: str = "given"
    """``given``: as set; ``auto``: a classifier decides, and what is set is preferred."""
    parameters: Mapping[str, float] = field(default_factory=dict)
    multipliers: Mapping[str, float] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)
    clamp: bool = False
    mapping: str | None = None

    @classmethod
    def read(cls, values: Any) -> Settings:
        """Check an object of JSON; raises ParameterError."""
        if not isinstance(values, dict):
            raise ParameterError("settings are not an object of names and values")
        for key in values:
            if key not in _READERS:
                raise ParameterError(f"unknown setting '{str(key)[:60]}'{nearest(str(key), _READERS)}")
        given = {key: value for key, value in values.items() if value is not None}
        return cls(**{key: _READERS[key](key, value) for key, value in given.items()})

    @classmethod
    def from_file(cls, content: bytes) -> tuple[Settings, list[str]]:
        """Read a settings file; returns also the keys in it that say nothing to a studio.

        That of :meth:`to_yaml`, these settings as JSON, or what NVIDIA's microservice and Maya-ACE export as JSON.
        Raises ConfigError with the line, ParameterError.
        """
        if not content.lstrip().startswith(b"{"):
            return cls._of(read_stylization(content)), []
        try:
            values = json.loads(content)
        except (ValueError, RecursionError):
            values = {}
        if values and set(values) <= _READERS.keys():
            return cls.read(values), []
        style, ignored = import_settings(content, "the file")
        if style.a2e.post_processing_params != Stylization().a2e.post_processing_params:
            ignored.append("post-processing of emotions")
        return cls._of(style), ignored

    @classmethod
    def _of(cls, style: Stylization) -> Settings:
        values = {
            "pack": (
                style.a2f.diffusion_model.inference_model_id or style.a2f.regression_model.inference_model_id
            )
            or None,
            "identity": style.a2f.diffusion_model.identity or None,
            "solver": style.a2fbridge.solver or None,
            "frame_rate": style.a2fbridge.frame_rate or None,
            "emotions": dict(style.default_beginning_emotions),
            "emotion": "auto" if style.a2e.enabled else "given",
            "parameters": dict(style.a2f.face_params),
            "multipliers": dict(style.a2f.blendshape_params.weight_multipliers),
            "offsets": dict(style.a2f.blendshape_params.weight_offsets),
            "clamp": style.a2f.blendshape_params.enable_clamping_bs_weight,
            "mapping": style.a2fbridge.mapping or None,
        }
        return cls.read(values)

    def to_yaml(self) -> str:
        """Return the settings as ``stylization_config.yaml``."""
        whole = Stylization()
        tables = replace(
            whole.a2f.blendshape_params,
            weight_multipliers=self.multipliers,
            weight_offsets=self.offsets,
            enable_clamping_bs_weight=self.clamp,
        )
        face = replace(
            whole.a2f,
            inference_type="diffusion" if self.identity else "regression",
            regression_model=replace(
                whole.a2f.regression_model, inference_model_id="" if self.identity else self.pack or ""
            ),
            diffusion_model=replace(
                whole.a2f.diffusion_model,
                inference_model_id=self.pack or "" if self.identity else "",
                identity=self.identity or "",
            ),
            face_params=self.parameters,
            blendshape_params=tables,
        )
        bridge = replace(
            whole.a2fbridge,
            frame_rate=self.frame_rate or "",
            solver=self.solver or "",
            mapping=self.mapping or "",
        )
        return _HEAD + dump_yaml(
            replace(
                whole,
                default_beginning_emotions=self.emotions,
                a2e=replace(whole.a2e, enabled=self.emotion == "auto"),
                a2f=face,
                a2fbridge=bridge,
            )
        )

    def as_json(self) -> dict[str, Any]:
        """Return what :meth:`read` takes."""
        return {key: _plain(getattr(self, key)) for key in _READERS}

    @property
    def table(self) -> MappingTable | None:
        """The mapping table, loaded; None for none."""
        return MappingTable.load(self.mapping) if self.mapping else None

    def options(self) -> dict[str, Any]:
        """Return the keyword arguments of ``Client.animate``."""
        return {
            "emotions": dict(self.emotions) or None,
            "parameters": dict(self.parameters),
            "multipliers": dict(self.multipliers),
            "offsets": dict(self.offsets),
            "clamp": self.clamp or None,
            "pack": self.pack,
            "identity": self.identity,
            "solver": self.solver,
            "automatic_emotion": True if self.emotion == "auto" else None,
            "frame_rate": self.frame_rate,
        }


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ParameterError(f"setting '{key}' is not a short text")
    return value


def _choice(*choices: str) -> Callable[[str, Any], str]:
    def read(key: str, value: Any) -> str:
        if value not in choices:
            hint = nearest(str(value)[:60], choices)
            raise ParameterError(f"setting '{key}' is not one of {', '.join(choices)}{hint}")
        return str(value)

    return read


def _rate(key: str, value: Any) -> str:
    rate = parse_frame_rate(value if isinstance(value, int | float) else _text(key, value))
    return f"{rate.numerator}/{rate.denominator}"


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ParameterError(f"setting '{key}' is not true or false")
    return value


def _numbers(key: str, value: Any) -> dict[str, float]:
    good = isinstance(value, dict) and all(
        isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in value.values()
    )
    if not good:
        raise ParameterError(f"setting '{key}' is not an object of names and numbers")
    return {str(name): float(number) for name, number in value.items()}


def _parameters(key: str, value: Any) -> dict[str, float]:
    return check_parameters(_numbers(key, value))


def _emotions(key: str, value: Any) -> dict[str, float]:
    return check_emotions(_numbers(key, value))


def _shapes(key: str, value: Any) -> dict[str, float]:
    numbers = _numbers(key, value)
    for name, number in numbers.items():
        if name not in FACE_NAMES:
            raise ParameterError(
                f"unknown blend shape '{name[:60]}' in '{key}'{nearest(name[:60], FACE_NAMES)}"
            )
        if abs(number) > _SHAPE_RANGE:
            raise ParameterError(f"'{key}' of {name} is {number:g}; right is -100 to 100")
    return numbers


def _table(key: str, value: Any) -> str:
    """A shipped table by its name: pages do not name files of this machine."""
    return _choice(*list_tables())(key, value)


_READERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "pack": _text,
    "identity": _text,
    "solver": _choice(*SOLVERS),
    "frame_rate": _rate,
    "emotions": _emotions,
    "emotion": _choice("given", "auto"),
    "parameters": _parameters,
    "multipliers": _shapes,
    "offsets": _shapes,
    "clamp": _flag,
    "mapping": _table,
}
