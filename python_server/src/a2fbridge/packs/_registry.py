"""Which packs there are, and how one is found: by the id of its folder or by a path."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from a2fbridge._errors import ConfigError, PackError, nearest
from a2fbridge._resources import data_dir
from a2fbridge.packs._emotion import EmotionPack, examine_emotion, read_emotion_pack
from a2fbridge.packs._examine import examine_face
from a2fbridge.packs._findings import Fault, Finding, Report
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._json import read_json
from a2fbridge.packs._model import FacePack
from a2fbridge.packs._pack import CARD, card_kind, read_pack

__all__: list[str] = []

DEFAULT_PACK: Final = "builtin"
DEFAULT_EMOTION_PACK: Final = "builtin-emotion"
T = TypeVar("T")

PACKS_VARIABLE: Final = "A2FBRIDGE_PACKS"


@dataclass(frozen=True, slots=True)
class PackInfo:
    """A pack as the registry lists it; its card and sizes were read, its data not."""

    id: str
    """The folder's name."""
    path: Path
    actor: str
    version: str
    kind: str
    """``regression``, ``diffusion``, ``emotion``, or ``damaged``."""
    size: int
    """Bytes of the files in the folder."""
    problem: str = ""
    """Why it cannot be loaded by its id; empty if nothing is known against it."""


def pack_folders() -> list[Path]:
    """Return the folders searched for packs: shipped, those in ``$A2FBRIDGE_PACKS``, the user's own.

    Raises ConfigError for a folder in the variable that is not there.
    """
    folders = [_shipped()]
    for entry in os.environ.get(PACKS_VARIABLE, "").split(os.pathsep):
        if entry and not Path(entry).is_dir():
            raise ConfigError(
                f"{PACKS_VARIABLE} names '{entry}', which is no folder; right are folders of packs"
            )
        if entry:
            folders.append(Path(entry))
    return [*folders, user_folder()]


def user_folder() -> Path:
    """Return the user's own folder of packs (it need not exist)."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "a2fbridge" / "packs"


def list_packs() -> list[PackInfo]:
    """Return every pack there is, in the order of the folders; ids that occur twice are marked so.

    A pack that cannot be loaded is listed with its problem.  Raises ConfigError as :func:`pack_folders`.
    """
    packs = [_describe(path) for path in _find()]
    count = Counter(pack.id for pack in packs)
    return [_mark(pack, packs) if count[pack.id] > 1 else pack for pack in packs]


def load(path_or_id: str | Path = DEFAULT_PACK) -> FacePack:
    """Read a pack, by the id that :func:`list_packs` gives or by the path of its folder, and check it wholly.

    A string with a path separator is a path.  Raises PackError with the first error found.
    """
    folder = _open(path_or_id)
    report = Report()
    return _loaded(folder, read_pack(folder, report), report)


def load_emotion(path_or_id: str | Path = DEFAULT_EMOTION_PACK) -> EmotionPack:
    """Read an emotion pack, found as by :func:`load`; raises PackError with the first error found."""
    folder = _open(path_or_id)
    report = Report()
    kind = report.attempt(kind_of, folder)
    if kind not in (None, "emotion"):
        raise PackError(
            f"pack '{folder.root.name}' is a {kind} pack; right is an emotion pack (Audio2Emotion)"
        )
    return _loaded(folder, read_emotion_pack(folder, report), report)


def _loaded(folder: PackFolder, pack: T | None, report: Report) -> T:
    if pack is None:
        more = len(report.errors) - 1
        rest = f" (and {more} more: a2fbridge packs validate)" if more else ""
        raise PackError(f"pack '{folder.root.name}' in {folder.root}: {report.errors[0]}{rest}")
    return pack


def validate(path_or_id: str | Path) -> list[Finding]:
    """Return everything that is wrong or doubtful in a pack; raises PackError if there is no such pack."""
    return validate_folder(_open(path_or_id))


def validate_folder(folder: PackFolder) -> list[Finding]:
    """Return everything that is wrong or doubtful in a pack's folder."""
    report = Report()
    if report.attempt(kind_of, folder) == "emotion":
        if read_emotion_pack(folder, report):
            report.attempt(examine_emotion, folder, report)
    elif not report.errors and (pack := read_pack(folder, report)):
        report.attempt(examine_face, folder, pack, report)
    return report.findings


