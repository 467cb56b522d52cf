"""Configuration files as frozen dataclasses: strict YAML in, YAML out.

A class is the schema: nested dataclasses are sections, fields are keys, annotations are types, and ``setting()``
adds the range.  Keys that are left out keep their defaults; unknown keys, wrong types and values out of range are
refused with file and line.  Knows nothing of what the settings mean.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import yaml

from a2fbridge._errors import ConfigError, ParameterError, nearest

__all__ = [
    "MAX_BYTES",
    "check_ranges",
    "compose_yaml",
    "drop_ineffective",
    "dump_yaml",
    "file_fields",
    "parse_yaml",
    "plain",
    "read_yaml",
    "setting",
]

MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 32

_T = TypeVar("_T")


def setting(
    default: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    no_effect: bool = False,
    keys: Mapping[str, str] | None = None,
    elsewhere: bool = False,
) -> Any:
    """Declare a field: its default, its range for numbers, whether it is accepted without having an effect.

    ``keys`` maps the spellings allowed in a table (``Mapping[str, float]``) to the names it is read into; without it
    every key is allowed, and values may be sections.
    ``elsewhere``: no key of this section; whoever reads the file fills the field in.
    """
    metadata = {"low": low, "high": high, "no_effect": no_effect, "keys": keys, "elsewhere": elsewhere}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def read_yaml(kind: type[_T], path: Path) -> _T:
    """Read a file into ``kind``, a frozen dataclass; raises ConfigError."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ConfigError(f"{path}: {size} bytes; a configuration file has at most {MAX_BYTES}")
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    return parse_yaml(kind, content, path)


def parse_yaml(kind: type[_T], content: bytes, path: str | Path) -> _T:
    """Read a file's content into ``kind``; ``path`` is its name in errors.  Raises ConfigError."""
    node = compose_yaml(content, path)
    return kind() if node is None else _Reader(path).section(kind, node, "")


def compose_yaml(content: bytes, path: str | Path) -> yaml.Node | None:
    """Return the nodes of a strict YAML document, None for an empty one; raises ConfigError with the line."""
    try:
        node: yaml.Node | None = yaml.compose(content.decode("utf-8"), Loader=_Loader)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError(f"{path}:{line}: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: {error}") from None
    return node


def plain(config: Any) -> dict[str, Any]:
    """Return a configuration as plain mappings, lists and scalars, with the keys of the file."""
    return {f.name: _plain(getattr(config, f.name), f) for f in file_fields(config)}


def file_fields(kind: Any) -> list[dataclasses.Field[Any]]:
    """Return the fields of a section that are keys of the file: all but those declared ``elsewhere``."""
    return [f for f in dataclasses.fields(kind) if not f.metadata.get("elsewhere")]


def dump_yaml(config: Any) -> str:
    """Return a configuration as YAML text, all keys with the values in force."""
    return yaml.safe_dump(plain(config), sort_keys=False, allow_unicode=True)


def check_ranges(config: Any) -> None:
    """Raise ConfigError when a number lies outside the range its field declares; for ``__post_init__``."""
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        low, high = field.metadata.get("low", -math.inf), field.metadata.get("high", math.inf)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and not low <= value <= high:
            raise ConfigError(f"{field.name} {value} is out of range: right is {low:g} to {high:g}")


def drop_ineffective(config: _T, prefix: str = "") -> tuple[_T, list[str]]:
    """Return the configuration that is in force, and the keys that were set although they have no effect."""
    changes: dict[str, Any] = {}
    dropped: list[str] = []
    for field in dataclasses.fields(config):  # type: ignore[arg-type]
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            changes[field.name], below = drop_ineffective(value, f"{prefix}{field.name}.")
            dropped += below
        elif field.metadata.get("no_effect") and value != _default(field):
            changes[field.name] = _default(field)
            dropped.append(prefix + field.name)
    return dataclasses.replace(config, **changes), dropped  # type: ignore[type-var]


