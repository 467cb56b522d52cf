"""The C header: valid C11 and C++17 for two compilers, the manual's own example, and exports that equal it."""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest
from capi import CLIENT, HEADER, Api
from native_build import client_library
from processes import running_server

INCLUDE = CLIENT / "include"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
C_ONLY = ["-Wstrict-prototypes", "-Wmissing-prototypes"]
USE = '#include "a2fbridge/a2fbridge.{ending}"\nint main(void) {{ return a2fb_get_api(A2FB_ABI_VERSION) == 0; }}\n'

pytestmark = pytest.mark.timeout(1000)  # the first test builds


@pytest.mark.parametrize("compiler", ["gcc", "clang-14"])
def test_the_header_is_c11(tmp_path, compiler):
    _compile(tmp_path, compiler, ["-std=c11", *C_ONLY], "use.c", USE.format(ending="h"))


@pytest.mark.parametrize("ending", ["h", "hpp"])
@pytest.mark.parametrize("compiler", ["g++", "clang++-14"])
def test_the_headers_are_cpp17(tmp_path, compiler, ending):
    options = ["-std=c++17", "-fno-exceptions", "-fno-rtti"]
    _compile(tmp_path, compiler, options, "use.cpp", USE.format(ending=ending))


def _compile(folder: Path, compiler: str, options: list[str], name: str, source: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    (folder / name).write_text(source)
    command = [compiler, *options, *WARNINGS, f"-I{INCLUDE}", "-fsyntax-only", name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_exports_equal_the_header():
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", client_library()], capture_output=True, text=True, check=True
    ).stdout
    exported = {line.split()[2].split("@")[0] for line in listed.splitlines() if line.split()[1] != "A"}
    declared = set(re.findall(r"^A2FB_EXPORT .*?\b(a2fb_\w+)\(", HEADER.read_text(), re.MULTILINE))
    assert exported == declared == {"a2fb_get_api"}


def test_the_table_has_the_size_that_the_header_says():
    api = Api(client_library())
    assert api.size == api.expected_size


def test_the_six_steps_of_the_manual_run(tmp_path):
    """The header's usage, word for word, compiled as C11 and run against a server."""
    steps = re.search(r"A USAGE IN SIX STEPS\n(.*?)WHAT IS RETRIED", HEADER.read_text(), re.DOTALL)
    assert steps
    code = textwrap.dedent("\n".join(line.removeprefix(" *") for line in steps[1].splitlines()))
    with running_server(tmp_path) as server:
        program = _six_steps(tmp_path, code.replace("localhost:52000", server.address))
        done = subprocess.run([program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "30 frames\n", "")


def _six_steps(folder: Path, code: str) -> Path:
    (folder / "steps.c").write_text(
        '#include <stdio.h>\n#include "a2fbridge/a2fbridge.h"\n'
        "static int count;\n"
        "static void use(const a2fb_frame* frame) { count += frame->weight_count == 68; }\n"
        "int main(void) {\n"
        "  static int16_t pcm[48000]; const size_t n = 48000;\n"
        + code.replace(
            "// A2FB_NOTHING: later.",
            "if (got == A2FB_NOTHING) { a2fb->session_wait(session, 1000); goto again; }\n//",
        ).replace("a2fb_status got;", "a2fb_status got; again:")
        + '\n  printf("%d frames\\n", count); return got == A2FB_END ? 0 : 1; }\n'
    )
    library = client_library().parent
    command = ["gcc", "-std=c11", *WARNINGS, f"-I{INCLUDE}", "steps.c", "-o", "steps", f"-L{library}"]
    done = subprocess.run(
        [*command, "-la2fbridge_client", f"-Wl,-rpath,{library}"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder / "steps"
