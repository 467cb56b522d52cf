"""A histogram with fixed bounds: cheap to feed, cheap to read, safe to read from another thread."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

__all__ = ["Histogram"]


class Histogram:
    """Counts of values up to and including each bound, and beyond the last."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """How many values were counted."""
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """Mean of the values; 0 when there are none."""
        return self.total / self.count if self.count else 0.0

    def quantile(self, q: float) -> float:
        """Return the bound below which a share ``q`` of the values lies (inf beyond the last; 0 when empty)."""
        if not self.count:
            return 0.0
        rank, seen = q * self.count, 0
        for bound, count in zip(self.bounds, self.counts, strict=False):
            seen += count
            if seen >= rank:
                return bound
        return float("inf")

    def as_dict(self) -> dict[str, int]:
        """Return counts by bound, for logs and metrics; empty buckets left out."""
        labels = [f"<={bound:g}" for bound in self.bounds] + [f">{self.bounds[-1]:g}"]
        return {label: count for label, count in zip(labels, self.counts, strict=True) if count}
