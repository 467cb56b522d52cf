"""What the native client costs a game: poll, mapping and player in thread CPU time, and CPU per session at 60 fps.

    python tests/bench/bench_client.py [--rounds 5] [--sessions 64] [--seconds 10]

The mock server runs in a process of its own, so the client's CPU time is the client's alone.  Rounds alternate; medians
over rounds with their spread.  Aims: poll at most 10 us, mapping (mh4) at most 5 us, no allocation per frame.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "native"))
from native_build import build


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sessions", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    bench = build("dev", "client_bench") / "client/client_bench"
    calls: dict[str, list[dict[str, float]]] = {}
    streams: dict[int, list[dict[str, float]]] = {1: [], 8: [], options.sessions: []}
    with subprocess.Popen(
        [bench, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        target = server.stdout.readline().strip()
        for _ in range(options.rounds):
            for line in _run(bench, "poll"):
                calls.setdefault(line["call"], []).append(line)
            for count, rounds in streams.items():
                rounds += _run(bench, "streams", str(count), str(options.seconds), target=target)
        server.communicate("")
    print(f"{options.rounds} rounds; median [least - most]; load average {os.getloadavg()[0]:.1f}")
    for name, rounds in calls.items():
        figures = [
            f"{key} {_spread(rounds, key)}"
            for key in ("cpu_p50_us", "cpu_p999_us", "wall_p50_us", "wall_p999_us")
        ]
        print(f"{name:20} {'  '.join(figures)}  allocations {sum(int(r['allocations']) for r in rounds)}")
    for count, rounds in streams.items():
        for one in rounds:
            one["cpu_ms_per_session_second"] = 1e3 * one["process_cpu_s"] / one["seconds"] / count
            one["cpu_us_per_frame"] = 1e6 * one["process_cpu_s"] / one["frames"]
        keys = (
            "cpu_ms_per_session_second",
            "cpu_us_per_frame",
            "behind_p50_ms",
            "behind_p99_ms",
            "max_rss_mb",
        )
        print(f"{count:3} sessions at 60 fps   {'  '.join(f'{key} {_spread(rounds, key)}' for key in keys)}  "
              f"failed {sum(int(r['failed']) for r in rounds)}")  # fmt: skip


def _run(bench: Path, *arguments: str, target: str = "") -> list[dict[str, float]]:
    environment = {**os.environ, "A2FBRIDGE_BENCH_TARGET": target}
    done = subprocess.run([bench, *arguments], env=environment, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _spread(rounds: list[dict[str, float]], key: str) -> str:
    values = [one[key] for one in rounds]
    return f"{statistics.median(values):.2f} [{min(values):.2f} - {max(values):.2f}]"


if __name__ == "__main__":
    main()
