"""``dataset.yaml``: everything a dataset can say of itself; a folder without one is read by the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from a2fbridge._errors import ConfigError
from a2fbridge._settings import read_yaml, setting
from a2fbridge.shapes import EMOTION_NAMES

__all__ = ["CENTIMETRES", "NEUTRAL", "Document", "Labels", "Meshes", "Parts", "read_document"]

NEUTRAL: Final = "neutral"
CENTIMETRES: Final = {"mm": 0.1, "cm": 1.0, "m": 100.0, "in": 2.54}


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the parts are: paths from the dataset's folder, without the ending where several are allowed."""

    audio: str = "audio"
    animation: str = "animation"
    """Folder of blend-shape weights."""
    skin: str = "cache/skin"
    """Folder of vertex caches, TAKE.ext or TAKE/TAKE.ext."""
    tongue: str = "cache/tongue"
    jaw: str = "cache/jaw"
    """Folder, or one .npz with an array for each take."""
    eyes: str = "cache/eyes"
    skin_geometry: str = "geom/skin"
    """A file with neutral and shapes, or a folder of them."""
    tongue_geometry: str = "geom/tongue"
    regions: str = "geom/regions.json"
    tongue_rigid: str = "geom/tongue_rigid.json"
    lip_open: str = "geom/lip_open.npy"
    eye_close: str = "geom/eye_close.npy"
    jaw_neutral: str = "geom/jaw_neutral.npy"
    blink_keys: str = "geom/blink_keys.npy"
    saccades: str = "geom/saccades.npy"
    skin_solver: str = "geom/bs_skin_config.json"
    tongue_solver: str = "geom/bs_tongue_config.json"


@dataclass(frozen=True, slots=True)
class Meshes:
    """Which mesh of a file with several is meant."""

    skin: str = ""
    """Channel of the Maya caches, prim of the USD stages."""
    tongue: str = ""
    skin_geometry: str = ""
    """Mesh or node of the glTF file."""
    tongue_geometry: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """What is said of one take."""

    emotion: str = ""
    """A name of ``emotions``, or neutral; by default read from the take's name."""
    language: str = ""
    split: Literal["", "train", "validation"] = ""
    audio_offset: float = setting(0.0, -100_000.0, 100_000.0)
    """Frames: frame k belongs to the sound at k + audio_offset."""
    skip: bool = False
    """Leave the take out."""


@dataclass(frozen=True, slots=True)
class Document:
    """The whole file."""

    format: int = setting(1, 1, 1)
    name: str = ""
    """By default the folder's name."""
    actor: str = ""
    """By default the name."""
    fps: float = setting(0.0, 0.0, 1000.0)
    """Frames per second of every take; 0: as the files say, and 30 where none does."""
    units: Literal["mm", "cm", "m", "in"] = "cm"
    """Of caches, geometry and key points that do not say theirs (USD and glTF do)."""
    language: str = "en"
    emotions: tuple[str, ...] = EMOTION_NAMES
    """Explicit emotions in the network's order; neutral is not one of them."""
    convention: Literal["arkit", "a2f"] = "arkit"
    """Of weights whose file does not say; NVIDIA's JSON is a2f unless it says."""
    shapes: Literal["arkit", "a2f"] = "arkit"
    """Of blend-shape geometry: does mouthClose contain jawOpen (a2f) or not (arkit)?"""
    eye_order: Literal["right_left", "left_right"] = "right_left"
    jaw_values: Literal["offsets", "positions"] = "offsets"
    """Of jaw key points: from the neutral points, or where they are."""
    length_tolerance: float = setting(0.1, 0.0, 3600.0)
    """Seconds by which sound and animation of a take may differ in length."""
    validation: tuple[str, ...] = ()
    """Takes kept out of training; by default drawn by seed."""
    parts: Parts = field(default_factory=Parts)
    meshes: Meshes = field(default_factory=Meshes)
    takes: Mapping[str, Labels] = setting({})

    def __post_init__(self) -> None:
        """Refuse emotions that no network can have."""
        if NEUTRAL in self.emotions:
            raise ConfigError("neutral is the absence of emotion: leave it out of 'emotions'")
        if len(set(self.emotions)) != len(self.emotions) or len(self.emotions) > 256:
            raise ConfigError("'emotions' must be at most 256 names that all differ")


def read_document(root: Path) -> Document:
    """Read ``dataset.yaml`` in a folder, or return the defaults; raises ConfigError with file and line."""
    path = root / "dataset.yaml"
    return read_yaml(Document, path) if path.is_file() else Document()
