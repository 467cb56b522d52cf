"""Timing that can be compared: cases take turns, round after round, on one core; medians with their spread."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds per unit of one case over all rounds."""

    seconds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def text(self, scale: float = 1e6) -> str:
        """Return ``median [min-max]`` of seconds times ``scale``."""
        return f"{self.median * scale:.1f} [{min(self.seconds) * scale:.1f}-{max(self.seconds) * scale:.1f}]"


def one_core(core: int = 0) -> None:
    """Pin this process to one core, where the system lets it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})


def interleave(
    cases: Mapping[str, tuple[Callable[[], object], int]],
    rounds: int = 9,
    repeat: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Timing]:
    """Time each case (function, units it does) in turn; one round runs each ``repeat`` times after one warm-up.

    With ``time.process_time`` as the clock, the time of one thread means something on a busy machine too.
    """
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for run, _ in cases.values():
        run()
    for _ in range(rounds):
        for name, (run, units) in cases.items():
            started = clock()
            for _ in range(repeat):
                run()
            seconds[name].append((clock() - started) / repeat / units)
    return {name: Timing(values) for name, values in seconds.items()}
