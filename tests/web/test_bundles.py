"""The built files that ship are what the sources give, and carry their notices."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from a2fbridge._resources import data_dir

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "python_server" / "web"
SHIPPED = data_dir() / "web"


@pytest.fixture(scope="module")
def toolchain() -> Path:
    """The pinned toolchain, installed where it is missing."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    if not (SOURCES / "node_modules").is_dir():
        install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(install, cwd=SOURCES, capture_output=True, text=True, timeout=150)
        if done.returncode:
            pytest.skip(f"the toolchain cannot be installed: {done.stderr[-300:]}")
    return SOURCES


def run(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stdout + done.stderr


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_rebuilding_gives_what_ships(toolchain: Path, tmp_path: Path) -> None:
    run("node", "build.mjs", tmp_path)
    built, shipped = files(tmp_path), files(SHIPPED)
    assert sorted(built) == sorted(shipped)
    stale = [name for name in built if built[name] != shipped[name]]
    assert not stale, f"{stale} are not what the sources give; run `npm run build` in {SOURCES}"


def test_the_sources_are_well_typed(toolchain: Path) -> None:
    run("npm", "run", "-s", "check")


def test_the_bundle_carries_its_notice() -> None:
    text = (SHIPPED / "player.js").read_text(encoding="utf-8")
    assert text.startswith("/*!")
    notice = text[: text.index("*/")]
    assert "three.js authors" in notice
    assert "Permission is hereby granted" in notice
