"""Rules about files and reflected types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ue_project import Finding, Project, rule, types_of
from ue_source import Source


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
                yield Finding("generated-include", source.path, include.line, "must be the last include")


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
        first = source.includes[0] if source.includes else None
        if source.path.suffix == ".cpp" and own in headers and first and Path(first.path).name != own:
            message = f'a source includes its own "{own}" first'
            yield Finding("own-header-first", source.path, first.line, message)


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


@rule
def generated_body(project: Project) -> Iterator[Finding]:
    for source, found in types_of(project):
        if found.kind in ("UCLASS", "USTRUCT") and not found.body_line:
            yield Finding("generated-body", source.path, found.line, f"{found.name} lacks GENERATED_BODY()")


@rule
def prefix(project: Project) -> Iterator[Finding]:
    wanted = {"UCLASS": "UA", "USTRUCT": "F", "UENUM": "E", "UINTERFACE": "U"}
    for source, found in types_of(project):
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
    for source, found in types_of(project):
        public = "Public" in source.path.parts
        if public and found.kind == "UCLASS" and not found.api and not found.macro.has("MinimalAPI"):
            message = f"{found.name} is public but not exported"
            yield Finding("api-macro", source.path, found.line, message)


@rule
def enum_type(project: Project) -> Iterator[Finding]:
    for source, found in types_of(project):
        if found.kind == "UENUM" and found.macro.has("BlueprintType") and found.underlying != "uint8":
            yield Finding(
                "enum-type", source.path, found.line, f"{found.name} must be an enum class of uint8"
            )


@rule
def super_is_known(project: Project) -> Iterator[Finding]:
    for source, found in types_of(project):
        if found.kind == "UCLASS" and not re.match(r"[UA][A-Z]", found.base):
            message = f"{found.name} must derive from a UObject class first, not from '{found.base}'"
            yield Finding("super-is-known", source.path, found.line, message)


@rule
def unique_type_names(project: Project) -> Iterator[Finding]:
    seen: dict[str, Source] = {}
    for source, found in types_of(project):
        name = found.name[1:].lower()  # Python knows neither prefix
        if name in seen:
            other = seen[name].path.name
            message = f"{found.name} clashes with a type of {other} (names count without prefix and case)"
            yield Finding("unique-type-names", source.path, found.line, message)
        seen[name] = source
