"""The studio's page in a real browser, before a real studio with the built-in pack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml
from browser import CHROMIUM, Watched, chromium
from studio_support import running_studio

import a2fbridge
from a2fbridge._resources import data_dir

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HELLO = data_dir() / "samples" / "hello.wav"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser whose microphone hears the sample sentence, again and again."""
    pytest.importorskip("playwright.sync_api", reason="the Python package playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (tests/debian.txt)")
    fake = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    with chromium(*fake, f"--use-file-for-fake-audio-capture={HELLO}") as started:
        yield started


@pytest.fixture(scope="module")
def url(browser: Browser) -> Iterator[str]:
    with running_studio(upload_bytes=4 << 20, clip_seconds=60.0) as address:
        yield address


@pytest.fixture(scope="module")
def opened(browser: Browser, url: str) -> Iterator[Watched]:
    watched = Watched(browser.new_page(viewport={"width": 1100, "height": 640}, color_scheme="light"))
    watched.page.goto(url)
    watched.until("window.a2fbridge?.store")
    yield watched
    watched.page.close()


@pytest.fixture
def page(opened: Watched) -> Iterator[Watched]:
    """The page with the sample sentence, settings at their defaults."""
    page = opened.page
    opened.js(
        """() => { const { store, face } = a2fbridge; face.life = false;
        for (const side of ['B', 'A']) { store.use(side); store.set(store.defaults()) } }"""
    )
    if opened.js("a2fbridge.workbench?.info.name") != "hello.wav":
        page.get_by_role("button", name="Sample").click()
        opened.until("a2fbridge.workbench?.info.name === 'hello.wav'")
    settled(opened)
    yield opened
    assert opened.errors == []


@pytest.fixture(scope="module")
def expected() -> a2fbridge.Animation:
    return a2fbridge.animate(HELLO)


def settled(page: Watched) -> None:
    """Wait until what is shown is what the settings ask for."""
    page.until("a2fbridge.workbench?.settled")


def weights(page: Watched) -> np.ndarray:
    flat = page.js("[...a2fbridge.workbench.player.clip.weights]")
    return np.array(flat, np.float32).reshape(-1, len(page.js("a2fbridge.workbench.player.clip.names")))


def alert(page: Watched) -> str:
    """Return the problem that is shown, and put it away."""
    page.until("!document.querySelector('[role=alert]').hidden")
    text = page.page.get_by_role("alert").inner_text()
    page.page.get_by_role("button", name="Close").click()
    return text


def test_a_recording_gets_the_frames_of_the_command_line(
    page: Watched, expected: a2fbridge.Animation
) -> None:
    got = weights(page)
    assert got.shape == expected.weights.shape
    assert got == pytest.approx(expected.weights, abs=1e-4)
    frame = int(expected.curve("JawOpen").argmax())
    page.js("f => { const p = a2fbridge.workbench.player; p.seek(p.clip.timeOf(f)) }", frame)
    assert page.js("[...a2fbridge.face.weights]") == pytest.approx(expected.weights[frame], abs=1e-4)


def test_a_parameter_changes_the_face(page: Watched, expected: a2fbridge.Animation) -> None:
    frame = int(expected.curve("JawOpen").argmax())
    page.js("f => { const p = a2fbridge.workbench.player; p.seek(p.clip.timeOf(f)) }", frame)
    before = page.picture().astype(int)
    page.page.get_by_text("Face parameters").click()
    field = page.page.get_by_label("lowerFaceStrength, number")
    field.fill("0")
    field.press("Enter")
    settled(page)
    assert weights(page)[frame, expected.names.index("JawOpen")] < 0.25 * expected.curve("JawOpen")[frame]
    assert (np.abs(page.picture().astype(int) - before).max(axis=2) > 25).mean() > 0.002
    assert page.js("a2fbridge.workbench.player.frame") == frame  # the place stays
    page.page.get_by_label("lowerFaceStrength: back to the default").click()
    settled(page)
    assert weights(page) == pytest.approx(expected.weights, abs=1e-4)
    page.page.get_by_text("Face parameters").click()


