"""Run one public engine on many recordings; in the environment that ``bench_quality.py`` makes for them.

``curves.py ENGINE JOBS.json``: each job has ``wav``, ``text``, ``seconds``, ``phones`` ([name, start, end]) and
``npz``, where visemes by Oculus's names, 60 a second, are written (.npz: names, values [N, C]).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

FPS = 60


def _sampled(track: object, seconds: float) -> tuple[list[str], np.ndarray]:
    """Return an OpenFaceFX track's keys as curves."""
    times = np.arange(int(seconds * FPS)) / FPS
    names = [channel.name for channel in track.channels]
    keys = [([k.time for k in c.keys], [k.value for k in c.keys]) for c in track.channels]
    return names, np.stack([np.interp(times, at, value) for at, value in keys], axis=1)


def openfacefx_text(job: dict) -> tuple[list[str], np.ndarray]:
    from openfacefx.pipeline import generate_naive

    return _sampled(generate_naive(job["text"], job["spoken"], fps=FPS), job["seconds"])


def openfacefx_aligned(job: dict) -> tuple[list[str], np.ndarray]:
    from openfacefx.alignment import PhonemeSegment
    from openfacefx.pipeline import generate_from_alignment

    phones = [PhonemeSegment("sil" if p == "sil" else p.upper(), a, b) for p, a, b in job["phones"]]
    return _sampled(generate_from_alignment(phones, fps=FPS), job["seconds"])


def loudness(job: dict) -> tuple[list[str], np.ndarray]:
    """OpenFaceFX's jaw that follows loudness alone."""
    from openfacefx.energy import generate_from_energy

    return _sampled(generate_from_energy(job["wav"], fps=FPS), job["seconds"])


def pylipsync(job: dict) -> tuple[list[str], np.ndarray]:
    names = {"aa": "aa", "ee": "E", "ih": "I", "oh": "O", "ou": "U", "silence": "sil"}
    found = _analyzer().extract_phoneme_segments(
        job["wav"], window_size_ms=64.0, fps=FPS, return_seconds=True
    )
    values = [[float(p.target) for p in segment.phonemes] for segment in found]
    return [names[p.name] for p in found[0].phonemes], np.array(values)


def _analyzer() -> object:
    global _ANALYZER
    if _ANALYZER is None:
        from pylipsync import PhonemeAnalyzer

        _ANALYZER = PhonemeAnalyzer()
    return _ANALYZER


_ANALYZER: object = None
_ENGINES = {f.__name__: f for f in (openfacefx_text, openfacefx_aligned, loudness, pylipsync)}


def main(engine: str, jobs: str) -> None:
    for job in json.loads(Path(jobs).read_text()):
        names, values = _ENGINES[engine](job)
        np.savez(job["npz"], names=np.array(names), values=values)


if __name__ == "__main__":
    main(*sys.argv[1:])
