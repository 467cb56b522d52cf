"""A dataset's folder: which takes there are and which files belong to each."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from a2fbridge._errors import DatasetError
from a2fbridge.training.dataset._document import NEUTRAL, Document, Labels, read_document

__all__ = [
    "ANIMATION",
    "CACHES",
    "RIGS",
    "SOUNDS",
    "Dataset",
    "Take",
    "TakeFile",
    "data_file",
    "open_dataset",
    "split_takes",
]

SOUNDS: Final = ("wav", "flac")
ANIMATION: Final = ("csv", "json", "npz", "a2frec")
CACHES: Final = ("npy", "xml", "pc2", "usd", "usdc", "usda")
RIGS: Final = ("npy", "npz", "csv")
_NAME: Final = re.compile(r"\w([\w.-]*\w)?")
"""Names of takes and voices: they become names of files."""


@dataclass(frozen=True, slots=True)
class TakeFile:
    """A file of a take, or one array in an archive of all takes."""

    path: Path
    array: str = ""


@dataclass(frozen=True, slots=True)
class Take:
    """One recording and the files that belong to it."""

    name: str
    emotion: str
    """A name of the dataset's emotions, or neutral."""
    language: str
    split: str
    """``train``, ``validation``, or empty: to be drawn."""
    audio_offset: float
    """Frames by which the sound is ahead of the animation's clock."""
    files: dict[str, TakeFile] = field(default_factory=dict)
    """By part: audio, animation, skin, tongue, jaw, eyes."""
    voices: dict[str, Path] = field(default_factory=dict)
    """The same words at the same times in other voices."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A folder that was looked through; nothing in it has been read but ``dataset.yaml``."""

    root: Path
    document: Document
    takes: tuple[Take, ...]
    strays: tuple[tuple[Path, str], ...] = ()
    """Files that belong to no take, and what would be right."""

    @property
    def name(self) -> str:
        return self.document.name or self.root.name

    @property
    def actor(self) -> str:
        return self.document.actor or self.name

    def path(self, part: str) -> Path:
        """Return where a part is said to be."""
        return self.root / str(getattr(self.document.parts, part))


def open_dataset(path: str | Path) -> Dataset:
    """Look through a dataset's folder (docs/dataset.md).

    Raises ConfigError for a bad ``dataset.yaml``, DatasetError when the folder is not there or holds no take.
    """
    root = Path(path).resolve()
    if not root.is_dir():
        raise DatasetError(f"{path} is not a folder; right is a dataset (docs/dataset.md)")
    document = read_document(root)
    dataset = Dataset(root, document, ())
    strays: list[tuple[Path, str]] = []
    files = {
        "audio": _folder(dataset, "audio", SOUNDS, strays),
        "animation": _folder(dataset, "animation", ANIMATION, strays),
        **{part: _folder(dataset, part, CACHES, strays) for part in ("skin", "tongue")},
        **{part: _folder(dataset, part, RIGS, strays) for part in ("jaw", "eyes")},
    }
    voices = _voices(dataset, strays)
    names = sorted({name for found in files.values() for name in found} | set(document.takes))
    takes = tuple(
        _take(name, document, {p: found[name] for p, found in files.items() if name in found}, voices)
        for name in names
        if not document.takes.get(name, Labels()).skip
    )
    if not takes:
        raise DatasetError(
            f"{path} holds no take; right is {document.parts.audio}/TAKE.wav with an animation each"
        )
    return Dataset(root, document, takes, tuple(strays))


def split_takes(dataset: Dataset, share: float, seed: int) -> dict[str, str]:
    """Return ``train`` or ``validation`` for each take.

    Takes that the dataset names stay as named; when it names none for validation, ``share`` of the takes is drawn by
    ``seed``, at least one if there are two or more.
    """
    splits = {take.name: take.split or "train" for take in dataset.takes}
    if "validation" not in splits.values() and share > 0:
        free = [take.name for take in dataset.takes if not take.split]
        count = min(max(1, round(share * len(free))), len(free) - 1)
        for name in random.Random(seed).sample(free, max(count, 0)):
            splits[name] = "validation"
    return splits


