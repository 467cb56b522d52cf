"""Names, order and conventions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from a2fbridge import shapes
from a2fbridge._errors import ConventionError


def test_order_is_nvidias() -> None:
    assert len(shapes.ARKIT_NAMES) == 52
    assert len(shapes.TONGUE_NAMES) == 16
    assert len(set(shapes.FACE_NAMES)) == 68
    for name, index in {
        "EyeBlinkLeft": 0,
        "JawOpen": 17,
        "MouthClose": 18,
        "TongueOut": 51,
        "TongueTipUp": 52,
    }.items():
        assert shapes.INDEX[name] == index
    assert len(shapes.DEFAULT_INACTIVE) == 9


def test_mouth_close_of_the_public_audit() -> None:
    weights = np.zeros(68, np.float32)
    weights[shapes.INDEX["JawOpen"]], weights[shapes.INDEX["MouthClose"]] = 0.183, 0.266
    arkit = shapes.a2f_to_arkit(weights)
    assert arkit[shapes.INDEX["JawOpen"]] == pytest.approx(0.449)
    assert arkit[shapes.INDEX["MouthClose"]] == pytest.approx(0.266)
    np.testing.assert_allclose(shapes.arkit_to_a2f(arkit), weights, atol=1e-7)


@given(arrays(np.float32, (3, 68), elements=st.floats(0, 0.5, width=32)))
def test_there_and_back(weights: np.ndarray) -> None:
    np.testing.assert_allclose(shapes.arkit_to_a2f(shapes.a2f_to_arkit(weights)), weights, atol=1e-6)


def test_a_mapped_animation_cannot_be_converted() -> None:
    with pytest.raises(ConventionError, match="target"):
        shapes.convert(np.zeros(68, np.float32), "target", "a2f")
