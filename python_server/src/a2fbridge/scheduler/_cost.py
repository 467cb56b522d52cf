"""What a row costs on this machine, measured: the number that streams are admitted by."""

from __future__ import annotations

__all__ = ["RowCost"]

_MEMORY = 0.05
"""Share of the newest batch in the running strain."""


class RowCost:
    """A batch takes ``base + rows * each`` seconds, times a strain that follows what batches really take.

    Small batches cost more a row than full ones; since batches grow with the load, capacity is reckoned at the price
    of full ones.
    """

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._base = 0.0
        self._each = 0.0
        self._strain = 1.0

    def calibrate(self, one: float, full: float) -> None:
        """Take the seconds of a batch of one row and of a full one, on a quiet machine."""
        self._each = max(full - one, 0.0) / max(self._batch - 1, 1) or one
        self._base = max(one - self._each, 0.0)
        self._strain = 1.0

    def rows_within(self, seconds: float) -> int:
        """Return how many rows a batch may have to take no longer than this; at least one."""
        return max(1, int((seconds - self._base) / self._each)) if self._each else 1

    def observe(self, rows: int, seconds: float) -> None:
        """Take what a batch really took, with everything around the network."""
        expected = self._base + rows * self._each
        if expected > 0.0:
            self._strain += _MEMORY * (seconds / expected - self._strain)

    @property
    def seconds(self) -> float:
        """Seconds a row when the machine is full."""
        return (self._base / self._batch + self._each) * self._strain
