"""The page that `animate -o OUT.html` writes, opened from the disk in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from browser import Watched

import a2fbridge
from a2fbridge import Animation
from a2fbridge._resources import data_dir
from a2fbridge.training.head import load_head

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SAMPLE = data_dir() / "samples" / "hello.wav"
SECONDS = 3.0


@pytest.fixture(scope="module")
def animation() -> Animation:
    samples, rate = a2fbridge.read_audio(SAMPLE)
    return a2fbridge.animate(samples[: int(SECONDS * rate)], rate)


@pytest.fixture(scope="module")
def opened(
    browser: Browser, animation: Animation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    path = tmp_path_factory.mktemp("page") / "hello.html"
    a2fbridge.save(animation, path)
    watched = Watched(browser.new_page(viewport={"width": 900, "height": 560}, color_scheme="light"))
    watched.page.goto(path.as_uri())
    watched.until("window.a2fbridge")
    yield watched
    watched.page.close()


@pytest.fixture
def page(opened: Watched) -> Iterator[Watched]:
    """The page, stopped at its start, showing the animation and nothing over it."""
    opened.js("() => { a2fbridge.player.pause(); a2fbridge.player.seek(0); a2fbridge.face.life = false }")
    yield opened
    assert opened.errors == []


def shown(page: Watched) -> np.ndarray:
    return np.array(page.js("[...a2fbridge.player.weights]"), np.float32)


def seek(page: Watched, frame: int) -> None:
    page.js("frame => a2fbridge.player.seek(a2fbridge.player.clip.timeOf(frame))", frame)


def mouth(page: Watched, frame: int) -> np.ndarray:
    """Return the lower middle of the picture, where the mouth is."""
    seek(page, frame)
    picture = page.picture().astype(np.int16)
    height, width = picture.shape[:2]
    return picture[height // 2 : height * 4 // 5, width // 3 : width * 2 // 3, :3]


def test_plays_with_its_sound_to_the_end(page: Watched, animation: Animation) -> None:
    begun = page.js("a2fbridge.face.drawn")
    page.js(
        "() => { const p = a2fbridge.player.playback; window.gaps = []; window.looking = setInterval(() => { "
        "if (p.playing && p.time > 0.3) gaps.push(p.time - p.audio.currentTime) }, 20) }"
    )
    page.page.click("button.play")
    page.until("window.gaps.length > 0 && !a2fbridge.player.playback.playing")
    gap = np.median(page.js("() => { clearInterval(looking); return gaps }"))
    assert abs(gap) < 0.06  # the clock follows the sound; a single look may fall between two of its steps
    assert page.js("a2fbridge.face.drawn") > begun + 1
    assert page.js("a2fbridge.player.playback.time") == pytest.approx(animation.duration)
    assert page.js("a2fbridge.player.playback.audio.duration") == pytest.approx(SECONDS, abs=0.01)


def test_play_before_the_sound_is_there_waits_for_it(page: Watched) -> None:
    page.js(
        "() => { const p = a2fbridge.player.playback, audio = p.audio; "
        "Object.defineProperty(audio, 'duration', { configurable: true, value: NaN }); "
        "audio.play = () => new Promise(done => { window.there = () => { delete audio.duration; delete audio.play; "
        "done(audio.play()) } }) }"
    )
    page.page.click("button.play")
    page.until("window.there")
    assert page.js("a2fbridge.player.playback.playing") is False
    page.js("() => { there() }")
    page.until("a2fbridge.player.playback.playing || a2fbridge.player.playback.audio.ended")


def test_the_face_moves_with_the_sound(page: Watched, animation: Animation) -> None:
    jaw = animation.curve("JawOpen") + animation.curve("MouthClose")
    wide, silent = int(jaw.argmax()), int(np.abs(animation.weights).sum(axis=1).argmin())
    rest = mouth(page, silent)
    assert np.abs(mouth(page, wide) - rest).max() > 60
    assert (np.abs(mouth(page, wide) - rest).max(axis=2) > 25).mean() > 0.01
    assert (
        np.abs(mouth(page, silent) - rest).max() <= 4
    )  # the software rasteriser rounds a few pixels otherwise


def test_scrubbing_shows_the_frame_of_the_file(page: Watched, animation: Animation, tmp_path: Path) -> None:
    a2fbridge.save(animation, tmp_path / "face.npz")
    weights = np.load(tmp_path / "face.npz")["weights"]
    box = page.page.locator(".timeline").bounding_box()
    assert box
    for share in (0.02, 0.31, 0.5, 0.77, 0.999):
        page.page.mouse.click(box["x"] + share * box["width"], box["y"] + 100)
        frame = int(share * animation.duration * float(animation.frame_rate))
        assert abs(page.js("a2fbridge.player.frame") - frame) <= 1  # a pixel is worth half a frame
        assert np.array_equal(shown(page), weights[page.js("a2fbridge.player.frame")])
    for frame in (0, 1, 44, len(weights) - 1):
        seek(page, frame)
        assert page.js("a2fbridge.player.frame") == frame
        assert np.array_equal(shown(page), weights[frame])


def test_keys_step_frame_by_frame(page: Watched, animation: Animation) -> None:
    page.page.locator(".timeline").focus()
    for key, frame in [
        ("End", len(animation) - 1),
        ("ArrowLeft", len(animation) - 2),
        ("Home", 0),
        ("ArrowRight", 1),
        ("Shift+ArrowRight", 11),
    ]:
        page.page.keyboard.press(key)
        assert page.js("a2fbridge.player.frame") == frame
        assert np.array_equal(shown(page), animation.weights[frame])
    assert page.page.locator(".clock").inner_text() == f"0.367 s · frame 11 of {len(animation)}"
    page.page.keyboard.press("+")
    assert page.js("a2fbridge.player.playback.rate") == 1.5
    page.page.keyboard.press("-")
    page.page.keyboard.press("?")
    assert page.page.locator("dialog").is_visible()
    page.page.keyboard.press("Escape")


def test_curves_are_chosen_and_read_at_the_cursor(page: Watched, animation: Animation) -> None:
    page.page.fill("input[type=search]", "jawopen")
    rows = page.page.locator(".list label:visible")
    assert rows.count() == 1
    frame = int(animation.curve("JawOpen").argmax())
    seek(page, frame)
    assert rows.locator("output").inner_text() == f"{animation.curve('JawOpen')[frame]:.3f}"
    page.page.click("text=None")
    assert page.js("a2fbridge.player.chooser.chosen.length") == 0
    rows.locator("input").check()
    assert page.js("a2fbridge.player.chooser.chosen.map(c => c.name)") == ["JawOpen"]
    page.page.fill("input[type=search]", "")
    page.page.click("text=Liveliest")
    assert len(page.js("a2fbridge.player.chooser.chosen")) > 3


def test_the_head_is_deformed_as_in_python(page: Watched) -> None:
    head, random = load_head(), np.random.default_rng(7)
    weights = (random.random(68) * (random.random(68) < 0.4)).astype(np.float32)
    positions = page.js(
        """weights => { const f = a2fbridge.face.stage.figure; f.pose(weights);
        return [f.head.skin, f.head.tongue, f.head.brows, f.head.lashes].map(mesh => [...mesh.positions]) }""",
        weights.tolist(),
    )
    parts = {part.name: head.part(part, weights) for part in head.parts}
    expected = [head.skin(weights), head.tongue(weights), parts["brows"], parts["lashes"]]
    for got, want in zip(positions, expected, strict=True):
        assert np.reshape(got, (-1, 3)) == pytest.approx(want, abs=1e-4)
    rigid = page.js(
        """weights => { const f = a2fbridge.face.stage.figure;
        f.pose(weights);  // the page may have drawn its own frame meanwhile
        f.object.rotation.set(0, 0, 0); f.object.updateMatrixWorld(true);
        return [f.jaw.children[0], ...f.eyes.map(eye => eye.children[0])].map(mesh =>
          [...mesh.geometry.getAttribute('position').clone().applyMatrix4(mesh.matrixWorld).array]) }""",
        weights.tolist(),
    )
    for got, name in zip(rigid, ("teeth_lower", "eye_right", "eye_left"), strict=True):
        assert np.reshape(got, (-1, 3)) == pytest.approx(parts[name], abs=1e-3)


def test_blink_and_gaze_can_be_switched_off(page: Watched) -> None:
    seek(page, 0)
    times = "[...Array(400).keys()].map(i => i / 20)"
    posed = f"""{times}.map(t => {{ a2fbridge.face.show(new Float32Array(68), t); a2fbridge.face.stage.draw = () => 0;
        a2fbridge.face.draw(); return [...a2fbridge.face.posed] }})"""
    page.js("() => { a2fbridge.face.life = true }")
    alive = np.array(page.js(posed))
    page.js("() => { a2fbridge.face.life = false }")
    still = np.array(page.js(posed))
    page.js("() => { delete a2fbridge.face.stage.draw }")
    blink = alive[:, a2fbridge.FACE_NAMES.index("EyeBlinkLeft")]
    assert blink.max() > 0.9
    assert 3 <= ((blink[1:] > 0.5) & (blink[:-1] <= 0.5)).sum() <= 12  # in 20 s
    gaze = alive[:, [i for i, name in enumerate(a2fbridge.FACE_NAMES) if name.startswith("EyeLook")]]
    assert 0.02 < gaze.max() < 0.3
    assert not still.any()


def test_asks_the_network_for_nothing(page: Watched) -> None:
    outside = [url for url in page.requests if not url.startswith(("file:", "blob:"))]
    assert outside == []
    assert len([url for url in page.requests if url.startswith("file:")]) == 1
    blocked = page.js(
        """async () => { const seen = []; const note = e => seen.push(e.effectiveDirective);
        document.addEventListener('securitypolicyviolation', note);
        await fetch('http://127.0.0.1:9/').catch(() => 0); new Image().src = 'http://127.0.0.1:9/x.png';
        const code = document.createElement('script');
        code.textContent = 'window.injected = 1'; document.body.append(code);
        await new Promise(r => setTimeout(r, 100));
        document.removeEventListener('securitypolicyviolation', note); return seen }"""
    )
    page.errors.clear()
    assert {"connect-src", "img-src", "script-src-elem"} <= set(blocked)
    assert page.js("window.injected") is None


def test_light_and_dark_and_a_phone(page: Watched) -> None:
    assert page.js("document.documentElement.dataset.theme") == "light"
    page.page.keyboard.press("t")
    assert page.js("document.documentElement.dataset.theme") == "dark"
    page.page.keyboard.press("t")
    page.page.set_viewport_size({"width": 390, "height": 800})
    assert page.js("document.documentElement.scrollWidth") <= 390
    for selector in ("button.play", ".timeline", ".face canvas"):
        box = page.page.locator(selector).bounding_box()
        assert box
        assert box["width"] >= 40
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    page.page.set_viewport_size({"width": 900, "height": 560})


def test_ten_seconds_stay_below_three_megabytes(animation: Animation, tmp_path: Path) -> None:
    samples, rate = a2fbridge.read_audio(SAMPLE)
    long = a2fbridge.animate(np.resize(samples, 10 * rate), rate)
    a2fbridge.save(long, tmp_path / "long.html")
    assert (tmp_path / "long.html").stat().st_size < 3e6


def test_a_damaged_page_says_so(browser: Browser, animation: Animation, tmp_path: Path) -> None:
    path = tmp_path / "damaged.html"
    a2fbridge.save(animation, path)
    text = path.read_text()
    path.write_text(re.sub(r'(id="a2fbridge-head"[^>]*>).{4000}', r"\1", text))
    page = browser.new_page()
    page.goto(path.as_uri())
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "cannot show its animation" in alert.inner_text()
    page.close()


def test_arkit_weights_move_the_same_face(browser: Browser, animation: Animation, tmp_path: Path) -> None:
    a2fbridge.save(animation.to_convention("arkit"), tmp_path / "apple.html")
    page = Watched(browser.new_page(viewport={"width": 320, "height": 320}))
    page.page.goto((tmp_path / "apple.html").as_uri())
    page.until("window.a2fbridge")
    frame = int(animation.curve("JawOpen").argmax())
    seek(page, frame)
    assert page.js("[...a2fbridge.player.face68]") == pytest.approx(animation.weights[frame], abs=1e-6)
    page.page.close()


def test_a_mapped_animation_is_refused(animation: Animation, tmp_path: Path) -> None:
    table = a2fbridge.MappingTable.load("mh4")
    mapped = table.map(animation.to_convention(table.convention))
    with pytest.raises(a2fbridge.ConventionError, match="mapped animation cannot move the head"):
        a2fbridge.save(mapped, tmp_path / "face.html")
    assert not list(tmp_path.iterdir())


def test_a_page_is_not_read_back(tmp_path: Path) -> None:
    with pytest.raises(a2fbridge.ParameterError, match="cannot be read from"):
        a2fbridge.load_animation(tmp_path / "face.html")
