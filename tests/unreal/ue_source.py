"""Reads Unreal C++ headers and sources without the engine: reflection macros by hand, the rest by tree-sitter.

The grammar knows no Unreal macros, so they are blanked out (same length, same lines) before it sees the text; what they
said is kept and joined to the declaration that follows each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import tree_sitter_cpp
from tree_sitter import Language, Node, Parser
from ue_text import closing, conditions, erase, specifiers, without_comments

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "Plugins" / "A2FBridge"

REFLECTION = ("UCLASS", "USTRUCT", "UENUM", "UINTERFACE", "UPROPERTY", "UFUNCTION", "UMETA", "UDELEGATE")
_BODIES = ("GENERATED_BODY", "GENERATED_UCLASS_BODY", "GENERATED_USTRUCT_BODY")
# Macros that stand where the grammar expects a declaration or statement.
_STATEMENTS = (
    "IMPLEMENT_MODULE",
    r"DECLARE_\w+",
    r"DEFINE_\w+",
    r"BEGIN_DEFINE_SPEC",
    r"END_DEFINE_SPEC",
    r"IMPLEMENT_\w+",
    r"UE_DEFINE_\w+",
    r"SLATE_\w+",
    r"QUICK_SCOPE_CYCLE_COUNTER",
    r"THIRD_PARTY_INCLUDES_(?:START|END)",
    r"PRAGMA_\w+",
)
# Good C++ that the grammar (0.23) cannot read: default arguments that are {}, pointers to members.
_GRAMMAR_GAPS = (r"\w\s*(=\s*\{\})\s*[,)]", r"(\w+::)\*", r"(?:->|\.)(\*)\w")
_parser = Parser(Language(tree_sitter_cpp.language()))


@dataclass(frozen=True)
class Macro:
    """One reflection macro: its specifiers, where it stands and where it ends (bytes)."""

    kind: str
    specifiers: dict[str, str]
    meta: dict[str, str]
    line: int
    start: int
    end: int

    def has(self, *names: str) -> bool:
        """Tell whether one of these specifiers is there."""
        return any(name in self.specifiers for name in names)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function."""

    type: str
    name: str


@dataclass
class Member:
    """A property or function of a reflected type."""

    name: str
    type: str
    line: int
    macro: Macro | None
    comment: bool
    guards: tuple[str, ...]
    is_function: bool = False
    is_static: bool = False
    parameters: tuple[Parameter, ...] = ()


@dataclass
class ReflectedType:
    """A class, struct, enum or interface with a reflection macro."""

    kind: str
    name: str
    base: str
    api: str
    line: int
    macro: Macro
    comment: bool
    underlying: str = ""
    body_line: int = 0
    members: list[Member] = field(default_factory=list)
    enumerators: list[tuple[str, bool]] = field(default_factory=list)


@dataclass(frozen=True)
class Include:
    """One #include: the path, its line and the #if conditions around it."""

    path: str
    line: int
    guards: tuple[str, ...]


