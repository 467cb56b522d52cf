"""How much of bare ONNX Runtime's speed the whole server keeps: gRPC, decoding, animators, solver, echo and all.

    python tests/bench/bench_server.py [--pack builtin] [--streams 8] [--seconds 20] [--rounds 5]

The server has core 0, the clients core 1.  Rounds alternate between uploads through the server and the bare network
on core 0, on the same kind of windows in batches as large as the server's.  ``--paced`` measures live streams instead:
33 ms of sound every 33 ms, latency from a frame's last needed sample to its arrival.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import grpc
import numpy as np

from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge.client._session import ClipOptions, Session

METHOD = "/nvidia_ace.services.a2f_controller.v1.A2FControllerService/ProcessAudioStream"
BARE = """
import sys, time, numpy as np
from a2fbridge.backends import open_backend
from a2fbridge.packs import load
pack = load(sys.argv[1])
backend = open_backend(pack.network, threads=1)
batch = 32
rng = np.random.default_rng(0)
feeds = {t.name: (0.1 * rng.normal(size=t.sized(batch))).astype(np.float32) for t in pack.network.inputs}
backend.run(feeds)
for line in sys.stdin:
    runs = int(line)
    started = time.perf_counter()
    for _ in range(runs):
        backend.run(feeds)
    print(runs * batch / (time.perf_counter() - started), flush=True)
"""


def main() -> None:
    """Print the share, or the latencies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", default="builtin")
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--paced", action="store_true")
    options = parser.parse_args()
    server = _start(
        [sys.executable, "-m", "a2fbridge", "serve", "--port", "0", "--json", "--threads", "1"], options
    )
    address = _address(server)
    os.sched_setaffinity(0, {1})
    try:
        if options.paced:
            asyncio.run(_paced(address, options, server.pid))
        else:
            _share(address, options)
    finally:
        server.terminate()
        server.wait(20)


def _start(command: list[str], options: argparse.Namespace) -> subprocess.Popen[str]:
    folder = Path(tempfile.mkdtemp())
    (folder / "deployment_config.yaml").write_text(
        "a2fbridge: {max_load: 1000}\n"
    )  # more than real time is asked for
    command = [
        *command,
        "--pack",
        options.pack,
        "--max-streams",
        str(options.streams + 1),
        "--config",
        str(folder),
    ]
    pipes = {"stdout": subprocess.PIPE, "stdin": subprocess.PIPE}
    return subprocess.Popen(command, **pipes, text=True, preexec_fn=lambda: os.sched_setaffinity(0, {0}))


def _address(server: subprocess.Popen[str]) -> str:
    assert server.stdout
    for line in server.stdout:
        event = json.loads(line)
        if event["event"] == "running":
            return str(event["address"])
    raise SystemExit("the server did not start")


def _share(address: str, options: argparse.Namespace) -> None:
    bare = subprocess.Popen(
        [sys.executable, "-c", BARE, options.pack],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {0}),
    )
    assert bare.stdin
    assert bare.stdout
    frames = int(options.streams * options.seconds * 30)
    shares, speeds = [], []
    asyncio.run(_uploads(address, options.streams, 1.0))
    for _ in range(options.rounds):
        bare.stdin.write(f"{max(1, frames // 32)}\n")
        bare.stdin.flush()
        raw = float(bare.stdout.readline())
        started = time.perf_counter()
        got = asyncio.run(_uploads(address, options.streams, options.seconds))
        speed = got / (time.perf_counter() - started)
        shares.append(speed / raw)
        speeds.append((speed, raw))
    bare.stdin.close()
    for speed, raw in speeds:
        print(f"server {speed:8.1f} frames/s, bare network {raw:8.1f} rows/s, share {speed / raw:.3f}")
    print(f"share: median {statistics.median(shares):.3f} [{min(shares):.3f}-{max(shares):.3f}]")


async def _uploads(address: str, streams: int, seconds: float) -> int:
    async with grpc.aio.insecure_channel(address) as channel:
        return sum(await asyncio.gather(*(_upload(channel, seconds, seed) for seed in range(streams))))


async def _upload(channel: grpc.aio.Channel, seconds: float, seed: int) -> int:
    pcm = _sound(seconds, seed).tobytes()
    session = Session(16000, ClipOptions(), "bench")
    messages = [message.SerializeToString() for message in session.clip(pcm, None)]
    call = channel.stream_stream(METHOD)(iter(messages))
    frames = 0
    async for raw in call:
        frames += len(raw) > 600
    return frames


async def _paced(address: str, options: argparse.Namespace, pid: int) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        before, started = _cpu(pid), time.perf_counter()
        tasks = [
            _live(channel, options.seconds, seed, seed / options.streams / 30)
            for seed in range(options.streams)
        ]
        late = np.concatenate(await asyncio.gather(*tasks)) * 1e3
        busy = (_cpu(pid) - before) / (time.perf_counter() - started)
    p50, p99, worst = np.percentile(late, [50, 99, 100])
    print(
        f"{options.streams} live streams: {len(late)} frames, latency p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
        f"max {worst:.1f} ms; server uses {busy:.0%} of its core"
    )


async def _live(channel: grpc.aio.Channel, seconds: float, seed: int, delay: float) -> np.ndarray:
    await asyncio.sleep(delay)
    sound = _sound(seconds, seed)
    session = Session(16000, ClipOptions(), "bench")
    start = time.perf_counter()

    async def requests():
        yield session.header.SerializeToString()
        for at in range(0, len(sound), 533):
            await asyncio.sleep(max(0.0, start + (at + 533) / 16000 - time.perf_counter()))
            for message in session.chunks(sound[at : at + 533].tobytes()):
                yield message.SerializeToString()
        yield session.end().SerializeToString()

    late = []
    async for raw in channel.stream_stream(METHOD)(requests()):
        if len(raw) > 600:
            now = time.perf_counter() - start
            message = controller.AnimationDataStream.FromString(raw)
            target = message.animation_data.audio.time_code + 0.26
            if target < seconds:
                late.append(now - np.ceil(target * 16000 / 533) * 533 / 16000)
    return np.array(late)


def _sound(seconds: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.normal(size=int(seconds * 16000)) * 2000).astype("<i2")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
