"""Animations to files and back, and files that are not what they say."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from a2fbridge import shapes
from a2fbridge._errors import ConventionError, ParameterError, RecordingError
from a2fbridge.animation import Animation
from a2fbridge.export import (
    FORMATS,
    LIVE_LINK_NAMES,
    live_link_timecode,
    read,
    read_csv,
    read_json,
    read_npz,
    write,
    write_csv,
    write_json,
    write_livelink,
    write_npz,
)
from a2fbridge.mapping import MappingTable
from a2fbridge.timeline import FrameClock


def clip(count: int = 7, rate: Fraction = Fraction(30), convention: shapes.Convention = "a2f") -> Animation:
    rng = np.random.default_rng(count)
    clock = FrameClock(rate)
    return Animation(
        names=shapes.FACE_NAMES,
        convention=convention,
        frame_rate=rate,
        weights=rng.normal(0.3, 0.4, (count, 68)).astype(np.float32),
        sample_indices=np.array([clock.sample_of(i) for i in range(count)], dtype=np.int64),
        emotions=rng.random((count, 10)).astype(np.float32),
        audio=rng.integers(-99, 99, 20000).astype(np.int16),
        settings={"pack": "builtin", "solver": "bvls"},
    )


def same(a: Animation, b: Animation) -> bool:
    return (
        (a.names, a.convention, a.frame_rate) == (b.names, b.convention, b.frame_rate)
        and np.array_equal(a.weights, b.weights)
        and np.array_equal(a.sample_indices, b.sample_indices)
    )


RATES = [
    Fraction(30),
    Fraction(24),
    Fraction(60),
    Fraction(30000, 1001),
    Fraction(24000, 1001),
    Fraction(25, 2),
]


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize("ending", ["csv", "json", "npz", "a2frec"])
def test_every_format_gives_back_what_it_was_given(tmp_path: Path, ending: str, rate: Fraction) -> None:
    animation, path = clip(50, rate), tmp_path / f"clip.{ending}"
    write(animation, path)
    back = read(path, convention="a2f") if ending == "csv" else read(path)
    assert same(animation, back)
    if ending in ("npz", "a2frec"):
        assert back.audio is not None
        np.testing.assert_array_equal(back.audio, animation.audio)
        np.testing.assert_array_equal(back.emotions, animation.emotions)
    else:
        assert np.isnan(back.emotions).all()
    if ending != "csv":
        assert back.settings == animation.settings
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", ["csv", "json", "npz", "a2frec"])
def test_a_mapped_clip_keeps_its_curve_names(tmp_path: Path, ending: str) -> None:
    animation = MappingTable.load("mh4").map(clip())
    write(animation, tmp_path / f"clip.{ending}")
    back = read(tmp_path / f"clip.{ending}")
    assert same(animation, back)
    assert back.convention == "target"
    assert "CTRL_expressions_jawOpen" in back.names


def test_formats_are_chosen_by_the_ending(tmp_path: Path) -> None:
    assert FORMATS[:5] == ("csv", "json", "npz", "a2frec", "livelink")
    with pytest.raises(ParameterError, match=r"'\.fbx', which names no format; right are \.csv, \.json"):
        write(clip(), tmp_path / "clip.fbx")
    with pytest.raises(ParameterError, match="no ending"):
        write(clip(), tmp_path / "clip")
    with pytest.raises(ParameterError, match="did you mean 'livelink'"):
        write(clip(), tmp_path / "clip.csv", "live_link")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clip.npz"
    path.write_bytes(b"old")

    def broken(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez_compressed", broken)
    with pytest.raises(OSError, match="disk full"):
        write_npz(clip(), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ["json", "npz", "a2frec"])
def test_a_file_that_says_another_convention_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"clip.{ending}"
    write(clip(convention="arkit"), path)
    assert read(path, convention="arkit").convention == "arkit"
    with pytest.raises(ConventionError, match="in convention arkit, not a2f"):
        read(path, convention="a2f")


# --- CSV ----------------------------------------------------------------------------------------------------


def test_csv_has_a_header_and_a_row_for_each_frame(tmp_path: Path) -> None:
    path = tmp_path / "clip.csv"
    animation = replace(
        clip(2), names=("JawOpen", 'a "b", c'), weights=np.array([[0.1, 1], [-2e-9, 3]], np.float32)
    )
    write_csv(animation, path)
    assert path.read_text().splitlines() == [
        'frame,time_code,JawOpen,"a ""b"", c"',
        "0,0.0,0.1,1.0",
        "1,0.03333333333333333,-2e-09,3.0",
    ]


def test_csv_asks_for_the_convention_of_blend_shapes(tmp_path: Path) -> None:
    write_csv(clip(), tmp_path / "clip.csv")
    with pytest.raises(ConventionError, match="convention='a2f'"):
        read(tmp_path / "clip.csv")
    assert read_csv(tmp_path / "clip.csv", convention="arkit").convention == "arkit"


def test_csv_of_nvidias_sample_client_is_read(tmp_path: Path) -> None:
    path = tmp_path / "animation_frames.csv"
    path.write_text(
        "timeCode,blendShapes.JawOpen,blendShapes.MouthClose\n0.0,0.5,0\n0.033333,0.25,1\n0.066667,0,0\n"
    )
    animation = read_csv(path, convention="a2f")
    assert animation.names == ("JawOpen", "MouthClose")
    assert animation.frame_rate == 30
    assert animation.weights[1].tolist() == [0.25, 1.0]


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "empty", 0),
        ("a,b\n1,2\n", "no columns time_code", 0),
        ("time_code,timecode,x\n0,0,1\n0.1,0.1,2\n", "2 columns time_code", 0),
        ("time_code,x\n0,1\n0.1\n", "1 cells; the header has 2", 16),
        ("time_code,x\n0,1\n0.1,much\n", "much", 16),
        ("time_code,x\n0,1\n", "pass frame_rate", 0),
        ("time_code,x\n0,1\n0.1,1\n0.3,1\n", "evenly", 0),
        ("time_code,x,x\n0,1,1\n0.1,2,2\n", "column 'x' appears twice", 0),
        ("time_code\n0\n0.1\n", "0 names", 0),
    ],
)
def test_damaged_csv_is_refused(tmp_path: Path, text: str, message: str, offset: int) -> None:
    path = tmp_path / "clip.csv"
    path.write_text(text)
    with pytest.raises(RecordingError, match=message) as caught:
        read_csv(path)
    assert caught.value.offset == offset


def test_a_missing_file_is_a_recording_error(tmp_path: Path) -> None:
    for reader in (read_csv, read_json, read_npz):
        with pytest.raises(RecordingError, match="No such file"):
            reader(tmp_path / "nothing.csv")


# --- JSON ---------------------------------------------------------------------------------------------------


def test_json_has_the_layout_of_the_audio2face_application(tmp_path: Path) -> None:
    path = tmp_path / "clip.json"
    write_json(clip(3), path, track="speech.wav")
    value = json.loads(path.read_text())
    assert list(value) == [
        *("exportFps", "trackPath", "numPoses", "numFrames", "facsNames", "weightMat"),
        *("joints", "rotations", "translations", "a2fbridge"),
    ]
    assert (value["exportFps"], value["trackPath"], value["numPoses"], value["numFrames"]) == (
        30.0,
        "speech.wav",
        68,
        3,
    )
    assert value["facsNames"][:2] == ["eyeBlinkLeft", "eyeLookDownLeft"]
    assert np.array(value["weightMat"]).shape == (3, 68)


def test_both_foreign_layouts_are_read(tmp_path: Path) -> None:
    path = tmp_path / "foreign.json"
    path.write_text(
        json.dumps({"exportFps": 60, "facsNames": ["jawOpen", "myShape"], "weightMat": [[0.5, 1]]})
    )
    animation = read(path)
    assert animation.names == ("JawOpen", "myShape")
    assert (animation.convention, animation.frame_rate) == ("a2f", 60)
    frames = [{"time_code": 0, "weights": [0.5]}, {"time_code": 0.04, "weights": [0.25]}]
    path.write_text(
        json.dumps({"fps": 25, "frame_count": 2, "blendshape_names": ["jawOpen"], "frames": frames})
    )
    animation = read_json(path, convention="arkit")
    assert (animation.convention, animation.frame_rate) == ("arkit", 25)
    assert animation.weights.tolist() == [[0.5], [0.25]]


def test_weights_that_are_no_numbers_go_through_json(tmp_path: Path) -> None:
    animation = clip(2)
    animation.weights[0, 3] = np.nan
    write_json(animation, tmp_path / "clip.json")
    np.testing.assert_array_equal(read(tmp_path / "clip.json").weights, animation.weights)


GOOD: dict[str, Any] = {"exportFps": 30, "facsNames": ["a", "b"], "weightMat": [[0, 1], [1, 0]]}


@pytest.mark.parametrize(
    "change",
    [
        {"facsNames": None},
        {"facsNames": ["a"]},
        {"facsNames": ["a", "a"]},
        {"facsNames": ["a", 3]},
        {"weightMat": None},
        {"weightMat": [[0, 1], [1]]},
        {"weightMat": [[0, 1], ["x", 1]]},
        {"weightMat": [[0, 1], [[1], 1]]},
        {"weightMat": [[0, 10**400], [1, 1]]},
        {"exportFps": 0},
        {"exportFps": "30"},
        {"exportFps": True},
        {"exportFps": float("inf")},
        {"exportFps": 10**9},
        {"frames": [1]},
        {"a2fbridge": {"convention": "apple"}},
        {"a2fbridge": {"frameRate": [30, 0]}},
        {"a2fbridge": {"frameRate": [30.5, 1]}},
    ],
    ids=str,
)
def test_wrong_json_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "clip.json"
    path.write_text(json.dumps(GOOD))
    assert len(read(path)) == 2
    path.write_text(json.dumps(GOOD | change))
    with pytest.raises(RecordingError, match=r"clip\.json"):
        read(path)


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"a": ' * 200_000, "\xff", "3" * 10_000])
def test_what_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clip.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(RecordingError):
        read(path)


# --- NPZ ----------------------------------------------------------------------------------------------------


def test_npz_has_the_published_arrays(tmp_path: Path) -> None:
    animation = clip(4)
    write_npz(animation, tmp_path / "clip.npz")
    with np.load(tmp_path / "clip.npz", allow_pickle=False) as arrays:
        np.testing.assert_allclose(arrays["time_code"], np.arange(4) / 30)
        assert arrays["time_code"].dtype == np.float64
        assert tuple(arrays["names"]) == animation.names
        assert arrays["weights"].dtype == np.float32
        np.testing.assert_array_equal(arrays["weights"], animation.weights)
        assert str(arrays["convention"]) == "a2f"
        assert arrays["frame_rate"].tolist() == [30, 1]


Arrays = dict[str, Any]


def forge(arrays: Arrays, path: Path, edit: Callable[[bytes], bytes], key: str) -> None:
    """Write an archive in which the bytes of one array have been edited."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, value)
            archive.writestr(f"{name}.npy", edit(buffer.getvalue()) if name == key else buffer.getvalue())


