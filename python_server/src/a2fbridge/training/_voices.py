"""The synthetic speakers: text in, sound with timed phones out.

Only voices whose terms allow shipping a model trained on them: see ``LICENCES``.  flite and festival run as
programs of their own, hibari as a Python package; none is imported before it is asked for.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError, nearest
from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._phones import SILENCE, Segment, from_misaki, normalise

__all__ = ["LICENCES", "VOICES", "Utterance", "missing", "speak"]


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One spoken sentence."""

    text: str
    samples: NDArray[np.float32]
    """Mono at 16 kHz, -1..1."""
    segments: tuple[Segment, ...]
    """Phones that tile the sound from 0 to its end, silences included."""


LICENCES = {
    "hibari": "hibari-tts 0.2.1, voice heart: Apache-2.0, Maureese Williams (distilled from Kokoro-82M, Apache-2.0)",
    "rms": "flite cmu_us_rms: BSD-style, Carnegie Mellon University",
    "slt": "flite cmu_us_slt: BSD-style, Carnegie Mellon University",
    "awb": "flite cmu_us_awb: BSD-style, Carnegie Mellon University",
    "kal": "flite cmu_us_kal16: BSD-style, Carnegie Mellon University",
    "ked": "festvox-kdlpc16k: MIT-style, Centre for Speech Technology Research, University of Edinburgh",
    "hts": "festvox-us-slt-hts: BSD-3-Clause and EST, CMU, Nagoya and Tokyo Institutes of Technology",
}
"""Voice -> origin and terms, as written into the pack's card and NOTICE."""

_FLITE = {"rms": "rms", "slt": "slt", "awb": "awb", "kal": "kal16"}
_FESTIVAL = {"ked": "voice_ked_diphone", "hts": "voice_cmu_us_slt_arctic_hts"}
_PAUSES = frozenset(";:,.!?—…")
_UNIT = 0.025
"""Seconds per duration unit of hibari."""


def missing(voice: str) -> str | None:
    """Return why a voice cannot speak on this machine, or None when it can.

    Raises ConfigError for a name that is no voice.
    """
    if voice not in LICENCES:
        raise ConfigError(f"no voice '{voice}'{nearest(voice, LICENCES)}; right are {', '.join(LICENCES)}")
    if voice == "hibari":
        try:
            import hibari  # noqa: F401
        except ImportError:
            return "the package hibari-tts is not installed"
        return None
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


def _hibari(_: str, texts: list[str], rng: np.random.Generator) -> Iterator[Utterance]:
    import hibari
    import onnx
    import onnxruntime

    speaker = hibari.Hibari()
    model: Any = onnx.load(speaker.model_path)
    durations = onnx.helper.make_tensor_value_info("/Round_output_0", onnx.TensorProto.FLOAT, None)
    model.graph.output.append(durations)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for text in texts:
        sound: list[NDArray[np.float32]] = []
        segments: list[Segment] = []
        for phonemes in speaker.phonemize(text):
            ids = np.asarray([speaker.ids(phonemes)], np.int64)
            pace = np.asarray([rng.uniform(0.85, 1.25)], np.float32)
            *parts, lengths = session.run(None, {"ids": ids, "speed": pace})
            start = sum(map(len, sound)) / hibari.SAMPLE_RATE
            known = [symbol for symbol in phonemes if symbol in speaker.vocab]
            segments += _hibari_segments(known, lengths.astype(int), start)
            sound.append(hibari.dsp.synth(*(part[0] for part in parts), rng))
        if sound:
            yield Utterance(text, _resample(np.concatenate(sound), hibari.SAMPLE_RATE), tuple(segments))


def _hibari_segments(symbols: list[str], lengths: NDArray[np.int_], start: float) -> list[Segment]:
    """Turn symbols with durations into phones; the time of stress marks and spaces goes to the next phone."""
    clock = start + lengths[0] * _UNIT
    segments = [Segment(SILENCE, start, clock)]
    begin = clock
    for symbol, units in zip(symbols, lengths[1:-1], strict=True):
        clock += units * _UNIT
        phone = SILENCE if symbol in _PAUSES else from_misaki(symbol)
        if phone is not None:
            segments.append(Segment(phone, begin, clock))
            begin = clock
    segments.append(Segment(SILENCE, begin, clock + lengths[-1] * _UNIT))
    return segments


def _flite(voice: str, texts: list[str], rng: np.random.Generator) -> Iterator[Utterance]:
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder, "a.wav")
        for text in texts:
            stretch = f"duration_stretch={rng.uniform(0.85, 1.25):.3f}"
            command = ["flite", "-psdur", "-voice", _FLITE[voice], "--setf", stretch, "-t", text, "-o", str(wav)]
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
    return _resample(samples, rate)


def _resample(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    import soxr

    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), np.float32)


VOICES: dict[str, Callable[[str, list[str], np.random.Generator], Iterator[Utterance]]] = {
    "hibari": _hibari,
    **dict.fromkeys(_FLITE, _flite),
    **dict.fromkeys(_FESTIVAL, _festival),
}
