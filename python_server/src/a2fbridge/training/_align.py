"""Timed phones for recordings of people whose words are known: forced alignment with pocketsphinx.

The aligner is no oracle: against exact times its phones scatter by 17-19 ms and lead by some tens of
milliseconds.  The lead is measured against the sound, as for synthetic voices, and taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError
from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._labels import measure_shift, shifted, with_strength
from a2fbridge.training._neural import to_model_rate
from a2fbridge.training._phones import Segment, Utterance, normalise

__all__ = ["align", "aligned_recordings"]

_PAD = 0.6
"""Seconds of silence put around a recording: with less the aligner can swallow its first pause."""
_HOP = 0.01
_WIDE_BEAM = {"beam": 1e-60, "pbeam": 1e-60, "wbeam": 1e-60}


def align(samples: NDArray[np.float32], text: str) -> tuple[Segment, ...]:
    """Return the phones of ``text`` in 16 kHz mono ``samples``, silences included.

    Raises ConfigError when pocketsphinx is not installed, does not know a word, or cannot align.
    """
    try:
        import pocketsphinx
    except ImportError:
        raise ConfigError("aligning speech needs pocketsphinx: pip install 'a2fbridge[train]'") from None
    decoder = pocketsphinx.Decoder(
        lm=None, bestpath=False, loglevel="FATAL", samprate=SAMPLE_RATE, **_WIDE_BEAM
    )
    words = re.findall(r"[a-z']+", text.lower())
    unknown = [word for word in words if decoder.lookup_word(word) is None]
    if not words or unknown:
        raise ConfigError(f"cannot align: unknown words {', '.join(unknown) or '(no words at all)'}")
    quiet = np.random.default_rng(0).standard_normal(int(_PAD * SAMPLE_RATE)) * 1e-4
    sound = np.concatenate([quiet, samples, quiet]).clip(-1, 1)
    pcm = np.round(sound * 32767).astype(np.int16).tobytes()
    decoder.set_align_text(" ".join(words))
    _decode(decoder, pcm)
    if decoder.hyp() is None:
        raise ConfigError(f"cannot align {text!r}: the recording does not hold these words")
    decoder.set_alignment()
    _decode(decoder, pcm)
    return tuple(_segments(decoder.get_alignment(), len(samples) / SAMPLE_RATE))


def _decode(decoder: object, pcm: bytes) -> None:
    decoder.start_utt()  # type: ignore[attr-defined]
    decoder.process_raw(pcm, full_utt=True)  # type: ignore[attr-defined]
    decoder.end_utt()  # type: ignore[attr-defined]


def _segments(alignment: object, length: float) -> Iterator[Segment]:
    """Yield phones in seconds of the unpadded recording; what is left of the padding is silence."""
    for phone in alignment.phones():  # type: ignore[attr-defined]
        start = phone.start * _HOP - _PAD
        end = min(start + phone.duration * _HOP, length)
        if end > 0 and start < length:
            name = normalise("sil" if phone.name.startswith(("SIL", "+")) else phone.name)
            yield Segment(name, max(start, 0.0), end)


def aligned_recordings(folder: Path) -> list[Utterance]:
    """Return the recordings of a folder, each ``NAME.wav`` (or .flac) with its words in ``NAME.txt``, aligned.

    One constant is measured over all of them and taken out.  Raises ConfigError when there are none, or one
    cannot be aligned, naming it.
    """
    import soundfile

    found = []
    for path in sorted((*folder.glob("*.wav"), *folder.glob("*.flac"))):
        words = path.with_suffix(".txt")
        if not words.exists():
            continue
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        sound = to_model_rate(samples.mean(axis=1), rate)
        try:
            found.append(Utterance(path.stem, sound, align(sound, words.read_text())))
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None
    if not found:
        raise ConfigError(f"{folder} holds no recordings: right are NAME.wav with their words in NAME.txt")
    shift = float(np.mean(measure_shift(found)))
    return [with_strength(shifted(utterance, shift)) for utterance in found]
