"""What the sections say about themselves: a JSON schema, a commented starting file, a table for the guide.

All are made from the dataclasses: annotations are types, ``setting`` gives ranges, the text under a field is its
comment.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import math
import textwrap
import types
import typing
from typing import Any, Literal

import yaml

from a2fbridge._settings import file_fields

__all__ = ["comments", "json_schema", "starting_file", "table"]

_WIDTH = 96
_NUMBERS = {int: "integer", float: "number", bool: "boolean", str: "string"}


_SEEN: dict[Any, dict[str, str]] = {}


def comments(kind: Any) -> dict[str, str]:
    """Return the text under each field of a dataclass, its bases' included."""
    if kind not in _SEEN:
        _SEEN[kind] = _read(kind)
    return _SEEN[kind]


def _read(kind: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if not dataclasses.is_dataclass(base):
            continue
        source = textwrap.dedent(inspect.getsource(typing.cast(type, base)))
        for field, text in itertools.pairwise(typing.cast(ast.ClassDef, ast.parse(source).body[0]).body):
            named = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
            if named and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                found[field.target.id] = inspect.cleandoc(str(text.value.value)).replace("``", "")  # type: ignore[attr-defined]
    return found


def json_schema(kind: type) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a section or a whole file."""
    hints, about = typing.get_type_hints(kind), comments(kind)
    properties = {
        f.name: _typed(hints[f.name], f) | {"description": about.get(f.name, "")} for f in file_fields(kind)
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _typed(hint: Any, field: dataclasses.Field[Any]) -> dict[str, Any]:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        kinds = [_typed(part, field) for part in typing.get_args(hint) if part is not types.NoneType]
        return {"anyOf": [*kinds, {"type": "null"}]}
    if dataclasses.is_dataclass(hint):
        return json_schema(typing.cast(type, hint))
    if typing.get_origin(hint) is Literal:
        return {"enum": list(typing.get_args(hint))}
    if typing.get_origin(hint) is tuple:
        first, *rest = typing.get_args(hint)
        fixed = {} if rest[-1] is Ellipsis else {"minItems": 1 + len(rest), "maxItems": 1 + len(rest)}
        return {"type": "array", "items": _typed(first, field), **fixed}
    low, high = field.metadata.get("low", -math.inf), field.metadata.get("high", math.inf)
    number = hint in (int, float)
    limits = {"minimum": low} if number and low > -math.inf else {}
    limits |= {"maximum": high} if number and high < math.inf else {}
    return {"type": _NUMBERS[hint], **limits}


def starting_file(config: Any, indent: int = 0) -> str:
    """Return a configuration as YAML with the meaning of every key above it."""
    lines, about = [], comments(type(config))
    for field in file_fields(config):
        value = getattr(config, field.name)
        text = textwrap.wrap(about.get(field.name, ""), _WIDTH - indent)
        lines += [f"{' ' * indent}# {line}" for line in text]
        if dataclasses.is_dataclass(value):
            lines += [f"{' ' * indent}{field.name}:", starting_file(value, indent + 2).rstrip("\n")]
        else:
            lines.append(f"{' ' * indent}{field.name}: {_scalar(value)}")
        if not indent:
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _scalar(value: Any) -> str:
    plain = list(value) if isinstance(value, tuple) else value
    return yaml.safe_dump(plain, default_flow_style=True, width=10_000).removesuffix("...\n").strip()


def table(config: Any, prefix: str = "") -> list[tuple[str, str, str]]:
    """Return (key, default, meaning) of every key, sections flattened, for the guide."""
    rows, about = [], comments(type(config))
    for field in file_fields(config):
        value, name = getattr(config, field.name), f"{prefix}{field.name}"
        if dataclasses.is_dataclass(value):
            rows += table(value, f"{name}.")
        else:
            rows.append((name, _scalar(value), " ".join(about.get(field.name, "").split())))
    return rows
