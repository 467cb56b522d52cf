"""Rules about modules, includes and threads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ue_project import Finding, Project, rule
from ue_source import PLUGIN
from ue_specifiers import EDITOR_MODULES


@rule
def private_includes(project: Project) -> Iterator[Finding]:
    private = {
        source.path.name: source
        for source in project.files
        if "Private" in source.path.parts and source.is_header
    }
    for source in project.files:
        if "Public" not in source.path.parts:
            continue
        for include in source.includes:
            if Path(include.path).name in private:
                message = f"a public header includes the private {include.path}"
                yield Finding("private-includes", source.path, include.line, message)


@rule
def include_modules(project: Project) -> Iterator[Finding]:
    own = {source.path.name: project.module_of(source) for source in project.files if source.is_header}
    for source in project.files:
        module = project.module_of(source)
        reachable = _reachable(project, module)
        for include in source.includes:
            if include.path.endswith(".generated.h"):
                continue
            target = _module_of_include(project, own, include.path)
            if target is None:
                message = f"no module is known for {include.path}"
                yield Finding("include-modules", source.path, include.line, message)
            elif target not in reachable:
                message = f"{include.path} belongs to {target}, which {module}.Build.cs does not name"
                yield Finding("include-modules", source.path, include.line, message)


def _module_of_include(project: Project, own: dict[str, str], path: str) -> str | None:
    if path in project.include_modules:
        return project.include_modules[path]
    for module, folder in (
        ("A2FBridgeCore", "A2FBridgeCore/Public"),
        ("A2FBridgeClient", "ThirdParty/A2FBridgeClient/include"),
    ):
        if (PLUGIN / "Source" / folder / path).is_file():
            return module
    if Path(path).name in own:
        return own[Path(path).name]
    return "Core" if "/" not in path and "." not in path else None  # the standard library


def _reachable(project: Project, module: str) -> set[str]:
    """Modules whose headers a module may include: its own list, and what our modules name publicly."""
    found, todo = {module}, [module]
    while todo:
        build = project.builds.get(todo.pop())
        for name, (kind, _) in (build.dependencies if build else {}).items():
            if name not in found and ((build and build.name == module) or kind == "public"):
                found.add(name)
                todo.append(name)
    return found


@rule
def editor_modules(project: Project) -> Iterator[Finding]:
    modules: list[dict[str, str]] = project.descriptor["Modules"]  # type: ignore[assignment]
    for entry in modules:
        build = project.builds.get(entry["Name"])
        if build is None or entry["Type"] != "Runtime":
            continue
        for name, (_, condition) in build.dependencies.items():
            if name in EDITOR_MODULES and "bBuildEditor" not in condition:
                message = (
                    f"the Runtime module {build.name} depends on the editor's {name} outside of bBuildEditor"
                )
                yield Finding("editor-modules", build.path, 1, message)
    runtime = {entry["Name"] for entry in modules if entry["Type"] == "Runtime"}
    for source in project.files:
        if project.module_of(source) not in runtime:
            continue
        for include in source.includes:
            target = project.include_modules.get(include.path)
            if target in EDITOR_MODULES and "WITH_EDITOR" not in include.guards:
                message = f"{include.path} is the editor's; put it under WITH_EDITOR"
                yield Finding("editor-modules", source.path, include.line, message)


@rule
def module_names(project: Project) -> Iterator[Finding]:
    descriptor = project.folder / f"{project.folder.name}.uplugin"
    modules: list[dict[str, str]] = project.descriptor["Modules"]  # type: ignore[assignment]
    listed = {entry["Name"] for entry in modules}
    internal = {name for name, build in project.builds.items() if not build.external}
    for name in sorted(listed ^ internal):
        yield Finding(
            "module-names", descriptor, 1, f"module {name}: in .uplugin or as .Build.cs, but not both"
        )
    for name, build in project.builds.items():
        if build.path.name != f"{name}.Build.cs" or build.path.parent.name != name:
            yield Finding("module-names", build.path, 1, f"class {name} does not go with file and folder")
        for line in build.errors:
            yield Finding("module-names", build.path, line, "the C# grammar cannot read this")
    registered: dict[str, list[Path]] = {}
    for path in sorted((project.folder / "Source").rglob("*.cpp")):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"\bIMPLEMENT_MODULE\s*\(\s*[\w:]+\s*,\s*(\w+)\s*\)", text):
            registered.setdefault(match.group(1), []).append(path)
            module = path.relative_to(project.folder / "Source").parts[0]
            if match.group(1) != module:
                yield Finding(
                    "module-names", path, 1, f"IMPLEMENT_MODULE names {match.group(1)} in module {module}"
                )
    for name in sorted(internal):
        if len(registered.get(name, [])) != 1:
            yield Finding("module-names", descriptor, 1, f"module {name} needs exactly one IMPLEMENT_MODULE")


@rule
def game_thread(project: Project) -> Iterator[Finding]:
    for source in project.files:
        if source.path.suffix != ".cpp":
            continue
        for match in re.finditer(
            r"\b\w+::(\w+_GameThread)\s*\([^;{]*\)[^;{]*\{(.{0,200})", source.text, re.S
        ):
            if "IsInGameThread()" not in match.group(2):
                line = source.text.count("\n", 0, match.start()) + 1
                message = f"{match.group(1)} must begin with check(IsInGameThread())"
                yield Finding("game-thread", source.path, line, message)
