"""Minutes of churn against one server: streams that end well, are cancelled, vanish or never read."""

import asyncio
import os
import random
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from in_memory import speechlike
from processes import running_server

import a2fbridge

SECONDS = float(os.environ.get("A2FBRIDGE_SOAK_SECONDS", "150"))
WARM_UP = 0.3 * SECONDS


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_memory_threads_and_files_stay_flat(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        proc = Path(f"/proc/{server.process.pid}")
        measured: list[tuple[float, int, int, int]] = []
        started = time.monotonic()
        wrong = [0]
        tasks = [
            asyncio.create_task(_churn(server.address, started + SECONDS, seed, wrong)) for seed in range(6)
        ]
        while not all(task.done() for task in tasks):
            await asyncio.sleep(1)
            if time.monotonic() - started > WARM_UP:
                measured.append((time.monotonic() - started, _resident(proc), _threads(proc), _files(proc)))
        await asyncio.gather(*tasks)
    times, memory, threads, files = np.array(measured).T
    slope = np.polyfit(times, memory, 1)[0] * 3600 / 2**20
    print(
        f"{slope:.1f} MiB an hour, {memory[-1] / 2**20:.0f} MiB, threads {set(threads)}, files {set(files)}"
    )
    assert wrong == [0]
    assert memory[-10:].mean() - memory[:10].mean() < 8 * 2**20
    assert np.ptp(threads) <= 2
    assert files[-10:].max() <= files[:10].max() + 4
    assert server.process.returncode == 0


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_live_stream_of_an_hour_keeps_the_servers_memory(tmp_path: Path) -> None:
    """As fast as frames come back; the emotion changes every second."""
    second = (speechlike(1.0) * 32767).astype(np.int16)
    memory: list[int] = []
    with running_server(tmp_path) as server, a2fbridge.Client(server.address) as client:
        proc = Path(f"/proc/{server.process.pid}")
        with client.stream() as stream:
            for minute in range(60):
                for number in range(60):
                    stream.push(second, {"joy": number / 60})
                    for _ in range(30 if minute + number else 20):  # the look-ahead holds the last ones back
                        next(stream)
                memory.append(_resident(proc))
            stream.end()
            assert len(list(stream)) == 10
    print(f"server's memory after 5, 30, 60 minutes: {[memory[i] >> 10 for i in (4, 29, 59)]} KiB")
    assert max(memory[30:]) - max(memory[:10]) < 4 * 2**20


async def _churn(address: str, until: float, seed: int, wrong: list[int]) -> None:
    chance = random.Random(seed)
    sound = (speechlike(4.0, seed=seed) * 32767).astype(np.int16)
    while time.monotonic() < until:
        async with a2fbridge.AsyncClient(address) as client:
            kind = chance.choice(["whole", "whole", "cancel", "vanish", "no reader", "refused"])
            if kind == "whole":
                animation = await client.animate(sound, 16000)
                wrong[0] += len(animation) != 120
            elif kind == "refused":
                with pytest.raises(a2fbridge.A2FBridgeError):
                    await client.animate(sound, 16000, parameters={"skinStrength": 9.0})
            else:
                stream = client.stream()
                for chunk in np.array_split(sound, 20):
                    stream.push(chunk)
                if kind == "cancel":
                    async for frame in stream:
                        if frame.index == 30:
                            break
                elif kind == "no reader":
                    await asyncio.sleep(0.2)
                await stream.close()


def _resident(proc: Path) -> int:
    return int((proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _threads(proc: Path) -> int:
    return len(list((proc / "task").iterdir()))


def _files(proc: Path) -> int:
    return len(list((proc / "fd").iterdir()))
