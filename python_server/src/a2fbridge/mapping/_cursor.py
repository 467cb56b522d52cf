"""The cursor of the YAML reader: lines, line ends, comments, and the scalars that lie within one line."""

from __future__ import annotations

from typing import Final

from a2fbridge.mapping._nodes import Place, ScalarNode
from a2fbridge.mapping._text import resolve_plain, unescape

__all__ = ["Cursor"]

_REFUSED_STARTS: Final = {
    "&": ("anchor", "anchors are not allowed"),
    "*": ("alias", "aliases are not allowed"),
    "!": ("tag", "tags are not allowed"),
    "|": ("block_scalar", "block scalars are not allowed; write the text on one line"),
    ">": ("block_scalar", "block scalars are not allowed; write the text on one line"),
    "%": ("directive", "directives are not allowed"),
    "@": ("indicator", "a word cannot start with '@'; quote it"),
    "`": ("indicator", "a word cannot start with '`'; quote it"),
}


class Cursor:
    """A cursor over the lines; ``row`` and ``column`` count from 0, a fresh line starts at its indent."""

    def __init__(self, text: str, path: str | None) -> None:
        self.lines = text.split("\n")
        self.path = path
        self.row = -1
        self.column = 0

    @property
    def ended(self) -> bool:
        return self.row >= len(self.lines)

    @property
    def line(self) -> str:
        return self.lines[self.row]

    def peek(self, ahead: int = 0) -> str:
        """Return one character of the line, or an empty string beyond its end."""
        return self.line[self.column + ahead : self.column + ahead + 1]

    def here(self) -> Place:
        return Place(self.path, self.row + 1, self.column + 1)

    def skip_spaces(self) -> None:
        while self.peek() == " ":
            self.column += 1

    def at_line_end(self) -> bool:
        """Return whether only a comment (if anything) follows; a comment needs a space before it."""
        return self.peek() in ("", "#") and (
            self.peek() == "" or self.column == 0 or self.line[self.column - 1] == " "
        )

    def next_line(self) -> None:
        """Go to the first character of the next line that is neither blank nor a comment."""
        while True:
            self.row += 1
            self.column = 0
            if self.ended:
                return
            self.skip_spaces()
            if not self.at_line_end():
                break
        if self.column == 0 and self.line[:3] in ("---", "...") and self.line[3:4] in ("", " "):
            raise self.here().error("document", "document markers are not allowed; a table is one document")

    def end_line(self) -> None:
        self.skip_spaces()
        if not self.at_line_end():
            raise self.here().error("syntax", f"unexpected '{self.peek()}' after the value")
        self.next_line()

    def at_indicator(self, character: str) -> bool:
        """Return whether a '-' or ':' of block style stands here, followed by a space or the line's end."""
        return self.peek() == character and self.peek(1) in ("", " ")

    def scalar(self, flow: bool) -> ScalarNode:
        return self.quoted(self.peek()) if self.peek() in ('"', "'") else self.plain(flow)

    def quoted(self, quote: str) -> ScalarNode:
        place = self.here()
        end = self.column + 1
        while not self.closes(quote, end):
            if end >= len(self.line):
                raise place.error("unclosed", "the quote is not closed on its line")
            escaped = quote == '"' and self.line[end] == "\\"
            end += 2 if escaped or self.line[end] == quote else 1
        body = self.line[self.column + 1 : end]
        self.column = end + 1
        return ScalarNode(unescape(body, place) if quote == '"' else body.replace("''", "'"), place)

    def closes(self, quote: str, at: int) -> bool:
        """Return whether the quote at this column ends the scalar; a doubled single quote does not."""
        pair = quote * 2
        return self.line[at : at + 1] == quote and not (quote == "'" and self.line[at : at + 2] == pair)

    def plain(self, flow: bool) -> ScalarNode:
        place, start = self.here(), self.column
        self.check_plain_start(flow)
        while not self.plain_ends(flow):
            self.column += 1
        text = self.line[start : self.column].rstrip(" ")
        return ScalarNode(resolve_plain(text, place), place)

    def check_plain_start(self, flow: bool) -> None:
        character, following = self.peek(), self.peek(1)
        if character in _REFUSED_STARTS:
            raise self.here().error(*_REFUSED_STARTS[character])
        alone = following in ("", " ") or (flow and (following in ",[]{}" or character in "?:"))
        if character == "?" and alone:
            raise self.here().error("complex_key", "complex keys are not allowed")
        if character in ",[]{}#" or (character in "-:" and alone):
            raise self.here().error("syntax", f"a value cannot start with '{character}'; quote it")

    def plain_ends(self, flow: bool) -> bool:
        character, following = self.peek(), self.peek(1)
        if character == ":":
            return following in ("", " ") or (flow and following in ",[]{}")
        if flow and character == "?":
            raise self.here().error("indicator", "'?' within brackets needs quotes")
        return self.at_line_end() or (flow and character in ",[]{}")
