"""The plugin's logic, linked with the core and the engine's stand-in, really runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import ue_compile
from ue_source import ROOT

RUN = Path(__file__).resolve().parent / "run"
GROUPS = sorted(path.stem for path in RUN.glob("*.cpp") if path.stem not in ("Main", "Server", "Crash"))

pytestmark = [
    pytest.mark.skipif("g++" not in ue_compile.compilers(), reason="no g++"),
    pytest.mark.timeout(900),  # the first build of all sources on a busy machine
]


def plugin_folder(folder: Path) -> Path:
    """A plugin folder as a build leaves it: the tables copied to Mappings."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "mappings", folder / "Mappings")
    return folder


@pytest.fixture(scope="session")
def program() -> Path:
    """The tests, compiled with g++ and linked."""
    return ue_compile.build("run", sorted(RUN.glob("*.cpp")))


@pytest.mark.parametrize("group", GROUPS)
def test_group(program: Path, group: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "A2FBRIDGE_TEST_PLUGIN": str(plugin_folder(tmp_path / "plugin")),
        "A2FBRIDGE_TEST_PROJECT": str(tmp_path / "project"),
    }
    done = subprocess.run([str(program), group], capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
