"""How long each hostile pack is looked at before it is refused (CPU time), and what that allocates.

    PYTHONPATH=python_server/src:tests/server python tests/bench/bench_hostile.py

The aim: below 50 ms each, and never more than twice the bytes that the sound pack's arrays take.
"""

from __future__ import annotations

import shutil
import tempfile
import time
import tracemalloc
from pathlib import Path

from hostile_networks import ONNX
from hostile_packs import JSON, NPZ, PATHS
from synthetic_packs import write_pack

from a2fbridge import packs
from a2fbridge._errors import PackError

ROUNDS = 5


def refused(folder: Path) -> float:
    start = time.process_time()
    try:
        packs.load(folder)
    except PackError:
        return time.process_time() - start
    raise SystemExit(f"{folder} was not refused")


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as work:
        original = write_pack(Path(work, "original", "egg"))
        for name, (attack, _) in (NPZ | PATHS | JSON | ONNX).items():
            place = Path(work, f"case{len(rows)}")
            folder = Path(shutil.copytree(original, place / "egg"))
            (place / "outside.npz").write_bytes((original / "model_data.npz").read_bytes())
            (place / "outside.bin").write_bytes(bytes(4096))
            attack(folder)
            times = sorted(refused(folder) for _ in range(ROUNDS))
            tracemalloc.start()
            refused(folder)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            rows.append((times[ROUNDS // 2] * 1e3, times[-1] * 1e3, peak / 1e6, name))
    print(
        f"{len(rows)} hostile packs, median and slowest of {ROUNDS} in CPU ms, peak in MB; the ten slowest:"
    )
    for median, slowest, peak, name in sorted(rows, reverse=True)[:10]:
        print(f"{median:8.2f} {slowest:8.2f} {peak:8.2f}  {name}")
    print(
        f"largest peak {max(row[2] for row in rows):.2f} MB; above 50 ms: {sum(row[1] > 50 for row in rows)}"
    )


if __name__ == "__main__":
    main()
