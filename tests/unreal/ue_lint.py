"""A lint in the manner of Unreal Header Tool and UnrealBuildTool: what they would refuse, found without them.

    python tests/unreal/ue_lint.py            check the plugin; exit status 1 when something was found

Rules have names; `RULES` is their list. Each is proved able to fail by a seeded fault in test_ue_lint.py.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ue_build import BuildFile, read_build_file
from ue_source import PLUGIN, Member, ReflectedType, Source, sources
from ue_specifiers import BLUEPRINT_BAD_TYPES, EDITOR_MODULES, EDITOR_ONLY_TYPES, KNOWN, META

SHIM = Path(__file__).resolve().parent / "shim"
EXPOSED = (
    "EditAnywhere",
    "EditDefaultsOnly",
    "EditInstanceOnly",
    "VisibleAnywhere",
    "VisibleDefaultsOnly",
    "VisibleInstanceOnly",
    "BlueprintReadOnly",
    "BlueprintReadWrite",
    "BlueprintAssignable",
)
_CONTAINERS = r"T(?:Array|Map|Set)"


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


def check(project: Project, only: str | None = None) -> list[Finding]:
    """Run all rules, or one."""
    return [
        finding for name, run in RULES.items() if only in (None, name) for finding in run(project)
    ]


def _types(project: Project) -> Iterator[tuple[Source, ReflectedType]]:
    for source in project.files:
        for found in source.types:
            yield source, found


def _members(project: Project, kind: str) -> Iterator[tuple[Source, ReflectedType, Member]]:
    for source, owner in _types(project):
        for member in owner.members:
            if member.macro and member.macro.kind == kind:
                yield source, owner, member


# --- files ---------------------------------------------------------------------------------------------------------


@rule
def syntax(project: Project) -> Iterator[Finding]:
    for source in project.files:
        for line in source.errors():
            yield Finding("syntax", source.path, line, "the C++ grammar cannot read this")


@rule
def generated_include(project: Project) -> Iterator[Finding]:
    for source in project.files:
        wanted = f"{source.path.stem}.generated.h"
        reflected = bool(source.types) and source.is_header
        generated = [include for include in source.includes if include.path.endswith(".generated.h")]
        if reflected and not generated:
            yield Finding("generated-include", source.path, 1, f'#include "{wanted}" is missing')
        for include in generated:
            if include.path != wanted:
                yield Finding("generated-include", source.path, include.line, f'must be "{wanted}"')
            elif include != source.includes[-1]:
                yield Finding(
                    "generated-include", source.path, include.line, "must be the last include"
                )


@rule
def pragma_once(project: Project) -> Iterator[Finding]:
    for source in project.files:
        if source.is_header and "#pragma once" not in source.text:
            yield Finding("pragma-once", source.path, 1, "a header begins with #pragma once")


@rule
def own_header_first(project: Project) -> Iterator[Finding]:
    headers = {source.path.name for source in project.files if source.is_header}
    for source in project.files:
        own = f"{source.path.stem}.h"
        if source.path.suffix == ".cpp" and own in headers and source.includes:
            if Path(source.includes[0].path).name != own:
                line = source.includes[0].line
                yield Finding("own-header-first", source.path, line, f'a source includes its own "{own}" first')


@rule
def loctext(project: Project) -> Iterator[Finding]:
    for source in project.files:
        defines = len(re.findall(r"^\s*#\s*define\s+LOCTEXT_NAMESPACE", source.text, re.M))
        undefines = len(re.findall(r"^\s*#\s*undef\s+LOCTEXT_NAMESPACE", source.text, re.M))
        uses = re.search(r"\bLOCTEXT\s*\(", source.text)
        if defines != undefines:
            yield Finding("loctext", source.path, 1, "LOCTEXT_NAMESPACE is not undefined at the end")
        if uses and not defines:
            line = source.text.count("\n", 0, uses.start()) + 1
            yield Finding("loctext", source.path, line, "LOCTEXT without a LOCTEXT_NAMESPACE")


# --- types ---------------------------------------------------------------------------------------------------------


@rule
def generated_body(project: Project) -> Iterator[Finding]:
    for source, found in _types(project):
        if found.kind in ("UCLASS", "USTRUCT") and not found.body_line:
            yield Finding("generated-body", source.path, found.line, f"{found.name} lacks GENERATED_BODY()")


@rule
def prefix(project: Project) -> Iterator[Finding]:
    wanted = {"UCLASS": "UA", "USTRUCT": "F", "UENUM": "E", "UINTERFACE": "U"}
    for source, found in _types(project):
        if not re.match(rf"[{wanted[found.kind]}][A-Z]", found.name):
            message = f"the name of a {found.kind} begins with one of {wanted[found.kind]}: {found.name}"
            yield Finding("prefix", source.path, found.line, message)
        elif found.kind == "UCLASS" and found.name[0] == "A" and not found.base.startswith("A"):
            yield Finding("prefix", source.path, found.line, f"only actors begin with A: {found.name}")


@rule
def api_macro(project: Project) -> Iterator[Finding]:
    for source in project.files:
        wanted = f"{project.module_of(source).upper()}_API"
        for name in sorted(set(source._api_at.values())):
            if name != wanted:
                yield Finding("api-macro", source.path, 1, f"{name} in a module whose macro is {wanted}")
    for source, found in _types(project):
        public = "Public" in source.path.parts
        if public and found.kind == "UCLASS" and not found.api and not found.macro.has("MinimalAPI"):
            message = f"{found.name} is public but not exported"
            yield Finding("api-macro", source.path, found.line, message)


@rule
def enum_type(project: Project) -> Iterator[Finding]:
    for source, found in _types(project):
        if found.kind == "UENUM" and found.macro.has("BlueprintType") and found.underlying != "uint8":
            yield Finding("enum-type", source.path, found.line, f"{found.name} must be an enum class of uint8")


@rule
def super_is_known(project: Project) -> Iterator[Finding]:
    for source, found in _types(project):
        if found.kind == "UCLASS" and not re.match(r"[UA][A-Z]", found.base):
            message = f"{found.name} must derive from a UObject class first, not from '{found.base}'"
            yield Finding("super-is-known", source.path, found.line, message)


@rule
def unique_type_names(project: Project) -> Iterator[Finding]:
    seen: dict[str, Source] = {}
    for source, found in _types(project):
        name = found.name[1:].lower() if found.kind != "UENUM" else found.name.lower()
        if name in seen:
            message = f"{found.name} clashes with a type of {seen[name].path.name} (names count without prefix and case)"
            yield Finding("unique-type-names", source.path, found.line, message)
        seen[name] = source


# --- members -------------------------------------------------------------------------------------------------------


@rule
def specifier_known(project: Project) -> Iterator[Finding]:
    for source in project.files:
        for macro in source.macros:
            for name in macro.specifiers:
                if name not in KNOWN[macro.kind]:
                    yield _unknown(source, macro.line, name, KNOWN[macro.kind], f"specifier of {macro.kind}")
            for name in macro.meta:
                if name not in META:
                    yield _unknown(source, macro.line, name, META, "metadata key")


def _unknown(source: Source, line: int, name: str, known: set[str], what: str) -> Finding:
    near = difflib.get_close_matches(name, known, 1)
    hint = f"; nearest: {near[0]}" if near else ""
    return Finding("specifier-known", source.path, line, f"unknown {what}: {name}{hint}")


@rule
def category(project: Project) -> Iterator[Finding]:
    for source, owner, member in _members(project, "UPROPERTY"):
        assert member.macro
        if member.macro.has(*EXPOSED) and not member.macro.has("Category"):
            yield Finding("category", source.path, member.line, f"{owner.name}.{member.name} has no Category")
    for source, owner, member in _members(project, "UFUNCTION"):
        assert member.macro
        exposed = member.macro.has("BlueprintCallable", "BlueprintPure", "BlueprintImplementableEvent")
        if exposed and not member.macro.has("Category"):
            yield Finding("category", source.path, member.line, f"{owner.name}.{member.name} has no Category")


@rule
def blueprint_types(project: Project) -> Iterator[Finding]:
    for source, owner, member in _members(project, "UFUNCTION"):
        assert member.macro
        if member.macro.has("BlueprintCallable", "BlueprintPure", "BlueprintImplementableEvent", "BlueprintNativeEvent"):
            for kind, name in [(member.type, "the result"), *((p.type, p.name) for p in member.parameters)]:
                problem = _blueprint_problem(kind)
                if problem:
                    message = f"{owner.name}.{member.name}, {name}: {problem}"
                    yield Finding("blueprint-types", source.path, member.line, message)
    for source, owner, member in _members(project, "UPROPERTY"):
        assert member.macro
        if member.macro.has("BlueprintReadOnly", "BlueprintReadWrite"):
            problem = _blueprint_problem(member.type)
            if problem:
                yield Finding("blueprint-types", source.path, member.line, f"{owner.name}.{member.name}: {problem}")


def _blueprint_problem(kind: str) -> str:
    bare = kind.replace("const", "").replace("&", "").strip()
    words = set(re.findall(r"\w+", bare))
    if bad := words & BLUEPRINT_BAD_TYPES:
        return f"Blueprint has no {sorted(bad)[0]}"
    if "std" in words or "TOptional" in words or "TConstArrayView" in words or "TArrayView" in words:
        return f"Blueprint has no {bare}"
    if re.search(rf"{_CONTAINERS}\s*<[^>]*{_CONTAINERS}\s*<", bare):
        return f"containers cannot be nested: {bare}"
    if bare.endswith("*") and not re.match(r"(class\s+)?[UA][A-Z]\w*\s*\*$", bare):
        return f"only objects go by pointer: {bare}"
    return ""


@rule
def object_pointers(project: Project) -> Iterator[Finding]:
    for source, owner, member in _members(project, "UPROPERTY"):
        if re.search(r"\b[UA][A-Z]\w*\s*\*", member.type):
            message = f"{owner.name}.{member.name} must be a TObjectPtr"
            yield Finding("object-pointers", source.path, member.line, message)


@rule
def unmanaged_objects(project: Project) -> Iterator[Finding]:
    for source, owner in _types(project):
        for member in owner.members:
            held = member.macro is None and not member.is_function
            if held and re.match(r"(TObjectPtr<|[UA][A-Z]\w*\s*\*)", member.type):
                message = f"{owner.name}.{member.name} is hidden from the garbage collector: UPROPERTY or TWeakObjectPtr"
                yield Finding("unmanaged-objects", source.path, member.line, message)


@rule
def assignable(project: Project) -> Iterator[Finding]:
    known = project.dynamic_delegates()
    for source, owner, member in _members(project, "UPROPERTY"):
        assert member.macro
        if member.macro.has("BlueprintAssignable") and member.type not in known:
            message = f"{owner.name}.{member.name}: {member.type} is no dynamic multicast delegate"
            yield Finding("assignable", source.path, member.line, message)


@rule
def delegate_arity(project: Project) -> Iterator[Finding]:
    counts = "One Two Three Four Five Six Seven Eight Nine".split()
    for source in project.files:
        for match in re.finditer(r"\bDECLARE_DYNAMIC_\w*DELEGATE(?:_(\w+?)Params?)?\s*\(([^;]*?)\)\s*;", source.text, re.S):
            arguments = [part for part in _split_arguments(match.group(2))]
            wanted = 1 + 2 * (counts.index(match.group(1)) + 1 if match.group(1) else 0)
            if len(arguments) != wanted:
                line = source.text.count("\n", 0, match.start()) + 1
                message = f"{arguments[0]}: {wanted} arguments needed (name, then type and name of each parameter), not {len(arguments)}"
                yield Finding("delegate-arity", source.path, line, message)


def _split_arguments(text: str) -> list[str]:
    depth, parts = 0, [""]
    for character in text:
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


@rule
def documented(project: Project) -> Iterator[Finding]:
    for source, found in _types(project):
        if not found.comment:
            yield Finding("documented", source.path, found.line, f"{found.name} has no comment above its macro")
        for member in found.members:
            if member.macro and not member.comment:
                yield Finding("documented", source.path, member.line, f"{found.name}.{member.name} has no comment")


@rule
def overloads(project: Project) -> Iterator[Finding]:
    seen: dict[tuple[str, str], int] = {}
    for source, owner, member in _members(project, "UFUNCTION"):
        key = (owner.name, member.name.lower())
        if key in seen:
            message = f"{owner.name}.{member.name}: functions of Blueprint cannot be overloaded"
            yield Finding("overloads", source.path, member.line, message)
        seen[key] = member.line


@rule
def parameter_shadows(project: Project) -> Iterator[Finding]:
    for source, owner in _types(project):
        properties = {
            member.name.lower() for member in owner.members if member.macro and member.macro.kind == "UPROPERTY"
        }
        for member in owner.members:
            if not (member.macro and member.macro.kind == "UFUNCTION"):
                continue
            for parameter in member.parameters:
                if parameter.name.lower() in properties:
                    message = f"{owner.name}.{member.name}: parameter {parameter.name} has the name of a property"
                    yield Finding("parameter-shadows", source.path, member.line, message)


@rule
def meta_names(project: Project) -> Iterator[Finding]:
    for source, owner, member in _members(project, "UFUNCTION"):
        assert member.macro
        names = {parameter.name for parameter in member.parameters}
        for key in ("WorldContext", "DefaultToSelf", "AutoCreateRefTerm", "AdvancedDisplay", "LatentInfo"):
            for wanted in re.split(r"\s*,\s*", member.macro.meta.get(key, "")):
                if wanted and not wanted.isdigit() and wanted not in names:
                    message = f"{owner.name}.{member.name}: {key} names {wanted}, which is no parameter"
                    yield Finding("meta-names", source.path, member.line, message)
    for source, owner, member in _members(project, "UPROPERTY"):
        assert member.macro
        known = {other.name for other in owner.members}
        for wanted in re.findall(r"\b[a-zA-Z]\w+\b(?!\s*::)", member.macro.meta.get("EditCondition", "")):
            if wanted not in known and not wanted.startswith("E") and wanted not in ("true", "false"):
                if f"::{wanted}" not in member.macro.meta["EditCondition"]:
                    message = f"{owner.name}.{member.name}: EditCondition names {wanted}, which is no member"
                    yield Finding("meta-names", source.path, member.line, message)


@rule
def bool_names(project: Project) -> Iterator[Finding]:
    for source, owner, member in _members(project, "UPROPERTY"):
        if member.type == "bool" and not re.match(r"b[A-Z0-9]", member.name):
            yield Finding("bool-names", source.path, member.line, f"{owner.name}.{member.name}: a bool begins with b")


@rule
def property_guards(project: Project) -> Iterator[Finding]:
    allowed = ("WITH_EDITOR", "WITH_EDITORONLY_DATA")
    for source, owner, member in _members(project, "UPROPERTY"):
        bad = [guard for guard in member.guards if guard not in allowed]
        if bad:
            message = f"{owner.name}.{member.name}: a UPROPERTY may stand under {' or '.join(allowed)} only, not under {bad[0]}"
            yield Finding("property-guards", source.path, member.line, message)


@rule
def editor_only_data(project: Project) -> Iterator[Finding]:
    for source, owner, member in _members(project, "UPROPERTY"):
        named = set(re.findall(r"\w+", member.type))
        guarded = "WITH_EDITORONLY_DATA" in member.guards
        if named & EDITOR_ONLY_TYPES and not guarded and project.module_of(source) != "A2FBridgeEditor":
            message = f"{owner.name}.{member.name} belongs under WITH_EDITORONLY_DATA"
            yield Finding("editor-only-data", source.path, member.line, message)


@rule
def async_factories(project: Project) -> Iterator[Finding]:
    for source, owner, member in _members(project, "UFUNCTION"):
        assert member.macro
        makes_itself = member.is_static and member.type.startswith(owner.name)
        if owner.base == "UBlueprintAsyncActionBase" and makes_itself:
            if member.macro.meta.get("BlueprintInternalUseOnly", "") != "true":
                message = f'{owner.name}.{member.name}: meta=(BlueprintInternalUseOnly="true") hides the second, plain node'
                yield Finding("async-factories", source.path, member.line, message)


# --- modules -------------------------------------------------------------------------------------------------------


@rule
def private_includes(project: Project) -> Iterator[Finding]:
    private = {
        source.path.name: source for source in project.files if "Private" in source.path.parts and source.is_header
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
    own = {
        source.path.name: project.module_of(source) for source in project.files if source.is_header
    }
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
    for module, folder in (("A2FBridgeCore", "A2FBridgeCore/Public"), ("A2FBridgeClient", "ThirdParty/A2FBridgeClient/include")):
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
            if name not in found and (build and build.name == module or kind == "public"):
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
                message = f"the Runtime module {build.name} depends on the editor's {name} outside of bBuildEditor"
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
        yield Finding("module-names", descriptor, 1, f"module {name}: in .uplugin or as .Build.cs, but not both")
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
                yield Finding("module-names", path, 1, f"IMPLEMENT_MODULE names {match.group(1)} in module {module}")
    for name in sorted(internal):
        if len(registered.get(name, [])) != 1:
            yield Finding("module-names", descriptor, 1, f"module {name} needs exactly one IMPLEMENT_MODULE")


# --- threads -------------------------------------------------------------------------------------------------------


@rule
def game_thread(project: Project) -> Iterator[Finding]:
    for source in project.files:
        if source.path.suffix != ".cpp":
            continue
        for match in re.finditer(r"\b\w+::(\w+_GameThread)\s*\([^;{]*\)[^;{]*\{(.{0,200})", source.text, re.S):
            if "IsInGameThread()" not in match.group(2):
                line = source.text.count("\n", 0, match.start()) + 1
                message = f"{match.group(1)} must begin with check(IsInGameThread())"
                yield Finding("game-thread", source.path, line, message)


def main() -> int:
    """Check the plugin and print what was found."""
    found = check(load_project())
    for finding in found:
        print(finding)
    print(f"{len(found)} findings, {len(RULES)} rules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
