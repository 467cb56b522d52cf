"""Fetching NVIDIA's packs from the Hugging Face hub: resumed, checked by checksum, licence accepted by word.

The token for packs behind a gate comes from the environment (``HF_TOKEN``) or from ``hf auth login``; it is
huggingface_hub's to read and never shown.  Without a network, what is installed or in the hub's own cache serves.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from a2fbridge._errors import PackError, nearest
from a2fbridge.packs import _limits as limits
from a2fbridge.packs._install import (
    ASIDE,
    Progress,
    add,
    check_size,
    check_space,
    settle,
    target_of,
)

__all__ = ["KNOWN_PACKS", "fetch"]

KNOWN_PACKS: Final = (
    "nvidia/Audio2Face-3D-v2.3-Mark",
    "nvidia/Audio2Face-3D-v2.3.1-Claire",
    "nvidia/Audio2Face-3D-v2.3.1-James",
    "nvidia/Audio2Face-3D-v3.0",
    "nvidia/Audio2Emotion-v2.2",
    "nvidia/Audio2Emotion-v3.0",
)
RECORD: Final = "fetched.json"
"""Where a pack came from: repository, revision, licence and every file's checksum."""
_LICENCE_FILES: Final = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENSE.pdf")
_SHOWN_LICENCE: Final = 256 * limits.KIB
_UNWANTED: Final = (".gitattributes", ".png", ".jpg", ".jpeg", ".gif", ".mp4", ".webp", ".pdf")
_EXTRA: Final = "pip install 'a2fbridge[hub]'"

Message = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    digest: str
    """sha256 of large files, git's sha1 of others."""

    def matches(self, path: Path) -> bool:
        """Read a file and compare size and checksum."""
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        git = len(self.digest) == 40
        found = hashlib.sha1(f"blob {self.size}\0".encode()) if git else hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(limits.MIB):
                found.update(chunk)
        return found.hexdigest() == self.digest


@dataclass(frozen=True, slots=True)
class _Listing:
    """One revision of a repository."""

    repo: str
    revision: str
    licence: str
    files: tuple[_File, ...]


