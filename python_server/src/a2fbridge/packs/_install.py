"""Putting packs into the user's own folder: copied or fetched aside, checked wholly, then moved into place at once."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from a2fbridge._errors import PackError
from a2fbridge.packs import _limits as limits
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._pack import CARD
from a2fbridge.packs._registry import user_folder, validate_folder

__all__ = ["add"]

ASIDE: Final = ".fetch"
"""Folder within the user's folder of packs where packs are prepared."""
FILES: Final = 256
"""Most files of a pack."""
PACK_FILES_BYTES: Final = 8 * limits.GIB
"""All files of a pack together: twice NVIDIA's largest, engine and network."""
_NAME: Final = re.compile(r"\w[\w .+-]{0,99}")
_CHUNK: Final = limits.MIB

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


def add(path: str | Path, name: str | None = None, on_progress: Progress | None = None) -> Path:
    """Copy a pack into the user's folder and return where it is.

    ``path`` is the folder of a pack (or its ``model.json``), also a folder of a Hugging Face cache, whose links are
    followed into that cache and nowhere else.  The id is ``name``, by default the folder's own.  A pack with errors
    is not added.  Raises PackError.
    """
    source = Path(path).expanduser()
    source = (source.parent if source.name == CARD else source).absolute()
    if not (source / CARD).is_file():
        what = f"holds no {CARD}" if source.is_dir() else "is no folder"
        raise PackError(f"'{path}' {what}; right is the folder of a model pack")
    target = target_of(name or _own_name(source))
    if target.exists():
        raise PackError(f"there is a pack '{target.name}' in {target}; remove it first, or give another name")
    files = list(_walk(source))
    total = sum(size for _, size in files)
    check_size(len(files), total, str(source))
    aside = target.parent / ASIDE
    aside.mkdir(parents=True, exist_ok=True)
    check_space(aside, total)
    with tempfile.TemporaryDirectory(prefix="add-", dir=aside) as folder:
        stage = Path(folder, target.name)
        _copy(source, stage, files, total, on_progress or (lambda done, all_: None))
        return settle(stage, target)


def target_of(name: str) -> Path:
    """Return the folder of a pack to be; raises PackError for a name that cannot be an id."""
    if not _NAME.fullmatch(name):
        raise PackError(f"'{name[:100]}' cannot be a pack's id; right are letters, digits, space and . _ + -")
    return user_folder() / name


def check_size(files: int, size: int, where: str) -> None:
    """Raise PackError for more than a pack may hold."""
    if files > FILES or size > PACK_FILES_BYTES:
        right = f"at most {FILES} files of {PACK_FILES_BYTES >> 30} GiB together"
        raise PackError(f"{where}: {files} files of {size} bytes; right is {right}")


def check_space(folder: Path, size: int) -> None:
    """Raise PackError when ``size`` bytes do not fit on the disk of a folder."""
    free = shutil.disk_usage(folder).free
    if free < size + 16 * limits.MIB:
        raise PackError(f"{folder}: {size / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free")


def settle(stage: Path, target: Path) -> Path:
    """Check a prepared folder and move it into place, replacing what was there; raises PackError."""
    errors = [finding for finding in validate_folder(PackFolder(stage)) if finding.severity == "error"]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise PackError(f"pack '{target.name}' is not sound and was not added: {errors[0]}{more}")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        with tempfile.TemporaryDirectory(prefix="old-", dir=stage.parent) as old:
            target.rename(Path(old, target.name))
            stage.rename(target)
    else:
        stage.rename(target)
    return target


def _own_name(source: Path) -> str:
    """Return a folder's name; that of the repository for a revision within a Hugging Face cache."""
    if source.parent.name == "snapshots" and source.parent.parent.name.startswith("models--"):
        return source.parent.parent.name.rsplit("--", 1)[1]
    return source.name


def _walk(source: Path) -> Iterator[tuple[Path, int]]:
    """Yield (path below the folder, bytes) of every file; hidden ones are left out.  Raises PackError."""
    roots = [source.resolve()]
    if source.parent.name == "snapshots":
        roots.append((source.parent.parent / "blobs").resolve())
    for folder, names, files in os.walk(source):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith("."):
                continue
            real = path.resolve()
            if not any(real.is_relative_to(root) for root in roots):
                raise PackError(f"{path} is a link to {real}; right are files within the pack")
            status = real.stat()
            if not stat.S_ISREG(status.st_mode):
                raise PackError(f"{path} is no plain file")
            yield path.relative_to(source), status.st_size


def _copy(source: Path, stage: Path, files: list[tuple[Path, int]], total: int, progress: Progress) -> None:
    done = 0
    for name, size in files:
        target = stage / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with (source / name).open("rb") as old, target.open("wb") as new:
            left = size
            while left and (chunk := old.read(min(_CHUNK, left))):
                new.write(chunk)
                left -= len(chunk)
                progress(done + size - left, total)
        done += size