def good_arrays() -> Arrays:
    return {
        "names": np.array(["a", "b"]),
        "weights": np.zeros((3, 2), np.float32),
        "convention": np.array("a2f"),
        "frame_rate": np.array([30, 1]),
    }


def test_the_least_archive_is_read(tmp_path: Path) -> None:
    forge(good_arrays(), tmp_path / "clip.npz", bytes, "weights")
    assert len(read(tmp_path / "clip.npz")) == 3


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("names", np.array(["a"])),
        ("names", np.array(["a", "a"])),
        ("names", np.array([["a", "b"]])),
        ("names", np.array([1, 2])),
        ("names", np.array(["a" * 5000, "b"])),
        ("weights", np.zeros((3, 3), np.float32)),
        ("weights", np.zeros(3, np.float32)),
        ("weights", np.zeros((3, 2), np.int64)),
        ("convention", np.array("apple")),
        ("frame_rate", np.array([0, 1])),
        ("frame_rate", np.array([30])),
        ("frame_rate", np.array([30, 0])),
        ("sample_index", np.array([0, 5, 5])),
        ("sample_index", np.array([0, 5])),
        ("emotions", np.zeros((2, 10), np.float32)),
        ("sample_rate", np.array(-1)),
        ("sample_rate", np.array([1, 2])),
    ],
)
def test_wrong_arrays_are_refused(tmp_path: Path, key: str, value: Any) -> None:
    forge(good_arrays() | {key: value}, tmp_path / "clip.npz", bytes, "")
    with pytest.raises(RecordingError, match=r"clip\.npz"):
        read(tmp_path / "clip.npz")


