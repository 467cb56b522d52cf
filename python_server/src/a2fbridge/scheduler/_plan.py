"""Which rows go into the next inference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from a2fbridge.scheduler._handle import StreamHandle

__all__ = ["Limits", "Plan", "make_plan"]

Plan = list[tuple[StreamHandle, int]]
"""Streams and how many of their next rows, each stream once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one scheduler takes on."""

    max_streams: int = 128
    """Open streams at most, whatever the measured load says."""
    max_load: float = 0.85
    """Share of the worker's time that real-time streams may need together; one stream is always admitted."""
    max_batch: int = 32
    """Rows per inference."""
    batch_seconds: float = 0.1
    """How long one inference may take: a slow network gets smaller batches, so that live streams need not wait."""
    upload_rows: int = 8
    """Rows per inference for streams ahead of real time, while paced streams have rows ready."""
    input_seconds: float = 310.0
    """Audio that may wait per stream: clients that write a whole clip before they read must fit."""
    input_bytes: int = 32 << 20
    """The same bound in bytes, whatever the sample rate: 349 s at 48 kHz, 116 s at 144 kHz."""
    output_frames: int = 300
    """Computed frames that may wait per stream (NIM's ``queue_size_after_a2f``)."""
    lead_seconds: float = 1.0
    """A stream with more audio than this ahead of real time counts as an upload."""
    absorb_seconds: float = 4.0
    """Audio decoded ahead of the frames; the rest waits as it came."""

    def input_of(self, sample_rate: int) -> float:
        """Return the seconds of audio at a sample rate that may wait per stream."""
        return min(self.input_seconds, self.input_bytes / (2.0 * sample_rate))


def make_plan(ready: Mapping[StreamHandle, int], now: float, batch: int, limits: Limits) -> Plan:
    """Choose up to ``batch`` rows: paced streams by deadline, then uploads, longest unserved first.

    ``ready`` counts the rows that each stream could give; ``now`` is the monotonic clock in seconds.
    """
    paced: Plan = []
    uploads: Plan = []
    for handle, count in ready.items():
        rows = min(count, handle.room)
        if rows > 0:
            lead = handle.received_seconds - (now - handle.anchor)
            (uploads if lead > limits.lead_seconds else paced).append((handle, rows))
    plan, left = _earliest_first(paced, batch)
    return plan + _fair_shares(uploads, min(left, limits.upload_rows) if paced else left)


def _earliest_first(paced: Plan, left: int) -> tuple[Plan, int]:
    plan: Plan = []
    for handle, rows in sorted(paced, key=lambda item: item[0].next_due):
        if taken := min(rows, left):
            plan.append((handle, taken))
            left -= taken
    return plan, left


def _fair_shares(uploads: Plan, quota: int) -> Plan:
    waiting = sorted(uploads, key=lambda item: item[0].served)[:quota]
    plan: Plan = []
    for at, (handle, rows) in enumerate(waiting):
        share = -(-quota // (len(waiting) - at))
        plan.append((handle, min(rows, share)))
        quota -= min(rows, share)
    return plan
