"""Settings that NVIDIA's tools exported as JSON: ``a2f_ms_config.json`` and what Maya-ACE writes, of both generations
(spec: training and DCC, 2.5; regression, 1.4).

1.0 keeps everything at the top with lists beside name lists, 2.0 in the sections ``a2e`` and ``a2f``.  What says
nothing about the face's style (paths, solver, network sizes) and what nobody knows is named, not refused: these
files belong to other programs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from a2fbridge._errors import ConfigError, ParameterError
from a2fbridge._settings import MAX_BYTES
from a2fbridge.emotion import check_emotion_parameters, check_emotions
from a2fbridge.face import PARAMETERS, check_parameters
from a2fbridge.service._stylization import (
    EmotionStyle,
    FaceStyle,
    PoseTables,
    PostProcessing,
    Stylization,
)
from a2fbridge.shapes import EMOTION_ALIASES, EMOTION_NAMES, FACE_NAMES

__all__ = ["import_settings"]

_FACE_KEYS: Final = {key: p.name for p in PARAMETERS.values() for key in (p.key, p.style_key)}
_EMOTIONS: Final = {name: name for name in EMOTION_NAMES} | EMOTION_ALIASES
_SHAPES: Final = {name.lower(): name for name in FACE_NAMES}
_LARGEST: Final = 100.0
Table = dict[str, float]


def import_settings(content: bytes, name: str) -> tuple[Stylization, list[str]]:
    """Return what a file says of a face's style, and the keys that were ignored; raises ConfigError with ``name``."""
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{name}: more than {MAX_BYTES} bytes; right is a settings file of less")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: is no JSON: {error}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{name}: is no object of names and values")
    reader = _Reader(data)
    try:
        style = reader.style()
    except ParameterError as error:
        raise ConfigError(f"{name}: {error}") from None
    if not reader.found:
        raise ConfigError(
            f"{name}: holds no face_params, blendshape_params or emotion settings as a2f_ms_config.json and Maya-ACE do"
        )
    return style, reader.ignored


class _Reader:
    """Takes the known out of an object, and remembers the rest."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._new = isinstance(data.get("a2f"), dict) or isinstance(data.get("a2e"), dict)
        self._data = data
        self.ignored: list[str] = []
        self.found = False

    def style(self) -> Stylization:
        data = self._data
        a2f, a2e = (self._section(data, "a2f"), self._section(data, "a2e")) if self._new else (data, data)
        shapes = self._section(a2f, "blendshape_params")
        names = a2f.get("blendshape_names", shapes.get("blendshape_names"))
        face = self._numbers(self._section(a2f, "face_params"), "face_params", _FACE_KEYS.get)
        face |= self._numbers(self._section(a2f, "tongue_params"), "tongue_params", _FACE_KEYS.get)
        style = Stylization(
            default_beginning_emotions=self._emotions(a2e),
            a2e=EmotionStyle(post_processing_params=self._processing(a2e)),
            a2f=FaceStyle(
                face_params=check_parameters(face),
                blendshape_params=PoseTables(
                    weight_multipliers=self._shapes(shapes, "multipliers", names),
                    weight_offsets=self._shapes(shapes, "offsets", names),
                    enable_clamping_bs_weight=shapes.get("enable_clamping_bs_weight") is True,
                ),
            ),
        )
        self._rest(data, a2f, a2e, shapes)
        return style

    def _section(self, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = data.get(key) or {}
        if not isinstance(value, dict):
            raise ParameterError(f"'{key}' is not a section of keys and values")
        return value

    def _numbers(self, values: Mapping[str, Any], where: str, known: Callable[[str], str | None]) -> Table:
        table: Table = {}
        for key, value in values.items():
            name = known(key)
            if name is None:
                self.ignored.append(f"{where}.{key}")
                continue
            self.found = True
            table[name] = _number(value, f"{where}.{key}")
        return table

    def _emotions(self, a2e: Mapping[str, Any]) -> Table:
        """2.0: a table.  1.0: a list beside its names."""
        given = a2e.get("preferred_emotions", a2e.get("preferred_emotion")) or {}
        if isinstance(given, list):
            given = _paired(given, a2e.get("preferred_emotion_names") or EMOTION_NAMES, "preferred_emotion")
        values = self._numbers(given, "preferred_emotions", lambda key: _EMOTIONS.get(key.lower()))
        return {name: value for name, value in check_emotions(values).items() if value}

    def _processing(self, a2e: Mapping[str, Any]) -> PostProcessing:
        key = "post_processing_params" if self._new else "emotion_params"
        given, fields = self._section(a2e, key), PostProcessing.__dataclass_fields__
        known = self._numbers(given, key, lambda name: name if name in fields else None)
        checked: dict[str, Any] = check_emotion_parameters(known)
        for name, kind in (("max_emotions", int), ("enable_preferred_emotion", bool)):
            if name in checked:
                checked[name] = kind(checked[name])
        return PostProcessing(**checked)

    def _shapes(self, shapes: Mapping[str, Any], what: str, names: Any) -> Table:
        """2.0: a table.  1.0: a list beside its names, NVIDIA's order where there are none."""
        key = f"weight_{what}" if f"weight_{what}" in shapes else f"bsWeight{what.capitalize()}"
        given = shapes.get(key) or {}
        if isinstance(given, list):
            given = _paired(given, names or FACE_NAMES[: len(given)], f"blendshape_params.{key}")
        table = self._numbers(given, f"blendshape_params.{key}", lambda name: _SHAPES.get(name.lower()))
        for name, value in table.items():
            if abs(value) > _LARGEST:
                raise ParameterError(
                    f"'blendshape_params.{key}' of {name} is {value:g}; right is -100 to 100"
                )
        usual = 1.0 if what == "multipliers" else 0.0
        return {name: value for name, value in table.items() if value != usual}

    def _rest(
        self,
        data: Mapping[str, Any],
        a2f: Mapping[str, Any],
        a2e: Mapping[str, Any],
        shapes: Mapping[str, Any],
    ) -> None:
        face = {"face_params", "tongue_params", "blendshape_params", "blendshape_names"}
        feeling = {"preferred_emotion", "preferred_emotions", "preferred_emotion_names"}
        feeling |= {"post_processing_params" if self._new else "emotion_params"}
        tables = {"weight_multipliers", "weight_offsets", "bsWeightMultipliers", "bsWeightOffsets"}
        tables |= {"enable_clamping_bs_weight", "blendshape_names"}
        if self._new:
            self._ignore(data, {"a2f", "a2e"}, "")
            self._ignore(a2f, face, "a2f.")
            self._ignore(a2e, feeling, "a2e.")
        else:
            self._ignore(data, face | feeling, "")
        self._ignore(shapes, tables, "blendshape_params.")

    def _ignore(self, values: Mapping[str, Any], known: set[str], where: str) -> None:
        self.ignored += [where + key for key in values if key not in known]


def _number(value: Any, name: str) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ParameterError(f"'{name}' is not a number")
    return float(value)


def _paired(values: list[Any], names: Any, where: str) -> dict[str, Any]:
    if not isinstance(names, list | tuple) or len(names) != len(values):
        count = len(names) if isinstance(names, list | tuple) else 0
        raise ParameterError(f"'{where}' has {len(values)} values for {count} names")
    return {str(name): value for name, value in zip(names, values, strict=True)}
