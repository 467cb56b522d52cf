"""Compiles the plugin's modules against the shim, with g++ and clang, and links tests of its logic.

python tests/unreal/ue_compile.py         compile everything once with both and print what is wrong
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ue_generated import write_generated
from ue_source import PLUGIN, ROOT, Source, sources

BUILD = ROOT / "build" / "unreal"
SHIM = Path(__file__).resolve().parent / "shim"
MODULES = ("A2FBridge", "A2FBridgeGraph", "A2FBridgeEditor")
SAMPLE = ROOT / "SampleProject" / "Source" / "A2FBridgeSample"
CORE = PLUGIN / "Source" / "A2FBridgeCore"
CLIENT = PLUGIN / "Source" / "ThirdParty" / "A2FBridgeClient"
WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Werror",
    # Overrides need not use every parameter, and the engine's macros leave statements of their own.
    "-Wno-unused-parameter",
    "-Wno-missing-field-initializers",
]
JOBS = 2


def compilers() -> dict[str, str]:
    """Return the C++ compilers that are there: name and program."""
    found = {"g++": shutil.which("g++"), "clang": shutil.which("clang++-14") or shutil.which("clang++")}
    return {name: path for name, path in found.items() if path}


def prepare(found: Iterable[Source] | None = None, folder: Path = BUILD) -> Path:
    """Write the generated headers; return their folder."""
    generated = folder / "generated"
    generated.mkdir(parents=True, exist_ok=True)
    for source in found if found is not None else [*sources(), *sources(SAMPLE.parent, (SAMPLE.name,))]:
        if source.is_header and any(include.path.endswith(".generated.h") for include in source.includes):
            write_generated(source, generated)
    return generated


def flags(folder: Path = BUILD, with_editor: bool = True) -> list[str]:
    """Compiler flags for a source of an engine module: C++20 without exceptions and RTTI of our own, as UBT has it."""
    folders = [folder / "generated", CORE / "Public", CLIENT / "include"]
    folders += [PLUGIN / "Source" / module / part for module in MODULES for part in ("Public", "Private")]
    folders.append(SAMPLE)
    folders += [path for path in sorted(SHIM.iterdir()) if path.is_dir()]
    standard = ["-std=c++20", "-fno-exceptions", f"-DWITH_EDITOR={int(with_editor)}"]
    return [*standard, *WARNINGS, *(f"-I{path}" for path in folders)]


def module_sources(modules: Iterable[str] = (*MODULES, SAMPLE.name)) -> list[Path]:
    """Return the .cpp files of engine modules, those of the plugin and that of the sample project."""
    folders = [SAMPLE if module == SAMPLE.name else PLUGIN / "Source" / module for module in modules]
    return [path for folder in folders for path in sorted(folder.rglob("*.cpp"))]


def run_all(commands: list[list[str]]) -> list[str]:
    """Run commands two at a time; return the output of those that failed."""

    def run(command: list[str]) -> str:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        return "" if done.returncode == 0 else f"$ {' '.join(command[-3:])}\n{done.stdout}{done.stderr}"

    with ThreadPoolExecutor(JOBS) as pool:
        return [output for output in pool.map(run, commands) if output]


def check_unity(compiler: str, with_editor: bool = True) -> list[str]:
    """Check each engine module as one source, as UnrealBuildTool joins them; return what the compiler says.

    Without the editor only the runtime module is there. File-local names must not meet here.
    """
    prepare()
    modules = (*MODULES, SAMPLE.name) if with_editor else ("A2FBridge", SAMPLE.name)
    extra = ["-Wno-unused-private-field", "-Wno-unused-function"] if "clang" in compiler else []
    commands = []
    for module in modules:
        unity = BUILD / f"{module}.unity.cpp"
        unity.write_text("".join(f'#include "{path}"\n' for path in module_sources([module])))
        commands.append([compiler, "-fsyntax-only", *flags(with_editor=with_editor), *extra, str(unity)])
    return run_all(commands)


def build(name: str, tests: list[Path]) -> Path:
    """Compile and link tests with the modules, the core and the shim; return the program. Raises with the errors."""
    prepare()
    compiler = compilers()["g++"]
    cache = [ccache] if (ccache := shutil.which("ccache")) else []
    objects = BUILD / name
    objects.mkdir(parents=True, exist_ok=True)
    inputs = [*module_sources(), *sorted((CORE / "Private").rglob("*.cpp")), *tests]
    made = [objects / (str(path.relative_to(ROOT)).replace("/", "_") + ".o") for path in inputs]
    options = ["-g1", "-O0", *flags(), "-c"]
    failed = run_all(
        [
            [*cache, compiler, *options, str(path), "-o", str(target)]
            for path, target in zip(inputs, made, strict=True)
        ]
    )
    if failed:
        raise RuntimeError("\n".join(failed))
    program = objects / name
    failed = run_all([[compiler, *map(str, made), "-o", str(program), "-ldl", "-pthread"]])
    if failed:
        raise RuntimeError("\n".join(failed))
    return program


def main() -> int:
    """Check the modules with every compiler."""
    problems = [
        output
        for path in compilers().values()
        for editor in (True, False)
        for output in check_unity(path, editor)
    ]
    print("\n".join(problems))
    print(f"{len(problems)} modules with errors")
    return 1 if problems else 0


if __name__ == "__main__":
    os.nice(5)
    sys.exit(main())