class Source:
    """One header or source file."""

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8") if text is None else text
        self.macros: list[Macro] = []
        self.delegates: dict[str, tuple[str, int]] = {}
        self._body_lines: list[tuple[int, int]] = []
        self._api_at: dict[int, str] = {}
        self._conditions = conditions(self.text)
        self._blanked = self._blank()

    @cached_property
    def tree(self) -> Node:
        """The syntax tree of the text without Unreal's macros."""
        return _parser.parse(self._blanked.encode()).root_node

    @property
    def is_header(self) -> bool:
        """Tell whether this is a header."""
        return self.path.suffix == ".h"

    @cached_property
    def includes(self) -> list[Include]:
        """All includes, in order."""
        found = []
        for number, line in enumerate(self.text.splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+["<]([^">]+)[">]', line)
            if match:
                found.append(Include(match.group(1), number, self._conditions[number]))
        return found

    @cached_property
    def types(self) -> list[ReflectedType]:
        """All reflected types with their members."""
        nodes = {"class_specifier", "struct_specifier", "enum_specifier"}
        declared = sorted(
            (node for node in _walk(self.tree) if node.type in nodes), key=lambda node: node.start_byte
        )
        result = []
        for macro in self.macros:
            if macro.kind not in ("UCLASS", "USTRUCT", "UENUM", "UINTERFACE"):
                continue
            node = next((node for node in declared if node.start_byte >= macro.end), None)
            if node is not None:
                result.append(self._type(macro, node))
        return result

    def errors(self) -> Iterator[int]:
        """Lines at which the grammar found something it cannot read."""
        for node in _walk(self.tree):
            if node.type == "ERROR" or node.is_missing:
                yield node.start_point[0] + 1

    # --- macros ------------------------------------------------------------------------------------------------

    def _blank(self) -> str:
        text = list(self.text)
        clean = without_comments(self.text)
        for match in re.finditer(rf"\b({'|'.join(REFLECTION)})\s*\(", clean):
            end = closing(clean, match.end() - 1)
            arguments = self.text[match.end() : end - 1]
            said, meta = specifiers(arguments)
            line = self.text.count("\n", 0, match.start()) + 1
            start_byte, end_byte = (len(self.text[:at].encode()) for at in (match.start(), end))
            self.macros.append(Macro(match.group(1), said, meta, line, start_byte, end_byte))
            erase(text, match.start(), end)
        for match in re.finditer(rf"\b(?:{'|'.join(_BODIES)})\s*\(\s*\)", clean):
            self._body_lines.append((self.text.count("\n", 0, match.start()) + 1, match.start()))
            erase(text, match.start(), match.end())
        for match in re.finditer(r"\bDECLARE_(\w*DELEGATE\w*)\s*\(\s*([\w<>:, ]*?)(?:\s*,\s*|\s*\))", clean):
            name = match.group(2)
            if "RetVal" in match.group(1):
                rest = clean[match.end() :]
                name = re.match(r"\s*(\w+)", rest).group(1)  # type: ignore[union-attr]
            self.delegates[name] = (match.group(1), self.text.count("\n", 0, match.start()) + 1)
        for match in re.finditer(rf"^[ \t]*(?:{'|'.join(_STATEMENTS)})\b", clean, re.M):
            opening = re.compile(r"\s*\(").match(clean, match.end())
            end = closing(clean, opening.end() - 1) if opening else match.end()
            semicolon = re.compile(r"\s*;").match(clean, end)
            erase(text, match.start(), semicolon.end() if semicolon else end)
        for pattern in _GRAMMAR_GAPS:
            for match in re.finditer(pattern, clean):
                erase(text, match.start(1), match.end(1))
        for match in re.finditer(r"\b([A-Z0-9]+_API)\b", clean):
            self._api_at[len(self.text[: match.start()].encode())] = match.group(1)
            erase(text, match.start(), match.end())
        return "".join(text)

    # --- declarations --------------------------------------------------------------------------------------------

    def _type(self, macro: Macro, node: Node) -> ReflectedType:
        name_node = node.child_by_field_name("name")
        bases = next((child for child in node.children if child.type == "base_class_clause"), None)
        base = _text(bases.named_children[-1]) if bases and bases.named_children else ""
        if bases:
            names = [child for child in bases.named_children if child.type != "access_specifier"]
            base = _text(names[0]) if names else ""
        api = next(
            (
                name
                for at, name in self._api_at.items()
                if name_node and macro.end <= at <= name_node.start_byte
            ),
            "",
        )
        body = node.child_by_field_name("body")
        result = ReflectedType(
            kind=macro.kind,
            name=_text(name_node) if name_node else "",
            base=base,
            api=api,
            line=macro.line,
            macro=macro,
            comment=self._comment_before(macro.start),
        )
        if macro.kind == "UENUM":
            result.underlying = next(
                (
                    _text(child)
                    for child in node.children
                    if child.type in ("type_identifier", "primitive_type") and child != name_node
                ),
                "",
            )
            result.enumerators = self._enumerators(body)
            return result
        if body is not None:
            result.body_line = next(
                (line for line, at in self._body_lines if body.start_byte <= self._byte(at) <= body.end_byte),
                0,
            )
            result.members = list(self._members(body))
        return result

    def _enumerators(self, body: Node | None) -> list[tuple[str, bool]]:
        if body is None:
            return []
        return [
            (_text(child.children[0]), self._comment_before(child.start_byte))
            for child in body.children
            if child.type == "enumerator"
        ]

    def _members(self, body: Node) -> Iterator[Member]:
        children = [child for child in body.children if child.type not in ("comment",)]
        pending = [macro for macro in self.macros if body.start_byte < macro.start < body.end_byte]
        for child in _flattened(children):
            if child.type not in ("field_declaration", "function_definition", "declaration"):
                continue
            macro = next(
                (
                    candidate
                    for candidate in reversed(pending)
                    if candidate.kind in ("UPROPERTY", "UFUNCTION") and candidate.end <= child.start_byte
                ),
                None,
            )
            if macro:
                between = self._blanked.encode()[macro.end : child.start_byte].decode()
                if without_comments(between).strip():
                    macro = None
            yield self._member(child, macro)

    def _member(self, node: Node, macro: Macro | None) -> Member:
        function = next(_find(node, "function_declarator"), None)
        is_function = function is not None and not any(
            child.type == "default_value" for child in node.children
        )
        declarator = function.child_by_field_name("declarator") if function and is_function else None
        if declarator is None:
            declarator = next(_find(node, "field_identifier"), None)
        type_node = node.child_by_field_name("type")
        kind = _text(type_node) if type_node else ""
        if any(child.type == "pointer_declarator" for child in node.children):
            kind += "*"
        start = macro.start if macro else node.start_byte
        line = node.start_point[0] + 1
        return Member(
            name=_text(declarator) if declarator else "",
            type=kind,
            line=line,
            macro=macro,
            comment=self._comment_before(start),
            guards=self._conditions[line],
            is_function=is_function,
            is_static=any(_text(child) == "static" for child in node.children),
            parameters=tuple(_parameters(function)) if function and is_function else (),
        )

    def _comment_before(self, start: int) -> bool:
        before = self.text.encode()[:start].decode().rstrip()
        return (
            before.endswith("*/") or before.splitlines()[-1:][0].lstrip().startswith("//")
            if before
            else False
        )

    def _byte(self, at: int) -> int:
        return len(self.text[:at].encode())


MODULES = ("A2FBridge", "A2FBridgeGraph", "A2FBridgeEditor")


def sources(folder: Path = PLUGIN / "Source", modules: tuple[str, ...] = MODULES) -> list[Source]:
    """All headers and sources of engine modules, by default the plugin's."""
    files = [path for module in modules for path in sorted((folder / module).rglob("*")) if path.is_file()]
    return [Source(path) for path in files if path.suffix in (".h", ".cpp")]


# --- tree ----------------------------------------------------------------------------------------------------------


def _walk(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.children))


def _find(node: Node, kind: str) -> Iterator[Node]:
    return (found for found in _walk(node) if found.type == kind)


def _flattened(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        if node.type.startswith("preproc_"):
            yield from _flattened(node.children)
        else:
            yield node


def _parameters(function: Node) -> Iterator[Parameter]:
    listed = function.child_by_field_name("parameters")
    for child in listed.named_children if listed else []:
        if child.type not in ("parameter_declaration", "optional_parameter_declaration"):
            continue
        name = next(_find(child, "identifier"), None)
        declarator = child.child_by_field_name("declarator")
        if declarator is not None:
            name = next(_find(declarator, "identifier"), None)
        end = name.start_byte if name and declarator is not None else child.end_byte
        raw = child.text.decode()[: end - child.start_byte] if child.text else ""
        yield Parameter(" ".join(raw.split()), _text(name) if name and declarator is not None else "")


def _text(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text else ""