def test_a_and_b_are_two_settings(page: Watched, expected: a2fbridge.Animation) -> None:
    jaw = expected.names.index("JawOpen")
    page.page.get_by_role("button", name="B", exact=True).click()
    page.js("a2fbridge.store.set({ multipliers: { JawOpen: 0.5 } })")
    settled(page)
    assert weights(page)[:, jaw] == pytest.approx(0.5 * expected.weights[:, jaw], abs=1e-4)
    page.page.get_by_role("button", name="Plot both").click()
    settled(page)
    both = page.js("a2fbridge.workbench.player.timeline.curves.map(c => [c.name, c.dashed === true])")
    assert len(both) == 2 * len({name for name, _ in both})
    page.page.get_by_role("button", name="A", exact=True).click()
    settled(page)
    assert weights(page)[:, jaw] == pytest.approx(expected.weights[:, jaw], abs=1e-4)
    page.page.get_by_role("button", name="Plot both").click()


def test_frame_rate_and_mapping(page: Watched, expected: a2fbridge.Animation) -> None:
    page.page.get_by_label("Frame rate").select_option("60/1")
    settled(page)
    assert len(weights(page)) == pytest.approx(2 * len(expected), abs=1)
    page.page.get_by_label("Frame rate").select_option("30/1")
    page.js("a2fbridge.store.set({ mapping: 'mh4' })")
    settled(page)
    names = page.js("a2fbridge.workbench.player.chooser.names")
    assert names == list(a2fbridge.MappingTable.load("mh4").targets)
    assert weights(page).shape == expected.weights.shape  # the face goes on by blend shapes


def test_errors_are_said_in_words(page: Watched, tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("this is no sound")
    page.page.set_input_files("input[type=file][accept^=audio]", tmp_path / "notes.wav")
    said = "the sound cannot be read (Format not recognised); right is a WAV, FLAC, OGG or MP3 file"
    assert alert(page) == f"{said}\n×"
    (tmp_path / "long.wav").write_bytes(b"RIFF" + bytes(5 << 20))
    page.page.set_input_files("input[type=file][accept^=audio]", tmp_path / "long.wav")
    assert alert(page) == "'long.wav' has 5.0 MiB; this studio takes files up to 4 MiB\n×"
    page.js("a2fbridge.store.set({ parameters: { skinStrength: 99 } })")
    assert "skinStrength" in alert(page)
    assert state(page) == "Not updated: this is still the clip before the edit"
    page.js("a2fbridge.store.set(a2fbridge.store.defaults())")
    settled(page)
    page.errors.clear()  # the browser's own lines about answers with an error's status


def test_files_and_settings_are_saved(page: Watched, expected: a2fbridge.Animation, tmp_path: Path) -> None:
    page.js("a2fbridge.store.set({ parameters: { skinStrength: 1.25 }, emotions: { joy: 0.5 } })")
    settled(page)
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="NumPy archive").click()
    download.value.save_as(tmp_path / "hello.npz")
    assert a2fbridge.load_animation(tmp_path / "hello.npz").weights == pytest.approx(weights(page), abs=1e-4)
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="Save settings").click()
    download.value.save_as(tmp_path / "stylization_config.yaml")
    told = yaml.safe_load((tmp_path / "stylization_config.yaml").read_text())
    assert told["a2f"]["face_params"] == {"skin_strength": 1.25}
    page.js("a2fbridge.store.set(a2fbridge.store.defaults())")
    page.page.set_input_files("input[accept='.yaml,.yml,.json']", tmp_path / "stylization_config.yaml")
    page.until("a2fbridge.store.settings.emotions.joy === 0.5")
    assert page.js("a2fbridge.store.settings.parameters") == {"skinStrength": 1.25}