class _Loader(yaml.SafeLoader):
    """Composes nodes; refuses anchors, aliases, tags and deep nesting before anything is built."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or event.anchor or getattr(event, "tag", None):
            raise yaml.MarkedYAMLError(
                problem="anchors, aliases and tags are not allowed", problem_mark=event.start_mark
            )
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(
                problem=f"nested deeper than {MAX_DEPTH} levels", problem_mark=event.start_mark
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Reader:
    """Turns nodes into values of the declared types."""

    def __init__(self, path: str | Path) -> None:
        self._path = path

    def section(self, kind: type[_T], node: yaml.Node, where: str) -> _T:
        fields = {f.name: f for f in file_fields(kind)}
        hints = typing.get_type_hints(kind)
        values = {}
        for key, value in self._pairs(node, where or "the file"):
            name = where + key.value
            if key.value not in fields:
                raise self._error(key, f"unknown key '{name}'{nearest(key.value, fields)}")
            values[key.value] = self._value(hints[key.value], fields[key.value], value, name)
        try:
            return kind(**values)
        except (ConfigError, ParameterError) as error:  # what the section finds wrong as a whole
            raise self._error(node, str(error)) from None

    def _pairs(self, node: yaml.Node, where: str) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        if _is_null(node):
            return
        if not isinstance(node, yaml.MappingNode):
            raise self._error(node, f"{where} is not a section of keys and values")
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._error(key, "a key is not a plain word")
            if key.value in seen:
                raise self._error(key, f"key '{key.value}' appears twice")
            seen.add(key.value)
            yield key, value

    def _value(self, hint: Any, field: dataclasses.Field[Any], node: yaml.Node, name: str) -> Any:
        if typing.get_origin(hint) in (types.UnionType, typing.Union):
            if _is_null(node):
                return None
            hint = next(part for part in typing.get_args(hint) if part is not types.NoneType)
        if dataclasses.is_dataclass(hint):
            return self.section(typing.cast(type, hint), node, f"{name}.")
        if typing.get_origin(hint) is Mapping:
            return self._table(typing.get_args(hint)[1], field, node, name)
        if typing.get_origin(hint) is tuple:
            return self._list(typing.get_args(hint), field, node, name)
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(node, f"'{name}' is not a single value")
        return self._scalar(hint, field, node, name)

    def _table(self, hint: Any, field: dataclasses.Field[Any], node: yaml.Node, name: str) -> dict[str, Any]:
        keys: Mapping[str, str] | None = field.metadata["keys"]
        table = dict(_default(field))
        for key, value in self._pairs(node, name):
            if keys is None:
                table[key.value] = self._value(hint, field, value, f"{name}.{key.value}")
                continue
            if key.value not in keys:
                raise self._error(key, f"unknown key '{name}.{key.value}'{nearest(key.value, keys)}")
            if not isinstance(value, yaml.ScalarNode):
                raise self._error(value, f"'{name}.{key.value}' is not a number")
            table[keys[key.value]] = self._scalar(hint, field, value, f"{name}.{key.value}")
        return table

    def _list(
        self, kinds: tuple[Any, ...], field: dataclasses.Field[Any], node: yaml.Node, name: str
    ) -> tuple[Any, ...]:
        """Read a list; ``(str, ...)`` has any length, ``(float, float)`` two items.  A lone word is a list of one."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        items = [item for item in nodes if isinstance(item, yaml.ScalarNode) and not _is_null(item)]
        if not all(isinstance(item, yaml.ScalarNode) for item in nodes):
            what = "words" if kinds[0] is str else "numbers"
            raise self._error(node, f"'{name}' is not a list of {what}")
        if kinds[-1] is not Ellipsis and len(items) != len(kinds):
            raise self._error(node, f"'{name}' has {len(items)} items; right are {len(kinds)}")
        return tuple(self._scalar(kinds[0], field, item, name) for item in items)

    def _scalar(self, hint: Any, field: dataclasses.Field[Any], node: yaml.ScalarNode, name: str) -> Any:
        try:
            value = _parse(hint, node)
        except ValueError as error:
            raise self._error(node, f"'{name}' is '{node.value}'; right is {error}") from None
        low, high = field.metadata.get("low", -math.inf), field.metadata.get("high", math.inf)
        if isinstance(value, int | float) and not isinstance(value, bool) and not low <= value <= high:
            raise self._error(node, f"'{name}' is {node.value}; right is {low:g} to {high:g}")
        return value

    def _error(self, node: yaml.Node, text: str) -> ConfigError:
        return ConfigError(f"{self._path}:{node.start_mark.line + 1}: {text}")


def _parse(hint: Any, node: yaml.ScalarNode) -> Any:
    """Return a scalar as the declared type; raises ValueError naming what is right."""
    text: str = node.value
    if typing.get_origin(hint) is Literal:
        choices = typing.get_args(hint)
        if text not in choices:
            raise ValueError(f"one of {', '.join(choices)}{nearest(text, choices)}")
        return text
    if hint is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError("true or false")
        return text.lower() == "true"
    if hint in (int, float):
        try:
            return hint(text)
        except ValueError:
            raise ValueError("a whole number" if hint is int else "a number") from None
    return "" if _is_null(node) else text


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in ("", "~", "null")


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _plain(value: Any, field: dataclasses.Field[Any]) -> Any:
    if dataclasses.is_dataclass(value):
        return plain(value)
    if isinstance(value, Mapping):
        spelling = {name: key for key, name in reversed((field.metadata["keys"] or {}).items())}
        return {spelling.get(name, name): _plain(item, field) for name, item in value.items()}
    return list(value) if isinstance(value, tuple) else value
