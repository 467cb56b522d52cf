"""The mapping language once more, written from docs/mapping.md for one frame and nothing but clarity.

It shares no code with the product: PyYAML reads the tables, numbers are Python's, every frame is walked from the top.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from a2fbridge.shapes import ARKIT_NAMES, FACE_NAMES

MAPPINGS = Path(__file__).parents[2] / "mappings"
Table = dict[str, Any]


class _CoreLoader(yaml.SafeLoader):
    """PyYAML with the numbers of YAML 1.2: ``1e308`` is one."""


_CoreLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in ("tag:yaml.org,2002:null",)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


def pyyaml_value(text: str | bytes) -> Any:
    """What PyYAML makes of a document under YAML 1.2's core schema."""
    return yaml.load(text, Loader=_CoreLoader)


def lower(name: str) -> str:
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in name)


def load(name: str, folder: Path) -> Table:
    """Read a table and lay it over what it extends."""
    shipped = [path for path in MAPPINGS.glob(f"*/{name}.yaml") if path.parent.name != "profiles"]
    path = shipped[0] if shipped else folder / name
    table: Table = pyyaml_value(path.read_bytes())
    if "extends" not in table:
        return table
    base = load(table.pop("extends"), path.parent)
    out = {**base, **table}
    for key in ("defaults", "params", "inputs", "mappings"):
        out[key] = _laid_over(base.get(key, {}), table.get(key, {}))
    expressions = {lower(item["name"]): item for item in base.get("expressions", [])}
    expressions.update({lower(item["name"]): item for item in table.get("expressions", [])})
    out["expressions"] = list(expressions.values())
    for key in ("outputs", "constants"):
        out[key] = [*_layers(base, key), *_layers(table, key)]
    return out


