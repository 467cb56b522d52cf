"""From bytes to characters and from words to values: the lexical half of the YAML subset (docs/mapping.md).

Every check here runs over the whole file before anything is parsed.
"""

from __future__ import annotations

import math
import re
from typing import Final

from a2fbridge.mapping._nodes import Place

__all__ = ["MAX_BYTES", "decode", "resolve_plain", "unescape"]

MAX_BYTES: Final = 1 << 20

_UNPRINTABLE = re.compile(
    "[^\n\r\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)"
)
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_OTHER_NUMBER = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("null", "Null", "NULL", "~"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.|$)")
_ESCAPES: Final = {"\\": "\\", '"': '"', "/": "/", "n": "\n", "t": "\t"}


def decode(data: bytes, path: str | None) -> str:
    """Return the text with lines ended by ``\\n``; raises MappingError at the first bad byte or character."""
    if len(data) > MAX_BYTES:
        raise Place(path, 1, 1).error("size", f"the file has more than {MAX_BYTES} bytes")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise _place_after(before, path).error("utf8", "this is not UTF-8 text") from None
    bad = _UNPRINTABLE.search(text)
    if bad:
        raise _character_error(text[: bad.start()], bad[0], path)
    return text.replace("\r\n", "\n")


def _character_error(before: str, character: str, path: str | None) -> Exception:
    place = _place_after(before, path)
    if character == "\t":
        return place.error("tab", "a tab; right are spaces")
    return place.error("character", f"the character U+{ord(character):04X} is not allowed in a table")


def _place_after(text: str, path: str | None) -> Place:
    return Place(path, text.count("\n") + 1, len(text) - text.rfind("\n"))


def resolve_plain(text: str, place: Place) -> str | float | bool | None:
    """Return the value of an unquoted word by YAML 1.2's core schema, decimal numbers only.

    Numbers that YAML readers disagree about (octal, hexadecimal, leading zeros, infinities) are refused.
    """
    if text in _WORDS:
        return _WORDS[text]
    decimal = _NUMBER.fullmatch(text)
    if _OTHER_NUMBER.fullmatch(text) or (decimal and _LEADING_ZERO.match(text)):
        raise place.error("number", f"'{text}' is not a plain decimal number such as 0.5, -1 or 1e-4")
    if not decimal:
        return text
    value = float(text)
    if not math.isfinite(value):
        raise place.error("number", f"'{text}' is too large")
    return value


def unescape(body: str, place: Place) -> str:
    r"""Return the text of a double-quoted scalar: ``\\ \" \/ \n \t \uXXXX`` and nothing else."""

    def replace(match: re.Match[str]) -> str:
        sequence = match[1]
        if len(sequence) == 5 and _is_character(int(sequence[1:], 16)):
            return chr(int(sequence[1:], 16))
        if sequence not in _ESCAPES:
            raise place.error(
                "escape", f"unknown escape '\\{sequence}'; right are \\\\ \\\" \\/ \\n \\t \\uXXXX"
            )
        return _ESCAPES[sequence]

    return _ESCAPE.sub(replace, body)


def _is_character(code: int) -> bool:
    return code != 0 and not 0xD800 <= code < 0xE000
