"""A Hugging Face hub on loopback: what huggingface_hub asks for when it lists and fetches a model, and no more."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = 4096
"""Bytes from which a file counts as large and has a sha256."""


@dataclass
class Repo:
    """A repository of the hub."""

    folder: Path
    revision: str = "a" * 40
    gated: bool = False
    token: str = "hf_secret"
    card: dict[str, Any] = field(
        default_factory=lambda: {
            "license": "other",
            "license_name": "nvidia-open-model-license",
            "license_link": "https://example.com/licence",
        }
    )
    cut: dict[str, int] = field(default_factory=dict)
    """File -> bytes after which its next answer breaks off."""
    spoilt: set[str] = field(default_factory=set)
    """Files that arrive with a byte changed."""
    extra: list[dict[str, Any]] = field(default_factory=list)
    """More entries of the listing."""
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """(method, file or "list", Range)"""

    def listing(self) -> dict[str, Any]:
        files = [self._entry(path) for path in sorted(self.folder.rglob("*")) if path.is_file()]
        return {
            "id": "nvidia/x",
            "modelId": "nvidia/x",
            "sha": self.revision,
            "gated": "manual" if self.gated else False,
            "private": False,
            "siblings": files + self.extra,
            "cardData": self.card,
        }

    def _entry(self, path: Path) -> dict[str, Any]:
        data = path.read_bytes()
        entry: dict[str, Any] = {"rfilename": path.relative_to(self.folder).as_posix(), "size": len(data)}
        entry["blobId"] = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        if len(data) >= LARGE:
            entry["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
        return entry


@contextmanager
def hub(**repos: Repo) -> Iterator[str]:
    """Serve repositories ``nvidia/NAME``; yields the address.  ``__`` in a keyword stands for ``-``."""
    known = {f"nvidia/{name.replace('__', '-').replace('_', '.')}": repo for name, repo in repos.items()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"repos": known}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    repos: dict[str, Repo]

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            name, rest = "/".join(parts[2:4]), parts[4:]
        else:
            name, rest = "/".join(parts[:2]), parts[2:]
        repo = self.repos.get(name)
        if repo is None:
            self._error(401, "RepoNotFound")
        elif rest[0] == "revision":
            repo.requests.append((self.command, "list", ""))
            self._list(repo, rest[1])
        elif repo.gated and self.headers.get("Authorization") != f"Bearer {repo.token}":
            self._error(403 if self.headers.get("Authorization") else 401, "GatedRepo")
        else:
            self._file(repo, "/".join(rest[2:]), body)

    def _list(self, repo: Repo, revision: str) -> None:
        if revision not in ("main", repo.revision):
            self._error(404, "RevisionNotFound")
            return
        data = json.dumps(repo.listing()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _file(self, repo: Repo, name: str, body: bool) -> None:
        wanted = self.headers.get("Range", "")
        repo.requests.append((self.command, name, wanted))
        path = repo.folder / name
        if not path.is_file():
            self._error(404, "EntryNotFound")
            return
        data = path.read_bytes()
        if name in repo.spoilt:
            data = bytes([data[0] ^ 1]) + data[1:]
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", repo.revision)
        self.end_headers()
        if body:
            stop = min(start + repo.cut.pop(name), len(data)) if name in repo.cut else len(data)
            self.wfile.write(data[start:stop])
            if stop < len(data):
                self.close_connection = True

    def _error(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()
