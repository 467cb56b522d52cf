"""A strict, small subset of YAML 1.2, the same in every implementation (grammar: docs/mapping.md).

One pass over the lines with a cursor; every error has a code, a line and a column.  PyYAML reads every
accepted document to the same value (tests/server/test_mapping_yaml.py), but it is not used here: what it holds
for well-formed, and where it puts an error, could not be reproduced by a reader in another language.
"""

from __future__ import annotations

from typing import Final

from a2fbridge.mapping._cursor import Cursor
from a2fbridge.mapping._nodes import MapNode, Node, Place, ScalarNode, SequenceNode
from a2fbridge.mapping._text import decode

__all__ = ["MAX_DEPTH", "MAX_KEY", "read_yaml"]

MAX_DEPTH: Final = 32
"""Nested collections at most, the root counted."""
MAX_KEY: Final = 128
"""Characters of a key at most."""


def read_yaml(data: bytes, path: str | None = None) -> Node:
    """Parse one document; raises MappingError (code, line, column) for anything outside the subset."""
    return _Parser(decode(data, path), path).document()


class _Parser(Cursor):
    def __init__(self, text: str, path: str | None) -> None:
        super().__init__(text, path)
        self.indent = -1
        """Indentation of the block collection that the cursor is in; -1 outside any."""

    def document(self) -> Node:
        self.next_line()
        if self.ended:
            return ScalarNode(None, Place(self.path, 1, 1))
        node = self.block(1)
        if not self.ended:
            raise self.here().error(
                "indent", "this line does not belong to the lines above; check its indentation"
            )
        return node

    # --- block style -------------------------------------------------------------------------------------

    def block(self, depth: int) -> Node:
        if self.at_indicator("-"):
            return self.block_sequence(depth)
        place, column = self.here(), self.column
        node = self.inline(depth)
        self.skip_spaces()
        if isinstance(node, ScalarNode) and self.at_indicator(":"):
            return self.block_mapping(node, column, place, depth)
        self.end_line()
        return node

    def block_mapping(self, first: ScalarNode, indent: int, place: Place, depth: int) -> MapNode:
        self.check_depth(place, depth)
        outer, self.indent = self.indent, indent
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        key: ScalarNode = first
        while True:
            name = self.add_key(key, keys)
            self.column += 1
            entries[name] = self.block_value(key.place, depth)
            if not self.continues(indent):
                break
            key = self.block_key()
        self.indent = outer
        return MapNode(entries, keys, place)

    def continues(self, indent: int) -> bool:
        """Return whether the fresh line belongs to the block of this indentation."""
        if self.ended or self.column < indent:
            return False
        if self.column > indent:
            raise self.here().error("indent", "this line is indented too far; a value ends with its line")
        return True

    def block_key(self) -> ScalarNode:
        if self.at_indicator("-"):
            raise self.here().error("syntax", "a sequence item where a key is needed")
        node = self.scalar(flow=False)
        self.skip_spaces()
        if not self.at_indicator(":"):
            raise node.place.error("syntax", "a key followed by ': ' is needed here")
        return node

    def block_value(self, key: Place, depth: int) -> Node:
        self.skip_spaces()
        if self.at_line_end():
            self.next_line()
            if self.ended or self.column < self.indent:
                return ScalarNode(None, key)
            if self.column == self.indent and not self.at_indicator("-"):
                return ScalarNode(None, key)
            return self.block(depth + 1)
        if self.at_indicator("-"):
            raise self.here().error("syntax", "a sequence begins on a line of its own")
        node = self.inline(depth + 1)
        self.skip_spaces()
        if self.at_indicator(":"):
            raise self.here().error("syntax", "a second ': ' on the line; quote the text or use braces")
        self.end_line()
        return node

    def block_sequence(self, depth: int) -> SequenceNode:
        place, indent = self.here(), self.column
        self.check_depth(place, depth)
        outer, self.indent = self.indent, indent
        items: list[Node] = []
        while True:
            items.append(self.block_item(indent, depth))
            if not (self.continues(indent) and self.at_indicator("-")):
                break
        self.indent = outer
        return SequenceNode(tuple(items), place)

    def block_item(self, indent: int, depth: int) -> Node:
        dash = self.here()
        self.column += 1
        self.skip_spaces()
        if self.at_line_end():
            self.next_line()
            if self.ended or self.column <= indent:
                return ScalarNode(None, dash)
        return self.block(depth + 1)

    # --- flow style --------------------------------------------------------------------------------------

    def inline(self, depth: int, flow: bool = False) -> Node:
        """Parse what begins within a line: a flow collection, a quoted or a plain scalar."""
        character = self.peek()
        if character == "{":
            return self.flow_mapping(depth)
        if character == "[":
            return self.flow_sequence(depth)
        return self.scalar(flow)

    def flow_sequence(self, depth: int) -> SequenceNode:
        place = self.open_flow(depth)
        items: list[Node] = []
        while self.flow_next(place) != "]":
            items.append(self.inline(depth + 1, flow=True))
            self.flow_separator(place, "]")
        self.column += 1
        return SequenceNode(tuple(items), place)

    def flow_mapping(self, depth: int) -> MapNode:
        place = self.open_flow(depth)
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while self.flow_next(place) != "}":
            name = self.add_key(self.flow_key(), keys)
            if self.flow_next(place) in (",", "}"):
                raise self.here().error("syntax", f"the key '{name}' has no value")
            entries[name] = self.inline(depth + 1, flow=True)
            self.flow_separator(place, "}")
        self.column += 1
        return MapNode(entries, keys, place)

    def open_flow(self, depth: int) -> Place:
        place = self.here()
        self.check_depth(place, depth)
        self.column += 1
        return place

    def flow_next(self, opened: Place) -> str:
        """Go to the next character of the collection, over spaces, comments and line ends, and return it."""
        self.skip_spaces()
        if self.at_line_end():
            self.next_line()
            if self.ended:
                raise opened.error("unclosed", "this bracket is never closed")
            if self.column <= self.indent:
                raise self.here().error(
                    "indent", "a line within brackets must be indented deeper than what holds it"
                )
        return self.peek()

    def flow_separator(self, opened: Place, closing: str) -> None:
        character = self.flow_next(opened)
        if character == ",":
            self.column += 1
        elif character != closing:
            raise self.here().error("syntax", f"',' or '{closing}' is needed here")

    def flow_key(self) -> ScalarNode:
        quoted = self.peek() in ('"', "'")
        node = self.scalar(flow=True)
        self.skip_spaces()
        if self.peek() != ":":
            raise node.place.error("syntax", "a key followed by ': ' is needed here")
        self.column += 1
        if not quoted and self.peek() not in ("", " ", ",", "}"):
            raise self.here().error("syntax", "a space is needed after ':'")
        return node

    def add_key(self, key: ScalarNode, keys: dict[str, Place]) -> str:
        name = key.value
        if not isinstance(name, str):
            raise key.place.error("key", "a key must be text; quote it")
        if len(name) > MAX_KEY:
            raise key.place.error("key", f"a key has at most {MAX_KEY} characters")
        if name == "<<":
            raise key.place.error("merge_key", "merge keys are not allowed; use extends")
        if name in keys:
            raise key.place.error(
                "duplicate_key", f"the key '{name}' stands twice, first in line {keys[name].line}"
            )
        keys[name] = key.place
        return name

    def check_depth(self, place: Place, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise place.error("depth", f"more than {MAX_DEPTH} nested collections")
