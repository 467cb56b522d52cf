"""Finding tables, following ``extends``, and merging the files of a chain into one document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

from a2fbridge._errors import MappingError, nearest
from a2fbridge._resources import mappings_dir
from a2fbridge.mapping._document import Defaults, Document, ExpressionSpec
from a2fbridge.mapping._fields import Name, fold
from a2fbridge.mapping._read import read_document
from a2fbridge.mapping._text import MAX_BYTES
from a2fbridge.mapping._yaml import read_yaml

__all__ = ["list_tables", "load_document", "parse_document"]

_MAX_CHAIN: Final = 8


def _shipped() -> dict[str, Path]:
    tables = (path for path in mappings_dir().glob("*/*.yaml") if path.parent.name != "profiles")
    return {path.stem: path for path in sorted(tables)}


def list_tables() -> tuple[str, ...]:
    """Return the names of the shipped tables, as ``MappingTable.load`` takes them."""
    return tuple(sorted(_shipped()))


def load_document(path_or_name: str | Path) -> Document:
    """Read a shipped table by its name, or a file by its path, with everything that it extends."""
    shipped = _shipped()
    if isinstance(path_or_name, str) and path_or_name in shipped:
        return _read_chain(shipped[path_or_name])
    path = Path(path_or_name)
    if not path.is_file():
        known = ", ".join(sorted(shipped))
        hint = nearest(str(path_or_name), shipped)
        raise MappingError(
            f"no table or file '{path_or_name}'{hint}; shipped are {known}", code="unknown_table"
        )
    return _read_chain(path)


def parse_document(text: str | bytes, folder: Path | None = None) -> Document:
    """Read a table from text; ``folder`` is where its ``extends`` may look, None for shipped tables only."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    document = read_document(read_yaml(data))
    return _extended(document, folder, folder, ())


def _read_chain(path: Path) -> Document:
    return _read_file(path, path.resolve().parent, ())


def _read_file(path: Path, root: Path | None, chain: tuple[Path, ...]) -> Document:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise MappingError(f"cannot be read: {error.strerror}", str(path), code="unknown_table") from None
    document = read_document(read_yaml(data, str(path)))
    return _extended(document, path.resolve().parent, root, (*chain, path.resolve()))


def _extended(
    document: Document, folder: Path | None, root: Path | None, chain: tuple[Path, ...]
) -> Document:
    if document.extends is None:
        return document
    path, root = _base_path(document.extends, folder, root)
    if path.resolve() in chain:
        raise document.extends.place.error("extends", f"'{document.extends.text}' extends itself")
    if len(chain) >= _MAX_CHAIN:
        raise document.extends.place.error("extends", f"a chain of more than {_MAX_CHAIN} tables")
    return _merge(_read_file(path, root, chain), document)


def _base_path(extends: Name, folder: Path | None, root: Path | None) -> tuple[Path, Path]:
    """Find the base table and the folder that it may not leave: a shipped name, or a file below ``root``."""
    shipped = _shipped().get(extends.text)
    if shipped:
        return shipped, shipped.resolve().parent
    if folder is None or root is None:
        raise extends.place.error(
            "unknown_table", f"no shipped table '{extends.text}'{nearest(extends.text, _shipped())}"
        )
    path = (folder / extends.text).resolve()
    if not path.is_relative_to(root.resolve()):
        raise extends.place.error("extends", f"'{extends.text}' lies outside the table's folder")
    if not path.is_file():
        raise extends.place.error(
            "unknown_table", f"no table or file '{extends.text}'{nearest(extends.text, _shipped())}"
        )
    return path, root


def _merge(base: Document, child: Document) -> Document:
    """Lay ``child`` over ``base`` (docs/mapping.md, Extending a table)."""
    if base.convention.text != child.convention.text:
        message = f"the base '{base.name}' takes {base.convention.text}, this table {child.convention.text}"
        raise child.convention.place.error("convention", f"{message}; both must be the same")
    return replace(
        child,
        source=child.source or base.source,
        target=child.target or base.target,
        description=child.description or base.description,
        provenance=base.provenance + child.provenance,
        defaults=_merge_defaults(base.defaults, child.defaults),
        params={**base.params, **child.params},
        inputs={**base.inputs, **child.inputs},
        expressions=_merge_expressions(base.expressions, child.expressions),
        mappings={**base.mappings, **child.mappings},
        limits=_other(child.limits, base.limits),
        outputs=base.outputs + child.outputs,
        constants=base.constants + child.constants,
        null_outputs=_other(child.null_outputs, base.null_outputs),
        mirror=_other(child.mirror, base.mirror),
    )


def _other(child: Any, base: Any) -> Any:
    return base if child is None else child


def _merge_defaults(base: Defaults, child: Defaults) -> Defaults:
    names = [field.name for field in fields(Defaults)]
    return Defaults(**{name: _other(getattr(child, name), getattr(base, name)) for name in names})


def _merge_expressions(
    base: tuple[ExpressionSpec, ...], child: tuple[ExpressionSpec, ...]
) -> tuple[ExpressionSpec, ...]:
    """Put an expression in the place of the base's of the same name; new ones come after."""
    new: Mapping[str, ExpressionSpec] = {fold(spec.name.text): spec for spec in child}
    known = {fold(spec.name.text) for spec in base}
    kept = tuple(new.get(fold(spec.name.text), spec) for spec in base)
    return kept + tuple(spec for spec in child if fold(spec.name.text) not in known)
