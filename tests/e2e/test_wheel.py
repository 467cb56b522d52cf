"""The wheel and the source archive hold everything that a user needs."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKED = [
    "a2fbridge/_proto/nvidia_ace/controller/v1_pb2.py",
    "a2fbridge/data/head/head.glb",
    "a2fbridge/data/mappings/metahuman/mh4.yaml",
    "a2fbridge/data/packs/builtin/network.onnx",
    "a2fbridge/data/samples/hello.wav",
    "a2fbridge/py.typed",
]


@pytest.mark.long
def test_a_wheel_from_the_source_archive_works_alone(tmp_path: Path) -> None:
    def run(*command: object) -> str:
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(sys.executable, "-m", "pip", "install", "--quiet", "--target", tmp_path / "tools", "build")
    build = f"import sys; sys.path.insert(0, {str(tmp_path / 'tools')!r}); from build.__main__ import main; "
    run(sys.executable, "-c", build + f"main(['--outdir', {str(tmp_path / 'dist')!r}, {str(ROOT)!r}])")
    (archive,) = (tmp_path / "dist").glob("*.tar.gz")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with tarfile.open(archive) as packed:
        assert any(name.endswith("/proto/nvidia_ace.controller.v1.proto") for name in packed.getnames())
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    assert set(PACKED) <= names
    run(sys.executable, "-m", "venv", tmp_path / "alone")
    python = tmp_path / "alone" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    run(python, "-m", "pip", "install", "--quiet", wheel)
    assert "all links hold" in run(python, "-m", "a2fbridge", "doctor")
