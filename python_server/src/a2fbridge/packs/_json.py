"""Bounded JSON and typed access to its fields, every mistake reported with its key."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from a2fbridge.packs import _limits as limits
from a2fbridge.packs._findings import Fault, Report, fault, shorten
from a2fbridge.packs._folder import PackFolder

__all__: list[str] = []

_BRACKET_OR_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


def read_json(folder: PackFolder, name: str, source: str, key: str, report: Report) -> Fields:
    """Read a JSON object: UTF-8, bounded in size and depth, no duplicate keys, no NaN; raises Fault."""
    with folder.open(name, source, key, limits.JSON_BYTES) as stream:
        data = stream.read(limits.JSON_BYTES + 1)
    if _depth(data) > limits.JSON_DEPTH:
        raise fault(name, "", f"JSON nested at most {limits.JSON_DEPTH} deep", "JSON nested deeper")
    try:
        value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise fault(name, "", "UTF-8 text", f"not UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise fault(name, "", "valid JSON", str(error)) from None
    if not isinstance(value, dict):
        raise fault(name, "", "a JSON object", f"a JSON {type(value).__name__}")
    return Fields(value, name, report)


def _depth(data: bytes) -> int:
    """Return how deep brackets nest, or the limit + 1 as soon as it is passed."""
    depth = deepest = 0
    for match in _BRACKET_OR_STRING.finditer(data):
        first = data[match.start()]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > limits.JSON_DEPTH:
                break
        elif first in b"]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"key {shorten(twice)} stands twice in one object")
    return result


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


class Fields:
    """One JSON object.  A getter reports a mistake and returns a harmless value, so that all mistakes of a
    file come out at once; :meth:`close` then ends the reading."""

    def __init__(self, data: dict[str, Any], file: str, report: Report, parent: Fields | None = None) -> None:
        self.file = file
        self._data = data
        self._report = report
        self._prefix = ""
        self._wrong: list[str] = parent._wrong if parent else []

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def close(self) -> None:
        """Raise Fault if anything in the file was wrong."""
        if self._wrong:
            raise Fault

    def wrong(self, key: str, expected: str, found: str = "") -> None:
        """Report ``key`` as an error; by default shows its value."""
        shown = f"is {shorten(self._data[key])}" if key in self._data else "is missing"
        self._wrong.append(key)
        self._report.error(self.file, self._prefix + key, expected, found or shown)

    def doubt(self, key: str, expected: str) -> None:
        """Report ``key`` as a warning."""
        self._report.warning(self.file, self._prefix + key, expected, f"is {shorten(self._data.get(key))}")

    def child(self, key: str) -> Fields:
        """Return an object within this one."""
        value = self._data.get(key)
        if not isinstance(value, dict):
            self.wrong(key, "an object")
            raise Fault
        child = Fields(value, self.file, self._report, self)
        child._prefix = f"{self._prefix}{key}."
        return child

    def path(self, key: str) -> str:
        """Return the path of a file; raises Fault at once."""
        value = self.text(key)
        if not value:
            raise Fault
        return value

    def names(self) -> list[str]:
        """Return the keys that are there, in file order."""
        return list(self._data)

    def listed(self, key: str, most: int) -> tuple[str, ...]:
        """Return a list of at most ``most`` strings, which may repeat."""
        value = self._data.get(key)
        if isinstance(value, list) and len(value) <= most and all(isinstance(v, str) for v in value):
            return tuple(value)
        self.wrong(key, f"a list of at most {most} strings")
        return ()

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self._data.get(key)
        if isinstance(value, bool):
            return value
        self.wrong(key, "true or false")
        return False

    def paths(self, key: str, count: int) -> tuple[str, ...]:
        """Return the paths of ``count`` files; raises Fault at once."""
        value = self._data.get(key)
        if isinstance(value, list) and len(value) == count and all(isinstance(v, str) and v for v in value):
            return tuple(value)
        self.wrong(key, f"a list of {count} paths, one for each identity", _length(value))
        raise Fault

    def children(self, key: str, count: int) -> tuple[Fields, ...]:
        """Return ``count`` objects of a list; raises Fault at once."""
        value = self._data.get(key)
        if not (isinstance(value, list) and len(value) == count and all(isinstance(v, dict) for v in value)):
            self.wrong(key, f"a list of {count} objects, one for each identity", _length(value))
            raise Fault
        children = tuple(Fields(v, self.file, self._report, self) for v in value)
        for i, child in enumerate(children):
            child._prefix = f"{self._prefix}{key}[{i}]."
        return children

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string that is not empty."""
        value = self._data.get(key, default)
        if isinstance(value, str) and (value or value == default):
            return value
        self.wrong(key, "a string that is not empty")
        return ""

    def texts(self, key: str, most: int) -> tuple[str, ...]:
        """Return a list of at most ``most`` different strings."""
        value = self._data.get(key)
        if isinstance(value, list) and len(value) <= most and all(isinstance(v, str) and v for v in value):
            if len(set(value)) == len(value):
                return tuple(value)
            self.wrong(key, "names that all differ")
        else:
            self.wrong(key, f"a list of at most {most} strings")
        return ()

    def number(
        self, key: str, low: float = -math.inf, high: float = math.inf, default: float | None = None
    ) -> float:
        """Return a finite number from ``low`` to ``high``."""
        value: Any = self._data.get(key, default)
        if _is_number(value) and low <= value <= high:
            return float(value)
        self.wrong(key, "a number" + _range(low, high))
        return 0.0

    def integer(self, key: str, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``."""
        value: Any = self._data.get(key)
        if _is_whole(value) and low <= value <= high:
            return int(value)
        self.wrong(key, "a whole number" + _range(low, high))
        return 0

    def numbers(self, key: str, length: int) -> tuple[float, ...]:
        """Return a list of ``length`` finite numbers."""
        value = self._data.get(key)
        if isinstance(value, list) and len(value) == length and all(map(_is_number, value)):
            return tuple(map(float, value))
        self.wrong(key, f"a list of {length} numbers", _length(value))
        return (0.0,) * length

    def integers(self, key: str, length: int, low: int, high: int) -> tuple[int, ...]:
        """Return a list of ``length`` whole numbers from ``low`` to ``high``."""
        value = self._data.get(key)
        if isinstance(value, list) and len(value) == length and all(map(_is_whole, value)):
            if all(low <= v <= high for v in value):
                return tuple(map(int, value))
            self.wrong(key, f"whole numbers{_range(low, high)}")
        else:
            self.wrong(key, f"a list of {length} whole numbers", _length(value))
        return (low,) * length


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e30 and math.isfinite(value)


def _is_whole(value: object) -> bool:
    """Return whether a JSON number is whole; writers that know no integers give 1.0."""
    return isinstance(value, int | float) and _is_number(value) and value == int(value)


def _range(low: float, high: float) -> str:
    if low == -math.inf and high == math.inf:
        return ""
    return f" from {low:g}" if high == math.inf else f" from {low:g} to {high:g}"


def _length(value: object) -> str:
    """Return what to say of a wrong list: its length, when that says more than the list."""
    return f"is a list of {len(value)}" if isinstance(value, list) and len(value) > 4 else ""
