"""What the YAML reader gives: scalars, sequences and mappings that know their line and column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from a2fbridge._errors import MappingError

__all__ = ["MapNode", "Node", "Place", "ScalarNode", "SequenceNode", "plain_value"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a table: the file (None for text), line and column from 1, in characters."""

    path: str | None
    line: int
    column: int

    def error(self, code: str, message: str) -> MappingError:
        """Return the error that says ``message`` about this place."""
        return MappingError(message, self.path, self.line, self.column, code)


@dataclass(frozen=True, slots=True)
class ScalarNode:
    value: str | float | bool | None
    place: Place


@dataclass(frozen=True, slots=True)
class SequenceNode:
    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class MapNode:
    entries: Mapping[str, Node]
    keys: Mapping[str, Place]
    """Where each key stands."""
    place: Place


Node: TypeAlias = ScalarNode | SequenceNode | MapNode


def plain_value(node: Node) -> Any:
    """Return the node as JSON would have it: dict, list, str, float, bool or None."""
    if isinstance(node, MapNode):
        return {key: plain_value(value) for key, value in node.entries.items()}
    if isinstance(node, SequenceNode):
        return [plain_value(item) for item in node.items]
    return node.value
