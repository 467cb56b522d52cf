"""The YAML subset: vectors, PyYAML as the oracle, and noise."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_mapping import pyyaml_value

from a2fbridge._errors import MappingError
from a2fbridge.mapping._nodes import MapNode, Node, SequenceNode, plain_value
from a2fbridge.mapping._yaml import read_yaml

VECTORS = Path(__file__).parents[1] / "vectors" / "yaml"
MAPPINGS = Path(__file__).parents[2] / "mappings"


def cases(name: str) -> list[Any]:
    values = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(value, id=value["name"]) for value in values]


def document(case: dict[str, Any]) -> bytes:
    if "repeat" in case:
        first, following, count = case["repeat"]
        return str(first + following * count).encode()
    return base64.b64decode(case["base64"]) if "base64" in case else case["text"].encode()


@pytest.mark.parametrize("case", cases("accepted"))
def test_accepted_documents_have_their_value_and_pyyaml_agrees(case: dict[str, Any]) -> None:
    data = document(case)
    assert plain_value(read_yaml(data)) == case["value"]
    assert pyyaml_value(data) == case["value"]


@pytest.mark.parametrize("case", cases("refused"))
def test_refused_documents_say_what_and_where(case: dict[str, Any]) -> None:
    with pytest.raises(MappingError) as caught:
        read_yaml(document(case), "t.yaml")
    error = caught.value
    assert (error.code, error.line, error.column) == (case["code"], case["line"], case["column"])
    assert str(error).startswith(f"t.yaml:{error.line}:{error.column}: ")


@pytest.mark.parametrize("path", sorted(MAPPINGS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_pyyaml_reads_the_shipped_files_the_same(path: Path) -> None:
    assert plain_value(read_yaml(path.read_bytes())) == pyyaml_value(path.read_bytes())


def test_places_are_those_of_the_text() -> None:
    node = read_yaml(b"a: 1\nbb:\n  - {c: x}\n")
    assert isinstance(node, MapNode)
    assert (node.keys["bb"].line, node.keys["bb"].column) == (2, 1)
    inner = node.entries["bb"]
    assert isinstance(inner, SequenceNode)
    assert (inner.items[0].place.line, inner.items[0].place.column) == (3, 5)


WORDS = st.text(st.sampled_from("ab-:#,[]{}'\"?&*!|>%@` \n~.01e$é<"), max_size=40)
LINES = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(("- ", "a: ", "b:", "'c': ", "- - ", "- a: ", "")), WORDS),
    max_size=8,
).map(lambda lines: "\n".join(" " * indent + head + word for indent, head, word in lines))


def outcome(data: bytes) -> tuple[bool, Any]:
    """(True, value), or (False, error)."""
    try:
        return True, plain_value(read_yaml(data))
    except MappingError as error:
        return False, error


def says_where(error: MappingError) -> bool:
    return error.code != "" and error.line >= 1 and error.column >= 1


@settings(max_examples=400, deadline=None)
@given(WORDS | LINES | st.text(max_size=60))
def test_any_text_is_refused_or_read_as_pyyaml_reads_it(text: str) -> None:
    accepted, result = outcome(text.encode("utf-8", "surrogatepass"))
    assert result == pyyaml_value(text) if accepted else says_where(result)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    accepted, result = outcome(data)
    assert accepted or says_where(result)


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8).filter(
    lambda key: key != "<<"  # refused, quoted or not
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | NUMBERS
    | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_json_is_read_as_it_is(value: Any) -> None:
    assert plain_value(read_yaml(json.dumps(value, ensure_ascii=False).encode())) == value


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_block_style_is_read_as_it_is(value: Any) -> None:
    lines = block(value, 0)
    text = "\n".join(lines)
    assert plain_value(read_yaml(text.encode())) == value


def block(value: Any, indent: int) -> list[str]:
    """Write a value in block style, scalars and keys as JSON text."""
    pad = " " * indent
    if isinstance(value, dict) and value:
        out = []
        for key, item in value.items():
            out += joined(f"{pad}{json.dumps(key, ensure_ascii=False)}:", item, indent)
        return out
    if isinstance(value, list) and value:
        return [line for item in value for line in joined(f"{pad}-", item, indent)]
    return [pad + json.dumps(value, ensure_ascii=False)]


def joined(head: str, item: Any, indent: int) -> list[str]:
    if isinstance(item, dict | list) and item:
        return [head, *block(item, indent + 2)]
    return [f"{head} {json.dumps(item, ensure_ascii=False)}"]


def test_a_deep_document_is_refused_before_it_is_built() -> None:
    with pytest.raises(MappingError, match="32 nested"):
        read_yaml(b"[" * 500_000)


def nodes(node: Node) -> int:
    if isinstance(node, MapNode):
        return 1 + sum(nodes(item) for item in node.entries.values())
    return 1 + sum(nodes(item) for item in node.items) if isinstance(node, SequenceNode) else 1


def test_a_document_at_the_size_limit_is_read() -> None:
    text = b"a: [" + b"1, " * 340_000 + b"1]\n"
    assert len(text) < 1 << 20
    assert nodes(read_yaml(text)) == 340_003
