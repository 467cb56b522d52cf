"""The pages in headless Chromium with software drawing: size, time to the first picture, frames a second, and the times
from a sound in the microphone and from an edit to the drawn frame.

python tests/bench/bench_web.py [--rounds 3] [--only sizes|live|editing]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np

import a2fbridge
from a2fbridge._resources import data_dir

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))
from browser import Watched, chromium
from studio_support import running_studio

HELLO = data_dir() / "samples" / "hello.wav"
VIEWS = {"1280x800": (1280, 800), "phone 390x800": (390, 800)}
WINDOW_S = 6.0


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["sizes", "live", "editing"])
    options = parser.parse_args()
    if options.only in (None, "editing"):
        editing(5 * options.rounds)
    if options.only in (None, "sizes"):
        drawing(options)
    for rate in ("30/1", "60/1") if options.only in (None, "live") else ():
        for _ in range(options.rounds):
            live(rate)


def drawing(options: argparse.Namespace) -> None:
    """Print sizes and frames a second."""
    with tempfile.TemporaryDirectory() as folder:
        page = sizes(Path(folder))
        for _ in range(options.rounds):
            for name, view in VIEWS.items():
                playing(page, name, view)


def sizes(folder: Path) -> Path:
    """Print the size of pages of 1, 10 and 60 seconds; returns the one of ten."""
    samples, rate = a2fbridge.read_audio(HELLO)
    for seconds in (1, 10, 60):
        animation = a2fbridge.animate(np.resize(samples, seconds * rate), rate)
        a2fbridge.save(animation, folder / f"{seconds}.html")
        size = (folder / f"{seconds}.html").stat().st_size
        print(f"page of {seconds:2d} s               {size / 1e6:.2f} MB")
    return folder / "10.html"


def playing(path: Path, name: str, view: tuple[int, int]) -> None:
    """Print how soon the first picture is there, and how many are drawn while the clip plays."""
    with chromium() as browser:
        page = Watched(browser.new_page(viewport={"width": view[0], "height": view[1]}))
        begun = time.perf_counter()
        page.page.goto(path.as_uri())
        page.until("window.a2fbridge?.face.drawn > 0")
        first = time.perf_counter() - begun
        page.page.click("button.play")
        page.page.wait_for_timeout(2000)  # the page finds the detail that the machine can draw
        drawn, start, used = *page.js("[a2fbridge.face.drawn, performance.now()]"), cpu_seconds()
        page.page.wait_for_timeout(WINDOW_S * 1000)
        after, end, step = page.js("[a2fbridge.face.drawn, performance.now(), a2fbridge.face.step]")
        used = 1000 * (cpu_seconds() - used) / max(after - drawn, 1)
        rate = 1000 * (after - drawn) / (end - start)
        print(
            f"{name:20} first picture {first:5.2f} s, {rate:5.1f} frames/s at detail step {step} of 4, "
            f"{used:.0f} ms of CPU a frame"
        )


def cpu_seconds() -> float:
    """Return the CPU time that this process's children and theirs have used: what a busy machine does not blur."""
    parents, used = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
            used[int(path.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ours(process: int) -> bool:
        while process > 1:
            process = parents.get(process, 0)
            if process == os.getpid():
                return True
        return False

    return sum(seconds for process, seconds in used.items() if ours(process))


def live(rate: str) -> None:
    """Print the time from a sound to the drawing of its frame."""
    fake = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    with chromium(*fake, f"--use-file-for-fake-audio-capture={HELLO}") as browser, running_studio() as url:
        page = Watched(browser.new_page(viewport={"width": 800, "height": 600}))
        page.page.goto(url)
        page.until("window.a2fbridge?.store")
        page.js("rate => a2fbridge.store.set({ frame_rate: rate })", rate)
        page.page.get_by_role("button", name="Microphone").click()
        page.until("a2fbridge.microphone?.delays.length > 20")
        page.js("() => { a2fbridge.microphone.delays.length = 0 }")
        page.page.wait_for_timeout(WINDOW_S * 1000)
        delays = np.array(page.js("a2fbridge.microphone.delays")) * 1000
        ahead = 1000 * page.js("a2fbridge.microphone.session.lookAhead")
        median, p95 = np.percentile(delays, [50, 95])
        print(
            f"microphone to face at {rate}: median {median:.0f} ms, p95 {p95:.0f} ms "
            f"({ahead:.0f} ms are the network's look-ahead), {len(delays) / WINDOW_S:.1f} frames/s"
        )


EDITED_KEYS = {
    "offset": ("offsets", "JawOpen"),
    "face parameter": ("parameters", "skinStrength"),
    "emotion": ("emotions", "joy"),
}
EDITS = {name: f"{{ {group}: {{ {entry}: value }} }}" for name, (group, entry) in EDITED_KEYS.items()}
EDITED = """async ([edit, alone]) => {
  const { store, face, workbench } = a2fbridge;
  const next = () => new Promise(done => requestAnimationFrame(done));
  workbench.preview.on = alone;
  const [before, begun] = [face.weights.join(), performance.now()];
  store.set({ ...store.defaults(), ...edit });
  while (face.weights.join() === before) await next();
  const drawn = face.drawn;
  while (face.drawn === drawn) await next();
  const first = performance.now() - begun;
  while (!workbench.settled) await next();
  return [first, performance.now() - begun];
}"""


def editing(rounds: int) -> None:
    """Print the time from an edit to the drawn frame under the cursor: alone, and with the whole clip as before.

    The two ways take turns at the same frame, so that their ratio means something on a busy machine.
    """
    rng = np.random.default_rng(0)
    with running_studio() as url:
        for name in EDITED_KEYS:
            asked(url, name, 4 * rounds, rng)
    with chromium() as browser, running_studio() as url:
        page = Watched(browser.new_page(viewport={"width": 800, "height": 600}))
        page.page.goto(url)
        page.until("window.a2fbridge?.store")
        page.js("() => { a2fbridge.face.life = false }")
        page.page.get_by_role("button", name="Sample").click()
        page.until("a2fbridge.workbench?.settled")
        for name, edit in EDITS.items():
            times = np.array([_edited(page, edit, rng) for _ in range(rounds)])
            (alone, all_after), (waited, all_at_once) = times.transpose(1, 2, 0)
            print(
                f"edit of {name}: frame alone {_spread(alone)} ms, by the clip {_spread(waited)} ms", end=""
            )
            print(f", ratio {_spread(waited / alone, 2)}; clip complete", end=" ")
            print(f"{_spread(all_after)} and {_spread(all_at_once)} ms", flush=True)


def asked(url: str, name: str, rounds: int, rng: np.random.Generator) -> None:
    """Print the same without a browser's drawing: from the request to the answer, alone and for the clip of 8 s."""

    def ask(path: str, body: bytes) -> bytes:
        request = urllib.request.Request(url + path, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return bytes(answer.read())

    clip = json.loads(ask("/api/clips?sample=hello", b""))["clip"]
    for path in ("animation", "pose?time=1"):
        ask(f"/api/clips/{clip}/{path}", b"{}")
    group, entry = EDITED_KEYS[name]
    times = []
    for _ in range(rounds):
        for path in (f"pose?time={rng.uniform(0, 8)}", "animation"):
            body = json.dumps({group: {entry: float(rng.uniform(0.1, 0.9))}}).encode()
            begun = time.perf_counter()
            ask(f"/api/clips/{clip}/{path}", body)
            times.append(1000 * (time.perf_counter() - begun))
    alone, whole = np.array(times[::2]), np.array(times[1::2])
    print(f"answer to an edit of {name}: frame {_spread(alone, 1)} ms, clip {_spread(whole, 1)} ms, ", end="")
    print(f"ratio {_spread(whole / alone, 1)}", flush=True)


def _edited(page: Watched, edit: str, rng: np.random.Generator) -> list[list[float]]:
    """Return [alone, by the clip] x [frame drawn, clip complete] in milliseconds, at one frame of the speech."""
    frame = int(rng.integers(180, 200))
    page.js("f => { const p = a2fbridge.workbench.player; p.seek(p.clip.timeOf(f)) }", frame)
    found = []
    for alone in (True, False):
        value = float(rng.uniform(0.1, 0.9))
        values = page.js(f"value => ({edit})", value)
        found.append(page.js(EDITED, [values, alone]))
    return found


def _spread(values: np.ndarray, digits: int = 0) -> str:
    return f"{np.median(values):.{digits}f} [{values.min():.{digits}f}-{values.max():.{digits}f}]"


if __name__ == "__main__":
    main()
