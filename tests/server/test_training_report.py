"""Figures of an evaluation on curves whose error is known, and the page that shows them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from a2fbridge.training._quality import Figure
from a2fbridge.training.losses import heights
from a2fbridge.training.stages._metrics import MEASURES, Judged, Shape, judge, r2_by_channel
from a2fbridge.training.stages._report import figure_table, loss_charts, report_page
from a2fbridge.training.stages._svg import curve_rows, line_chart

FPS = 30.0
PARTS = {"skin": slice(0, 2), "tongue": slice(2, 3), "jaw": slice(3, 6), "eyes": slice(6, 10)}


@pytest.fixture(scope="module")
def shape() -> Shape:
    """Return two skin shapes: the first opens the lips (vertices 0 over 1), the second moves vertex 2 sideways."""
    basis = np.zeros((2, 3, 3), np.float32)
    basis[0, 0, 1], basis[1, 2, 0] = 1.0, 1.0
    lips = heights(basis, np.zeros((3, 3), np.float32), np.array([0]), np.array([1]))
    return Shape(PARTS, basis, lips, FPS, silence_db=-45.0)


def take(late: int = 0, gain: float = 1.0, noise: float = 0.0, seed: int = 0, seconds: float = 8.0) -> Judged:
    """Return a take that moves smoothly for its first half, then rests in silence."""
    rng, count = np.random.default_rng(seed), round(seconds * FPS)
    time = np.arange(count + 40) / FPS
    curve = np.sin(2 * np.pi * 1.7 * time + seed) + np.sin(2 * np.pi * 2.9 * time)
    target = np.zeros((count, 10), np.float32)
    target[:, 0] = curve[20 : 20 + count]
    target[:, 1], target[:, 2] = 0.5 * curve[:count], 0.2 * curve[10 : 10 + count]
    guess = target.copy()
    guess[:, 0] = curve[20 - late : 20 - late + count]
    for values in (guess, target):
        values[count // 2 :] = 0.0
    guess = gain * guess + (noise * rng.standard_normal(guess.shape)).astype(np.float32)
    sound = 0.5 * rng.standard_normal(round(seconds * 16000)).astype(np.float32)
    sound[len(sound) // 2 :] = 0.0
    return Judged(f"take{seed}", guess.astype(np.float32), target, sound)


def test_a_perfect_prediction(shape: Shape) -> None:
    found = judge([take(), take(seed=1)], shape)
    for name in ("R2", "R2 skin", "R2 tongue", "lip distance r"):
        assert found[name].value == pytest.approx(1.0, abs=1e-6), name
    assert found["MSE"].value == found["vertex error mm"].value == found["jitter mm"].value == 0.0
    assert abs(found["lag ms"].value) < 1
    assert "R2 eyes" not in found
    assert set(found) <= set(MEASURES)
    assert found["vertex error mm"].n == 480
    assert 220 <= found["jitter mm"].n <= 240


def test_a_face_that_never_moves_explains_nothing(shape: Shape) -> None:
    still = [take(gain=0.0), take(gain=0.0, seed=1)]
    found = judge(still, shape)
    assert found["MSE"].value == pytest.approx(found["MSE of the mean face"].value, rel=0.02)
    assert abs(found["R2"].value) < 0.02
    assert "lip distance r" not in found


@pytest.mark.parametrize("late", [-3, 2])
def test_a_delay_is_found(shape: Shape, late: int) -> None:
    found = judge([take(late), take(late, seed=1)], shape)
    assert found["lag ms"].value == pytest.approx(1000 * late / FPS, abs=4)
    assert found["lip distance r"].value > 0.97


def test_errors_are_in_millimetres(shape: Shape) -> None:
    moved = take()
    moved.guess[:, 0] += 0.3
    moved.guess[:, 1] -= 0.4
    assert judge([moved], shape)["vertex error mm"].value == pytest.approx(4.0, rel=1e-4)


def test_a_tremor_in_silence_shows(shape: Shape) -> None:
    found = judge([take(noise=0.01), take(noise=0.01, seed=1)], shape)
    assert found["jitter mm"].value == pytest.approx(10 * 0.01 * 2 / np.sqrt(np.pi), rel=0.2)
    assert found["right jitter mm"].value == 0.0


def test_intervals_hold_the_value_and_one_block_has_none(shape: Shape) -> None:
    found = judge([take(noise=0.2), take(noise=0.3, seed=1)], shape)
    assert found["R2"].low < found["R2"].value < found["R2"].high
    assert np.isnan(judge([take(noise=0.2, seconds=1.5)], shape)["MSE"].low)


def test_r2_of_every_coefficient(shape: Shape) -> None:
    half = take()
    half.guess[:, 1] = half.target[:, 1].mean()
    r2, error, spread = r2_by_channel([half])
    assert r2[0] == pytest.approx(1.0)
    assert r2[1] == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(r2[9])
    assert error[1] == pytest.approx(spread[1])


class Page(HTMLParser):
    """Collects what a page holds, and complains of tags that do not match."""

    VOID = frozenset({"meta", "br", "path", "circle"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def page() -> str:
    curve = np.sin(np.arange(90) / 5)
    rows = [("skin <0>", curve, 0.9 * curve), ("flat", np.zeros(90), np.zeros(90))]
    metrics = [
        {"step": 50.0, "loss": 2.0, "validation R2": 0.1},
        {"step": 100.0, "loss": 1.0, "validation R2": 0.4},
    ]
    columns = {
        "validation": {"R2": Figure(0.5, 0.4, 0.6, 900), "MSE": Figure(1.0, float("nan"), float("nan"), 9)}
    }
    sections = [
        ("Figures", figure_table(columns, MEASURES)),
        ("Curves", curve_rows(rows, 3.0, np.random.default_rng(0).standard_normal(48000))),
        ("Fit", loss_charts(metrics)),
    ]
    return report_page("Evaluation of <egg>", "lead & more", sections, {"seed": 7, "note": "</pre>"})


def test_the_page_stands_alone() -> None:
    text = page()
    found = Page(text)
    assert not re.search(r"https?://|src=|@import|url\(", text)
    assert not any(tag in ("script", "link", "img", "iframe") for tag, _ in found.seen)
    assert "prefers-color-scheme: dark" in text
    assert "Evaluation of &lt;egg&gt;" in text
    assert "skin &lt;0&gt;" in text
    assert "&lt;/pre&gt;" in text
    assert "0.4 … 0.6, n 900" in text
    assert ">nan" not in text


def test_curves_share_a_time_axis_and_stay_inside() -> None:
    svg = curve_rows([("a", np.arange(60.0), np.arange(60.0)[::-1])], 2.0)
    paths = [a["d"] for tag, a in Page(svg).seen if tag == "path" and a["class"] in ("right", "guess")]
    assert len(paths) == 2
    for path in paths:
        points = np.array([[float(v) for v in point.split()] for point in str(path)[1:].split("L")])
        assert points[0, 0] < points[-1, 0] <= 900
        assert points[:, 1].min() >= 0
    assert ">0 s<" in svg
    assert ">2 s<" in svg


def test_a_chart_leaves_out_what_has_no_logarithm() -> None:
    svg = line_chart([("loss", [1, 2, 3], [1.0, float("nan"), 0.1]), ("none", [1], [0.0])], logarithmic=True)
    assert "loss" in svg
    assert "none" not in svg
    assert line_chart([("none", [1], [-1.0])], logarithmic=True) == ""
