"""Typed reading of nodes: text, numbers, ranges, fields; each refused with its line if something else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

from a2fbridge._errors import nearest
from a2fbridge.mapping._nodes import MapNode, Node, Place, ScalarNode, SequenceNode

__all__ = [
    "Name",
    "Numeric",
    "Range",
    "as_choice",
    "as_flag",
    "as_map",
    "as_name",
    "as_number",
    "as_range",
    "fold",
    "items_of",
    "unique_keys",
]

_FOLD = str.maketrans(ascii_uppercase, ascii_lowercase)


def fold(name: str) -> str:
    """Return the name as it is compared: A-Z in lower case, everything else as it is."""
    return name.translate(_FOLD)


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written, and where."""

    text: str
    place: Place

    @property
    def folded(self) -> str:
        return fold(self.text)


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number, or the parameter (``$name``) that stands for one."""

    value: float
    param: str | None
    place: Place

    def resolve(self, params: Mapping[str, float]) -> float:
        """Return the number; raises MappingError when the parameter does not exist."""
        if self.param is None:
            return self.value
        if fold(self.param) not in params:
            raise self.place.error(
                "unknown_param", f"no parameter '${self.param}'{nearest(self.param, params)}"
            )
        return params[fold(self.param)]

    def resolve_in(self, params: Mapping[str, float], low: float, what: str, *, above: bool = False) -> float:
        """Return the number if it is at least ``low`` (``above``: greater than it)."""
        value = self.resolve(params)
        if value < low or (above and value == low):
            right = f"above {low:g}" if above else f"at least {low:g}"
            raise self.place.error("value", f"{what} is {value:g}; right is {right}")
        return value


@dataclass(frozen=True, slots=True)
class Range:
    low: Numeric
    high: Numeric
    place: Place

    def resolve(self, params: Mapping[str, float]) -> tuple[float, float]:
        """Return (low, high); raises MappingError when they are the wrong way round."""
        low, high = self.low.resolve(params), self.high.resolve(params)
        if low > high:
            raise self.place.error(
                "value", f"the range [{low:g}, {high:g}] is empty; the lower end comes first"
            )
        return low, high


def as_map(
    node: Node, what: str, allowed: Collection[str] | None = None, required: Collection[str] = ()
) -> MapNode:
    """Return the node as a mapping with none but the allowed keys and all of the required ones."""
    if not isinstance(node, MapNode):
        raise node.place.error("schema", f"{what} must be a mapping of names to values")
    for key, place in node.keys.items():
        if allowed is not None and key not in allowed:
            raise place.error(
                "schema", f"{what} has no '{key}'{nearest(key, allowed)}; right are {', '.join(allowed)}"
            )
    for key in required:
        if key not in node.entries:
            raise node.place.error("schema", f"{what} needs '{key}'")
    return node


def items_of(node: Node, what: str, least: int = 0, most: int | None = None) -> tuple[Node, ...]:
    """Return the items of a sequence of ``least`` to ``most`` items."""
    if not isinstance(node, SequenceNode):
        raise node.place.error("schema", f"{what} must be a list")
    count = len(node.items)
    if count < least or (most is not None and count > most):
        right = f"{least}" if most == least else f"at least {least}" if most is None else f"{least} to {most}"
        raise node.place.error("schema", f"{what} has {count} items; right is {right}")
    return node.items


def unique_keys(node: MapNode) -> Iterator[tuple[Name, Node]]:
    """Yield the keys of a mapping as names; raises MappingError when two differ only in case."""
    seen: dict[str, str] = {}
    for key, value in node.entries.items():
        if fold(key) in seen:
            raise node.keys[key].error("duplicate_name", f"'{key}' and '{seen[fold(key)]}' are the same name")
        seen[fold(key)] = key
        yield Name(key, node.keys[key]), value


def as_name(node: Node, what: str) -> Name:
    """Return the node as text that is not empty."""
    if not isinstance(node, ScalarNode) or not isinstance(node.value, str) or not node.value:
        raise node.place.error("schema", f"{what} must be text")
    return Name(node.value, node.place)


def as_choice(node: Node, what: str, choices: Collection[str]) -> str:
    """Return the node's text if it is one of the choices."""
    name = as_name(node, what)
    if name.text not in choices:
        raise node.place.error(
            "schema",
            f"{what} '{name.text}' is unknown{nearest(name.text, choices)}; right are {', '.join(choices)}",
        )
    return name.text


def as_flag(node: Node, what: str) -> bool:
    """Return the node's true or false."""
    if not isinstance(node, ScalarNode) or not isinstance(node.value, bool):
        raise node.place.error("schema", f"{what} must be true or false")
    return node.value


def as_number(node: Node, what: str) -> Numeric:
    """Return the node as a number or ``$parameter``."""
    value = node.value if isinstance(node, ScalarNode) else None
    if isinstance(value, float):
        return Numeric(value, None, node.place)
    if isinstance(value, str) and value.startswith("$") and len(value) > 1:
        return Numeric(0.0, value[1:], node.place)
    raise node.place.error("schema", f"{what} must be a number or $parameter")


def as_range(node: Node, what: str) -> Range:
    """Return the node ``[low, high]``."""
    low, high = items_of(node, what, 2, 2)
    return Range(as_number(low, what), as_number(high, what), node.place)
