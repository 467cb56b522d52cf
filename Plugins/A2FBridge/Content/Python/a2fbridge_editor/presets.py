"""Emotion and face parameters from a file: the settings that A2FBridge's studio exports, or the same as JSON.

``stylization_config.yaml`` is NVIDIA's file for its service; the studio, the server and this module read it alike.  The
YAML that is read here is what the studio writes: sections of indented keys with plain values, nothing more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import unreal
from a2fbridge_editor.errors import BakeError

_LINE = re.compile(r"( *)([^\s:#][^:]*):(?: +(.*))?$")
_PARAMETER_NAMES = {"eyelid_offset": "eyelidOpenOffset", "lip_close_offset": "lipOpenOffset"}


@dataclass(frozen=True)
class Preset:
    """What a sound is animated with; empty means the server's own."""

    emotions: Mapping[str, float] = field(default_factory=dict)
    """0 to 1 by name: joy, anger, ..."""
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Face parameters by their name on the wire: skinStrength, ..."""
    multipliers: Mapping[str, float] = field(default_factory=dict)
    """Factors by blend shape."""
    offsets: Mapping[str, float] = field(default_factory=dict)
    """Numbers added, by blend shape."""
    frame_rate: str = ""
    """``60``, ``30000/1001``; empty: 30."""
    mapping: str = ""
    """Mapping table by name or asset path; empty: the caller's."""

    def settings(self, connection: str) -> unreal.A2FBridgeStreamSettings:
        """Return the settings of a stream over a named connection."""
        settings = unreal.A2FBridgeStreamSettings()
        settings.connection = connection
        settings.emotion = self._emotion()
        settings.face_parameters = self._face()
        options = unreal.A2FBridgeAnimateOptions()
        tuning = unreal.A2FBridgeBlendShapeTuning()
        tuning.multipliers = dict(self.multipliers)
        tuning.offsets = dict(self.offsets)
        options.blend_shapes = tuning
        settings.options = options
        return settings

    def _emotion(self) -> unreal.A2FBridgeEmotion:
        overrides = unreal.A2FBridgeEmotionOverrides()
        for name, value in self.emotions.items():
            key = "out_of_breath" if name == "outofbreath" else name
            if not hasattr(overrides, f"override_{key}"):
                raise BakeError(f"unknown emotion '{name}'; right are joy, anger, sadness, ...")
            setattr(overrides, f"override_{key}", True)
            setattr(overrides, key, float(value))
        emotion = unreal.A2FBridgeEmotion()
        emotion.overrides = overrides
        return emotion

    def _face(self) -> unreal.A2FBridgeFaceParameters:
        face = unreal.A2FBridgeFaceParameters()
        further = {}
        for name, value in self.parameters.items():
            key = re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
            if hasattr(face, f"override_{key}"):
                setattr(face, f"override_{key}", True)
                setattr(face, key, float(value))
            else:
                further[name] = float(value)
        face.further = further
        return face


def read_preset(path: str | Path) -> Preset:
    """Read ``stylization_config.yaml`` or the studio's settings as JSON; raises BakeError with file and line."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BakeError(f"{path}: cannot be read: {error}") from None
    if path.suffix.lower() == ".json":
        return _from_settings(path, text)
    return _from_style(_read_yaml(path, text))


def _from_settings(path: Path, text: str) -> Preset:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise BakeError(f"{path}: is no JSON: {error}") from None
    if not isinstance(values, dict):
        raise BakeError(f"{path}: is no object of names and values")
    tables = {key: values.get(key) or {} for key in ("emotions", "parameters", "multipliers", "offsets")}
    return Preset(**tables, frame_rate=values.get("frame_rate") or "", mapping=values.get("mapping") or "")


def _from_style(style: dict[str, Any]) -> Preset:
    face = style.get("a2f") or {}
    shapes = face.get("blendshape_params") or {}
    ours = style.get("a2fbridge") or {}
    parameters = {_wire_name(key): float(value) for key, value in (face.get("face_params") or {}).items()}
    return Preset(
        emotions={
            key: float(value) for key, value in (style.get("default_beginning_emotions") or {}).items()
        },
        parameters=parameters,
        multipliers={key: float(v) for key, v in (shapes.get("weight_multipliers") or {}).items()},
        offsets={key: float(v) for key, v in (shapes.get("weight_offsets") or {}).items()},
        frame_rate=ours.get("frame_rate") or "",
        mapping=ours.get("mapping") or "",
    )


def _wire_name(key: str) -> str:
    if key in _PARAMETER_NAMES:
        return _PARAMETER_NAMES[key]
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _read_yaml(path: Path, text: str) -> dict[str, Any]:
    """Read sections of indented keys with plain values."""
    root: dict[str, Any] = {}
    open_sections: list[tuple[int, dict[str, Any]]] = [(-1, root)]
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line)
        if not match:
            raise BakeError(f"{path}:{number}: not 'key: value'; right is what the studio writes")
        indent, key, value = len(match[1]), match[2].strip().strip("'\""), (match[3] or "").strip()
        while open_sections[-1][0] >= indent:
            open_sections.pop()
        section = open_sections[-1][1]
        if key in section:
            raise BakeError(f"{path}:{number}: key '{key}' appears twice")
        if value in ("", "{}"):
            section[key] = {}
            if not value:
                open_sections.append((indent, section[key]))
        else:
            section[key] = value.strip("'\"")
    return root
