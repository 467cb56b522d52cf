"""The face parameters: one table of names, defaults, ranges and spellings.

Names are the wire's camelCase (``skinStrength``); ``model_config.json`` spells them in snake case, NVIDIA's
stylization files rename two of them.  Ranges are the pack's (spec: regression, section 4.8).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from a2fbridge._errors import ParameterError, nearest
from a2fbridge.packs import PARAMETER_RANGES

__all__ = ["PARAMETERS", "Parameter", "check_parameters", "pack_parameters", "unknown_parameters"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One face parameter."""

    name: str
    """Wire name, camelCase."""
    key: str
    """Key in ``model_config.json``."""
    default: float
    """NVIDIA's default; a pack brings its own."""
    low: float
    high: float
    unit: str
    style_key: str
    """Key in ``stylization_config.yaml``."""

    def check(self, value: float) -> float:
        """Return the value as float; raises ParameterError when it is not a number or out of range."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ParameterError(f"face parameter '{self.name}' is {value!r}; right is a number") from None
        if math.isnan(number):
            raise ParameterError(f"face parameter '{self.name}' is not a number (NaN)")
        if not self.low <= number <= self.high:
            raise ParameterError(
                f"face parameter '{self.name}' is {number:g}; "
                f"right is {self.low:g} to {self.high:g} {self.unit}".rstrip()
            )
        return number


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _parameter(
    name: str,
    default: float,
    unit: str = "",
    *,
    limits: tuple[float, float] | None = None,
    style_key: str = "",
) -> Parameter:
    key = _snake(name)
    low, high = limits or PARAMETER_RANGES[key]
    return Parameter(name, key, default, low, high, unit, style_key or key)


PARAMETERS: Final[dict[str, Parameter]] = {
    p.name: p
    for p in (
        _parameter("inputStrength", 1.0, limits=(0.0, 3.0)),
        _parameter("skinStrength", 1.0),
        _parameter("upperFaceStrength", 1.0),
        _parameter("lowerFaceStrength", 1.3),
        _parameter("upperFaceSmoothing", 0.001, "s"),
        _parameter("lowerFaceSmoothing", 0.0023, "s"),
        _parameter("faceMaskLevel", 0.6),
        _parameter("faceMaskSoftness", 0.0085),
        _parameter("blinkStrength", 1.0),
        _parameter("blinkOffset", 0.0, limits=(0.0, 1.0)),
        _parameter("eyelidOpenOffset", 0.06, style_key="eyelid_offset"),
        _parameter("lipOpenOffset", -0.03, style_key="lip_close_offset"),
        _parameter("tongueStrength", 1.5),
        _parameter("tongueHeightOffset", 0.2, "cm"),
        _parameter("tongueDepthOffset", 0.13, "cm"),
        _parameter("lowerTeethStrength", 1.0),
        _parameter("lowerTeethHeightOffset", 0.0, "cm"),
        _parameter("lowerTeethDepthOffset", 0.0, "cm"),
        _parameter("eyeballsStrength", 1.0),
        _parameter("saccadeStrength", 1.0),
        _parameter("rightEyeRotXOffset", 0.0, "degrees"),
        _parameter("rightEyeRotYOffset", 0.0, "degrees"),
        _parameter("leftEyeRotXOffset", 0.0, "degrees"),
        _parameter("leftEyeRotYOffset", 0.0, "degrees"),
        _parameter("eyeSaccadeSeed", 0.0, "rows"),
    )
}

_NAME_OF_KEY: Final = {p.key: p.name for p in PARAMETERS.values()}


def pack_parameters(config: Mapping[str, float]) -> dict[str, float]:
    """Return the full parameter set by wire name from a pack's ``model_config.json`` values (snake case).

    Parameters that the file does not hold (blinkOffset) take their default; the pack's reader has checked the rest.
    """
    given = {_NAME_OF_KEY[key]: value for key, value in config.items() if key in _NAME_OF_KEY}
    return {name: given.get(name, p.default) for name, p in PARAMETERS.items()}


def check_parameters(overrides: Mapping[str, float]) -> dict[str, float]:
    """Return checked overrides by wire name; raises ParameterError for an unknown name or a bad value."""
    for name in overrides:
        if name not in PARAMETERS:
            raise ParameterError(f"unknown face parameter '{name}'{nearest(name, PARAMETERS)}")
    return {name: PARAMETERS[name].check(value) for name, value in overrides.items()}


def unknown_parameters(names: Iterable[str]) -> list[str]:
    """Return the names that are no face parameters, in order."""
    return [name for name in names if name not in PARAMETERS]
