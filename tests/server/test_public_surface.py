"""What ``import a2fbridge`` gives, and what it costs."""

import subprocess
import sys

import pytest

import a2fbridge
from a2fbridge import _errors


def test_every_public_name_is_there() -> None:
    assert len(set(a2fbridge.__all__)) == len(a2fbridge.__all__)
    for name in a2fbridge.__all__:
        assert getattr(a2fbridge, name) is not None


def test_nothing_else_is_public() -> None:
    lazy = set(a2fbridge._HOME_OF)
    errors = {name for name in _errors.__all__ if name.endswith("Error")}
    assert set(a2fbridge.__all__) == lazy | errors | {"__version__"}
    assert sorted(a2fbridge.__all__) == dir(a2fbridge)


def test_one_error_tree() -> None:
    for name in a2fbridge.__all__:
        value = getattr(a2fbridge, name)
        if isinstance(value, type) and issubclass(value, Exception):
            assert issubclass(value, a2fbridge.A2FBridgeError)
            assert name in (_errors.__doc__ or "")


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Enigne'"):
        _ = a2fbridge.Enigne


def test_a_client_loads_no_inference_engine() -> None:
    code = "import sys, a2fbridge; a2fbridge.Client; print([m for m in ('onnxruntime', 'numba') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
