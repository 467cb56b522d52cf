"""From a merged document to a program: names looked up, short forms written out, numbers filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

import numpy as np

from a2fbridge._errors import nearest
from a2fbridge.mapping._curves import find_curves, swap_tokens
from a2fbridge.mapping._document import Document, EntrySpec, ExpressionSpec, InputSpec, RemapSpec
from a2fbridge.mapping._fields import Name, Numeric, Range, fold
from a2fbridge.mapping._profiles import Profile, resolve_profile, source_names
from a2fbridge.mapping._program import UNBOUNDED, Entry, Expression, Program, Remap, Stage1

__all__ = ["DEFAULT_EPS", "Compiler"]

DEFAULT_EPS: Final = 1e-4
_MIRROR: Final = (("Left", "Right"),)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Compiler:
    """Compiles one merged document; raises MappingError at the place of the first mistake."""

    def __init__(self, document: Document, params: Mapping[str, float]) -> None:
        self.document = document
        self.params = params
        if document.target is None:
            raise document.place.error("schema", "a table needs 'target' (profile, prefix)")
        self.profile: Profile = resolve_profile(document.target)
        self.prefix = self.profile.prefix if document.target.prefix is None else document.target.prefix
        self.sources = source_names(document.source)
        self.channels: dict[str, int] = {fold(name): i for i, name in enumerate(self.sources)}
        self.channel_names: list[str] = list(self.sources)
        self.used: set[int] = set()
        """Sources that some expression or mapping names."""

    def program(self) -> Program:
        stage1 = self._stage1()
        expressions = tuple(self._expression(spec) for spec in self.document.expressions)
        drafts = list(self._drafts())
        fixed = self._fixed({curve for _, curve, _ in drafts})
        order = [*self.profile.curves, *self.profile.plain]
        driven = {curve for _, curve, _ in drafts} | fixed.keys()
        curves = [curve for curve in order if curve in driven]
        index = {curve: i for i, curve in enumerate(curves)}
        mapped = {curve: index[curve] for _, curve, _ in drafts}
        gain, low, high = self._outputs(mapped, len(curves))
        return Program(
            sources=self.sources,
            targets=tuple(self.profile.output_name(curve, self.prefix) for curve in curves),
            curves=tuple(curves),
            stage1=stage1,
            expressions=expressions,
            entries=tuple(self._entry(channel, index[curve], spec) for channel, curve, spec in drafts),
            limits=tuple(self._limits(mapped)),
            gain=gain,
            low=low,
            high=high,
            fixed=tuple((index[curve], value) for curve, value in fixed.items()),
            skip_missing=self.document.defaults.on_missing_source != "zero",
        )

    # --- stage 1: inputs ----------------------------------------------------------------------------------

    def _stage1(self) -> Stage1:
        count = len(self.sources)
        gain, offset, deadzone = np.ones(count), np.zeros(count), np.zeros(count)
        low, high = np.full(count, -np.inf), np.full(count, np.inf)
        remaps: list[tuple[int, Remap]] = []
        for name, spec in self.document.inputs.values():
            i = self._source(name)
            gain[i] = self._number(spec.gain, 1.0)
            offset[i] = self._number(spec.offset, 0.0)
            deadzone[i] = self._deadzone(spec)
            low[i], high[i] = self._range(spec.clamp)
            if spec.remap:
                remaps.append((i, self._remap(spec.remap)))
        return Stage1(gain, offset, deadzone, low, high, tuple(remaps))

    def _source(self, name: Name) -> int:
        channel = self.channels.get(name.folded)
        if channel is None:
            raise name.place.error(
                "unknown_source", f"no source '{name.text}'{nearest(name.text, self.sources)}"
            )
        return channel

    def _deadzone(self, spec: InputSpec) -> float:
        return spec.deadzone.resolve_in(self.params, 0.0, "deadzone") if spec.deadzone else 0.0

    # --- stage 2: expressions -----------------------------------------------------------------------------

    def _expression(self, spec: ExpressionSpec) -> Expression:
        args = tuple(self._argument(arg) for arg in spec.args)
        name = spec.name
        if not _IDENTIFIER.fullmatch(name.text):
            raise name.place.error(
                "value", f"the name '{name.text}' must be letters, digits and _, no digit first"
            )
        if name.folded in self.channels:
            raise name.place.error("duplicate_name", f"'{name.text}' is already a source or an expression")
        self.channels[name.folded] = len(self.channel_names)
        self.channel_names.append(name.text)
        eps = spec.eps.resolve_in(self.params, 0.0, "eps", above=True) if spec.eps else DEFAULT_EPS
        otherwise = spec.otherwise.resolve(self.params) if spec.otherwise else None
        return Expression(name.text, spec.op, args, eps, otherwise)

    def _argument(self, arg: Name | Numeric) -> int | float:
        return self._channel(arg, "unknown_name") if isinstance(arg, Name) else arg.resolve(self.params)

    def _channel(self, name: Name, code: str) -> int:
        channel = self.channels.get(name.folded)
        if channel is None:
            hint = nearest(name.text, self.channel_names)
            raise name.place.error(code, f"no source or earlier expression '{name.text}'{hint}")
        self.used.add(channel)
        return channel

    # --- stage 3: mappings --------------------------------------------------------------------------------

    def _drafts(self) -> Iterator[tuple[int, str, EntrySpec]]:
        """Yield (channel, curve, entry) in the table's order, a mirrored twin right after its original."""
        for name, specs in self.document.mappings.values():
            channel = self._channel(name, "unknown_source")
            for spec in specs:
                for curve in find_curves(self.profile, spec.curve, self.channel_names[channel]):
                    yield channel, curve, spec
                if spec.mirror:
                    yield from self._twin(name, spec)

    def _twin(self, name: Name, spec: EntrySpec) -> Iterator[tuple[int, str, EntrySpec]]:
        pairs = _MIRROR if self.document.mirror is None else self.document.mirror
        source = Name(swap_tokens(name.text, pairs), spec.curve.place)
        if source.folded == name.folded:
            raise spec.curve.place.error("mirror", f"'{name.text}' has no side to mirror")
        channel = self._channel(source, "unknown_source")
        curve = Name(swap_tokens(spec.curve.text, pairs), spec.curve.place)
        for found in find_curves(self.profile, curve, self.channel_names[channel]):
            yield channel, found, spec

    def _entry(self, channel: int, target: int, spec: EntrySpec) -> Entry:
        defaults = self.document.defaults
        low, high = self._range(spec.clamp)
        return Entry(
            channel=channel,
            target=target,
            weight=self._number(spec.weight or defaults.weight, 1.0),
            offset=self._number(spec.offset, 0.0),
            remap=self._remap(spec.remap) if spec.remap else None,
            low=low,
            high=high,
            combine=spec.combine or defaults.combine or "add",
            place=spec.curve.place,
        )

    # --- stages 4 and 5 -----------------------------------------------------------------------------------

    def _limits(self, mapped: Mapping[str, int]) -> Iterator[tuple[int, int]]:
        for child, parent in self.document.limits or ():
            children, parents = find_curves(self.profile, child), find_curves(self.profile, parent)
            if len(parents) == 1:
                parents *= len(children)
            if len(parents) != len(children):
                raise parent.place.error(
                    "suffix", f"'{parent.text}' and '{child.text}' stand for different counts"
                )
            for one, other in zip(children, parents, strict=True):
                yield self._mapped(one, child, mapped), self._mapped(other, parent, mapped)

    def _mapped(self, curve: str, name: Name, mapped: Mapping[str, int]) -> int:
        if curve not in mapped:
            raise name.place.error("undriven", f"no mapping drives '{curve}'")
        return mapped[curve]

    def _outputs(
        self, mapped: Mapping[str, int], count: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # [T] float64 each
        default = self.document.defaults.clamp
        ends = default.resolve(self.params) if default else (0.0, 1.0)
        gain, low, high = np.ones(count), np.full(count, ends[0]), np.full(count, ends[1])
        seen: dict[str, Name] = {}
        for name, spec in self.document.outputs:
            for curve in find_curves(self.profile, name):
                self._once(curve, name, seen)
                i = self._mapped(curve, name, mapped)
                gain[i] = self._number(spec.gain, 1.0)
                low[i], high[i] = spec.clamp.resolve(self.params) if spec.clamp else ends
        return gain, low, high

    def _once(self, curve: str, name: Name, seen: dict[str, Name]) -> None:
        """Refuse a curve that one file names twice in a section; an extending table may name it again."""
        before = seen.get(curve)
        if before and before.place.path == name.place.path:
            raise name.place.error(
                "duplicate_name", f"'{curve}' stands twice, first in line {before.place.line}"
            )
        seen[curve] = name

    def _fixed(self, mapped: set[str]) -> dict[str, float]:
        """Return the curves that hold one value: constants, and nulls at 0."""
        values: dict[str, float] = {}
        seen: dict[str, Name] = {}
        nulls = ((name, None) for name in self.document.null_outputs or ())
        for name, number in (*self.document.constants, *nulls):
            for curve in find_curves(self.profile, name):
                self._once(curve, name, seen)
                if curve in mapped:
                    raise name.place.error("conflict", f"'{curve}' is driven by a mapping already")
                values[curve] = number.resolve(self.params) if number else 0.0
        return values

    # --- numbers ------------------------------------------------------------------------------------------

    def _number(self, number: Numeric | None, default: float) -> float:
        return default if number is None else number.resolve(self.params)

    def _range(self, ends: Range | None) -> tuple[float, float]:
        return ends.resolve(self.params) if ends else UNBOUNDED

    def _remap(self, spec: RemapSpec) -> Remap:
        numbers = tuple(number.resolve(self.params) for number in spec.numbers)
        if spec.kind == "power" and numbers[0] <= 0:
            raise spec.place.error("value", f"power is {numbers[0]:g}; right is above 0")
        xs = numbers[0::2] if spec.kind == "points" else numbers
        if any(b <= a for a, b in pairwise(xs)):
            raise spec.place.error("value", f"the x values of {spec.kind} must increase")
        return Remap(spec.kind, numbers, spec.extrapolate)