def _laid_over(base: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    return {**{lower(k): v for k, v in base.items()}, **{lower(k): v for k, v in child.items()}}


def _layers(table: Table, key: str) -> list[tuple[str, Any]]:
    section = table.get(key, {})
    return section if isinstance(section, list) else list(section.items())


def finite(x: float) -> float:
    return x if math.isfinite(x) else 0.0


def clamp(x: float, ends: Sequence[float] | None) -> float:
    return x if ends is None else min(max(x, ends[0]), ends[1])


def power(x: float, p: float) -> float:
    try:
        return math.copysign(abs(x) ** p, x)
    except OverflowError:
        return math.copysign(math.inf, x)


def remap(x: float, spec: Table | None, number: Any) -> float:
    if spec is None:
        return x
    if "power" in spec:
        return power(x, number(spec["power"]))
    if "smoothstep" in spec:
        low, high = map(number, spec["smoothstep"])
        t = clamp((x - low) / (high - low), (0, 1))
        return t * t * (3 - 2 * t)
    points = [(number(a), number(b)) for a, b in spec["points"]]
    if not spec.get("extrapolate"):
        if x <= points[0][0]:
            return points[0][1]
        if x >= points[-1][0]:
            return points[-1][1]
    i = 0
    while i < len(points) - 2 and x >= points[i + 1][0]:
        i += 1
    (x0, y0), (x1, y1) = points[i], points[i + 1]
    return y0 + (x - x0) * (y1 - y0) / (x1 - x0)


def swap(text: str, pairs: Sequence[Sequence[str]]) -> str:
    out, i = "", 0
    while i < len(text):
        for a, b in [*pairs, *[(b, a) for a, b in pairs]]:
            if lower(text[i:]).startswith(lower(a)):
                out, i = out + b, i + len(a)
                break
        else:
            out, i = out + text[i], i + 1
    return out


class Naive:
    """One table; ``frame`` maps one frame given as a dictionary."""

    def __init__(self, name: str, folder: Path, params: Mapping[str, float]) -> None:
        self.table = load(name, folder)
        given = {lower(k): v for k, v in params.items()}
        self.params = {**{lower(k): v for k, v in self.table.get("params", {}).items()}, **given}
        target = self.table["target"]
        if target["profile"] == "custom":
            profile: Table = {"curves": target["curves"]}
        else:
            profile = pyyaml_value((MAPPINGS / "profiles" / f"{target['profile']}.yaml").read_bytes())
        self.curves = profile["curves"] + profile.get("plain", [])
        self.plain = set(profile.get("plain", []))
        self.prefix = target.get("prefix", profile.get("prefix", ""))
        self.sources = (
            ARKIT_NAMES if self.table.get("source", {}).get("profile") == "arkit_52" else FACE_NAMES
        )
        self.defaults = self.table.get("defaults", {})

    def number(self, value: Any) -> float:
        return float(self.params[lower(value[1:])]) if isinstance(value, str) else float(value)

    def curve_names(self, curve: str, source: str = "") -> list[str]:
        base, _, ending = curve.partition("@")
        ends = {"": [""], "lr": ["L", "R"], "quad": ["UL", "UR", "DL", "DR"]}.get(ending)
        ends = ends or (["L"] if lower(source).endswith("left") else ["R"])
        return [next(c for c in self.curves if lower(c) == lower(base + end)) for end in ends]

    def range_of(self, ends: Any) -> list[float] | None:
        return None if ends is None else [self.number(end) for end in ends]

    def frame(self, weights: Mapping[str, float]) -> dict[str, float]:
        """Map one frame: source name to weight in, output name to value out."""
        given = {lower(name): value for name, value in weights.items()}
        zero = self.defaults.get("on_missing_source", "skip") == "zero"
        channels: dict[str, float | None] = {}
        for source in map(lower, self.sources):
            raw = given.get(source, 0.0 if zero else None)
            channels[source] = None if raw is None else self.input(source, raw)
        for spec in self.table.get("expressions", []):
            channels[lower(spec["name"])] = self.expression(spec, channels)
        values = self.combine(self.contributions(channels), {c for _, c, _ in self.entries()})
        for limit in self.table.get("limits", []):
            children, parents = self.curve_names(limit["child"]), self.curve_names(limit["parent"])
            for i, child in enumerate(children):
                values[child] = min(values[child], values[parents[i] if len(parents) > 1 else parents[0]])
        self.outputs(values)
        fixed = dict.fromkeys(
            (c for n in self.table.get("null_outputs", []) for c in self.curve_names(n)), 0.0
        )
        for name, value in _layers(self.table, "constants"):
            fixed.update(dict.fromkeys(self.curve_names(name), self.number(value)))
        values.update(fixed)
        return {(c if c in self.plain else self.prefix + c): values[c] for c in self.curves if c in values}

    def input(self, source: str, raw: float) -> float:
        specs = {lower(k): v for k, v in self.table.get("inputs", {}).items()}
        spec = specs.get(source, {})
        x = finite(raw) * self.number(spec.get("gain", 1)) + self.number(spec.get("offset", 0))
        if abs(x) < self.number(spec.get("deadzone", 0)):
            x = 0.0
        return finite(clamp(remap(x, spec.get("remap"), self.number), self.range_of(spec.get("clamp"))))

    def expression(self, spec: Table, channels: Mapping[str, float | None]) -> float | None:
        names = [a for a in spec["args"] if isinstance(a, str) and not a.startswith("$")]
        if names and all(channels[lower(name)] is None for name in names):
            return None
        args = [(channels[lower(a)] or 0.0) if a in names else self.number(a) for a in spec["args"]]
        op = spec["op"]
        value: float
        if op == "sum":
            value = args[0]
            for arg in args[1:]:
                value += arg
        elif op == "product":
            value = args[0]
            for arg in args[1:]:
                value *= arg
        elif op in ("min", "max"):
            value = (min if op == "min" else max)(args)
        elif op == "sub":
            value = args[0] - args[1]
        elif op == "lerp":
            value = args[0] + (args[1] - args[0]) * args[2]
        elif op == "clamp01":
            value = clamp(args[0], (0, 1))
        elif "else" in spec and args[1] <= 0:
            value = self.number(spec["else"])
        else:
            value = max(args[0], 0.0) / (max(args[1], 0.0) + self.number(spec.get("eps", 1e-4)))
        return finite(value)

    def entries(self) -> list[tuple[str, str, Table]]:
        """(source, curve, entry) in the order of the file."""
        out = []
        pairs = self.table.get("mirror", [["Left", "Right"]])
        for source, items in self.table.get("mappings", {}).items():
            for item in items:
                out += [(source, curve, item) for curve in self.curve_names(item["curve"], source)]
                if item.get("mirror"):
                    twin = swap(source, pairs)
                    out += [(twin, c, item) for c in self.curve_names(swap(item["curve"], pairs), twin)]
        return out

    def contributions(self, channels: Mapping[str, float | None]) -> list[tuple[str, str, float]]:
        """(combine, curve, value) of every entry whose source is there."""
        out = []
        for source, curve, item in self.entries():
            x = channels[lower(source)]
            if x is None:
                continue
            weight = self.number(item.get("weight", self.defaults.get("weight", 1)))
            v = remap(x, item.get("remap"), self.number) * weight + self.number(item.get("offset", 0))
            v = finite(clamp(v, self.range_of(item.get("clamp"))))
            out.append((item.get("combine", self.defaults.get("combine", "add")), curve, v))
        return out

    def combine(self, parts: Sequence[tuple[str, str, float]], curves: set[str]) -> dict[str, float]:
        values = {}
        for curve in curves:
            of = {kind: [v for k, c, v in parts if c == curve and k == kind] for kind, _, _ in parts}
            y = 0.0
            for v in of.get("add", []):
                y += v
            for v in of.get("max", []):
                y = max(y, v)
            for v in of.get("min", []):
                y = min(y, v)
            for v in of.get("multiply", []):
                y *= v
            if of.get("override"):
                y = of["override"][-1]
            values[curve] = finite(y)
        return values

    def outputs(self, values: dict[str, float]) -> None:
        default = self.range_of(self.defaults.get("clamp", [0, 1]))
        specs: dict[str, Table] = {}
        for name, spec in _layers(self.table, "outputs"):
            specs.update(dict.fromkeys(self.curve_names(name), spec))
        for curve in values:
            spec = specs.get(curve, {})
            ends = self.range_of(spec.get("clamp")) or default
            values[curve] = clamp(finite(values[curve] * self.number(spec.get("gain", 1))), ends)
