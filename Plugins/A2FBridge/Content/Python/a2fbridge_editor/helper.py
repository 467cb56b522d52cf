"""The process that gives single frames to the editor: ``a2fbridge studio`` of the local environment, on loopback.

It works for the connection that a bake would use: it passes the frames of a remote server's authoring service on, or
has an engine of its own.  So the editor needs no gRPC, and what an edit does not touch is not computed again.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import unreal
from a2fbridge_editor.errors import BakeError

_ANSWER_SECONDS = 60.0


class Helper:
    """A running process; ``close`` ends it, and it ends with the editor."""

    def __init__(self, connection: str) -> None:
        """Start for a named connection; raises BakeError."""
        self._folder = Path(tempfile.mkdtemp(prefix="a2fbridge-"))
        self._lines: list[str] = []
        self._address = ""
        self._settled = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        try:
            self._process = self._started(connection)
            self._url, self._token = self._running()
        except BaseException:
            self.close()
            raise
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)  # the tokens were read
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def close(self) -> None:
        """End the process.  Twice is harmless."""
        process: subprocess.Popen[str] | None = getattr(self, "_process", None)
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout and not process.stdout.closed:
            self._reader.join(5)
            process.stdout.close()

    def upload(self, path: Path) -> str:
        """Bring a sound; returns its id.  Raises BakeError."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BakeError(f"{path}: cannot be read: {error}") from None
        return str(self._ask("/api/clips?name=sound", content)["clip"])

    def pose(self, clip: str, seconds: float, settings: Mapping[str, Any]) -> tuple[list[str], list[float]]:
        """Return names and weights of the face at a time, in NVIDIA's convention.  Raises BakeError."""
        answer = self._ask(f"/api/clips/{clip}/pose?time={seconds!r}", json.dumps(settings).encode())
        return answer["names"], answer["weights"]

    def _ask(self, path: str, body: bytes) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/octet-stream"}
        request = urllib.request.Request(self._url + path, body, headers)
        try:
            with self._open(request, timeout=_ANSWER_SECONDS) as response:
                answer: dict[str, Any] = json.load(response)
                return answer
        except urllib.error.HTTPError as error:
            raise BakeError(_reason(error)) from None
        except (OSError, ValueError) as error:
            raise BakeError(f"the preview's process does not answer: {error}") from None

    def _started(self, connection: str) -> subprocess.Popen[str]:
        python = environment_python()
        token = self._secret("page", os.urandom(24).hex())
        command = [
            str(python),
            "-m",
            "a2fbridge",
            "studio",
            "--port",
            "0",
            "--json",
            "--page-token-file",
            token,
        ]
        command += ["--with-parent", str(os.getpid()), *self._arguments(connection)]
        hidden: dict[str, Any] = {"creationflags": 0x08000000} if sys.platform == "win32" else {}
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                **hidden,
            )
        except OSError as error:
            raise BakeError(f"{python} cannot be started: {error}") from None

    def _running(self) -> tuple[str, str]:
        """Wait for the process to say where it is; returns address and token."""
        self._reader.start()
        self._settled.wait(_settings().local_start_timeout or 60.0)
        if not self._address:
            last = self._lines[-1] if self._lines else "it said nothing in time"
            raise BakeError(f"the preview's process did not start: {last}")
        url, _, token = self._address.partition("/#token=")
        return url, token

    def _read(self) -> None:
        """Read all that the process says, so that it is never stopped by a full pipe."""
        for line in self._process.stdout or ():
            said = _event(line)
            if said.get("event") == "running":
                self._address = str(said["url"])
                self._settled.set()
            self._lines = [*self._lines[-20:], str(said.get("message") or line.strip())]
        self._settled.set()

    def _arguments(self, name: str) -> list[str]:
        """Return how the process reaches the connection's server, or is one itself."""
        connection = unreal.A2FBridgeLibrary.get_connection(name)
        if connection is None:
            raise BakeError(f"there is no connection '{name}'; see Project Settings > Plugins > A2FBridge")
        provider = connection.provider
        if provider == unreal.A2FBridgeProvider.LOCAL:
            running = unreal.A2FBridgeLibrary.get_connection_status(name).target
            return ["--server", running] if running else shlex.split(_settings().local_arguments or "")
        if provider != unreal.A2FBridgeProvider.REMOTE:
            raise BakeError(f"connection '{name}' has no single frames; choose a server or Local")
        return self._remote(name, connection)

    def _remote(self, name: str, connection: unreal.A2FBridgeConnection) -> list[str]:
        target = str(connection.target)
        secure = bool(connection.use_tls) or target.startswith("https://")
        arguments = ["--server", target.removeprefix("https://").rstrip("/")]
        if connection.server_name:
            raise BakeError(
                f"connection '{name}' expects another name in the certificate; the preview cannot"
            )
        files = {
            "--tls-ca": connection.root_certificate_file,
            "--tls-cert": connection.client_certificate_file,
            "--tls-key": connection.client_key_file,
        }
        given = [part for option, file in files.items() if file for part in (option, in_project(file))]
        arguments += given if given and secure else ["--tls"] if secure else []
        metadata = dict(connection.metadata or {})
        if connection.nvcf_function_id:
            metadata["function-id"] = connection.nvcf_function_id
        if connection.nvcf_function_version:
            metadata["function-version-id"] = connection.nvcf_function_version
        for key, value in metadata.items():
            arguments += ["--metadata", f"{key}={value}"]
        user = unreal.get_default_object(unreal.A2FBridgeUserSettings)
        tokens = user.get_editor_property("tokens") or {}
        token = tokens.get(name) or os.environ.get(str(connection.token_variable or ""), "")
        return arguments + (["--token-file", self._secret("server", str(token))] if token else [])

    def _secret(self, name: str, text: str) -> str:
        """Write a file that only this user may read; returns its path."""
        path = self._folder / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        return str(path)


def environment_python() -> Path:
    """Return the Python of the local environment; raises BakeError when there is none."""
    folder = Path(in_project(_settings().local_environment or "Saved/A2FBridge/Environment"))
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python3")
    if not python.is_file():
        raise BakeError(
            f"there is no Python environment in {folder}; make it with Tools > A2FBridge > Set Up Local Server "
            "(the preview needs it for remote servers too)"
        )
    return python


def in_project(path: str) -> str:
    """Return a path of the settings, which may be relative to the project, in full."""
    if Path(path).is_absolute():
        return path
    return str(unreal.Paths.convert_relative_path_to_full(unreal.Paths.project_dir() + path))


def _settings() -> unreal.A2FBridgeSettings:
    settings: unreal.A2FBridgeSettings = unreal.get_default_object(unreal.A2FBridgeSettings)
    return settings


def _event(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"the preview's process answered {error.code}"
