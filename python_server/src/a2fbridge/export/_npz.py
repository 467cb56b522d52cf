"""Animations as NumPy archives, lossless: everything an Animation holds."""

from __future__ import annotations

import io
import json
import tokenize
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError, RecordingError
from a2fbridge.animation import Animation
from a2fbridge.export._atomic import atomic_file
from a2fbridge.export._build import animation_of, check_convention, check_rate

__all__ = ["npz_bytes", "read_npz", "write_npz"]

_MAX_ARRAY: Final = 1 << 30
"""Bytes of one array at most."""
_MAX_NAME: Final = 256
_BROKEN: Final = (
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
    ValueError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
_KINDS: Final = {
    "time_code": "f",
    "names": "U",
    "weights": "f",
    "convention": "U",
    "emotions": "f",
    "frame_rate": "i",
    "sample_index": "i",
    "sample_rate": "i",
    "settings": "U",
    "audio": "i",
    "jaw": "f",
    "eyes": "f",
    "skin": "f",
    "tongue": "f",
}
_EXTRAS: Final = {"jaw": (4, 4), "eyes": (2, 3), "skin": (None, 3), "tongue": (None, 3)}
_NEEDED: Final = ("names", "weights", "convention", "frame_rate")


def write_npz(animation: Animation, path: str | Path) -> None:
    """Write ``time_code`` [N] float64 seconds, ``names`` [K], ``weights`` [N, K] float32, ``convention``,
    ``emotions`` [N, 10], ``frame_rate`` [2] (numerator, denominator), ``sample_index`` [N], ``sample_rate``,
    ``settings`` (JSON text) and, when it was kept, ``audio`` [samples] int16; of a rig ``jaw`` [N, 4, 4] and ``eyes``
    [N, 2, 3], of geometry ``skin`` [N, Vs, 3] and ``tongue`` [N, Vt, 3].

    Raises ParameterError for an array that could not be read again (1 GiB).
    """
    for name, values in animation.extras().items():
        if values.nbytes > _MAX_ARRAY:
            raise ParameterError(
                f"'{name}' of {len(animation)} frames takes {values.nbytes / 2**30:.1f} GiB; an archive holds 1 GiB of "
                "it: write .usd, or shorter clips"
            )
    with atomic_file(path) as file:
        file.write(npz_bytes(animation))


def npz_bytes(animation: Animation) -> bytes:
    """Return the bytes that :func:`write_npz` writes."""
    rate = animation.frame_rate
    arrays: dict[str, Any] = {
        "time_code": animation.time_codes,
        "names": np.array(animation.names, dtype=np.str_),
        "weights": animation.weights.astype(np.float32),
        "convention": np.array(animation.convention),
        "emotions": animation.emotions.astype(np.float32),
        "frame_rate": np.array([rate.numerator, rate.denominator], dtype=np.int64),
        "sample_index": animation.sample_indices.astype(np.int64),
        "sample_rate": np.array(animation.sample_rate, dtype=np.int64),
        "settings": np.array(json.dumps(dict(animation.settings), sort_keys=True, default=str)),
    }
    if animation.audio is not None:
        arrays["audio"] = animation.audio.astype(np.int16)
    arrays |= {name: values.astype(np.float32) for name, values in animation.extras().items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def read_npz(path: str | Path) -> Animation:
    """Read what :func:`write_npz` wrote; raises RecordingError for a damaged or forged file.

    Nothing is unpickled, and no array is made before its header agrees with the bytes that are there.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {
                key: _read_array(path, archive, key) for key in _KINDS if f"{key}.npy" in archive.namelist()
            }
    except _BROKEN as error:
        raise RecordingError(f"{path}: not a readable archive: {error}") from None
    except MemoryError:
        raise RecordingError(f"{path}: an array is too large for this machine") from None
    missing = [key for key in _NEEDED if key not in arrays]
    if missing:
        raise RecordingError(f"{path}: the array '{missing[0]}' is missing")
    return _animation(path, arrays)


def _animation(path: str | Path, arrays: dict[str, NDArray[Any]]) -> Animation:
    if arrays["names"].ndim != 1 or arrays["weights"].ndim != 2 or arrays["frame_rate"].shape != (2,):
        raise RecordingError(f"{path}: names must be [K], weights [N, K], frame_rate [2]")
    numerator, denominator = (int(value) for value in arrays["frame_rate"])
    emotions, index = arrays.get("emotions"), arrays.get("sample_index")
    extras: dict[str, Any] = {name: arrays[name].astype(np.float32) for name in _EXTRAS if name in arrays}
    for name, values in extras.items():
        wanted = (len(arrays["weights"]), *_EXTRAS[name])
        if values.ndim != len(wanted) or any(
            n not in (None, m) for n, m in zip(wanted, values.shape, strict=True)
        ):
            raise RecordingError(f"{path}: '{name}' has shape {values.shape}")
    animation = animation_of(
        path=path,
        names=tuple(str(name) for name in arrays["names"]),
        convention=check_convention(path, str(arrays["convention"])),
        frame_rate=check_rate(path, numerator, denominator),
        weights=arrays["weights"].astype(np.float32),
        sample_indices=None if index is None else index.astype(np.int64),
        emotions=None if emotions is None else emotions.astype(np.float32),
        sample_rate=_sample_rate(path, arrays.get("sample_rate")),
        audio=arrays.get("audio"),
        settings=_settings(arrays.get("settings")),
        weightless="skin" in extras,
    )
    return replace(animation, **extras)


def _sample_rate(path: str | Path, array: NDArray[Any] | None) -> int:
    rate = 16000 if array is None else int(array.item()) if array.size == 1 else 0
    if not 0 < rate <= 768000:
        raise RecordingError(f"{path}: sample rate {rate} is out of range")
    return rate


def _settings(array: NDArray[Any] | None) -> dict[str, Any]:
    try:
        value = json.loads(str(array)) if array is not None else {}
    except (ValueError, RecursionError):
        value = {}
    return value if isinstance(value, dict) else {}


def _read_array(path: str | Path, archive: zipfile.ZipFile, key: str) -> NDArray[Any]:
    info = archive.getinfo(f"{key}.npy")
    with archive.open(info) as file:
        shape, dtype, header = _header(file)  # type: ignore[arg-type]
    size = dtype.itemsize
    for length in shape:
        size *= length
    if dtype.kind != _KINDS[key] or (key == "names" and dtype.itemsize > 4 * _MAX_NAME):
        raise RecordingError(f"{path}: '{key}' has the type {dtype}")
    if size + header != info.file_size or size > _MAX_ARRAY:
        raise RecordingError(f"{path}: '{key}' says {size} bytes, {info.file_size - header} are there")
    with archive.open(info) as file:
        return np.asarray(npy.read_array(file, allow_pickle=False))


def _header(file: BinaryIO) -> tuple[tuple[int, ...], np.dtype[Any], int]:
    """Return shape, type and length of an npy header."""
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if any(length < 0 for length in shape):
        raise ValueError("a negative length")
    return shape, dtype, file.tell()
