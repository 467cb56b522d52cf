"""Reading a training configuration: strict YAML in, the kind's dataclass out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from a2fbridge._errors import ConfigError, nearest
from a2fbridge._settings import MAX_BYTES, compose_yaml, dump_yaml, parse_yaml
from a2fbridge.training.config._describe import json_schema, starting_file
from a2fbridge.training.config._runs import KINDS, Run

__all__ = ["default_run", "read_run", "run_schema", "training_config"]


def default_run(kind: str) -> Run:
    """Return the defaults of a kind; raises ConfigError when there is none of that name."""
    if kind not in KINDS:
        raise ConfigError(f"no training kind '{kind}'{nearest(kind, KINDS)}; right is {', '.join(KINDS)}")
    return KINDS[kind]()


def read_run(path: str | Path, changes: Sequence[str] = ()) -> Run:
    """Read a configuration file, with ``changes`` such as ``fit.steps=500`` laid over it.

    Raises ConfigError with the line, and the nearest name for unknown ones.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{path}: a configuration file has at most {MAX_BYTES} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    run: Run = parse_yaml(_kind_of(content, path), content, path)
    for change in changes:
        run = _changed(run, change)
    return run


def _kind_of(content: bytes, path: Path) -> type[Run]:
    """Return the class that the file's key ``kind`` names."""
    node = compose_yaml(content, path)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else []:
        if key.value == "kind":
            name = value.value if isinstance(value, yaml.ScalarNode) else "a collection"
            if name not in KINDS:
                where = f"{path}:{value.start_mark.line + 1}"
                raise ConfigError(
                    f"{where}: no kind '{name}'{nearest(name, KINDS)}; right is {', '.join(KINDS)}"
                )
            return KINDS[name]
    raise ConfigError(f"{path}: the key 'kind' is missing; right is {', '.join(KINDS)}")


def _changed(run: Run, change: str) -> Run:
    """Return the run with one ``section.key=value`` changed; the value is read as in the file."""
    name, separator, value = change.partition("=")
    if not separator or not name:
        raise ConfigError(f"change '{change}' is not KEY=VALUE such as fit.steps=500")
    *sections, key = name.strip().split(".")
    text = "".join(f"{'  ' * i}{section}:\n" for i, section in enumerate(sections))
    text += f"{'  ' * len(sections)}{key}: {value}\n"
    parse_yaml(type(run), text.encode(), f"change '{change}'")  # refuses what is wrong, with the nearest name
    tree = yaml.safe_load(dump_yaml(run))
    branch: dict[str, Any] = tree
    for section in sections:
        branch = branch[section]
    branch[key] = yaml.safe_load(value)
    return parse_yaml(type(run), yaml.safe_dump(tree).encode(), f"change '{change}'")


def training_config(kind: str = "compact", **sections: Any) -> str:
    """Return a starting file of a kind (builtin, reference, compact) with a comment above every key.

    Raises ConfigError for an unknown kind.
    """
    return starting_file(dataclasses.replace(default_run(kind), **sections))


def run_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of configuration files of all kinds."""
    kinds = [json_schema(kind) | {"required": ["kind"]} for kind in KINDS.values()]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "oneOf": kinds}
