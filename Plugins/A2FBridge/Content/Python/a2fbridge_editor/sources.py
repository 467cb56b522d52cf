"""Where a clip comes from: a sound, a recorded session, or curves that another program made."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import unreal
from a2fbridge_editor.errors import BakeError, Cancelled

SOUND_ENDINGS = (".wav",)
SOURCE_ENDINGS = (*SOUND_ENDINGS, ".a2frec", ".csv", ".json")
_TIME = ("time_code", "timecode")
_SLICE = 0.05
"""Seconds of work between two looks at the cancel button."""


class Progress(Protocol):
    """Told the share that is done, 0 to 1; returns whether to go on."""

    def __call__(self, share: float) -> bool: ...


def read_source(
    source: str | Path | unreal.SoundWave,
    settings: unreal.A2FBridgeStreamSettings,
    progress: Progress | None = None,
) -> unreal.A2FBridgeClip:
    """Return the clip of a file or a sound asset; sounds are animated with ``settings``.

    Raises BakeError, Cancelled.
    """
    if isinstance(source, unreal.SoundWave):
        return _animated(unreal.A2FBridgeAnimateJob.animate_sound_wave(source, settings), progress)
    path = Path(source)
    readers: dict[str, Callable[[Path], unreal.A2FBridgeClip]] = {
        ".a2frec": _recording,
        ".csv": _csv,
        ".json": _json,
    }
    ending = path.suffix.lower()
    if ending not in SOURCE_ENDINGS:
        raise BakeError(f"{path}: cannot be baked; right are {', '.join(SOURCE_ENDINGS)} or a SoundWave")
    if not path.is_file():
        raise BakeError(f"{path}: there is no such file")
    if ending in SOUND_ENDINGS:
        return _animated(unreal.A2FBridgeAnimateJob.animate_wav_file(str(path), settings), progress)
    return readers[ending](path)


def _animated(job: unreal.A2FBridgeAnimateJob, progress: Progress | None) -> unreal.A2FBridgeClip:
    while job.advance(_SLICE):
        if progress and not progress(job.get_progress()):
            job.cancel()
            raise Cancelled("cancelled")
    clip = job.get_clip()
    if clip is None:
        raise BakeError(job.get_error() or "the sound could not be animated")
    for note in clip.get_notes():
        unreal.log_warning(f"A2FBridge: the server says: {note}")
    return clip


def _recording(path: Path) -> unreal.A2FBridgeClip:
    return _given(path, unreal.A2FBridgeClip.load_recording(str(path)))


def _given(path: Path, result: tuple[unreal.A2FBridgeClip | None, str]) -> unreal.A2FBridgeClip:
    clip, error = result
    if clip is None:
        raise BakeError(f"{path}: {error}")
    if error:
        unreal.log_warning(f"A2FBridge: {path} is damaged, what stands before is used: {error}")
    return clip


def _made(
    path: Path, names: list[str], rows: list[list[float]], rate: Fraction, convention: str
) -> unreal.A2FBridgeClip:
    if not rows:
        raise BakeError(f"{path}: there are no frames in it")
    values = [value for row in rows for value in row]
    frames_per_second = unreal.IntPoint(rate.numerator, rate.denominator)
    return _given(path, unreal.A2FBridgeClip.make_clip(names, values, frames_per_second, convention))


# --- CSV: ours, NVIDIA's sample client's, Live Link Face's -----------------------------------------------------


def _csv(path: Path) -> unreal.A2FBridgeClip:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BakeError(f"{path}: cannot be read: {error}") from None
    if not lines:
        raise BakeError(f"{path}: the file is empty")
    header = [name.removeprefix("blendShapes.").strip() for name in lines[0]]
    lower = [name.lower() for name in header]
    if "blendshapecount" in lower:
        return _live_link(path, header, lower, lines)
    time = next((i for i, name in enumerate(lower) if name in _TIME), None)
    if time is None:
        raise BakeError(f"{path}:1: no column time_code")
    columns = [i for i in range(len(header)) if i != time and lower[i] not in ("frame", "")]
    times, rows = [], []
    for number, line in enumerate(lines[1:], 2):
        cells = _numbers(path, number, line, [time, *columns], len(header))
        times.append(cells[0])
        rows.append(cells[1:])
    names = [header[i] for i in columns]
    return _made(path, names, rows, _rate(path, times), _convention(names))


def _live_link(
    path: Path, header: list[str], lower: list[str], lines: list[list[str]]
) -> unreal.A2FBridgeClip:
    """Live Link Face: HH:MM:SS:FF.mmm, where FF counts sixtieths of a second and mmm thousandths of one."""
    at, count = lower.index("timecode"), lower.index("blendshapecount")
    rotations = ("headyaw", "headpitch", "headroll", "lefteye", "righteye")
    columns = [i for i in range(len(header)) if i not in (at, count) and not lower[i].startswith(rotations)]
    times = [_time_code(path, number, line[at]) for number, line in enumerate(lines[1:], 2)]
    rows = [_numbers(path, number, line, columns, len(header)) for number, line in enumerate(lines[1:], 2)]
    return _made(path, [header[i] for i in columns], rows, _rate(path, times), "arkit")


def _time_code(path: Path, number: int, text: str) -> float:
    try:
        hours, minutes, seconds, frames = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(frames) / 60
    except ValueError:
        raise BakeError(f"{path}:{number}: time code '{text}' is not HH:MM:SS:FF.mmm") from None


def _numbers(path: Path, number: int, line: list[str], columns: list[int], width: int) -> list[float]:
    if len(line) != width:
        raise BakeError(f"{path}:{number}: {len(line)} cells; the header has {width}")
    try:
        return [float(line[i]) for i in columns]
    except ValueError as error:
        raise BakeError(f"{path}:{number}: {error}") from None


def _rate(path: Path, times: list[float]) -> Fraction:
    """Return the simplest frame rate that fits evenly spaced times to two milliseconds."""
    if len(times) < 2 or times[-1] <= times[0]:
        raise BakeError(f"{path}: the time codes do not tell a frame rate; two frames or more are needed")
    mean = (len(times) - 1) / (times[-1] - times[0])
    for limit in (1, 2, 10, 1001):
        rate = Fraction(mean).limit_denominator(limit)
        if rate and all(abs(t - times[0] - i / rate) < 2e-3 for i, t in enumerate(times)):
            return rate
    raise BakeError(f"{path}: the frames are not evenly spaced in time")


def _convention(names: list[str]) -> str:
    """Blend shapes of a CSV are taken as NVIDIA's; curves of a rig are what they are."""
    return "a2f" if any(name.lower() == "jawopen" for name in names) else "target"


# --- JSON: NVIDIA's Audio2Face --------------------------------------------------------------------------------------


def _json(path: Path) -> unreal.A2FBridgeClip:
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BakeError(f"{path}: cannot be read: {error}") from None
    try:
        ours = data.get("a2fbridge", {})
        numerator, denominator = ours.get("frameRate", (None, 1))
        rate = (
            Fraction(numerator, denominator)
            if numerator
            else Fraction(data["exportFps"]).limit_denominator(1001)
        )
        names = [str(name) for name in data["facsNames"]]
        rows = [[float(value or 0.0) for value in row] for row in data["weightMat"]]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BakeError(f"{path}: is not the layout of Audio2Face's blend-shape export: {error!r}") from None
    if any(len(row) != len(names) for row in rows):
        raise BakeError(f"{path}: a row of weightMat does not have {len(names)} values")
    return _made(path, names, rows, rate, ours.get("convention", "a2f"))