@pytest.mark.parametrize("key", ["names", "weights", "convention", "frame_rate"])
def test_missing_arrays_are_named(tmp_path: Path, key: str) -> None:
    arrays = good_arrays()
    del arrays[key]
    forge(arrays, tmp_path / "clip.npz", bytes, "")
    with pytest.raises(RecordingError, match=key):
        read(tmp_path / "clip.npz")


def test_a_forged_shape_is_refused_before_memory_is_spent(tmp_path: Path) -> None:
    forged = np.lib.format.header_data_from_array_1_0(np.zeros((3, 2), np.float32))
    forged["shape"] = (900_000_000_000, 2)
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, forged)
    forge(good_arrays(), tmp_path / "clip.npz", lambda data: buffer.getvalue() + data[-24:], "weights")
    with pytest.raises(RecordingError, match="says 7200000000000 bytes, 24 are there"):
        read(tmp_path / "clip.npz")


def test_a_bomb_is_refused_by_its_stated_size(tmp_path: Path) -> None:
    path = tmp_path / "clip.npz"
    forge(good_arrays(), path, bytes, "")
    data = bytearray(path.read_bytes())
    entry = data.find(b"PK\x01\x02")
    while b"weights" not in data[entry : entry + 64]:
        entry = data.find(b"PK\x01\x02", entry + 4)
    data[entry + 24 : entry + 28] = struct.pack("<I", 0xFFFFFFF0)
    path.write_bytes(data)
    with pytest.raises(RecordingError):
        read(path)