def pack_kind(path_or_id: str | Path) -> str:
    """Return ``regression``, ``diffusion`` or ``emotion`` for a pack found as by :func:`load`; raises PackError."""
    folder = _open(path_or_id)
    report = Report()
    return _loaded(folder, report.attempt(kind_of, folder), report)


def kind_of(folder: PackFolder) -> str:
    """Return ``regression``, ``diffusion`` or ``emotion``; raises Fault when the card cannot be read."""
    return card_kind(read_json(folder, CARD, CARD, "", Report()))


def _open(path_or_id: str | Path) -> PackFolder:
    path = _locate(path_or_id)
    shipped = path.resolve().is_relative_to(_shipped().resolve())
    return PackFolder(path, shipped)


def _locate(path_or_id: str | Path) -> Path:
    """Return the folder of a pack; raises PackError."""
    separators = {os.sep, os.altsep or os.sep}
    if isinstance(path_or_id, str) and not separators & set(path_or_id):
        return _by_id(path_or_id)
    path = Path(path_or_id).expanduser()
    if not (path / CARD).is_file():
        what = f"holds no {CARD}" if path.is_dir() else "is no folder"
        raise PackError(f"'{path}' {what}; right is the folder of a model pack")
    return path


def _by_id(name: str) -> Path:
    found = [path for path in _find() if path.name == name]
    if len(found) > 1:
        places = ", ".join(str(path.parent) for path in found)
        raise PackError(
            f"pack '{name}' is there {len(found)} times, in {places}; name the one you mean by its path"
        )
    if found:
        return found[0]
    known = [path.name for path in _find()]
    here = f"; for the folder here write .{os.sep}{name}" if Path(name, CARD).is_file() else ""
    listed = ", ".join(known) or f"none (packs are looked for in {', '.join(map(str, pack_folders()))})"
    raise PackError(f"unknown pack '{name}'{nearest(name, known)}; there are: {listed}{here}")


def _find() -> list[Path]:
    """Return the folders of all packs: a listed folder is a pack itself, or holds packs."""
    found: list[Path] = []
    for folder in pack_folders():
        if (folder / CARD).is_file():
            found.append(folder.resolve())
        elif folder.is_dir():
            found += sorted(path for path in folder.iterdir() if (path / CARD).is_file())
    return list(dict.fromkeys(found))


def _describe(path: Path) -> PackInfo:
    """Return what the card and ``network_info.json`` say, or why they cannot be read."""
    report = Report()
    empty = PackInfo(path.name, path, "", "", "damaged", sum(_sizes(path)))
    try:
        folder = PackFolder(path, path.resolve().is_relative_to(_shipped().resolve()))
        card = read_json(folder, CARD, CARD, "", report)
        info = read_json(folder, card.path("networkInfoPath"), CARD, "networkInfoPath", report)
        kind = card_kind(card)
        if kind == "emotion":
            return replace(empty, kind=kind)
        identity = info.child("id")
        kind = identity.text("type")
        actor, version = identity.text("actor", ""), identity.text("version", "")
        identity.close()
    except Fault as stop:
        return replace(empty, problem=str(stop.finding or report.errors[0]))
    return replace(empty, actor=actor, version=version, kind=kind)


def _mark(pack: PackInfo, packs: list[PackInfo]) -> PackInfo:
    others = [str(other.path) for other in packs if other.id == pack.id and other.path != pack.path]
    return replace(pack, problem=pack.problem or f"the id is taken twice, also by {', '.join(others)}")


def _sizes(path: Path) -> Iterator[int]:
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                yield entry.stat(follow_symlinks=False).st_size


def _shipped() -> Path:
    return data_dir() / "packs"
