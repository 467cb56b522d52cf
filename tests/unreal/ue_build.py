"""Reads .Build.cs files with the C# grammar: which modules a module depends on, and under which condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import tree_sitter_c_sharp
from tree_sitter import Language, Node, Parser

_parser = Parser(Language(tree_sitter_c_sharp.language()))
_LISTS = {
    "PublicDependencyModuleNames": "public",
    "PrivateDependencyModuleNames": "private",
    "DynamicallyLoadedModuleNames": "dynamic",
}


@dataclass
class BuildFile:
    """What one .Build.cs says. `dependencies` maps a module to (kind, condition or nothing)."""

    path: Path
    name: str = ""
    external: bool = False
    dependencies: dict[str, tuple[str, str]] = field(default_factory=dict)
    errors: list[int] = field(default_factory=list)


def read_build_file(path: Path, text: str | None = None) -> BuildFile:
    """Parse a .Build.cs file."""
    root = _parser.parse((path.read_text() if text is None else text).encode()).root_node
    result = BuildFile(path)
    for node in _walk(root):
        if node.type == "ERROR" or node.is_missing:
            result.errors.append(node.start_point[0] + 1)
        elif node.type == "class_declaration":
            result.name = _text(node.child_by_field_name("name"))
        elif node.type == "assignment_expression" and "ModuleType.External" in _text(node):
            result.external = True
        elif node.type == "invocation_expression":
            _dependency(node, result)
    return result


def _dependency(node: Node, result: BuildFile) -> None:
    function = _text(node.child_by_field_name("function"))
    kind = _LISTS.get(function.split(".")[0])
    if kind is None or not function.endswith((".Add", ".AddRange")):
        return
    for literal in _walk(node):
        if literal.type == "string_literal_content":
            result.dependencies[_text(literal)] = (kind, _condition(node))


def _condition(node: Node) -> str:
    parent = node.parent
    while parent is not None:
        if parent.type == "if_statement":
            return _text(parent.child_by_field_name("condition"))
        parent = parent.parent
    return ""


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _text(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text else ""