def test_pickles_are_never_loaded(tmp_path: Path) -> None:
    def pickled(_: bytes) -> bytes:
        buffer = io.BytesIO()
        np.save(buffer, np.array([print], dtype=object), allow_pickle=True)
        return buffer.getvalue()

    forge(good_arrays(), tmp_path / "clip.npz", pickled, "names")
    with pytest.raises(RecordingError, match="type object"):
        read(tmp_path / "clip.npz")


@pytest.mark.parametrize("cut", [0, 3, 100, -30])
def test_a_cut_archive_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "clip.npz"
    write_npz(clip(), path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(RecordingError):
        read(path)


# --- Live Link ----------------------------------------------------------------------------------------------


def test_live_link_has_the_columns_of_the_app(tmp_path: Path) -> None:
    path = tmp_path / "clip.csv"
    animation = clip(3, Fraction(60))
    write_livelink(animation, path)
    header, *rows = (line.split(",") for line in path.read_text().splitlines())
    assert header == ["Timecode", "BlendshapeCount", *LIVE_LINK_NAMES]
    assert len(header) == 63
    assert header.index("JawRight") < header.index("JawLeft")
    assert header.index("MouthRight") < header.index("MouthLeft")
    arkit = animation.to_convention("arkit")
    for i, row in enumerate(rows):
        assert row[:2] == [f"00:00:00:0{i}.000", "61"]
        for name in ("JawOpen", "MouthClose", "JawLeft", "MouthRight", "TongueOut"):
            assert float(row[header.index(name)]) == pytest.approx(float(arkit.curve(name)[i]), abs=1e-9)
        assert row[-9:] == ["0.0000000000"] * 9


def test_live_link_needs_blend_shapes_but_not_all_of_them(tmp_path: Path) -> None:
    with pytest.raises(ConventionError, match="mapped"):
        write(MappingTable.load("arkit").map(clip()), tmp_path / "clip.csv", "livelink")
    animation = replace(
        clip(2), names=("MouthClose", "JawOpen"), weights=np.array([[0.25, 0.5]] * 2, np.float32)
    )
    write(animation, tmp_path / "clip.csv", "livelink")
    back = read_csv_columns(tmp_path / "clip.csv")
    assert (back["JawOpen"], back["MouthClose"], back["EyeBlinkLeft"]) == (
        "0.7500000000",
        "0.2500000000",
        "0.0000000000",
    )


def read_csv_columns(path: Path) -> dict[str, str]:
    header, row, *_ = (line.split(",") for line in path.read_text().splitlines())
    return dict(zip(header, row, strict=True))


def test_time_codes_count_sixtieths() -> None:
    assert live_link_timecode(Fraction(1, 30)) == "00:00:00:02.000"
    assert live_link_timecode(Fraction(1, 24)) == "00:00:00:02.500"
    assert live_link_timecode(Fraction(59999, 60000)) == "00:00:00:59.999"
    assert live_link_timecode(Fraction(3661)) == "01:01:01:00.000"
    assert live_link_timecode(Fraction(86400)) == "00:00:00:00.000"
