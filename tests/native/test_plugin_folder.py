"""The plugin as a folder of its own, and the client built from nothing but that folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from native_build import client_library

ROOT = Path(__file__).resolve().parents[2]
CLIENT = "Source/ThirdParty/A2FBridgeClient"


def package(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "scripts/package_plugin.py", *arguments]
    return subprocess.run([*map(str, command)], capture_output=True, text=True)


def test_the_folder_holds_what_the_plugin_needs(tmp_path):
    licences = tmp_path / "share/grpc"
    licences.mkdir(parents=True)
    (licences / "copyright").write_text("gRPC's licence")
    library = tmp_path / "liba2fbridge_client.so"
    library.write_bytes(b"library")
    done = package(tmp_path / "out", "--library", library, "--notices", tmp_path / "share", "--zip")
    assert done.returncode == 0, done.stderr
    plugin = tmp_path / "out/A2FBridge"
    assert (tmp_path / "out/A2FBridge.zip").is_file()
    assert (plugin / "Binaries/ThirdParty/Linux/liba2fbridge_client.so").read_bytes() == b"library"
    assert "gRPC's licence" in (plugin / "NOTICE-ThirdParty.txt").read_text()
    assert (plugin / "LICENSE").is_file()
    assert {path.name for path in (plugin / CLIENT / "proto").iterdir()} == {
        path.name for path in (ROOT / "proto").glob("*.proto")
    }
    assert (plugin / "Mappings/metahuman/mh4.yaml").is_file()
    assert (plugin / "Mappings/profiles/metahuman_mh4.yaml").is_file()
    assert not list(plugin.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--library", "other.so"), "right is a2fbridge_client.dll"),
        (("--library", "a2fbridge_client.so"), "right is a2fbridge_client.dll"),
        (("--library", "liba2fbridge_client.so"), "No such file"),
        (("--notices", "nothing"), "holds no <package>/copyright"),
    ],
)
def test_what_cannot_be_packed_is_refused(tmp_path, arguments, text):
    done = package(tmp_path / "out", *arguments)
    assert done.returncode == 1
    assert text in done.stderr


@pytest.mark.long
@pytest.mark.timeout(1000)
def test_the_client_builds_from_the_folder_alone(tmp_path):
    client_library()  # skips where the tools are missing
    assert package(tmp_path / "away").returncode == 0
    plugin = tmp_path / "away/A2FBridge"
    build = tmp_path / "build"
    launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    configure = [
        "cmake",
        "-S",
        plugin / CLIENT,
        "-B",
        build,
        "-G",
        "Ninja",
        "-DCMAKE_BUILD_TYPE=Debug",
        *launcher,
    ]
    configure += ["-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DA2FBRIDGE_CLIENT_TOOLS=OFF"]
    for command in (
        configure,
        ["cmake", "--build", build, "--target", "a2fbridge_client", "--parallel", "2"],
    ):
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, env=_environment())
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    used = subprocess.run(
        ["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True
    ).stdout
    assert str(plugin) in used
    assert str(ROOT) not in used
    # In a process of its own: two copies on one libprotobuf, as Debian has it, would register their messages twice.
    load = f"import ctypes; assert ctypes.CDLL({str(build / 'liba2fbridge_client.so')!r}).a2fb_get_api"
    assert subprocess.run([sys.executable, "-c", load]).returncode == 0


def _environment() -> dict[str, str]:
    return {**os.environ, "CCACHE_SLOPPINESS": "pch_defines,time_macros"}
