"""A browser for all tests of this folder; without Chromium they are skipped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

playwright = pytest.importorskip(
    "playwright.sync_api", reason="the Python package playwright is not installed"
)

from browser import CHROMIUM, chromium  # noqa: E402


@pytest.fixture(scope="module")  # its event loop must not outlive the module: others bring their own
def browser() -> Iterator[playwright.Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (tests/debian.txt)")
    with chromium() as started:
        yield started
