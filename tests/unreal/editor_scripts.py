"""The plugin's editor scripts on the strict fake: fixtures, and what is expected of a baked AnimSequence."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from engine import Engine
from ue_source import PLUGIN

import a2fbridge

__all__ = ["SCRIPTS", "SKELETON", "editor", "engine", "expect_keys", "options"]

SCRIPTS = PLUGIN / "Content" / "Python"
SKELETON = "/Game/Face/Skeleton"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The strict fake in the place of ``unreal``, with a skeleton in its content folder."""
    made = Engine()
    monkeypatch.setitem(sys.modules, "unreal", made.unreal)
    monkeypatch.syspath_prepend(str(SCRIPTS))
    made.add(SKELETON, "Skeleton")
    yield made
    for name in [n for n in sys.modules if n.startswith("a2fbridge_editor") or n == "a2fbridge_bake"]:
        del sys.modules[name]


@pytest.fixture
def editor(engine: Engine) -> ModuleType:
    """The plugin's editor scripts."""
    return importlib.import_module("a2fbridge_editor")


def options(editor: ModuleType, **more: Any) -> Any:
    """Bake options with the fake's skeleton."""
    return editor.BakeOptions(skeleton=SKELETON, **more)


def expect_keys(
    engine: Engine,
    sequence: Any,
    expected: a2fbridge.Animation,
    atol: float = 1e-6,
    names: Sequence[str] | None = None,
) -> None:
    """Every key of every curve (or of those named), and nothing else."""
    curves = engine.curves(sequence)
    asked = expected.names if names is None else names
    assert set(curves) == {name for name in asked if np.abs(expected.curve(name)).max() > 1e-6}
    for name, keys in curves.items():
        times, values, modes = zip(*keys, strict=True)
        assert np.allclose(times, expected.time_codes - expected.time_codes[0], atol=1e-4), name
        assert np.allclose(values, expected.curve(name), atol=atol), name
        assert set(modes) == {"RCIM_LINEAR"}
    assert Fraction(*sequence._values["rate"]) == expected.frame_rate
    assert sequence._values["frames"] == len(expected)
    assert engine.brackets == 0