def test_the_microphone_moves_the_face(page: Watched) -> None:
    page.page.get_by_role("button", name="Microphone").click()
    page.until("a2fbridge.microphone?.delays.length > 3")
    page.js(
        "() => { window.most = 0; const f = a2fbridge.face, show = f.show.bind(f); "
        "f.show = (w, t) => { most = Math.max(most, w[17] + w[18]); show(w, t) } }"
    )
    page.until("window.most > 0.1")  # JawOpen + MouthClose of a speaking voice
    page.js("a2fbridge.store.set({ multipliers: { JawOpen: 0, MouthClose: 0 } })")
    page.until("a2fbridge.microphone.session.opening.settings.multipliers.JawOpen === 0")
    page.until("!a2fbridge.microphone.session.next")
    switched = page.js(
        "a2fbridge.microphone.session.frontier"
    )  # seconds; frames up to here may be the old ones
    page.until(f"a2fbridge.microphone.clock.time > {switched + 0.1}")
    page.js("() => { window.most = 0 }")
    drawn = page.js("a2fbridge.face.drawn")
    page.until(f"a2fbridge.face.drawn > {drawn + 5}")
    assert page.js("window.most") < 0.02  # the new settings hold, without a new start
    page.js("() => { delete a2fbridge.face.show }")
    page.page.get_by_role("button", name="Stop").click()
    page.until("a2fbridge.workbench?.info.name === 'microphone.wav'")
    settled(page)
    assert page.js("a2fbridge.workbench.info.seconds") > 1
    assert len(weights(page)) > 30


def test_operators_see_that_the_server_works(page: Watched) -> None:
    page.page.get_by_text("Is the server well?").click()
    page.page.get_by_role("button", name="Check").click()
    page.until("document.querySelectorAll('.checks li').length > 2")
    assert page.page.locator(".checks .good").count() > 2


def test_nothing_is_asked_of_others_and_others_may_not_ask(
    page: Watched, browser: Browser, url: str, tmp_path: Path
) -> None:
    assert [u for u in page.requests if not u.startswith((url, "blob:", "data:"))] == []
    (tmp_path / "foreign.html").write_text("<!doctype html><title>another site</title>")
    foreign = browser.new_page()
    foreign.goto((tmp_path / "foreign.html").as_uri())
    answer = foreign.evaluate(
        """async url => {
        const socket = new WebSocket(url.replace('http', 'ws') + '/live', ['a2fbridge.v1']);
        const live = await new Promise(r => { socket.onopen = () => r('open'); socket.onclose = () => r('refused') });
        const post = await fetch(url + '/api/clips?sample=hello', { method: 'POST' })
          .then(r => r.status, () => 'refused');
        return [live, post] }""",
        url,
    )
    assert answer == ["refused", "refused"]
    foreign.close()


# --- the frame under the cursor at once, the clip after a pause -----------------------------------------------------


@pytest.fixture
def held(page: Watched) -> Iterator[Watched]:
    """The page with a clip that does not follow edits by itself: single frames alone do."""
    page.js("() => { a2fbridge.workbench.pause = 1e9 }")
    page.requests.clear()
    yield page
    page.js("() => { a2fbridge.workbench.pause = 350 }")


def asked(page: Watched, what: str) -> list[str]:
    return [url for url in page.requests if f"/{what}" in url]


def seek(page: Watched, frame: int) -> None:
    page.js("f => { const p = a2fbridge.workbench.player; p.seek(p.clip.timeOf(f)) }", frame)


def state(page: Watched) -> str:
    return str(page.page.locator(".state").inner_text())


