#!/usr/bin/env python3
"""Builds and tests the native side: `run.py test --part native`, or by hand with options.

    check_native.py                 builds (g++; clang with sanitizers), tests, fuzzing for a few seconds, format, tidy
    check_native.py --fuzz 3600     longer fuzzing
    check_native.py --full          all checks of clang-tidy; the client under ThreadSanitizer too
    check_native.py --only dev      one step

Where compilers or tools are missing, a step is left out with the reason.  Standard library only.
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
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NATIVE = ROOT / "tests" / "native"
BUILD = ROOT / "build" / "native"
CORE = ROOT / "Plugins" / "A2FBridge" / "Source" / "A2FBridgeCore"
CLIENT = ROOT / "Plugins" / "A2FBridge" / "Source" / "ThirdParty" / "A2FBridgeClient"
CORE_TESTS = (NATIVE / "core", NATIVE / "fuzz", ROOT / "tests" / "bench")
CLIENT_SOURCES = (CLIENT / "src", CLIENT / "tools", CLIENT / "include")
FORMATTED = (CORE / "Public", CORE / "Private", *CORE_TESTS, *CLIENT_SOURCES, NATIVE / "client")
WITH_GRPC = ("Call.cpp", "Connection.cpp", "Wire.cpp")  # half a minute each in clang-tidy
JOBS = str(min(os.cpu_count() or 1, 4))
QUICK_CHECKS = (
    "-*,bugprone-*,performance-*,"
    "-bugprone-easily-swappable-parameters,-performance-inefficient-string-concatenation"
)
FUZZERS = ("table", "recording", "wav")


def main() -> int:
    """Run the steps; return 1 if one failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=list(STEPS), help="one step")
    parser.add_argument("--fuzz", type=int, default=10, metavar="SECONDS", help="time for each fuzz target")
    parser.add_argument(
        "--full",
        action="store_true",
        help="also what is slow: all checks of .clang-tidy, the client under TSan",
    )
    options = parser.parse_args()
    failed = []
    for name, (tools, step) in STEPS.items():
        if options.only != name if options.only else name in SLOW and not options.full:
            continue
        missing = [tool for tool in tools if not _is_there(tool)]
        if missing:
            print(f"native {name}: skipped, not installed: {' '.join(missing)}", flush=True)
            continue
        begun = time.monotonic()
        good = step(options)
        print(f"native {name}: {'ok' if good else 'FAILED'} in {time.monotonic() - begun:.1f} s", flush=True)
        if not good:
            failed.append(name)
    return 1 if failed else 0


def _is_there(tool: str) -> bool:
    return Path(tool).is_file() if tool.startswith("/") else shutil.which(tool) is not None


def _preset(preset: str, *targets: str) -> bool:
    """Configure, build and test one preset of tests/native/CMakePresets.json."""
    build = ["cmake", "--build", "--preset", preset, "--", f"-j{JOBS}", *targets]
    for command in (["cmake", "--preset", preset], build, ["ctest", "--preset", preset]):
        done = subprocess.run(command, cwd=NATIVE, capture_output=True, text=True)
        if done.returncode:
            print((done.stdout + done.stderr)[-12000:], flush=True)
            return False
    return True


def _dev(_: argparse.Namespace) -> bool:
    return _preset("dev")


def _asan(_: argparse.Namespace) -> bool:
    return _preset("asan")


def _tsan(_: argparse.Namespace) -> bool:
    return _preset("tsan")


def _tsan_client(_: argparse.Namespace) -> bool:
    return _preset("tsan-client", "client_tests")


def _fuzz(options: argparse.Namespace) -> bool:
    """Run the fuzz targets side by side from the committed vectors; what they find stays in build/native/fuzz."""
    running = [(name, _start_fuzzer(name, options.fuzz)) for name in FUZZERS]
    good = True
    for name, process in running:
        output = process.communicate()[0]
        runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
        print(f"fuzz {name}: {runs[1] if runs else '?'} executions in {options.fuzz} s", flush=True)
        if process.returncode:
            print(output[-6000:], flush=True)
            good = False
    return good


