"""The script that sets everything up: what it must never download."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_script", ROOT / "run.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path)
    return module


@pytest.mark.parametrize(("there", "found"), [(True, False), (False, True), (False, False)])
def test_pytorch_is_its_cpu_build_or_missing(
    run: ModuleType,
    there: bool,
    found: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On Linux no name is ever asked for that PyPI would answer with CUDA."""
    asked: list[str] = []

    def process(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        if "pip" not in command:
            return subprocess.CompletedProcess(command, int(not there))
        asked.extend(part for part in command if part.startswith("torch"))
        return subprocess.CompletedProcess(command, int(not found))

    monkeypatch.setattr(run.subprocess, "run", process)
    run._optional_torch()
    run._optional_torch()
    assert len(asked) == (not there)
    assert all(name.endswith("+cpu") for name in asked) or sys.platform != "linux"
    assert ("are skipped" in capsys.readouterr().out) == (not there and not found)
