"""A strict fake of the module ``unreal``: every name and signature is the engine's own, from the 5.6 API stub.

What the stub does not have is an AttributeError; arguments that do not fit are a TypeError; a property that cannot be
written cannot be written.  What a call *does* must be given by the test (``behave``): a call nobody described
is an error, so nothing passes by accident.
"""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import re
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ue_python import plugin_stub

Behaviour = Callable[..., Any]
_OURS = ("static_class", "set_editor_property", "get_editor_property")
"""Members that the fake itself provides."""
_CONTAINERS = {"Array": list, "Map": dict, "Set": set}
_BROKEN = re.compile(r"    def __init__\(self, background_brush: SlateBrush = \[\[\[.*")


class UnrealTypeError(TypeError):
    """A call that the engine's signature does not allow."""


@cache
def engine_stub() -> str:
    """Return the text of PyPI's ``unreal-stub`` (5.6), its one broken line mended."""
    files = importlib.metadata.files("unreal-stub") or []
    path = next(Path(str(f.locate())) for f in files if f.name == "unreal.py")
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return "\n".join(
        "    def __init__(self, *args: Any, **kwargs: Any) -> None:" if _BROKEN.match(line) else line
        for line in lines
    )


@cache
def _declarations() -> dict[str, ast.stmt]:
    """Return every class and function of the engine's stub, then those of the plugin, by name."""
    found: dict[str, ast.stmt] = {}
    for text in (engine_stub(), plugin_stub()):
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                found[node.name] = node
    return found


class Fake(types.ModuleType):
    """The module.  ``behave("Class.method", function)`` says what a call does; ``calls`` lists what was called."""

    def __init__(self) -> None:
        super().__init__("unreal")
        self.__dict__["_behaviours"] = {}
        self.__dict__["_classes"] = {}
        self.__dict__["calls"] = []
        self.__dict__["_existing"] = {}

    def behave(self, name: str, behaviour: Behaviour) -> None:
        """Describe a method (``Class.method``) or a function of the module; it must exist."""
        owner, _, method = name.partition(".")
        if owner not in _declarations() or (method and method not in _methods(owner)):
            raise AttributeError(f"unreal has no {name}")
        self._behaviours[name] = behaviour

    def exists(self, name: str, make: Callable[[], Any]) -> None:
        """Say that an object which a property (``Class.property``) holds is there from the beginning."""
        owner, _, member = name.partition(".")
        if member not in _methods(owner):
            raise AttributeError(f"unreal has no {name}")
        self._existing[name] = make

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._classes:
            self._classes[name] = self._made(name)
        return self._classes[name]

    def _made(self, name: str) -> Any:
        if name in ("Array", "Map", "Set"):
            return _CONTAINERS[name]
        if name in ("Name", "Text"):
            return str
        if name in ("uclass", "uproperty", "ufunction", "ustruct"):
            return getattr(_Decorators, name)
        node = _declarations().get(name)
        if isinstance(node, ast.FunctionDef):
            return self._callable(name, node, bound=False)
        if isinstance(node, ast.ClassDef):
            return self._class(node)
        raise AttributeError(f"module 'unreal' has no attribute '{name}'")

    def _class(self, node: ast.ClassDef) -> type:
        bases = [b.id for b in node.bases if isinstance(b, ast.Name)]
        if "EnumBase" in bases:
            return _enum(node)
        parents = tuple(getattr(self, b) for b in bases if b in _declarations()) or (Wrapped,)
        members: dict[str, Any] = {"_fake": self, "__doc__": None}
        for name, method in _own(node):
            if name == "__init__":
                members["_init"] = _signature(method)
            elif _decorated(method, "property"):
                setter = _has_setter(node, name)
                members[name] = self._property(node.name, name, setter)
            elif name not in _OURS and not _decorated(method, "setter"):
                members[name] = self._callable(f"{node.name}.{name}", method, bound=True)
        members["_editor"] = frozenset(re.findall(r"``(\w+)`` \(", ast.get_docstring(node) or ""))
        return type(node.name, parents, members)

    def _property(self, owner: str, name: str, writable: bool) -> property:
        def read(held: Any) -> Any:
            make = self._existing.get(f"{owner}.{name}")
            if make and name not in held._values:
                held._values[name] = make()
            return held._values.get(name)

        def write(held: Any, value: Any) -> None:
            held._values[name] = value

        return property(read, write if writable else None)

    def _callable(self, name: str, node: ast.FunctionDef, *, bound: bool) -> Any:
        signature, of_class = _signature(node), bound and _decorated(node, "classmethod")

        def call(first: Any, *arguments: Any, **named: Any) -> Any:
            try:
                given = signature.bind(*((first,) if bound else ()), *arguments, **named)
            except TypeError as error:
                raise UnrealTypeError(f"unreal.{name}: {error}") from None
            given.apply_defaults()
            values = list(given.arguments.values())[1 if bound else 0 :]
            self.calls.append((name, values))
            owners = [f"{c.__name__}.{name.partition('.')[2]}" for c in _types(first)] if bound else [name]
            behaviour = next((self._behaviours[o] for o in owners if o in self._behaviours), None)
            if behaviour is None:
                raise AssertionError(f"the test does not say what unreal.{name} does")
            return behaviour(*((first,) if bound and not of_class else ()), *values)

        if not bound:
            return lambda *arguments, **named: call(None, *arguments, **named)
        return classmethod(call) if of_class else call


