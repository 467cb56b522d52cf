"""Recorded sessions: vectors, crashes, damage."""

from __future__ import annotations

import json
import math
import struct
import zlib
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from a2fbridge._errors import ParameterError, RecordingError, StreamError
from a2fbridge.export import Recording, RecordingWriter, read_recording

VECTORS = Path(__file__).parents[1] / "vectors" / "recordings"
EXPECTED = json.loads((VECTORS / "expected.json").read_text(encoding="utf-8"))
GOOD = (VECTORS / "good.a2frec").read_bytes()


def numbers(rows: list[list[float | None]]) -> list[list[float]]:
    return [[math.nan if value is None else value for value in row] for row in rows]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_reader_gets_from_each_file_what_is_expected(name: str) -> None:
    wanted, path = EXPECTED[name], VECTORS / f"{name}.a2frec"
    if "refused_at" in wanted:
        with pytest.raises(RecordingError, match=r"byte \d+") as caught:
            read_recording(path)
        assert caught.value.offset == wanted["refused_at"]
        return
    session = read_recording(path)
    animation = session.animation
    assert list(animation.names) == wanted["names"]
    assert animation.convention == wanted["convention"]
    assert animation.frame_rate == Fraction(*wanted["frame_rate"])
    assert animation.sample_indices.tolist() == wanted["sample_indices"]
    np.testing.assert_allclose(session.time_codes, wanted["time_codes"])
    count = len(wanted["sample_indices"])
    np.testing.assert_allclose(animation.weights, np.reshape(numbers(wanted["weights"]), (count, 3)))
    np.testing.assert_allclose(animation.emotions, np.reshape(numbers(wanted["emotions"]), (count, 10)))
    assert [chunk.samples.tolist() for chunk in session.audio] == [
        chunk["samples"] for chunk in wanted["audio"]
    ]
    assert [{"sample_index": e.sample_index, **e.data} for e in session.events] == wanted["events"]
    assert session.complete == wanted["complete"]
    assert (session.problem.offset if session.problem else None) == wanted["problem_at"]


def test_the_bytes_are_those_of_the_specification() -> None:
    """The good file taken apart by hand, without the reader."""
    assert GOOD[:12] == b"A2FREC\r\n\x01\x00\x00\x00"
    (length,) = struct.unpack_from("<I", GOOD, 12)
    header = json.loads(GOOD[16 : 16 + length])
    assert header["names"] == ["JawOpen", "MouthClose", "口"]
    assert (header["convention"], header["frame_rate"], header["sample_rate"]) == (
        "a2f",
        [30000, 1001],
        16000,
    )
    audio = 16 + length
    assert struct.unpack_from("<B3xIq6h", GOOD, audio) == (2, 20, 0, -3, -2, -1, 0, 1, 2)
    frame = audio + 8 + 20 + 4
    values = struct.unpack_from("<B3xIqd13f", GOOD, frame)
    assert values[:7] == (1, 68, 0, 0.0, 0.0, -0.25, 1.5)
    assert all(math.isnan(value) for value in values[7:])
    (stored,) = struct.unpack_from("<I", GOOD, frame + 8 + 68)
    assert stored == zlib.crc32(GOOD[frame : frame + 8 + 68])


def test_strict_reading_raises_the_problem() -> None:
    with pytest.raises(RecordingError, match="byte 418: the record is damaged") as caught:
        read_recording(VECTORS / "corrupted.a2frec", strict=True)
    assert caught.value.offset == 418
    assert read_recording(VECTORS / "good.a2frec", strict=True).complete


def start(path: Path | BytesIO) -> RecordingWriter:
    return RecordingWriter(path, ("a", "b"), "target", Fraction(60))


def test_what_was_written_can_be_read_before_the_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "live.a2frec"
    writer = start(path)
    for i in range(3):
        writer.write_frame(i, i / 60, np.array([i, -i]))
        session = read_recording(path)
        assert len(session.animation) == i + 1
        assert not session.complete
        assert session.problem is None
    writer.close()
    assert read_recording(path).complete


def test_an_error_in_the_session_leaves_it_incomplete(tmp_path: Path) -> None:
    path = tmp_path / "live.a2frec"

    def session() -> None:
        with start(path) as writer:
            writer.write_frame(0, 0.0, np.zeros(2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        session()
    recording = read_recording(path)
    assert len(recording.animation) == 1
    assert not recording.complete


def test_the_writer_refuses_what_a_reader_would(tmp_path: Path) -> None:
    writer = start(tmp_path / "live.a2frec")
    writer.write_frame(5, 0.0, np.zeros(2))
    with pytest.raises(StreamError, match="must move on"):
        writer.write_frame(5, 0.1, np.zeros(2))
    with pytest.raises(ParameterError, match=r"right are \[2\]"):
        writer.write_frame(6, 0.1, np.zeros(3))
    with pytest.raises(ParameterError, match="at most"):
        writer.write_audio(0, np.zeros(9 << 20, np.int16))
    writer.close()
    writer.close()
    with pytest.raises(StreamError, match="closed"):
        writer.write_event(9, "late")
    assert read_recording(tmp_path / "live.a2frec").complete
    with pytest.raises(ParameterError, match="0 names"):
        RecordingWriter(tmp_path / "none.a2frec", (), "a2f", Fraction(30))


def test_sound_with_a_gap_stays_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "live.a2frec"
    with start(path) as writer:
        writer.write_audio(0, np.array([1, 2], np.int16))
        writer.write_audio(2**62, np.array([3], np.int16))
    session = read_recording(path)
    assert session.animation.audio is None
    assert [(chunk.sample_index, chunk.samples.tolist()) for chunk in session.audio] == [
        (0, [1, 2]),
        (2**62, [3]),
    ]


def reading(data: bytes, folder: Path) -> Recording | RecordingError:
    path = folder / "x.a2frec"
    path.write_bytes(data)
    try:
        return read_recording(path)
    except RecordingError as error:
        return error


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(GOOD) - 1), value=st.integers(0, 255), cut=st.integers(0, len(GOOD)))
def test_damage_anywhere_is_told_or_harmless(tmp_path: Path, at: int, value: int, cut: int) -> None:
    data = bytearray(GOOD)
    data[at] = value
    result = reading(bytes(data[:cut]), tmp_path)
    if isinstance(result, RecordingError):
        assert 0 <= result.offset <= len(GOOD)
    else:
        assert result.problem is None or 0 < result.problem.offset < cut
        assert len(result.animation) <= 4


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.dictionaries(
        st.sampled_from(("names", "convention", "frame_rate", "sample_rate", "settings")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3),
            max_leaves=5,
        ),
    ),
    tail=st.binary(max_size=60),
)
def test_any_header_is_used_or_refused(tmp_path: Path, header: dict[str, Any], tail: bytes) -> None:
    text = json.dumps(header).encode()
    data = b"A2FREC\r\n\x01\0\0\0" + len(text).to_bytes(4, "little") + text + tail
    result = reading(data, tmp_path)
    assert isinstance(result, Recording) or result.offset == 16
