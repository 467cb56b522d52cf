"""A browser for the tests that draw; without Chromium or Playwright they are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One for each module: while Playwright's blocking interface is in use no asyncio test can run."""
    pytest.importorskip("playwright.sync_api", reason="the Python package playwright is not installed")
    from browser import CHROMIUM, chromium

    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (tests/debian.txt)")
    with chromium() as started:
        yield started