class Wrapped:
    """Base of every fake object: properties by declared name alone."""

    _init: Any = None
    _editor: frozenset[str] = frozenset()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        object.__setattr__(self, "_values", {})
        if self._init is not None:
            try:
                given = self._init.bind(self, *arguments, **named)
            except TypeError as error:
                raise UnrealTypeError(f"unreal.{type(self).__name__}: {error}") from None
            given.apply_defaults()
            for name, value in list(given.arguments.items())[1:]:
                if name not in ("args", "kwargs"):
                    self._values[name] = value

    def __setattr__(self, name: str, value: Any) -> None:
        declared = inspect.getattr_static(type(self), name, None)
        if not isinstance(declared, property):
            raise AttributeError(f"unreal.{type(self).__name__} has no property '{name}'")
        object.__setattr__(self, name, value)

    def set_editor_property(self, name: str, value: Any) -> None:
        """Write a property of the details panel."""
        self._check_editor(name)
        self._values[name] = value

    def get_editor_property(self, name: str) -> Any:
        """Read a property of the details panel."""
        self._check_editor(name)
        return self._values.get(name)

    def _check_editor(self, name: str) -> None:
        known = {n for c in type(self).__mro__ for n in getattr(c, "_editor", ())}
        if name not in known and not isinstance(inspect.getattr_static(type(self), name, None), property):
            raise AttributeError(f"unreal.{type(self).__name__} has no editor property '{name}'")

    @classmethod
    def static_class(cls) -> type:
        """Return the class itself."""
        return cls


class _Decorators:
    """``@unreal.uclass()`` and its kin, which declare classes in Python."""

    @staticmethod
    def uclass() -> Callable[[type], type]:
        """Return the class as it is."""
        return lambda kind: kind

    @staticmethod
    def uproperty(kind: Any, meta: Any = None, getter: Any = None, setter: Any = None) -> property:
        """Declare a property."""
        key = f"own{id(object())}{meta}"
        return property(
            lambda self: self._values.get(key), lambda self, value: self._values.__setitem__(key, value)
        )

    @staticmethod
    def ufunction(**_: Any) -> Callable[[Any], Any]:
        """Return the method as it is."""
        return lambda method: method


@dataclass(frozen=True)
class _Member:
    """A value of an enum."""

    owner: str
    name: str


def _enum(node: ast.ClassDef) -> type:
    names = [
        n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    ]
    return type(node.name, (), {name: _Member(node.name, name) for name in names})


def _own(node: ast.ClassDef) -> Iterator[tuple[str, ast.FunctionDef]]:
    return ((n.name, n) for n in node.body if isinstance(n, ast.FunctionDef))


def _methods(owner: str) -> set[str]:
    node = _declarations()[owner]
    if not isinstance(node, ast.ClassDef):
        return set()
    inherited = [_methods(b.id) for b in node.bases if isinstance(b, ast.Name) and b.id in _declarations()]
    return {name for name, _ in _own(node)}.union(*inherited)


def _decorated(node: ast.FunctionDef, name: str) -> bool:
    return any(
        (isinstance(d, ast.Name) and d.id == name) or (isinstance(d, ast.Attribute) and d.attr == name)
        for d in node.decorator_list
    )


def _has_setter(node: ast.ClassDef, name: str) -> bool:
    return any(n == name and _decorated(method, "setter") for n, method in _own(node))


def _types(first: Any) -> tuple[type, ...]:
    return (first if isinstance(first, type) else type(first)).__mro__


def _signature(node: ast.FunctionDef) -> inspect.Signature:
    """Return the signature; defaults are shown as the stub's text, which no behaviour should need."""
    made = []
    positional = node.args.args
    missing = len(positional) - len(node.args.defaults)
    for i, argument in enumerate(positional):
        default = inspect.Parameter.empty if i < missing else _default(node.args.defaults[i - missing])
        made.append(inspect.Parameter(argument.arg, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default))
    if node.args.vararg:
        made.append(inspect.Parameter(node.args.vararg.arg, inspect.Parameter.VAR_POSITIONAL))
    if node.args.kwarg:
        made.append(inspect.Parameter(node.args.kwarg.arg, inspect.Parameter.VAR_KEYWORD))
    return inspect.Signature(made)


def _default(node: ast.expr) -> Any:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return _Member(node.value.id, node.attr)
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ...
