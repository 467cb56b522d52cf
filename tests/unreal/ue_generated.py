"""Writes the .generated.h files that Unreal Header Tool would write, as far as the shim needs them.

Each GENERATED_BODY() becomes the macro that UHT's naming gives it (file id and line), so that a header compiles here
only if it also includes its generated header last and has its body macro in place.
"""

from __future__ import annotations

from pathlib import Path

from ue_source import ReflectedType, Source

_CLASS = (
    "public: using Super = {base}; using ThisClass = {name}; "
    'static UClass* StaticClass() {{ static UClass Class(TEXT("{bare}"), {base}::StaticClass(), '
    "[](UObject* Outer) -> UObject* {{ {make} }}); return &Class; }} "
    "virtual UClass* GetClass() const override {{ return StaticClass(); }} private:"
)
_STRUCT = (
    "public: {using}static UScriptStruct* StaticStruct() "
    '{{ static UScriptStruct Struct(TEXT("{bare}"), sizeof({name})); return &Struct; }}'
)
_ENUM = (
    "template <> inline UEnum* StaticEnum<{name}>() "
    '{{ static UEnum Enum(TEXT("{name}"), {{{names}}}); return &Enum; }}'
)


def write_generated(source: Source, folder: Path) -> None:
    """Write the generated header of one header."""
    lines = [
        f"// Stand-in for {source.path.stem}.generated.h",
        "#undef CURRENT_FILE_ID",
        f"#define CURRENT_FILE_ID {_id(source)}",
    ]
    for found in source.types:
        if found.kind in ("UCLASS", "USTRUCT") and found.body_line:
            lines.append(f"#define {_id(source)}_{found.body_line}_GENERATED_BODY {_body(found)}")
        if found.kind == "UENUM":
            names = ", ".join(f'TEXT("{name}")' for name, _ in found.enumerators)
            lines += [
                f"enum class {found.name} : {found.underlying or 'uint8'};",
                _ENUM.format(name=found.name, names=names),
            ]
    target = folder / f"{source.path.stem}.generated.h"
    text = "\n".join(lines) + "\n"
    if not target.is_file() or target.read_text() != text:
        target.write_text(text)


def _body(found: ReflectedType) -> str:
    bare = found.name[1:]
    if found.kind == "UCLASS":
        make = "return nullptr;" if found.macro.has("Abstract") else f"return ShimMake<{found.name}>(Outer);"
        return _CLASS.format(base=found.base, name=found.name, bare=bare, make=make)
    using = f"using Super = {found.base}; " if found.base else ""
    return _STRUCT.format(using=using, name=found.name, bare=bare)


def _id(source: Source) -> str:
    return f"FID_{source.path.stem}_h"
