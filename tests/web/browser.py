"""Debian's Chromium, driven by Playwright, drawing in software."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-quic --no-first-run --disable-background-networking --disable-sync "
    "--disable-component-update --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader"
).split()
PATIENCE_MS = 60_000
"""Software drawing on a busy machine is slow; nothing is timed."""


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """Start a browser; closed at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page, with what it asked the network for and what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def js(self, code: str, argument: Any = None) -> Any:
        """Return the value of JavaScript code in the page."""
        return self.page.evaluate(code, argument)

    def until(self, code: str) -> None:
        """Wait for JavaScript code to become true.  The page's policy forbids Playwright's own way, which is eval."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while not self.js(f"Boolean({code})"):
            assert time.monotonic() < end, f"{code} is still not true; errors: {self.errors}"
            self.page.wait_for_timeout(30)

    def picture(self, selector: str = ".face canvas") -> np.ndarray:
        """Return [H, W, 4] uint8: what the face's canvas shows, drawn now."""
        from PIL import Image

        data = self.js(
            "selector => { a2fbridge.face.draw(); return document.querySelector(selector).toDataURL() }",
            selector,
        )
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))))