def fetch(
    repo: str,
    *,
    accept_licence: bool = False,
    revision: str = "main",
    on_message: Message | None = None,
    on_progress: Progress | None = None,
) -> Path:
    """Fetch a pack from the Hugging Face hub into the user's folder and return where it is.

    ``repo`` is ``owner/name`` (``nvidia/`` may be left out).  Without ``accept_licence`` the licence is told in the
    PackError.  What was fetched before is not fetched again; a broken download goes on where it stopped.  The id is
    the repository's name.  Raises PackError.
    """
    repo = _full_name(repo)
    say = on_message or (lambda text: None)
    target = target_of(repo.partition("/")[2])
    hub = _hub()
    try:
        listing = _list(hub, repo, revision)
    except _Unreachable as error:
        return _without_network(hub, repo, target, accept_licence, say, error)
    if _is_installed(target, listing):
        say(f"{repo} is up to date: revision {listing.revision[:12]}, all checksums right")
        return target
    _check_target(target, repo)
    aside = target.parent / ASIDE
    stage = aside / f"{target.name}@{listing.revision[:12]}" / target.name
    if not accept_licence:
        raise PackError(_licence_text(hub, listing, stage))
    _download(hub, listing, stage, say, on_progress or (lambda done, total: None))
    record = {"repo": repo, "revision": listing.revision, "licence": listing.licence}
    record["files"] = {file.name: file.digest for file in listing.files}  # type: ignore[assignment]
    (stage / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
    settle(stage, target)
    for old in aside.glob(f"{target.name}@*"):
        shutil.rmtree(old, ignore_errors=True)
    return target


class _Unreachable(Exception):
    """There is no way to the hub."""


def _full_name(repo: str) -> str:
    """Return ``owner/name``; raises PackError."""
    full = repo if "/" in repo else f"nvidia/{repo}"
    by_lower = {name.lower(): name for name in KNOWN_PACKS}
    full = by_lower.get(full.lower(), full)
    owner, _, name = full.partition("/")
    if not owner or not name or "/" in name or any(c not in _REPO_LETTERS for c in full):
        raise PackError(f"'{repo}' is no repository; right is OWNER/NAME: {', '.join(KNOWN_PACKS)}")
    return full


_REPO_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./")


def _hub() -> Any:
    try:
        import huggingface_hub
    except ImportError:
        raise PackError(
            f"packs are fetched by huggingface_hub, which is not installed; right: {_EXTRA}"
        ) from None
    return huggingface_hub


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT") or None


def _list(hub: Any, repo: str, revision: str) -> _Listing:
    """Ask for the files of a revision; raises PackError, _Unreachable."""
    api = hub.HfApi(endpoint=_endpoint())
    info = _ask(hub, repo, lambda: api.model_info(repo, revision=revision, files_metadata=True, timeout=20))
    files = []
    for entry in info.siblings or ():
        digest = entry.lfs.sha256 if entry.lfs else entry.blob_id
        if not _is_safe(entry.rfilename) or entry.size is None or not digest:
            raise PackError(f"{repo}: the hub lists '{entry.rfilename[:100]}', which is no file of a pack")
        if entry.rfilename.lower().endswith(_UNWANTED) or entry.rfilename.startswith("."):
            continue
        files.append(_File(entry.rfilename, entry.size, digest))
    check_size(len(files), sum(file.size for file in files), repo)
    if not any(file.name == "model.json" for file in files):
        raise PackError(f"{repo} holds no model.json; right are {', '.join(KNOWN_PACKS)}")
    return _Listing(repo, info.sha, _licence_of(info), tuple(files))


def _ask(hub: Any, repo: str, call: Callable[[], Any]) -> Any:
    """Call the hub and say in our words what went wrong; raises PackError, _Unreachable."""
    errors = hub.errors
    try:
        return call()
    except errors.GatedRepoError:
        url = f"https://huggingface.co/{repo}"
        raise PackError(
            f"{repo} is behind a gate: accept its terms with your account at {url}, make an access token and put it "
            "into the variable HF_TOKEN"
        ) from None
    except errors.RevisionNotFoundError:
        raise PackError(f"{repo} has no such revision; right is main, a tag or a commit") from None
    except errors.RepositoryNotFoundError:
        near = nearest(repo, KNOWN_PACKS)
        raise PackError(
            f"the hub knows no '{repo}'{near}, or it needs a token in HF_TOKEN: {', '.join(KNOWN_PACKS)}"
        ) from None
    except errors.HfHubHTTPError as error:
        status = getattr(error.response, "status_code", 0)
        if status == 401 or status == 403:
            raise PackError(f"the hub refuses {repo} ({status}): is the token in HF_TOKEN right?") from None
        raise _Unreachable(f"the hub answers {status}") from None
    except (
        Exception
    ) as error:  # transport errors are the HTTP library's own, which huggingface_hub may change
        if isinstance(error, OSError) or type(error).__module__.partition(".")[0].startswith("httpx"):
            raise _Unreachable(_first_line(error)) from None
        raise


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _is_safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and not set(name) & set("\\:\0")


def _licence_of(info: Any) -> str:
    card = info.card_data or {}
    name = card.get("license_name") or card.get("license") or "unknown"
    link = card.get("license_link") or f"https://huggingface.co/{info.id}"
    return _printable(f"{name} ({link})")


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable() or c == "\n")


def _licence_text(hub: Any, listing: _Listing, stage: Path) -> str:
    """Return the licence, and how it is accepted."""
    text = ""
    for file in listing.files:
        if file.name in _LICENCE_FILES and file.size <= _SHOWN_LICENCE:
            _download_file(hub, listing, file, stage, lambda size: None)
            text = "\n" + _printable((stage / file.name).read_text("utf-8", "replace"))
            break
    accept = "read it and, if you agree, say so: --accept-licence"
    return f"{listing.repo} comes under the licence {listing.licence}; {accept}{text}"


def _is_installed(target: Path, listing: _Listing) -> bool:
    return _record(target).get("revision") == listing.revision and all(
        file.matches(target / file.name) for file in listing.files
    )


