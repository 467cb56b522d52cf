"""How a verb talks: a progress bar and sentences for people, JSON lines for machines, or silence."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

__all__ = ["Reporter"]


class Reporter:
    """Events of one run; at most one progress bar at a time."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._json = bool(getattr(options, "json", False))
        self._quiet = bool(getattr(options, "quiet", False))
        self._bar: Any = None
        self._phase = ""

    def event(self, name: str, text: str = "", /, **values: Any) -> None:
        """Tell one event: ``text`` to people (when there is any), ``values`` to machines."""
        if self._json:
            print(json.dumps({"event": name, **values}), flush=True)
        elif text and not self._quiet:
            print(text, flush=True)

    def progress(self, done: int, total: int) -> None:
        """Show how far long work is."""
        if self._json:
            self.event("progress", done=done, total=total)
        elif not self._quiet and sys.stderr.isatty():
            if self._bar is None:
                from tqdm import tqdm

                self._bar = tqdm(total=total, leave=False, delay=0.5)
            self._bar.total = total
            self._bar.update(done - self._bar.n)

    def building(self, phase: str, done: float) -> None:
        """Show how far the building of an engine is, which takes minutes."""
        if self._json:
            self.event("building", phase=phase, done=done)
        elif not self._quiet and phase != self._phase:
            self._phase = phase
            print(f"building a TensorRT engine: {phase}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """End the progress bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
