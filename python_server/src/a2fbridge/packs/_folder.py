"""The pack's folder: the only way to its files, and the guard that nothing outside is reached.

A path is contained when no part of it is ``..``, a symbolic link or anything but a folder, and when it ends
in a plain file with one name: a second name (hard link) may belong to a file outside.  Packs that ship with
the package are exempt from that last rule, because installers such as uv hard-link every file they install.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from a2fbridge.packs import _limits as limits
from a2fbridge.packs._findings import fault, shorten

__all__: list[str] = []


class PackFolder:
    """Opens files within ``root`` (canonical), and keeps count of the memory their arrays take."""

    def __init__(self, root: Path, shipped: bool = False) -> None:
        self.root = root.resolve()
        self._shipped = shipped
        self._spent = 0

    def locate(self, name: str, source: str, key: str, limit: int) -> Path:
        """Return the path of a contained plain file of at most ``limit`` bytes.

        ``source`` and ``key`` say who named it; raises Fault.
        """
        path = self.root
        for part in self._parts(name, source, key):
            path /= part
            status = _status(path, source, key)
            if _is_link(path, status):
                hint = "(a download cache? copy the folder with its links resolved: cp -rL)"
                raise fault(
                    source,
                    key,
                    f"a file within the pack folder {hint}",
                    f"{shorten(name)} is a symbolic link",
                )
        self._check_plain(status, name, source, key)
        if status.st_size > limit:
            raise fault(name, "", f"at most {limit} bytes", f"the file has {status.st_size} bytes")
        return path

    def open(self, name: str, source: str, key: str, limit: int) -> BinaryIO:
        """Open a contained file for reading; raises Fault."""
        path = self.locate(name, source, key, limit)
        try:
            return path.open("rb")
        except OSError as error:
            raise fault(name, "", "a readable file", f"cannot be opened: {error.strerror}") from None

    def spend(self, size: int, file: str, key: str) -> None:
        """Count ``size`` bytes of arrays about to be allocated; raises Fault above the limit of a pack."""
        self._spent += size
        if self._spent > limits.PACK_BYTES:
            expected = f"at most {limits.PACK_BYTES} bytes of arrays in a pack"
            raise fault(file, key, expected, f"{self._spent} bytes with this one")

    def _parts(self, name: str, source: str, key: str) -> tuple[str, ...]:
        """Return the parts of a path below the root; absolute paths must lie there literally."""
        refused = fault(source, key, "a path within the pack folder", f"{shorten(name)} leads out of it")
        if "\0" in name or not name:
            raise fault(source, key, "the path of a file", shorten(name))
        if Path(name).is_absolute() or PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive:
            try:
                relative = Path(name).relative_to(self.root)
            except ValueError:
                raise refused from None
        else:
            relative = Path(name.replace("\\", "/"))
        if ".." in relative.parts:
            raise refused
        if not relative.parts:
            raise fault(source, key, "the path of a file", f"{shorten(name)} is the folder itself")
        return relative.parts

    def _check_plain(self, status: os.stat_result, name: str, source: str, key: str) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise fault(source, key, "a plain file", f"{shorten(name)} is a folder or a device")
        if status.st_nlink > 1 and not self._shipped:
            expected = "a file with one name (copy the pack folder to break hard links)"
            raise fault(
                source,
                key,
                expected,
                f"{shorten(name)} has {status.st_nlink} names: hard links lead out of a pack",
            )


def _status(path: Path, source: str, key: str) -> os.stat_result:
    try:
        return path.lstat()
    except (OSError, ValueError):
        raise fault(
            source, key, "a file that is there", f"{shorten(path.name)} is missing from {path.parent}"
        ) from None


def _is_link(path: Path, status: os.stat_result) -> bool:
    """Return whether a part of a path is a symbolic link or a Windows junction."""
    junction = getattr(status, "st_reparse_tag", 0) != 0
    return stat.S_ISLNK(status.st_mode) or junction
