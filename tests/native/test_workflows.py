"""The hosted workflows cannot run here; what they name must exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "Plugins/A2FBridge/Source/ThirdParty/A2FBridgeClient"
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))


def load(path: Path) -> dict[Any, Any]:
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_form_of_a_workflow(path):
    workflow = load(path)
    assert set(workflow) <= {
        "name",
        True,
        "permissions",
        "concurrency",
        "env",
        "jobs",
    }  # YAML 1.1 reads `on` as true
    assert workflow["permissions"] == {"contents": "read"}
    jobs = workflow["jobs"]
    for job in jobs.values():
        needs = job.get("needs", [])
        assert set([needs] if isinstance(needs, str) else needs) <= set(jobs)
        for step in job["steps"]:
            assert len({"run", "uses"} & set(step)) == 1
            assert re.fullmatch(r"[\w-]+/[\w.-]+@v\d+", step.get("uses", "a/b@v1"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_scripts_that_a_workflow_runs_are_there(path):
    scripts = re.findall(r"python3? ((?:scripts/)?\w+\.py)", path.read_text())
    assert all((ROOT / script).is_file() for script in scripts), scripts


def test_each_library_has_its_preset_and_triplet():
    presets = {
        preset["name"]: preset
        for preset in json.loads((CLIENT / "CMakePresets.json").read_text())["configurePresets"]
    }
    matrix = load(ROOT / ".github/workflows/release.yml")["jobs"]["library"]["strategy"]["matrix"]["include"]
    assert {row["os"].partition("-")[0] for row in matrix} == {"ubuntu", "windows", "macos"}
    for row in matrix:
        assert presets[row["preset"]]["cacheVariables"]["VCPKG_TARGET_TRIPLET"] == row["triplet"]
        ours = CLIENT / "cmake/triplets" / f"{row['triplet']}.cmake"
        assert ours.is_file() == row["triplet"].endswith("-a2fbridge")


def test_the_manifest_names_the_version_of_the_product():
    version = re.search(r'"([\d.]+)', (ROOT / "python_server/src/a2fbridge/_version.py").read_text())
    assert version
    assert json.loads((CLIENT / "vcpkg.json").read_text())["version-string"] == version[1]
