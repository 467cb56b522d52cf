"""What the lint looks at: findings, the project, the list of rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ue_build import BuildFile, read_build_file
from ue_source import PLUGIN, Member, ReflectedType, Source, sources

SHIM = Path(__file__).resolve().parent / "shim"


@dataclass(frozen=True)
class Finding:
    """One fault: rule, file, line, what is wrong."""

    rule: str
    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass
class Project:
    """All that the rules look at."""

    files: list[Source]
    builds: dict[str, BuildFile]
    descriptor: dict[str, object]
    folder: Path = PLUGIN
    include_modules: dict[str, str] = field(default_factory=dict)

    def module_of(self, source: Source) -> str:
        """Return the module that a file belongs to."""
        return source.path.relative_to(self.folder / "Source").parts[0]

    def dynamic_delegates(self) -> set[str]:
        """Names of the dynamic multicast delegates of the plugin."""
        return {
            name
            for source in self.files
            for name, (kind, _) in source.delegates.items()
            if kind.startswith("DYNAMIC_MULTICAST")
        }


Rule = Callable[[Project], Iterator[Finding]]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    """Register a rule under its function's name."""
    RULES[function.__name__.replace("_", "-")] = function
    return function


def load_project(folder: Path = PLUGIN) -> Project:
    """Read the plugin as it is in the tree."""
    builds = {}
    for path in sorted((folder / "Source").rglob("*.Build.cs")):
        build = read_build_file(path)
        builds[build.name] = build
    descriptor = json.loads((folder / f"{folder.name}.uplugin").read_text())
    return Project(sources(folder / "Source"), builds, descriptor, folder, include_table())


def include_table(shim: Path = SHIM) -> dict[str, str]:
    """Map include paths of the engine to modules: shim/<module>/<include path>, as on Epic's API pages."""
    return {
        str(path.relative_to(shim / module.name)).replace("\\", "/"): module.name
        for module in sorted(shim.iterdir())
        if module.is_dir()
        for path in module.rglob("*.h")
    }


def types_of(project: Project) -> Iterator[tuple[Source, ReflectedType]]:
    for source in project.files:
        for found in source.types:
            yield source, found


def members_of(project: Project, kind: str) -> Iterator[tuple[Source, ReflectedType, Member]]:
    for source, owner in types_of(project):
        for member in owner.members:
            if member.macro and member.macro.kind == kind:
                yield source, owner, member
