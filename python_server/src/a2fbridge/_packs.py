"""Packs as users handle them: whether one is sound, also when it runs; fetching and adding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from a2fbridge import packs
from a2fbridge.packs import Finding

__all__ = ["add_pack", "fetch_pack", "validate_pack"]

Progress = Callable[[int, int], None]


def validate_pack(pack: str | Path, *, run: bool = True) -> list[Finding]:
    """Return everything that is wrong or doubtful in a pack, by id or folder.

    ``run``: when its files are sound, run its network on silence too, one row and two.  Raises PackError if there
    is no such pack.
    """
    findings = packs.validate(pack)
    if run and all(finding.severity != "error" for finding in findings):
        from a2fbridge.backends import smoke

        findings = [*findings, *smoke(pack)]
    return findings


def fetch_pack(
    repo: str,
    *,
    accept_licence: bool = False,
    revision: str = "main",
    on_message: Callable[[str], None] | None = None,
    on_progress: Progress | None = None,
) -> Path:
    """Fetch a pack from the Hugging Face hub (extra ``[hub]``) into the user's folder and return where it is.

    ``repo`` is ``owner/name``; ``nvidia/`` may be left out.  Without ``accept_licence`` the PackError tells the
    licence.  ``on_progress(bytes, bytes in all)``.  Raises PackError.
    """
    return packs.fetch(
        repo,
        accept_licence=accept_licence,
        revision=revision,
        on_message=on_message,
        on_progress=on_progress,
    )


def add_pack(path: str | Path, name: str | None = None, *, on_progress: Progress | None = None) -> Path:
    """Copy a pack's folder into the user's folder of packs, checked, and return where it is.

    The id is ``name``, by default the folder's own.  Raises PackError.
    """
    return packs.add(path, name, on_progress)