def test_an_edit_shows_the_frame_under_the_cursor_before_the_clip(
    held: Watched, expected: a2fbridge.Animation
) -> None:
    frame = int(expected.curve("JawOpen").argmax())
    seek(held, frame)
    assert state(held) == "Up to date"
    before = held.picture().astype(int)
    with a2fbridge.Engine.open() as engine, engine.clip(HELLO) as clip:
        for edit in (
            {"parameters": {"lowerFaceStrength": 0.3}},
            {"emotions": {"joy": 0.7}},
            {"multipliers": {"JawOpen": 0.5}, "offsets": {"MouthSmileLeft": 0.2}},
        ):
            held.js("edit => a2fbridge.store.set({ ...a2fbridge.store.defaults(), ...edit })", edit)
            held.until("a2fbridge.workbench.preview.has(a2fbridge.workbench.player.frame)")
            assert state(held) == f"Preview: frame {frame} shows the edit, the clip follows"
            nothing: dict[str, dict[str, float]] = {
                "parameters": {},
                "emotions": {},
                "multipliers": {},
                "offsets": {},
            }
            clip.set(**(nothing | edit))
            assert held.js("[...a2fbridge.face.weights]") == pytest.approx(
                clip.frame(frame).weights, abs=1e-4
            )
            assert weights(held) == pytest.approx(expected.weights, abs=1e-4)  # the clip has not moved yet
    assert (np.abs(held.picture().astype(int) - before).max(axis=2) > 25).mean() > 0.002
    assert len(asked(held, "pose")) >= 3
    assert not asked(held, "animation")
    held.js("() => { a2fbridge.workbench.pause = 0; a2fbridge.workbench.changed() }")
    settled(held)
    assert state(held) == "Up to date"
    assert len(asked(held, "animation")) == 1
    jaw = expected.names.index("JawOpen")
    assert weights(held)[:, jaw] == pytest.approx(0.5 * expected.weights[:, jaw], abs=1e-4)


def test_scrubbing_asks_for_frames_that_are_not_there_yet(held: Watched) -> None:
    seek(held, 10)
    held.js("a2fbridge.store.set({ parameters: { skinStrength: 0.5 } })")
    for frame in (10, 20, 30, 20, 10):
        seek(held, frame)
        held.until(f"a2fbridge.workbench.preview.has({frame})")
    assert len(asked(held, "pose")) == 3
    held.js("() => { a2fbridge.workbench.pause = 0; a2fbridge.workbench.changed() }")
    settled(held)
    count = len(asked(held, "pose"))
    for frame in (5, 25, 45):
        seek(held, frame)
    held.page.wait_for_timeout(50)
    assert len(asked(held, "pose")) == count  # the clip has them all


def test_many_edits_make_one_clip_and_the_newest_frame(held: Watched) -> None:
    seek(held, 30)
    held.js(
        """() => { a2fbridge.workbench.pause = 200;
        for (let k = 1; k <= 40; k++) a2fbridge.store.set({ offsets: { JawOpen: k / 100 } }) }"""
    )
    settled(held)
    assert len(asked(held, "animation")) == 1
    assert len(asked(held, "pose")) <= 4  # one was on its way, then the newest
    assert state(held) == "Up to date"


def test_a_server_without_single_frames_is_said_and_the_clip_follows_sooner(held: Watched) -> None:
    refused = '{"error": {"kind": "Problem", "message": "this server gives no single frames"}}'
    held.page.route("**/pose?*", lambda route: route.fulfill(status=501, body=refused))
    held.js("a2fbridge.store.set({ parameters: { skinStrength: 0.6 } })")
    held.until("!a2fbridge.workbench.preview.on")
    assert state(held) == "No preview: this server gives no single frames"
    held.js("a2fbridge.store.set({ parameters: { skinStrength: 0.7 } })")
    assert state(held) == "Edited: this is still the clip before it"
    settled(held)  # although the pause for single frames is endless here
    assert len(asked(held, "pose")) == 1
    held.page.unroute("**/pose?*")
    held.js("() => { a2fbridge.workbench.preview.on = true }")
    held.errors.clear()  # the browser's own line about the answer's status