def _record(target: Path) -> dict[str, Any]:
    try:
        found = json.loads((target / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _check_target(target: Path, repo: str) -> None:
    if target.exists() and _record(target).get("repo") != repo:
        raise PackError(f"{target} is there and was not fetched from {repo}; remove or rename it first")


def _download(hub: Any, listing: _Listing, stage: Path, say: Message, progress: Progress) -> None:
    total = sum(file.size for file in listing.files)
    done = sum(_there(stage, file) for file in listing.files)
    stage.mkdir(parents=True, exist_ok=True)
    check_space(stage, total - done)
    again = f", {done / 1e6:.1f} MB of them already here" if done else ""
    say(f"{listing.repo}: {len(listing.files)} files, {total / 1e6:.1f} MB{again}; licence {listing.licence}")

    def more(size: int) -> None:
        nonlocal done
        done += size
        progress(done, total)

    for file in listing.files:
        _download_file(hub, listing, file, stage, more)


def _there(stage: Path, file: _File) -> int:
    """Return how many bytes of a file were fetched before."""
    for path in (stage / file.name, _part(stage, file)):
        if path.is_file():
            return min(path.stat().st_size, file.size)
    return 0


def _part(stage: Path, file: _File) -> Path:
    return stage.parent / f"{file.name.replace('/', '__')}.part"


def _download_file(
    hub: Any, listing: _Listing, file: _File, stage: Path, more: Callable[[int], None]
) -> None:
    """Fetch a file, or what is missing of it, and check it; raises PackError."""
    target, part = stage / file.name, _part(stage, file)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    resume = part.stat().st_size if part.exists() else 0
    if resume > file.size:
        resume = 0
        part.unlink()
    url = hub.hf_hub_url(listing.repo, file.name, revision=listing.revision, endpoint=_endpoint())
    try:
        with part.open("ab") as stream:
            _ask(hub, listing.repo, lambda: _get(hub, url, stream, resume, file, more))
    except _Unreachable as error:
        raise PackError(
            f"{listing.repo}: {file.name} stopped after {part.stat().st_size} of {file.size} bytes ({error}); "
            "run the command again to go on from there"
        ) from None
    if not file.matches(part):
        size = part.stat().st_size
        part.unlink()
        raise PackError(
            f"{listing.repo}: {file.name} arrived damaged ({size} bytes, wrong checksum); try again"
        )
    part.rename(target)


def _get(hub: Any, url: str, stream: Any, resume: int, file: _File, more: Callable[[int], None]) -> None:
    from huggingface_hub.file_download import http_get

    bar: Any = _Bar(more)
    http_get(
        url,
        stream,
        resume_size=resume,
        headers=hub.utils.build_hf_headers(library_name="a2fbridge"),
        expected_size=file.size,
        displayed_filename=file.name,
        _tqdm_bar=bar,
    )


class _Bar:
    """What huggingface_hub takes for its progress bar."""

    def __init__(self, more: Callable[[int], None]) -> None:
        self._more = more

    def update(self, size: float = 1) -> None:
        self._more(int(size))

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *exc: object) -> None:
        return None


def _without_network(
    hub: Any, repo: str, target: Path, accepted: bool, say: Message, error: _Unreachable
) -> Path:
    """Return what is there: the installed pack, or one from the hub's own cache; raises PackError."""
    record = _record(target)
    if record.get("repo") == repo:
        say(f"no way to the hub ({error}); {repo} is here in revision {str(record.get('revision'))[:12]}")
        return target
    try:
        cached = hub.snapshot_download(repo, local_files_only=True)
    except Exception:  # not there, in whichever way
        raise PackError(
            f"no way to the hub ({error}), and {repo} is neither installed nor in the hub's cache. Is there a "
            f"network? On a machine without one: fetch the folder elsewhere, then a2fbridge packs add FOLDER"
        ) from None
    if not accepted:
        raise PackError(f"{repo} is in the hub's cache; accept its licence to install it: --accept-licence")
    say(f"no way to the hub ({error}); {repo} is taken from the hub's cache")
    return add(cached, target.name)
