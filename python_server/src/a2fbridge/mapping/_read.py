"""From nodes to a :class:`Document`: the shape of a table, key by key.  Names are not looked up here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from a2fbridge.mapping._document import (
    COMBINE,
    OPERATIONS,
    Defaults,
    Document,
    EntrySpec,
    ExpressionSpec,
    InputSpec,
    OutputSpec,
    RemapSpec,
    TargetSpec,
)
from a2fbridge.mapping._fields import (
    Name,
    Numeric,
    as_choice,
    as_flag,
    as_map,
    as_name,
    as_number,
    as_range,
    items_of,
    unique_keys,
)
from a2fbridge.mapping._nodes import MapNode, Node, ScalarNode

__all__ = ["read_document"]

_KEYS: Final = (
    "schema_version",
    "name",
    "convention",
    "description",
    "provenance",
    "extends",
    "source",
    "target",
    "defaults",
    "params",
    "inputs",
    "expressions",
    "mappings",
    "limits",
    "outputs",
    "constants",
    "null_outputs",
    "mirror",
)
_MAX_POINTS: Final = 256
_T = TypeVar("_T")


def read_document(node: Node) -> Document:
    """Check the shape of a parsed table; raises MappingError with the line of what is wrong."""
    top = as_map(node, "a table", _KEYS, ("schema_version", "name", "convention"))
    _check_version(top.entries["schema_version"])
    return Document(
        place=top.place,
        name=as_name(top.entries["name"], "name").text,
        convention=_convention(top.entries["convention"]),
        description=_optional(top, "description", lambda item: as_name(item, "description").text) or "",
        provenance=_list(top, "provenance", lambda item: as_name(item, "provenance").text) or (),
        extends=_optional(top, "extends", lambda item: as_name(item, "extends")),
        source=_optional(top, "source", _source),
        target=_optional(top, "target", _target),
        defaults=_optional(top, "defaults", _defaults) or Defaults(),
        params={name.folded: value for name, value in _pairs(top, "params", _literal)},
        inputs={name.folded: (name, value) for name, value in _pairs(top, "inputs", _input)},
        expressions=_list(top, "expressions", _expression) or (),
        mappings={name.folded: (name, value) for name, value in _pairs(top, "mappings", _entries)},
        limits=_list(top, "limits", _limit),
        outputs=tuple(_pairs(top, "outputs", _output)),
        constants=tuple(_pairs(top, "constants", as_number)),
        null_outputs=_list(top, "null_outputs", lambda item: as_name(item, "a curve")),
        mirror=_list(top, "mirror", _tokens),
    )


def _check_version(node: Node) -> None:
    if not isinstance(node, ScalarNode) or isinstance(node.value, bool) or node.value != 1.0:
        raise node.place.error("schema", "schema_version must be 1; this is the only version")


def _convention(node: Node) -> Name:
    return Name(as_choice(node, "convention", ("a2f", "arkit")), node.place)


def _optional(owner: MapNode, key: str, read: Callable[[Node], _T]) -> _T | None:
    return read(owner.entries[key]) if key in owner.entries else None


def _list(owner: MapNode, key: str, read: Callable[[Node], _T]) -> tuple[_T, ...] | None:
    return tuple(read(item) for item in items_of(owner.entries[key], key)) if key in owner.entries else None


def _pairs(owner: MapNode, key: str, read: Callable[[Node, str], _T]) -> list[tuple[Name, _T]]:
    if key not in owner.entries:
        return []
    section = as_map(owner.entries[key], key)
    return [(name, read(value, f"{key}.{name.text}")) for name, value in unique_keys(section)]


def _number(owner: MapNode, key: str) -> Numeric | None:
    return _optional(owner, key, lambda node: as_number(node, key))


def _literal(node: Node, what: str) -> float:
    value = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(value, float):
        raise node.place.error("schema", f"{what} must be a number")
    return value


def _source(node: Node) -> Name:
    return as_name(as_map(node, "source", ("profile",), ("profile",)).entries["profile"], "source.profile")


def _target(node: Node) -> TargetSpec:
    target = as_map(node, "target", ("profile", "prefix", "curves"), ("profile",))
    return TargetSpec(
        profile=as_name(target.entries["profile"], "target.profile"),
        prefix=_optional(target, "prefix", _prefix),
        curves=_list(target, "curves", lambda item: as_name(item, "a curve")),
    )


def _prefix(node: Node) -> str:
    if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
        raise node.place.error("schema", "target.prefix must be text")
    return node.value


def _defaults(node: Node) -> Defaults:
    keys = ("weight", "combine", "clamp", "on_missing_source", "on_unmapped_source")
    defaults = as_map(node, "defaults", keys)
    return Defaults(
        weight=_number(defaults, "weight"),
        combine=_optional(defaults, "combine", _combine),
        clamp=_optional(defaults, "clamp", lambda item: as_range(item, "defaults.clamp")),
        on_missing_source=_optional(
            defaults, "on_missing_source", lambda item: as_choice(item, "on_missing_source", ("skip", "zero"))
        ),
        on_unmapped_source=_optional(
            defaults,
            "on_unmapped_source",
            lambda item: as_choice(item, "on_unmapped_source", ("warn", "ignore", "error")),
        ),
    )


def _combine(node: Node) -> str:
    return as_choice(node, "combine", COMBINE)


def _input(node: Node, what: str) -> InputSpec:
    spec = as_map(node, what, ("gain", "offset", "deadzone", "remap", "clamp"))
    return InputSpec(
        gain=_number(spec, "gain"),
        offset=_number(spec, "offset"),
        deadzone=_number(spec, "deadzone"),
        remap=_optional(spec, "remap", _remap),
        clamp=_optional(spec, "clamp", lambda item: as_range(item, "clamp")),
    )


def _remap(node: Node) -> RemapSpec:
    remap = as_map(node, "remap", ("points", "power", "smoothstep", "extrapolate"))
    kinds = [key for key in remap.entries if key != "extrapolate"]
    if len(kinds) != 1:
        raise node.place.error("schema", "remap needs exactly one of points, power, smoothstep")
    kind = kinds[0]
    if "extrapolate" in remap.entries and kind != "points":
        raise remap.keys["extrapolate"].error("schema", "extrapolate belongs to points")
    extrapolate = _optional(remap, "extrapolate", lambda item: as_flag(item, "extrapolate")) or False
    return RemapSpec(kind, _remap_numbers(kind, remap.entries[kind]), extrapolate, node.place)


def _remap_numbers(kind: str, node: Node) -> tuple[Numeric, ...]:
    if kind == "power":
        return (as_number(node, "power"),)
    if kind == "smoothstep":
        return tuple(as_number(item, "smoothstep") for item in items_of(node, "smoothstep", 2, 2))
    points = [items_of(point, "a point", 2, 2) for point in items_of(node, "points", 2, _MAX_POINTS)]
    return tuple(as_number(item, "a point") for point in points for item in point)


def _expression(node: Node) -> ExpressionSpec:
    spec = as_map(node, "an expression", ("name", "op", "args", "eps", "else"), ("name", "op", "args"))
    op = as_choice(spec.entries["op"], "op", OPERATIONS)
    for key in ("eps", "else"):
        if key in spec.entries and op != "ratio":
            raise spec.keys[key].error("schema", f"{key} belongs to the operation ratio")
    return ExpressionSpec(
        name=as_name(spec.entries["name"], "name"),
        op=op,
        args=tuple(
            _argument(item) for item in items_of(spec.entries["args"], f"args of {op}", *OPERATIONS[op])
        ),
        eps=_number(spec, "eps"),
        otherwise=_number(spec, "else"),
    )


def _argument(node: Node) -> Name | Numeric:
    value = node.value if isinstance(node, ScalarNode) else None
    if isinstance(value, str) and value and not value.startswith("$"):
        return Name(value, node.place)
    return as_number(node, "an argument")


def _entries(node: Node, what: str) -> tuple[EntrySpec, ...]:
    return tuple(_entry(item, what) for item in items_of(node, what))


def _entry(node: Node, what: str) -> EntrySpec:
    keys = ("curve", "weight", "offset", "remap", "clamp", "combine", "mirror")
    spec = as_map(node, f"an entry of {what}", keys, ("curve",))
    return EntrySpec(
        curve=as_name(spec.entries["curve"], "curve"),
        weight=_number(spec, "weight"),
        offset=_number(spec, "offset"),
        remap=_optional(spec, "remap", _remap),
        clamp=_optional(spec, "clamp", lambda item: as_range(item, "clamp")),
        combine=_optional(spec, "combine", _combine),
        mirror=_optional(spec, "mirror", lambda item: as_flag(item, "mirror")) or False,
    )


def _limit(node: Node) -> tuple[Name, Name]:
    limit = as_map(node, "a limit", ("child", "parent"), ("child", "parent"))
    return as_name(limit.entries["child"], "child"), as_name(limit.entries["parent"], "parent")


def _output(node: Node, what: str) -> OutputSpec:
    spec = as_map(node, what, ("gain", "clamp"))
    return OutputSpec(_number(spec, "gain"), _optional(spec, "clamp", lambda item: as_range(item, "clamp")))


def _tokens(node: Node) -> tuple[str, str]:
    first, second = (as_name(item, "a token").text for item in items_of(node, "mirror", 2, 2))
    return first, second