def data_file(path: Path) -> Path:
    """Return the file that holds a part's data: of a Maya cache not its description but the ``.mc`` beside it."""
    return path.with_suffix(".mc") if _ending(path) == "xml" else path


def _take(
    name: str, document: Document, files: dict[str, TakeFile], voices: dict[str, dict[str, Path]]
) -> Take:
    labels = document.takes.get(name, Labels())
    return Take(
        name,
        labels.emotion or _emotion_in(name, document.emotions),
        labels.language or document.language,
        labels.split or ("validation" if name in document.validation else ""),
        labels.audio_offset,
        files,
        {voice: found[name] for voice, found in voices.items() if name in found},
    )


def _emotion_in(name: str, emotions: tuple[str, ...]) -> str:
    """Return the first emotion, in list order, whose name is part of the take's name, whatever the case."""
    return next((emotion for emotion in emotions if emotion.lower() in name.lower()), NEUTRAL)


def _folder(
    dataset: Dataset, part: str, endings: tuple[str, ...], strays: list[tuple[Path, str]]
) -> dict[str, TakeFile]:
    """Return the files of a part by take; of several, the first in the order of ``endings``."""
    path = dataset.path(part)
    archive = path if path.suffix == ".npz" else path.with_name(path.name + ".npz")
    if part in ("jaw", "eyes") and archive.is_file():
        return _archive(archive, strays)
    found: dict[str, list[Path]] = {}
    for file in _entries(path):
        if file.is_dir() and part in ("skin", "tongue"):
            inner = [f for f in _entries(file) if f.stem == file.name and _ending(f) in endings]
            found.setdefault(file.name, []).extend(inner)
            if not inner:
                strays.append((file, f"{file.name}/{file.name}.{'|'.join(endings)}"))
        elif file.is_file() and _ending(file) in endings:
            found.setdefault(file.stem, []).append(file)
        elif not (file.is_dir() or _ending(file) == "mc"):
            strays.append((file, f"a file that ends in .{', .'.join(endings)}"))
    files: dict[str, TakeFile] = {}
    for name, paths in found.items():
        paths.sort(key=lambda f: endings.index(_ending(f)))
        strays += [(extra, f"one file for a take ({paths[0].name} is used)") for extra in paths[1:]]
        if _NAME.fullmatch(name) and ".." not in name:
            files |= {name: TakeFile(paths[0])} if paths else {}
        else:
            strays.append((path / name, "a name of letters, digits, '_', '-' and '.'"))
    return files


def _archive(path: Path, strays: list[tuple[Path, str]]) -> dict[str, TakeFile]:
    from a2fbridge.packs import Fault, open_archive

    try:
        with open_archive(path) as archive:
            return {
                name: TakeFile(path, name) for name in archive if _NAME.fullmatch(name) and ".." not in name
            }
    except Fault as error:
        strays.append((path, f"a sound .npz archive ({error})"))
        return {}


def _voices(dataset: Dataset, strays: list[tuple[Path, str]]) -> dict[str, dict[str, Path]]:
    """Return the sounds of other voices: voice -> take -> file."""
    voices: dict[str, dict[str, Path]] = {}
    for folder in _entries(dataset.path("audio") / "aug"):
        if folder.is_dir() and _NAME.fullmatch(folder.name) and folder.name != "original":
            sounds = [f for f in _entries(folder) if _ending(f) in SOUNDS]
            voices[folder.name] = {f.stem: f for f in sounds}
        else:
            strays.append((folder, "a folder for each voice, not called 'original'"))
    return voices


def _entries(folder: Path) -> Iterator[Path]:
    """Return what a folder holds, sorted, without hidden files; nothing when there is no folder."""
    found = folder.iterdir() if folder.is_dir() else ()
    return iter(sorted(f for f in found if not f.name.startswith(".")))


def _ending(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")
