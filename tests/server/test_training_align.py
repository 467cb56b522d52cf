"""Alignment of recordings whose words are known, on synthetic speech with exact times."""

from pathlib import Path

import numpy as np
import pytest

from a2fbridge import ConfigError
from a2fbridge.training import align, aligned_recordings
from a2fbridge.training._voices import missing, speak

pytest.importorskip("pocketsphinx", reason="pocketsphinx is not installed")
if reason := missing("rms"):
    pytest.skip(reason, allow_module_level=True)

TEXTS = ["Both of my brothers watched the movie.", "Please wash five blue boots, but move the box."]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import soundfile

    folder = tmp_path_factory.mktemp("people")
    for i, spoken in enumerate(speak("rms", TEXTS, 1)):
        soundfile.write(folder / f"{i}.wav", spoken.samples, 16000)
        (folder / f"{i}.txt").write_text(spoken.text)
    soundfile.write(folder / "wordless.wav", np.zeros(16000), 16000)
    return folder


def test_phones_are_found_where_they_are(folder: Path) -> None:
    found = aligned_recordings(folder)
    assert [u.text for u in found] == ["0", "1"]
    for aligned, exact in zip(found, speak("rms", TEXTS, 1), strict=True):
        lips = [[s for s in u.segments if s.phone in ("p", "b", "m", "f", "v")] for u in (aligned, exact)]
        assert [s.phone for s in lips[0]] == [s.phone for s in lips[1]]
        apart = [abs((a.start + a.end) - (b.start + b.end)) / 2 for a, b in zip(*lips, strict=True)]
        assert np.mean(apart) < 0.035
        assert aligned.segments[0].phone == "sil"


def test_words_that_cannot_be_aligned_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown words xqzzt"):
        align(np.zeros(16000, np.float32), "the xqzzt")
    with pytest.raises(ConfigError, match="no words at all"):
        align(np.zeros(16000, np.float32), " ... ")
    with pytest.raises(ConfigError, match="holds no recordings"):
        aligned_recordings(tmp_path)
    (tmp_path / "a.wav").write_bytes((folder / "0.wav").read_bytes())
    (tmp_path / "a.txt").write_text("frumious bandersnatchery")
    with pytest.raises(ConfigError, match=r"a\.wav: cannot align: unknown words"):
        aligned_recordings(tmp_path)
