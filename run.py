#!/usr/bin/env python3
"""The project's two commands, for a machine that has only Python 3.11.

    python3 run.py demo            speech in, MetaHuman curves out, on your machine
    python3 run.py test            lint, format, types, layers, all daily tests, and the native side
    python3 run.py test --all      also what is too long for every day

Both keep to a private environment in .venv; delete that folder to start afresh.  Standard library only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
# PyPI's own build brings gigabytes of CUDA on Linux.  The label +cpu is found only where pip is set up with a folder or
# an index that has the CPU build; on other systems PyPI's own is that.
TORCH = "torch==2.13.0" + ("+cpu" if sys.platform == "linux" else "")
PARTS: list[tuple[str, list[str]]] = [
    ("lint", ["-m", "ruff", "check", "."]),
    ("format", ["-m", "ruff", "format", "--check", "."]),
    ("types", ["-m", "mypy"]),
    ("layers", ["-c", "from importlinter.cli import lint_imports_command as c; c()"]),
    ("tests", ["-m", "pytest", "-q", "-rs"]),
    ("native", ["scripts/check_native.py"]),
]
# What `test` leaves out and `test --all` adds.
DAILY = {"tests": ["-m", "not long"]}
ALL = {"native": ["--fuzz", "60", "--full"]}


def main() -> int:
    """Parse the command line and run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="run the main job end to end and show where the results are")
    demo.add_argument(
        "--out", default=str(ROOT / "out" / "demo"), help="folder for the results (default: out/demo)"
    )
    demo.add_argument("audio", nargs="?", help="your own recording (default: the sample that ships)")
    test = commands.add_parser("test", help="run all checks and tests")
    test.add_argument("--all", action="store_true", help="also the long ones")
    test.add_argument("--part", choices=[name for name, _ in PARTS], help="only one part")
    options = parser.parse_args()
    if sys.version_info < (3, 11):  # noqa: UP036 (the one file that older Pythons may meet)
        return _fail(
            f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Run this script with a newer one."
        )
    started = time.monotonic()
    if options.command == "demo":
        _environment("demo", "-e", ".[plot]")
        extra = ["--audio", options.audio] if options.audio else []
        return _call(PYTHON, ROOT / "scripts" / "demo.py", "--out", options.out, *extra)
    _debian_packages()
    _environment("test", "-e", ".[plot]", "--group", "dev")
    _optional_torch()
    _environment_peers()
    return _test(options, started)


def _test(options: argparse.Namespace, started: float) -> int:
    times, failed, tally = [], [], ""
    os.environ["A2FBRIDGE_EXAMPLES"] = "search" if options.all else "daily"
    for name, command in PARTS:
        if options.part not in (None, name):
            continue
        print(f"\n== {name}", flush=True)
        begun = time.monotonic()
        arguments = [*command, *(ALL if options.all else DAILY).get(name, [])]
        code, output = _tee(PYTHON, *arguments)
        times.append((name, time.monotonic() - begun, code))
        if code:
            failed.append(name)
        if name == "tests":
            tally = output
    print("\n== times")
    for name, seconds, code in times:
        print(f"{name:8} {seconds:7.1f} s  {'ok' if code == 0 else 'FAILED'}")
    print(f"{'all':8} {time.monotonic() - started:7.1f} s, set-up included")
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error|errors|skipped)", tally)}
    parts_passed = sum(1 for _, _, code in times if code == 0)
    passed = counts.get("passed", 0) + parts_passed
    bad = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0) + len(failed)
    print(f"{passed} passed, {bad} failed, {counts.get('skipped', 0)} skipped")
    return 1 if failed else 0


# --- environment ---------------------------------------------------------------------------------------------


def _environment(kind: str, *requirements: str) -> None:
    """Make or refresh .venv; a stamp of everything that decides its content makes the second time quick."""
    stamp = VENV / f".stamp-{kind}"
    wanted = _digest(requirements)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not PYTHON.is_file():
        print(f"making a private environment in {VENV} ...", flush=True)
        _make_venv()
    print("installing what A2FBridge needs (once) ...", flush=True)
    _pip("install", "--upgrade", "pip>=25.1")
    _pip("install", *requirements)
    stamp.write_text(wanted)


