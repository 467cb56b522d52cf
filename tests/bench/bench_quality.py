"""How well mouths follow speech: packs and public engines in one table, with counts and 95 % intervals.

``python tests/bench/bench_quality.py --recordings DIR [--pack PACK ...] [--engines] [--emotions]``

DIR holds NAME.wav with its words in NAME.txt.  Packs run through the whole product (``Engine.animate``, 60 fps).
Engines that answer with visemes are read through one table of mouth openings; of all shares of their opening that
could count as closed, each gets the one that suits it best.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

import a2fbridge
from a2fbridge.training import METRICS, Figure, Mouth, Take, Utterance, aligned_recordings, assess, mouth_of

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "engines"
RATE, FPS, AFTER = 16000, 60, 1.0
ENGINES = ("openfacefx_text", "openfacefx_aligned", "headaudio", "pylipsync", "loudness")
NOTES = {
    "openfacefx_text": "openfacefx, text",
    "openfacefx_aligned": "openfacefx, text + alignment",
    "loudness": "loudness jaw (openfacefx energy)",
}
CLOSED = (0.10, 0.15, 0.20, 0.25, 0.30)
OPENING = {
    "sil": 0.0, "PP": 0.0, "FF": 0.1, "TH": 0.25, "DD": 0.25, "kk": 0.3, "CH": 0.2, "SS": 0.15, "nn": 0.25,
    "RR": 0.25, "aa": 1.0, "E": 0.6, "I": 0.35, "O": 0.6, "U": 0.25,
}  # fmt: skip
ROUNDING = {"O": 0.7, "U": 1.0, "CH": 0.6, "RR": 0.4}


def padded(utterance: Utterance) -> np.ndarray:
    """Return the sound with digital silence after it, to see the mouth come to rest."""
    return np.concatenate([utterance.samples, np.zeros(int(AFTER * RATE), np.float32)])


def pack_takes(
    pack: str, people: Sequence[Utterance], emotions: dict[str, float] | None = None
) -> list[Take]:
    with a2fbridge.Engine.open(pack) as engine:
        return [
            Take(
                u.segments,
                mouth_of(engine.animate(padded(u), RATE, frame_rate=FPS, emotions=emotions).weights),
            )
            for u in people
        ]


def mouth_of_visemes(names: Sequence[str], values: np.ndarray) -> Mouth:
    """Return a mouth for viseme weights [N, C]: what each viseme opens and rounds, summed."""

    def along(table: dict[str, float]) -> np.ndarray:
        return values @ np.array([table.get(name, 0.0) for name in names])

    return Mouth(along(OPENING), along(ROUNDING), along({"FF": 1.0}))


def engine_takes(engine: str, people: Sequence[Utterance], texts: dict[str, str]) -> list[Take]:
    """Run a public engine; raises CalledProcessError or OSError when it cannot be installed or run."""
    with tempfile.TemporaryDirectory() as folder:
        jobs = [_job(Path(folder), u, texts[u.text]) for u in people]
        listed = Path(folder, "jobs.json")
        listed.write_text(json.dumps(jobs))
        if engine == "headaudio":
            subprocess.run(["node", HERE / "engines/headaudio.mjs", _headaudio(), listed], check=True)
            found = [json.loads(Path(job["json"]).read_text()) for job in jobs]
        else:
            subprocess.run([_python(), HERE / "engines/curves.py", engine, listed], check=True)
            found = [dict(np.load(job["npz"])) for job in jobs]
    mouths = [mouth_of_visemes([str(n) for n in f["names"]], np.array(f["values"])) for f in found]
    return [Take(u.segments, mouth) for u, mouth in zip(people, mouths, strict=True)]


def _job(folder: Path, utterance: Utterance, text: str) -> dict[str, object]:
    name, sound = folder / utterance.text, padded(utterance)
    soundfile.write(f"{name}.wav", sound, RATE)
    sound.tofile(f"{name}.raw")
    return {
        "wav": f"{name}.wav", "raw": f"{name}.raw", "npz": f"{name}.npz", "json": f"{name}.json", "text": text,
        "seconds": len(sound) / RATE, "spoken": len(utterance.samples) / RATE,
        "phones": [
            *((s.phone, s.start, s.end) for s in utterance.segments),
            ("sil", utterance.segments[-1].end, len(sound) / RATE),
        ],
    }  # fmt: skip


def _python() -> Path:
    """Return the interpreter of the engines' environment, made the first time."""
    python = CACHE / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", CACHE / "venv"], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "-r", HERE / "engines/requirements.txt"], check=True
        )
    return python


def _headaudio() -> Path:
    package = CACHE / "node_modules" / "@met4citizen" / "headaudio"
    if not package.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--silent", "--prefix", CACHE, "@met4citizen/headaudio@0.1.0"], check=True
        )
    return package


def best(takes: Sequence[Take]) -> dict[str, Figure]:
    """Return the figures at the share of opening that gives the best composite."""
    return max((assess(takes, share) for share in CLOSED), key=lambda found: found["composite"].value)


def show(columns: dict[str, dict[str, Figure]]) -> None:
    print("| | " + " | ".join(METRICS) + " |")
    print("|---" * (len(METRICS) + 1) + "|")
    for name, figures in columns.items():
        print(f"| {name} | " + " | ".join(str(figures[metric]) for metric in METRICS) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--pack", action="append", help="pack id or folder (default: the built-in pack)")
    parser.add_argument("--engines", action="store_true", help="also run public engines")
    parser.add_argument(
        "--emotions", action="store_true", help="also run the packs in each mood at full strength"
    )
    options = parser.parse_args()
    people = aligned_recordings(options.recordings)
    texts = {u.text: (options.recordings / f"{u.text}.txt").read_text().strip() for u in people}
    columns: dict[str, dict[str, Figure]] = {}
    for pack in options.pack or ["builtin"]:
        columns[pack] = assess(pack_takes(pack, people))
        if options.emotions:
            for mood in a2fbridge.EMOTION_NAMES:
                columns[f"{pack}, {mood}"] = assess(pack_takes(pack, people, {mood: 1.0}))
    for engine in ENGINES if options.engines else ():
        try:
            columns[NOTES.get(engine, engine)] = best(engine_takes(engine, people, texts))
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"{engine} left out: {error}", file=sys.stderr)
    show(columns)


if __name__ == "__main__":
    main()
