"""``trt_info.json``: how an engine is built from a pack's network (spec: regression 1.9, diffusion and emotion D.1).

The file holds arguments of NVIDIA's ``trtexec`` in groups, with ``{NAME}`` places filled from ``defaults``.  Only
arguments that have a meaning for our builder are known; any other is a mistake that is named.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from a2fbridge._errors import PackError
from a2fbridge.packs import _limits as limits
from a2fbridge.packs._findings import Fault, Report, fault, shorten
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._json import Fields, read_json

__all__ = ["DEFAULT_BATCHES", "EngineRecipe", "ShapeRange"]

RECIPE: Final = "trt_info.json"
DEFAULT_BATCHES: Final = {"MAX_BATCH_SIZE": 128, "OPT_BATCH_SIZE": 10}
"""Batches for files that leave ``defaults`` out, as the exporter of NVIDIA's training framework does; the values are
those of NVIDIA's service (spec: wire protocol, section 5.3)."""

_KINDS: Final = ("minShapes", "optShapes", "maxShapes")
_SWITCHES: Final = {
    "fp16": "fp16",
    "noTF32": "no_tf32",
    "versionCompatible": "version_compatible",
}
_POOL_UNITS: Final = {"B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_POOL: Final = re.compile(r"(\w+):([\d.]+)([BKMG]?)")
_SHAPE: Final = re.compile(r"([\w.]+):(\d+(?:x\d+)*)")
_ARGUMENTS: Final = 64
_ARGUMENT_LENGTH: Final = 4096


@dataclass(frozen=True, slots=True)
class ShapeRange:
    """What lengths an input may have: an engine is tuned for ``best`` and takes everything between the others."""

    low: tuple[int, ...]
    best: tuple[int, ...]
    high: tuple[int, ...]

    def pinned(self, name: str, lengths: tuple[int | None, ...]) -> ShapeRange:
        """Return the range with the lengths that are known pinned to them; raises PackError when one is outside."""
        ends = []
        for axis, length in enumerate(lengths):
            low, high = self.low[axis], self.high[axis]
            if length is not None and not low <= length <= high:
                raise PackError(f"{RECIPE}: {name} has {low} to {high} on axis {axis}; {length} is needed")
            best = min(self.best[axis], high)
            if not 1 <= low <= best:
                raise PackError(
                    f"{RECIPE}: {name} has {low} / {best} / {high} on axis {axis}; right is min <= opt <= max"
                )
            ends.append((low, best, high) if length is None else (length,) * 3)
        low_end, best_end, high_end = zip(*ends, strict=True)
        return ShapeRange(low_end, best_end, high_end)


@dataclass(frozen=True, slots=True)
class EngineRecipe:
    """Everything that decides what is built from a network, besides the network itself."""

    shapes: Mapping[str, ShapeRange] = field(default_factory=dict)
    """By input name; inputs of fixed shape may be left out."""
    fp16: bool = False
    no_tf32: bool = False
    version_compatible: bool = False
    hardware_level: str = ""
    """Empty, or ``ampere+``."""
    optimization_level: int | None = None
    pools: Mapping[str, int] = field(default_factory=dict)
    """Memory pool -> bytes."""

    def fitted(self, inputs: Mapping[str, tuple[int | None, ...]]) -> EngineRecipe:
        """Return the recipe for a network with these inputs (None: the batch axis), other lengths pinned.

        Raises PackError when a length lies outside the range, or the batch sizes make no range.
        """
        shapes = {}
        for name, lengths in inputs.items():
            shape = self.shapes.get(name)
            if shape is None or any(len(end) != len(lengths) for end in (shape.low, shape.best, shape.high)):
                raise PackError(f"{RECIPE} gives no range of {len(lengths)} lengths for input '{name}'")
            shapes[name] = shape.pinned(name, lengths)
        return replace(self, shapes=shapes)

    def describe(self) -> str:
        """Return the recipe as one line: part of the key of a built engine."""
        shapes = ",".join(f"{n}:{s.low}:{s.best}:{s.high}" for n, s in sorted(self.shapes.items()))
        pools = ",".join(f"{n}:{size}" for n, size in sorted(self.pools.items()))
        switches = f"{self.fp16}{self.no_tf32}{self.version_compatible}{self.hardware_level}"
        return f"{shapes};{switches};{self.optimization_level};{pools}"


def read_recipe(
    folder: PackFolder, report: Report, values: Mapping[str, int] | None = None
) -> EngineRecipe | None:
    """Read ``trt_info.json``; ``values`` take the place of its ``defaults``.  None when there is none.

    Raises Fault.
    """
    if not (folder.root / RECIPE).is_file():
        return None
    fields = read_json(folder, RECIPE, RECIPE, "", report)
    recipe = EngineRecipe()
    for argument in _filled(fields, values or {}):
        recipe = _apply(recipe, argument)
    return recipe


def _filled(fields: Fields, values: Mapping[str, int]) -> list[str]:
    """Return the arguments of all groups in file order, every ``{NAME}`` filled in."""
    groups = fields.child("trt_build_param")
    arguments = [text for group in groups.names() for text in groups.listed(group, _ARGUMENTS)]
    defaults = {**DEFAULT_BATCHES, **_defaults(fields), **values}
    fields.close()
    return [_fill(text, defaults) for text in arguments]


def _defaults(fields: Fields) -> dict[str, int]:
    if "defaults" not in fields:
        return {}
    given = fields.child("defaults")
    return {name: given.integer(name, 1, limits.WINDOW) for name in given.names()}


def _fill(text: str, values: Mapping[str, int]) -> str:
    if len(text) > _ARGUMENT_LENGTH:
        raise fault(RECIPE, "trt_build_param", f"at most {_ARGUMENT_LENGTH} characters", f"has {len(text)}")
    try:
        places = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise fault(RECIPE, "trt_build_param", "arguments of trtexec", f"{shorten(text)}: {error}") from None
    for name in places:
        if name not in values:
            raise fault(
                RECIPE, f"defaults.{name}", "a number for every {NAME} in trt_build_param", "is missing"
            )
        text = text.replace(f"{{{name}}}", str(values[name]))
    return text


def _apply(recipe: EngineRecipe, argument: str) -> EngineRecipe:
    name, _, value = argument.removeprefix("--").partition("=")
    wrong = fault(RECIPE, "trt_build_param", "arguments of trtexec", f"{shorten(argument)} is not understood")
    if name in _SWITCHES and not value:
        switch: Any = {_SWITCHES[name]: True}
        return replace(recipe, **switch)
    if name in _KINDS:
        return replace(recipe, shapes=_shapes(recipe.shapes, name, value, wrong))
    if name == "memPoolSize":
        return replace(recipe, pools={**recipe.pools, **_pools(value, wrong)})
    if name == "hardwareCompatibilityLevel" and value == "ampere+":
        return replace(recipe, hardware_level=value)
    if name == "builderOptimizationLevel" and value in ("0", "1", "2", "3", "4", "5"):
        return replace(recipe, optimization_level=int(value))
    raise wrong


def _shapes(known: Mapping[str, ShapeRange], kind: str, text: str, wrong: Fault) -> dict[str, ShapeRange]:
    """Put one end of the ranges, ``a:1x2,b:1x3``, into what is known."""
    shapes = dict(known)
    for item in text.split(","):
        match = _SHAPE.fullmatch(item)
        if not match:
            raise wrong
        lengths = tuple(min(int(n), 1 << 40) for n in match[2].split("x"))
        if min(lengths) < 1 or len(lengths) > 8 or max(lengths) > limits.PACK_BYTES:
            raise wrong
        old = shapes.get(match[1], ShapeRange((), (), ()))
        end = {"minShapes": "low", "optShapes": "best", "maxShapes": "high"}[kind]
        shapes[match[1]] = replace(old, **{end: lengths})
    return shapes


def _pools(text: str, wrong: Fault) -> dict[str, int]:
    pools = {}
    for item in text.split(","):
        match = _POOL.fullmatch(item)
        if not match:
            raise wrong
        try:
            pools[match[1]] = int(float(match[2]) * _POOL_UNITS[match[3] or "M"])
        except ValueError:
            raise wrong from None
    return pools


def check_recipe(recipe: EngineRecipe, inputs: Mapping[str, tuple[int | None, ...]], report: Report) -> None:
    """Report where the ranges contradict the network's inputs (None: any length) or themselves."""
    for name in sorted(recipe.shapes.keys() - inputs.keys()):
        report.warning(RECIPE, name, f"inputs {', '.join(sorted(inputs))}", "the network has no such input")
    for name, lengths in inputs.items():
        shape = recipe.shapes.get(name)
        if shape is None:
            if None in lengths:
                report.warning(RECIPE, name, "ranges for every input of free length", "none is given")
            continue
        _check_range(name, shape, lengths, report)


def _check_range(name: str, shape: ShapeRange, lengths: tuple[int | None, ...], report: Report) -> None:
    ranges = (shape.low, shape.best, shape.high)
    if any(len(end) != len(lengths) for end in ranges):
        found = " / ".join("x".join(map(str, end)) or "none" for end in ranges)
        report.warning(RECIPE, name, f"min, opt and max of {len(lengths)} lengths", f"has {found}")
        return
    for axis, (low, best, high, fixed) in enumerate(zip(*ranges, lengths, strict=True)):
        if not low <= best <= high:
            report.warning(RECIPE, name, f"min <= opt <= max on axis {axis}", f"has {low} / {best} / {high}")
        elif fixed is not None and not low == best == high == fixed:
            report.warning(
                RECIPE, name, f"{fixed} on axis {axis}, as in the network", f"has {low} / {best} / {high}"
            )


def recipe_of(root: Path, values: Mapping[str, int] | None = None) -> EngineRecipe | None:
    """Return how an engine is built from the pack in ``root``, None when it does not say; raises PackError."""
    report = Report()
    recipe = report.attempt(read_recipe, PackFolder(root), report, values)
    if report.errors:
        raise PackError(f"pack '{root.name}' in {root}: {report.errors[0]}")
    return recipe
