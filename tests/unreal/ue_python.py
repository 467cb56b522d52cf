"""The Python API that Unreal makes of the plugin's headers, as a stub: what editor Python is checked and run against.

Rules are Unreal's own: CamelCase becomes snake_case, bool loses its ``b``, reference parameters come back in a tuple
behind the result, and a result that says whether the call worked (bool, or an object) becomes None when it did not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ue_source import ROOT, Member, ReflectedType, sources

_PLAIN = {
    "void": "None",
    "bool": "bool",
    "float": "float",
    "double": "float",
    "int32": "int",
    "int64": "int",
    "uint8": "int",
    "FString": "str",
    "FName": "Name",
    "FText": "Text",
}
_CONTAINERS = {"TArray": "Array", "TMap": "Map", "TSet": "Set"}
_POINTERS = ("TObjectPtr", "TSoftObjectPtr", "TWeakObjectPtr", "TSubclassOf", "TSoftClassPtr")


def snake(name: str) -> str:
    """Return Unreal's Python spelling of a member's name."""
    words = re.sub(r"^b(?=[A-Z])", "", name)
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", words)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).lower()


def python_type(cpp: str) -> str:
    """Return the stub's type for a C++ type."""
    text = re.sub(r"\bconst\b|\bclass\b|\bstruct\b|&|\*", "", cpp).strip()
    match = re.fullmatch(r"(\w+)<(.*)>", text)
    if match and match[1] in _CONTAINERS:
        inner = ", ".join(python_type(part) for part in _split(match[2]))
        return f"{_CONTAINERS[match[1]]}[{inner}]"
    if match and match[1] in _POINTERS:
        return python_type(match[2]) if match[1] != "TSubclassOf" else "Class"
    if text in _PLAIN:
        return _PLAIN[text]
    return text[1:] if re.match(r"[UAFE][A-Z]", text) else text


def plugin_stub() -> str:
    """Return the stub of what Python sees of plugin and sample; raises ValueError when two types share a name."""
    found = [*sources(), *sources(ROOT / "SampleProject" / "Source", ("A2FBridgeSample",))]
    types = [t for source in found if source.is_header for t in source.types]
    seen = [t for t in types if t.kind in ("UCLASS", "USTRUCT", "UENUM")]
    names = Counter(t.name[1:] for t in seen)
    if twice := [name for name, count in names.items() if count > 1]:
        raise ValueError(f"two types would be unreal.{twice[0]} in Python, which knows no prefixes")
    return "\n\n".join(map(_type, seen)) + "\n"


def _type(found: ReflectedType) -> str:
    name = found.name[1:]
    if found.kind == "UENUM":
        members = [f"    {snake(value).upper()}: {name} = ..." for value, _ in found.enumerators]
        return "\n".join([f"class {name}(EnumBase):", *members])
    base = "StructBase" if found.kind == "USTRUCT" else python_type(found.base)
    lines = [line for member in found.members for line in _member(member)]
    if found.kind == "USTRUCT":
        fields = [m for m in found.members if not m.is_function and m.macro and m.macro.kind == "UPROPERTY"]
        parameters = "".join(f", {snake(m.name)}: {python_type(m.type)} = ..." for m in fields)
        lines.insert(0, f"    def __init__(self{parameters}) -> None: ...")
    return "\n".join([f"class {name}({base}):", *(lines or ["    pass"])])


def _member(member: Member) -> Iterator[str]:
    if member.macro is None:
        return
    if member.is_function and member.macro.has("BlueprintCallable", "BlueprintPure"):
        yield from _function(member)
    elif member.macro.kind == "UPROPERTY" and not member.is_function:
        readable = ("BlueprintReadOnly", "BlueprintReadWrite", "BlueprintAssignable", "EditAnywhere")
        if not member.macro.has(*readable):
            return
        name, kind = snake(member.name), python_type(member.type)
        yield f"    @property\n    def {name}(self) -> {kind}: ..."
        if member.macro.has("EditAnywhere", "BlueprintReadWrite"):
            yield f"    @{name}.setter\n    def {name}(self, value: {kind}) -> None: ..."


def _function(member: Member) -> Iterator[str]:
    given, returned = [], []
    for parameter in member.parameters:
        out = "&" in parameter.type and "const" not in parameter.type
        if out:
            returned.append(python_type(parameter.type))
        else:
            name, _, default = parameter.name.partition("=")
            given.append(
                f", {snake(name.strip())}: {python_type(parameter.type)}{' = ...' if default else ''}"
            )
    result = python_type(member.type)
    result = f"Optional[{result}]" if returned and "*" in member.type else result
    if returned:
        parts = ([] if result in ("None", "bool") else [result]) + returned
        inner = parts[0] if len(parts) == 1 else f"Tuple[{', '.join(parts)}]"
        result = f"Optional[{inner}]" if result == "bool" else inner
    first = "cls" if member.is_static else "self"
    decorator = "    @classmethod\n" if member.is_static else ""
    yield f"{decorator}    def {snake(member.name)}({first}{''.join(given)}) -> {result}: ..."


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for i, letter in enumerate(text):
        depth += (letter == "<") - (letter == ">")
        if letter == "," and not depth:
            parts.append(text[start:i])
            start = i + 1
    return [part.strip() for part in [*parts, text[start:]]]