def _start_fuzzer(name: str, seconds: int) -> subprocess.Popen[str]:
    work = BUILD / "fuzz" / name
    work.mkdir(parents=True, exist_ok=True)
    seeds = _seeds(name, work.parent / f"{name}_seeds")
    command = [
        str(BUILD / "asan" / "fuzz" / f"fuzz_{name}"),
        f"-max_total_time={seconds}",
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-max_len=65536",
        "-print_final_stats=1",
        f"-artifact_prefix={work}/",
        str(work),
        str(seeds),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _seeds(name: str, folder: Path) -> Path:
    """Collect the inputs that the project has for a target."""
    folder.mkdir(parents=True, exist_ok=True)
    vectors = ROOT / "tests" / "vectors"
    sources = {
        "table": [*vectors.glob("mapping/*.yaml"), *(ROOT / "mappings").glob("*/*.yaml")],
        "recording": list(vectors.glob("recordings/*.a2frec")),
        "wav": [],
    }
    for source in sources[name]:
        shutil.copyfile(source, folder / source.name)
    if name == "wav":
        sample = ROOT / "python_server" / "src" / "a2fbridge" / "data" / "samples" / "hello.wav"
        (folder / "hello.wav").write_bytes(sample.read_bytes()[:2000])
    return folder


def _format(_: argparse.Namespace) -> bool:
    files = [str(path) for path in _sources(*FORMATTED)]
    return subprocess.run(["clang-format-14", "--dry-run", "-Werror", *files], cwd=ROOT).returncode == 0


def _tidy(options: argparse.Namespace) -> bool:
    """Run clang-tidy over core and client, by the commands of the clang build; files that passed are left out."""
    database = BUILD / "asan"
    if not (database / "compile_commands.json").is_file() and not _asan(options):
        return False
    command = ["clang-tidy-14", "--quiet", "-p", str(database)]
    command += [] if options.full else [f"--checks={QUICK_CHECKS}"]
    stamps = BUILD / "tidy"
    stamps.mkdir(parents=True, exist_ok=True)
    headers = [path for path in _sources(CORE, *CLIENT_SOURCES) if path.suffix != ".cpp"]
    listed = (database / "compile_commands.json").read_text()
    todo = [
        (path, stamps / _digest(command, path, ROOT / ".clang-tidy", *headers))
        for path in (*CORE.glob("Private/*.cpp"), *CLIENT.glob("src/*.cpp"), *CLIENT.glob("tools/*.cpp"))
        if str(path) in listed and "Module" not in path.name and (options.full or path.name not in WITH_GRPC)
    ]
    with ThreadPoolExecutor(int(JOBS)) as pool:
        return all(list(pool.map(lambda item: _tidy_one(command, *item), todo)))


def _tidy_one(command: list[str], path: Path, stamp: Path) -> bool:
    if stamp.exists():
        return True
    done = subprocess.run([*command, str(path)], capture_output=True, text=True)
    if done.returncode:
        print(done.stdout[-4000:], flush=True)
        return False
    stamp.touch()
    return True


def _digest(command: list[str], *paths: Path) -> str:
    content = hashlib.sha256(" ".join(command).encode())
    for path in paths:
        content.update(path.read_bytes())
    return content.hexdigest()


def _sources(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(
            path
            for path in folder.rglob("*")
            if path.suffix in (".h", ".hpp", ".cpp") and "build" not in path.relative_to(folder).parts
        )


BUILD_TOOLS = ("cmake", "ninja", "ctest", "/usr/include/doctest/doctest.h")
STEPS: dict[str, tuple[tuple[str, ...], Callable[[argparse.Namespace], bool]]] = {
    "format": (("clang-format-14",), _format),
    "dev": ((*BUILD_TOOLS, "g++"), _dev),
    "asan": ((*BUILD_TOOLS, "clang++-14"), _asan),
    "tsan": ((*BUILD_TOOLS, "clang++-14"), _tsan),
    "tsan-client": ((*BUILD_TOOLS, "clang++-14"), _tsan_client),
    "fuzz": (("clang++-14",), _fuzz),
    "tidy": (("clang-tidy-14", "clang++-14"), _tidy),
}
SLOW = ("tsan-client",)

if __name__ == "__main__":
    sys.exit(main())
