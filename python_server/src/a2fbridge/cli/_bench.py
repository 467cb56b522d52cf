"""``a2fbridge bench``: NVIDIA's own benchmark cases on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import a2fbridge
from a2fbridge import ConfigError
from a2fbridge.cli._arguments import add_backend_options, add_output_options
from a2fbridge.cli._output import Reporter

__all__ = ["add_parser"]


def add_parser(verbs: Any) -> None:
    """Add the verb."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "bench",
        help="measure this machine with NVIDIA's benchmark cases",
        description="NVIDIA's benchmark cases (Audio2Face-3D SDK): tracks with four seconds of sound each, 60 frames "
        "per second.  Lists are separated by commas.",
    )
    parser.add_argument("--pack", default="builtin", help="model pack, id or folder (default: builtin)")
    parser.add_argument("--audio", metavar="FILE", help="the sound (default: noise)")
    parser.add_argument("--tracks", default="1,2,4,8,16,32,64", help="default 1,2,4,8,16,32,64")
    parser.add_argument("--chunks", default="0,8000", help="samples a push, 0 is offline (default 0,8000)")
    parser.add_argument(
        "--options", default="SkinTongue", help="of None, Skin, Tongue, SkinTongue (default the last)"
    )
    parser.add_argument(
        "--skip", default="off", help="off (default), or Audio2Emotion with 0,1,2,4,8,16,32 frames skipped"
    )
    parser.add_argument(
        "--precompute", action="store_true", help="emotions of the whole clip first (offline)"
    )
    parser.add_argument(
        "--emotion-pack", metavar="ID|PATH", help="what hears emotions (default: builtin-emotion)"
    )
    parser.add_argument("--fp16", default="0", help="0, 1 or 0,1 (default 0)")
    parser.add_argument("--identities", default="0", help="faces by number (default 0)")
    parser.add_argument(
        "--solver", default="bvls", help="bvls (exact, default) or admm (NVIDIA's four steps)"
    )
    parser.add_argument("--threads", type=int, help="CPU threads (default: all cores but one)")
    add_backend_options(parser)
    add_output_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    reporter = Reporter(options)
    cases = a2fbridge.benchmark_cases(
        tracks=_list("tracks", options.tracks, int),
        chunks=_list("chunks", options.chunks, int),
        options=_list("options", options.options, str),
        skips=_list("skip", options.skip, lambda text: None if text == "off" else int(text)),
        fp16=_list("fp16", options.fp16, lambda text: bool(int(text))),
        identities=_list("identities", options.identities, int),
        precompute=options.precompute,
    )
    given = {"emotion_pack": options.emotion_pack} if options.emotion_pack else {}
    results = a2fbridge.run_benchmark(
        cases,
        pack=options.pack,
        audio=options.audio,
        backend=options.backend or "auto",
        device=options.device,
        threads=options.threads,
        solver=options.solver,
        on_build=reporter.building,
        **given,
    )
    columns = f"{'A2E ms':>8} {'A2F ms':>8} {'ms/frame':>9} {'per track':>9} {'frames/s':>9} {'live':>5}"
    reporter.event("columns", f"{columns}  case")
    for result in results:
        reporter.event("case", _line(result), **asdict(result))
    return 0


def _line(result: a2fbridge.BenchmarkResult) -> str:
    return (
        f"{result.a2e_total:8.1f} {result.a2f_total:8.1f} {result.multi_track_frame:9.3f} "
        f"{result.per_track_frame:9.3f} {result.items_per_second:9.0f} {result.live_tracks:5.0f}  {result.name}"
    )


def _list(name: str, text: str, kind: Callable[[str], Any]) -> list[Any]:
    try:
        return [kind(part.strip()) for part in text.split(",")]
    except ValueError:
        raise ConfigError(f"--{name} '{text}' is not a list such as 1,2,4") from None