def _make_venv() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    problem = _try_venv()
    if problem and _is_debian() and _is_root():
        _apt(package)
        problem = _try_venv()
    if problem:
        hint = (
            f"sudo apt-get install {package}"
            if _is_debian()
            else "install Python's venv and ensurepip modules"
        )
        raise SystemExit(_fail(f"Python cannot make a virtual environment here. Right: {hint}\n\n{problem}"))


def _try_venv() -> str:
    """Make the environment; return what went wrong, or nothing."""
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
    return (made.stdout + made.stderr) if made.returncode else ""


def _digest(requirements: tuple[str, ...]) -> str:
    content = hashlib.sha256(" ".join(requirements).encode())
    content.update(sys.version.encode() + str(ROOT).encode())
    for path in [
        ROOT / "pyproject.toml",
        *sorted(ROOT.glob("proto/*.proto")),
        *sorted(ROOT.glob("scripts/*.py")),
    ]:
        content.update(path.read_bytes())
    return content.hexdigest()


def _pip(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments, "--quiet"]
    if subprocess.run(command, cwd=ROOT).returncode:
        raise SystemExit(
            _fail(f"pip failed: {' '.join(command)}. Is there a network, or a proxy that pip should know?")
        )


def _optional_torch() -> None:
    """Install PyTorch's CPU build where pip can find it, for the trainer's tests; they say when it is missing."""
    stamp = VENV / ".stamp-torch"
    if stamp.is_file() and stamp.read_text() == TORCH:
        return
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", TORCH]
    found = subprocess.run([str(PYTHON), "-c", "import torch"], capture_output=True).returncode == 0
    found = found or subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0
    if not found:
        print(
            f"{TORCH} is not to be had here (PyPI's own would bring gigabytes of CUDA): the tests of `train fit` are "
            "skipped until PyTorch's CPU build is installed into .venv by hand"
        )
    stamp.write_text(TORCH)


def _environment_peers() -> None:
    """Install NVIDIA's protocol packages beside, not into, the environment: their module names would clash."""
    pins = ROOT / "tests" / "peers.txt"
    target = VENV / "peers"
    stamp = target / ".stamp"
    if not pins.is_file() or (stamp.is_file() and stamp.read_text() == pins.read_text()):
        return
    _pip("install", "--no-deps", "--upgrade", "--target", str(target), "-r", str(pins))
    stamp.write_text(pins.read_text())


# --- Debian ----------------------------------------------------------------------------------------------------


def _debian_packages() -> None:
    listed = ROOT / "tests" / "debian.txt"
    wanted = listed.read_text().split() if listed.is_file() else []
    if not (wanted and _is_debian()):
        return
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted]
    have = {line.split()[0] for line in _output(*query).splitlines() if line.endswith(" installed")}
    missing = [name for name in wanted if name not in have]
    if missing and _is_root():
        _apt(*missing)
    elif missing:
        print(
            f"not installed: {' '.join(missing)}; tests that need them are skipped (sudo apt-get install ...)"
        )


def _apt(*packages: str) -> None:
    print(f"installing {' '.join(packages)} ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=environment)


def _is_debian() -> bool:
    return shutil.which("apt-get") is not None and shutil.which("dpkg-query") is not None


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


# --- processes --------------------------------------------------------------------------------------------------


def _call(*command: object) -> int:
    return subprocess.run([str(part) for part in command], cwd=ROOT).returncode


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout


def _tee(*command: object) -> tuple[int, str]:
    """Run a command, show its output as it comes, and return exit status and the last of the output."""
    process = subprocess.Popen(
        [str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    tail: list[str] = []
    for line in process.stdout:
        print(line, end="", flush=True)
        tail = [*tail[-3:], line]
    return process.wait(), "".join(tail)


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
