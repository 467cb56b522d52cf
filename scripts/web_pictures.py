#!/usr/bin/env python3
"""Make the pictures of the pages in docs/images, in headless Chromium.

    python scripts/web_pictures.py [RECORDING] [--out docs/images]

Drawn with twice the pixels and halved, which takes software drawing a while.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

import a2fbridge
from a2fbridge._resources import data_dir

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "web"))
from browser import Watched, chromium  # noqa: E402
from studio_support import running_studio  # noqa: E402

SAMPLE = data_dir() / "samples" / "hello.wav"
SHARP = {"device_scale_factor": 2, "color_scheme": "light"}
KEEP = "() => { a2fbridge.face.adapt = () => 0 }"


def main() -> None:
    """Make them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recording", nargs="?", default=str(SAMPLE))
    parser.add_argument("--out", default=str(ROOT / "docs" / "images"), type=Path)
    options = parser.parse_args()
    with chromium() as browser:
        player(browser, options.recording, options.out / "player.png")
        studio(browser, options.out / "studio.png")


def player(browser: Any, recording: str, path: Path) -> None:
    """The page that `animate -o OUT.html` writes, where the mouth is wide open."""
    animation = a2fbridge.animate(recording, frame_rate=60)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{Path(recording).stem}.html"
        a2fbridge.save(animation, file)
        page = Watched(browser.new_page(viewport={"width": 1180, "height": 700}, **SHARP))
        page.page.goto(file.as_uri())
        page.until("window.a2fbridge?.player")
        page.js(KEEP)
        seek(page, "a2fbridge.player", int(animation.curve("JawOpen").argmax()))
        halved(page, path)
        page.page.close()


def studio(browser: Any, path: Path) -> None:
    """The studio with the sample and some joy."""
    with running_studio() as url:
        page = Watched(browser.new_page(viewport={"width": 1440, "height": 800}, **SHARP))
        page.page.goto(url)
        page.until("window.a2fbridge?.store")
        page.js(KEEP)
        page.page.get_by_role("button", name="Sample").click()
        page.until("a2fbridge.workbench?.player")
        page.js("a2fbridge.store.set({ emotions: { joy: 0.7 } })")
        page.page.wait_for_timeout(1500)
        seek(page, "a2fbridge.workbench.player", 0.62)
        halved(page, path)


def seek(page: Watched, player: str, place: float) -> None:
    """Go to a frame, or to a second that is not whole."""
    time = f"{player}.clip.timeOf({place})" if isinstance(place, int) else place
    page.js(f"() => {{ {player}.seek({time}); a2fbridge.face.draw() }}")
    page.page.wait_for_timeout(1500)


def halved(page: Watched, path: Path) -> None:
    picture = Image.open(io.BytesIO(page.page.screenshot(timeout=120_000))).convert("RGB")
    small = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
    small.save(path, optimize=True)
    print(f"{path} {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
