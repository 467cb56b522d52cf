"""Rules about properties and functions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from ue_project import Finding, Project, members_of, rule, types_of
from ue_source import Source
from ue_specifiers import BLUEPRINT_BAD_TYPES, EDITOR_ONLY_TYPES, KNOWN, META

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
    for source, owner, member in members_of(project, "UPROPERTY"):
        assert member.macro
        if member.macro.has(*EXPOSED) and not member.macro.has("Category"):
            yield Finding("category", source.path, member.line, f"{owner.name}.{member.name} has no Category")
    for source, owner, member in members_of(project, "UFUNCTION"):
        assert member.macro
        exposed = member.macro.has("BlueprintCallable", "BlueprintPure", "BlueprintImplementableEvent")
        if exposed and not member.macro.has("Category"):
            yield Finding("category", source.path, member.line, f"{owner.name}.{member.name} has no Category")


@rule
def blueprint_types(project: Project) -> Iterator[Finding]:
    for source, owner, member in members_of(project, "UFUNCTION"):
        assert member.macro
        if member.macro.has(
            "BlueprintCallable", "BlueprintPure", "BlueprintImplementableEvent", "BlueprintNativeEvent"
        ):
            for kind, name in [(member.type, "the result"), *((p.type, p.name) for p in member.parameters)]:
                problem = _blueprint_problem(kind)
                if problem:
                    message = f"{owner.name}.{member.name}, {name}: {problem}"
                    yield Finding("blueprint-types", source.path, member.line, message)
    for source, owner, member in members_of(project, "UPROPERTY"):
        assert member.macro
        if member.macro.has("BlueprintReadOnly", "BlueprintReadWrite"):
            problem = _blueprint_problem(member.type)
            if problem:
                yield Finding(
                    "blueprint-types", source.path, member.line, f"{owner.name}.{member.name}: {problem}"
                )


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
    for source, owner, member in members_of(project, "UPROPERTY"):
        if re.search(r"\b[UA][A-Z]\w*\s*\*", member.type):
            message = f"{owner.name}.{member.name} must be a TObjectPtr"
            yield Finding("object-pointers", source.path, member.line, message)


@rule
def unmanaged_objects(project: Project) -> Iterator[Finding]:
    for source, owner in types_of(project):
        for member in owner.members:
            held = member.macro is None and not member.is_function
            if held and re.match(r"(TObjectPtr<|[UA][A-Z]\w*\s*\*)", member.type):
                advice = "UPROPERTY or TWeakObjectPtr"
                message = f"{owner.name}.{member.name} is hidden from the garbage collector: {advice}"
                yield Finding("unmanaged-objects", source.path, member.line, message)


@rule
def assignable(project: Project) -> Iterator[Finding]:
    known = project.dynamic_delegates()
    for source, owner, member in members_of(project, "UPROPERTY"):
        assert member.macro
        if member.macro.has("BlueprintAssignable") and member.type not in known:
            message = f"{owner.name}.{member.name}: {member.type} is no dynamic multicast delegate"
            yield Finding("assignable", source.path, member.line, message)


@rule
def delegate_arity(project: Project) -> Iterator[Finding]:
    counts = "One Two Three Four Five Six Seven Eight Nine".split()
    for source in project.files:
        for match in re.finditer(
            r"\bDECLARE_DYNAMIC_\w*DELEGATE(?:_(\w+?)Params?)?\s*\(([^;]*?)\)\s*;", source.text, re.S
        ):
            arguments = _split_arguments(match.group(2))
            wanted = 1 + 2 * (counts.index(match.group(1)) + 1 if match.group(1) else 0)
            if len(arguments) != wanted:
                line = source.text.count("\n", 0, match.start()) + 1
                form = "name, then type and name of each parameter"
                message = f"{arguments[0]}: {wanted} arguments needed ({form}), not {len(arguments)}"
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
    for source, found in types_of(project):
        if not found.comment:
            yield Finding(
                "documented", source.path, found.line, f"{found.name} has no comment above its macro"
            )
        for member in found.members:
            if member.macro and not member.comment:
                yield Finding(
                    "documented", source.path, member.line, f"{found.name}.{member.name} has no comment"
                )


@rule
def overloads(project: Project) -> Iterator[Finding]:
    seen: dict[tuple[str, str], int] = {}
    for source, owner, member in members_of(project, "UFUNCTION"):
        key = (owner.name, member.name.lower())
        if key in seen:
            message = f"{owner.name}.{member.name}: functions of Blueprint cannot be overloaded"
            yield Finding("overloads", source.path, member.line, message)
        seen[key] = member.line


@rule
def parameter_shadows(project: Project) -> Iterator[Finding]:
    for source, owner in types_of(project):
        properties = {
            member.name.lower()
            for member in owner.members
            if member.macro and member.macro.kind == "UPROPERTY"
        }
        for member in owner.members:
            if not (member.macro and member.macro.kind == "UFUNCTION"):
                continue
            for parameter in member.parameters:
                if parameter.name.lower() in properties:
                    message = (
                        f"{owner.name}.{member.name}: parameter {parameter.name} has the name of a property"
                    )
                    yield Finding("parameter-shadows", source.path, member.line, message)


@rule
def meta_names(project: Project) -> Iterator[Finding]:
    for source, owner, member in members_of(project, "UFUNCTION"):
        assert member.macro
        names = {parameter.name for parameter in member.parameters}
        for key in ("WorldContext", "DefaultToSelf", "AutoCreateRefTerm", "AdvancedDisplay", "LatentInfo"):
            for wanted in re.split(r"\s*,\s*", member.macro.meta.get(key, "")):
                if wanted and not wanted.isdigit() and wanted not in names:
                    message = f"{owner.name}.{member.name}: {key} names {wanted}, which is no parameter"
                    yield Finding("meta-names", source.path, member.line, message)
    for source, owner, member in members_of(project, "UPROPERTY"):
        assert member.macro
        known = {other.name for other in owner.members}
        for wanted in re.findall(r"\b[a-zA-Z]\w+\b(?!\s*::)", member.macro.meta.get("EditCondition", "")):
            constant = wanted in ("true", "false") or f"::{wanted}" in member.macro.meta["EditCondition"]
            if wanted not in known and not wanted.startswith("E") and not constant:
                message = f"{owner.name}.{member.name}: EditCondition names {wanted}, which is no member"
                yield Finding("meta-names", source.path, member.line, message)


@rule
def bool_names(project: Project) -> Iterator[Finding]:
    for source, owner, member in members_of(project, "UPROPERTY"):
        if member.type == "bool" and not re.match(r"b[A-Z0-9]", member.name):
            yield Finding(
                "bool-names", source.path, member.line, f"{owner.name}.{member.name}: a bool begins with b"
            )


@rule
def property_guards(project: Project) -> Iterator[Finding]:
    allowed = ("WITH_EDITOR", "WITH_EDITORONLY_DATA")
    for source, owner, member in members_of(project, "UPROPERTY"):
        bad = [guard for guard in member.guards if guard not in allowed]
        if bad:
            rightly = " or ".join(allowed)
            message = (
                f"{owner.name}.{member.name}: a UPROPERTY may stand under {rightly} only, not under {bad[0]}"
            )
            yield Finding("property-guards", source.path, member.line, message)


@rule
def editor_only_data(project: Project) -> Iterator[Finding]:
    for source, owner, member in members_of(project, "UPROPERTY"):
        named = set(re.findall(r"\w+", member.type))
        guarded = "WITH_EDITORONLY_DATA" in member.guards
        if named & EDITOR_ONLY_TYPES and not guarded and project.module_of(source) != "A2FBridgeEditor":
            message = f"{owner.name}.{member.name} belongs under WITH_EDITORONLY_DATA"
            yield Finding("editor-only-data", source.path, member.line, message)


@rule
def lost_errors(project: Project) -> Iterator[Finding]:
    """Python gets None of a function that returns false, and with it no other result: the text would be lost."""
    for source, owner, member in members_of(project, "UFUNCTION"):
        assert member.macro
        exposed = member.macro.has("BlueprintCallable", "BlueprintPure")
        texts = [p for p in member.parameters if re.fullmatch(r"(FString|FText)\s*&", p.type.strip())]
        if exposed and member.type == "bool" and texts:
            message = (
                f"{owner.name}.{member.name}: Python loses {texts[0].name} when it returns false; return nothing "
                f"and give bool& bSucceeded before it"
            )
            yield Finding("lost-errors", source.path, member.line, message)


@rule
def async_factories(project: Project) -> Iterator[Finding]:
    for source, owner, member in members_of(project, "UFUNCTION"):
        assert member.macro
        makes_itself = member.is_static and member.type.startswith(owner.name)
        hidden = member.macro.meta.get("BlueprintInternalUseOnly", "") == "true"
        if owner.base == "UBlueprintAsyncActionBase" and makes_itself and not hidden:
            needed = 'meta=(BlueprintInternalUseOnly="true") hides the second, plain node'
            message = f"{owner.name}.{member.name}: {needed}"
            yield Finding("async-factories", source.path, member.line, message)
