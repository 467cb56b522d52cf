"""Decoding and PCM: every format, every refusal."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from a2fbridge._errors import AudioError
from a2fbridge.audio import decode, float_to_pcm16, pcm16_to_float


def tone(seconds: float = 0.5, rate: int = 16000) -> np.ndarray:
    return (0.5 * np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 440 / rate)).astype(np.float32)


def encode(samples: np.ndarray, rate: int = 16000, **options: str) -> bytes:
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate, **({"format": "WAV"} | options))
    return stream.getvalue()


@pytest.mark.parametrize(("kind", "tolerance"), [("WAV", 1e-4), ("FLAC", 1e-4), ("OGG", 0.05), ("MP3", 0.05)])
def test_decodes_the_formats(tmp_path: Path, kind: str, tolerance: float) -> None:
    sound = tone(rate=44100)
    path = tmp_path / f"tön.{kind.lower()}"
    path.write_bytes(encode(sound, 44100, format=kind))
    for source in (path, str(path), path.read_bytes()):
        samples, rate = decode(source)
        assert (rate, samples.dtype, samples.ndim) == (44100, np.float32, 1)
        middle = slice(4000, 18000)
        assert np.abs(samples[middle] - sound[middle]).max() < tolerance


def test_averages_channels() -> None:
    stereo = np.stack([tone(), np.zeros(8000, np.float32)], axis=1)
    samples = decode(encode(stereo, subtype="FLOAT")).samples
    np.testing.assert_allclose(samples, tone() / 2, atol=1e-7)


def test_clips_peaks_to_full_scale() -> None:
    samples = decode(encode(np.array([-3.0, 0.25, 3.0], np.float32), subtype="FLOAT")).samples
    assert samples.tolist() == [-1.0, 0.25, 1.0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_refuses_what_is_no_number(value: float) -> None:
    sound = tone()
    sound[800] = value
    with pytest.raises(
        AudioError, match=rf"the sound: sample 800 \(0\.050 s\) is {value}; right is a number"
    ):
        decode(encode(sound, subtype="FLOAT"))


def test_refuses_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.wav", tmp_path):
        with pytest.raises(AudioError, match=f"'{path}' is not there, or no file; right is a WAV"):
            decode(path)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"hello world" * 100, encode(tone())[:20]])
def test_refuses_what_is_no_sound(data: bytes) -> None:
    with pytest.raises(AudioError, match="right is a WAV, FLAC, OGG or MP3 file"):
        decode(data)


def test_refuses_no_samples() -> None:
    with pytest.raises(AudioError, match="the sound holds no samples"):
        decode(encode(np.empty(0, np.float32)))


def test_refuses_other_formats() -> None:
    with pytest.raises(AudioError, match="the sound is a AU file; right is WAV"):
        decode(encode(tone(), format="AU"))


def patched(offset: int, value: int) -> bytes:
    data = bytearray(encode(tone()))
    struct.pack_into("<I", data, offset, value)
    return bytes(data)


@pytest.mark.parametrize("rate", [0, 100, 7999, 384_001, 1_000_000_000])
def test_refuses_rates_out_of_range(rate: int) -> None:
    with pytest.raises(AudioError, match=r"the sound (has|cannot be read)"):
        decode(patched(24, rate))


def test_refuses_sound_that_is_too_long() -> None:
    with pytest.raises(AudioError, match=r"says it is 2 s long; right is at most 1\.5 s"):
        decode(encode(tone(2.0)), max_seconds=1.5)


def test_a_header_that_promises_too_much_costs_nothing() -> None:
    data = encode(tone(), format="FLAC")
    # The number of samples stands in 36 bits of STREAMINFO, at byte 21: promise as many as there can be.
    forged = data[:21] + bytes([data[21] | 0x0F]) + b"\xff\xff\xff\xff" + data[26:]
    with pytest.raises(AudioError, match="right is at most 3600 s"):
        decode(forged)


def test_reads_what_is_left_of_a_truncated_file() -> None:
    data = encode(tone())
    samples = decode(data[: len(data) // 2]).samples
    assert 0 < len(samples) < 8000
    assert np.abs(samples - tone()[: len(samples)]).max() < 1e-4


def test_pcm_round_trip_is_exact() -> None:
    every = np.arange(-32768, 32768, dtype="<i2").tobytes()
    assert float_to_pcm16(pcm16_to_float(every)) == every


def test_pcm_is_scaled_and_clipped() -> None:
    assert pcm16_to_float(struct.pack("<3h", -32768, 0, 16384)).tolist() == [-1.0, 0.0, 0.5]
    assert struct.unpack("<3h", float_to_pcm16(np.array([-2, 2, 0.5], np.float32))) == (-32768, 32767, 16384)


def test_pcm_refuses_half_a_sample() -> None:
    with pytest.raises(AudioError, match="3 bytes of 16-bit sound; right is an even number"):
        pcm16_to_float(b"abc")
