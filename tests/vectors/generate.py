"""Write the golden vectors: ``python tests/vectors/generate.py`` (formats: README.md beside this file).

Run it after a deliberate change of the language or a table, and read the difference before committing it.
"""

from __future__ import annotations

import base64
import json
import struct
import sys
import zlib
from collections.abc import Mapping
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "python_server" / "src"), str(HERE)]

from cases import ACCEPTED, REFUSED, REFUSED_TABLES  # noqa: E402
from emotion_vectors import emotion_vectors  # noqa: E402
from face_vectors import face_vectors  # noqa: E402

from a2fbridge import shapes  # noqa: E402
from a2fbridge._errors import MappingError, RecordingError  # noqa: E402
from a2fbridge.export import Recording, RecordingWriter, live_link_timecode, read_recording  # noqa: E402
from a2fbridge.mapping import MappingTable, list_tables  # noqa: E402
from a2fbridge.mapping._nodes import plain_value  # noqa: E402
from a2fbridge.mapping._yaml import read_yaml  # noqa: E402

Files = dict[str, bytes]
Weights = NDArray[np.float64]

WORKED_EXAMPLES: dict[str, dict[str, float]] = {
    "example_mouth_close": {"JawOpen": 0.183, "MouthClose": 0.266},
    "example_funnel_pucker": {"MouthFunnel": 0.8, "MouthPucker": 0.5},
    "example_eyes_tongue": {
        "EyeBlinkLeft": 0.3,
        "EyeWideLeft": 0.5,
        "EyeLookInLeft": 0.2,
        "TongueStretch": 0.6,
        "TongueRollUp": 0.4,
    },
}
_EDGES = (-0.5, 0.0, 0.02, 0.25, 0.3, 0.5, 0.75, 1.0, 1.5)
_PARAMS = {"parameters": {"gain": 2.0, "high": 3.0}, "extends": {"other": 0.75}}
_MISSING = ("MouthClose", "MouthFunnel", "MouthPucker")


def generate() -> Files:
    """Return every vector file: path below this folder to content."""
    face = {name: _json(value) for name, value in (face_vectors() | emotion_vectors()).items()}
    others = {**_yaml(), **_conventions(), **_recordings(), **_timecodes()}
    return {**_mapping(), **_refused_tables(), **others, **face}


# --- mapping ------------------------------------------------------------------------------------------------


def _mapping() -> Files:
    out: Files = {}
    for name in list_tables():
        out[f"mapping/shipped_{name}.json"] = _vector(name, MappingTable.load(name), *_shipped_frames(name))
    for path in sorted((HERE / "mapping").glob("*.yaml")):
        params = _PARAMS.get(path.stem, {})
        table = MappingTable.load(path, params)
        names, frames = _feature_frames(path.stem, table)
        out[f"mapping/{path.stem}.json"] = _vector(path.name, table, names, frames, params)
    return out


def _shipped_frames(name: str) -> tuple[tuple[str, ...], Weights]:
    """Zero, one, a closed m, and sparse random faces that leave 0..1 a little."""
    rng = np.random.default_rng(len(name))
    faces = np.round(rng.uniform(-0.1, 1.1, (6, 68)) * (rng.random((6, 68)) < 0.4), 4)
    closed = np.zeros((1, 68))
    closed[0, [shapes.INDEX["JawOpen"], shapes.INDEX["MouthClose"]]] = 0.183, 0.266
    return shapes.FACE_NAMES, np.concatenate((np.zeros((1, 68)), np.ones((1, 68)), closed, faces))


def _feature_frames(name: str, table: MappingTable) -> tuple[tuple[str, ...], Weights]:
    names = table.sources
    if name.startswith("missing"):
        names = tuple(source for source in names if source not in _MISSING)
    if name in WORKED_EXAMPLES:
        return names, np.array([[WORKED_EXAMPLES[name].get(source, 0.0) for source in names]])
    rng = np.random.default_rng(sum(name.encode()))
    frames = rng.choice(_EDGES, (12, len(names)))
    if name == "overflow":
        frames[rng.random(frames.shape) < 0.3] = np.nan
    if name == "names":
        names = ("Unknown", *(source.lower() for source in reversed(names)), "HeadYaw")
        frames = np.column_stack((frames[:, 0], frames, frames[:, 1]))
    return names, frames


def _vector(
    source: str,
    table: MappingTable,
    names: tuple[str, ...],
    frames: Weights,
    params: Mapping[str, float] = {},
) -> bytes:
    return _json(
        {
            "table": source,
            "params": dict(params),
            "convention": table.convention,
            "names": names,
            "targets": table.targets,
            "missing": table.missing(names),
            "frames": _rows(frames),
            "expected": _rows(table.apply(frames, names)),
        }
    )


def _refused_tables() -> Files:
    cases = []
    for name, text in REFUSED_TABLES.items():
        error = _refusal(lambda text=text: MappingTable.parse(text))  # type: ignore[misc]
        cases.append({"name": name, "text": text, **error})
    return {"mapping/refused.json": _json(cases)}


def _refusal(action: Any) -> dict[str, Any]:
    try:
        action()
    except MappingError as error:
        return {"code": error.code, "line": error.line, "column": error.column}
    raise AssertionError("this should have been refused")


# --- YAML ---------------------------------------------------------------------------------------------------


def _yaml() -> Files:
    accepted = [
        {"name": name, **_document(text), "value": plain_value(read_yaml(_bytes(text)))}
        for name, text in ACCEPTED.items()
    ]
    refused = [
        {"name": name, **_document(text), **_refusal(lambda text=text: read_yaml(_bytes(text)))}  # type: ignore[misc]
        for name, text in REFUSED.items()
    ]
    return {"yaml/accepted.json": _json(accepted), "yaml/refused.json": _json(refused)}


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _document(text: str | bytes) -> dict[str, Any]:
    if isinstance(text, bytes):
        return {"base64": base64.b64encode(text).decode()}
    return {"repeat": [text[0], text[1], len(text) - 1]} if len(text) > 1 << 16 else {"text": text}


# --- conventions, time codes --------------------------------------------------------------------------------


def _conventions() -> Files:
    values = (-0.1, 0.0, 0.183, 0.266, 0.5, 0.9, 1.2)
    pairs = [(jaw, close) for jaw in values for close in values]
    weights = np.zeros((len(pairs), 68), dtype=np.float32)
    weights[:, [shapes.INDEX["JawOpen"], shapes.INDEX["MouthClose"]]] = pairs
    weights[:, shapes.INDEX["MouthFunnel"]] = 0.3
    names = ("JawOpen", "MouthClose", "MouthFunnel")
    columns = [shapes.INDEX[name] for name in names]
    return {
        "conventions.json": _json(
            {
                "names": names,
                "weights": _rows(weights[:, columns]),
                "a2f_to_arkit": _rows(shapes.a2f_to_arkit(weights)[:, columns]),
                "arkit_to_a2f": _rows(shapes.arkit_to_a2f(weights)[:, columns]),
            }
        )
    }


def _timecodes() -> Files:
    cases = []
    for rate in (Fraction(30), Fraction(60), Fraction(30000, 1001), Fraction(24)):
        for frame in (0, 1, 2, 29, 1799, 1800, 108000, 2592000 + 7):
            text = live_link_timecode(frame / rate)
            cases.append({"frame_rate": [rate.numerator, rate.denominator], "frame": frame, "timecode": text})
    return {"livelink_timecodes.json": _json(cases)}


# --- recordings ---------------------------------------------------------------------------------------------


def _recordings() -> Files:
    good = _session()
    offsets = _record_offsets(good)
    frame = offsets[3]
    header = struct.unpack_from("<I", good, 12)[0]
    broken: Files = {
        "good": good,
        "without_end": good[: offsets[-2]],
        "truncated_payload": good[: offsets[4] + 30],
        "truncated_head": good[: offsets[4] + 5],
        "truncated_header": good[: 16 + header // 2],
        "corrupted": _flipped(good, frame + 12),
        "corrupted_type": _flipped(good, frame),
        "forged_length": good[: frame + 4] + struct.pack("<I", 0xFFFFFFF0) + good[frame + 8 :],
        "long_length": good[: frame + 4] + struct.pack("<I", 1 << 20) + good[frame + 8 :],
        "unknown_record": good[:frame] + _record(9, b"of a later version") + good[frame:],
        "wrong_frame_size": good[:frame] + _record(1, b"\0" * 20) + good[frame:],
        "frame_goes_back": good[: offsets[-2]] + good[offsets[1] : offsets[2]] + good[offsets[-2] :],
        "odd_audio": good[:frame] + _record(2, b"\0" * 11) + good[frame:],
        "event_not_json": good[:frame] + _record(3, b"\0" * 8 + b"{]") + good[frame:],
        "other_version": good[:8] + struct.pack("<H", 2) + good[10:],
        "wrong_magic": b"A2FREC\n\n" + good[8:],
        "forged_header_length": good[:12] + struct.pack("<I", 0x7FFFFFFF) + good[16:],
        "header_not_json": good[:16] + b"x" + good[17:],
        "no_names": _with_header(good, names=[]),
        "unknown_convention": _with_header(good, convention="apple"),
        "zero_rate": _with_header(good, frame_rate=[30, 0]),
        "empty": b"",
    }
    out = {f"recordings/{name}.a2frec": data for name, data in broken.items()}
    results = {name: _reading(data) for name, data in broken.items()}
    return {**out, "recordings/expected.json": _json(results)}


def _session() -> bytes:
    names, file = ("JawOpen", "MouthClose", "口"), BytesIO()
    rate = Fraction(30000, 1001)
    with RecordingWriter(
        file,
        names,
        "a2f",
        rate,
        source={"pack": "test"},
        settings={"solver": "bvls"},
        created="2026-01-02T03:04:05Z",
    ) as writer:
        writer.write_audio(0, np.arange(-3, 3, dtype=np.int16))
        for i in range(4):
            emotions = None if i < 2 else np.arange(10) / 16
            writer.write_frame(i * 533, float(i / rate), np.array([i / 8, -0.25, 1.5]), emotions)
        writer.write_audio(6, np.array([32767, -32768], dtype=np.int16))
        writer.write_event(1000, "marker", text="é")
    return file.getvalue()


def _record_offsets(data: bytes) -> list[int]:
    """Return where each record begins, and the end."""
    offsets = [16 + struct.unpack_from("<I", data, 12)[0]]
    while offsets[-1] < len(data):
        offsets.append(offsets[-1] + 12 + struct.unpack_from("<I", data, offsets[-1] + 4)[0])
    return offsets


def _record(kind: int, payload: bytes) -> bytes:
    body = struct.pack("<B3xI", kind, len(payload)) + payload
    return body + struct.pack("<I", zlib.crc32(body))


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


def _with_header(data: bytes, **changes: Any) -> bytes:
    length = struct.unpack_from("<I", data, 12)[0]
    header = json.dumps({**json.loads(data[16 : 16 + length]), **changes}).encode()
    return data[:12] + struct.pack("<I", len(header)) + header + data[16 + length :]


def _reading(data: bytes) -> dict[str, Any]:
    path = HERE / "recordings" / ".reading"
    path.write_bytes(data)
    try:
        return _session_value(read_recording(path))
    except RecordingError as error:
        return {"refused_at": error.offset}
    finally:
        path.unlink()


def _session_value(session: Recording) -> dict[str, Any]:
    animation = session.animation
    return {
        "names": animation.names,
        "convention": animation.convention,
        "frame_rate": [animation.frame_rate.numerator, animation.frame_rate.denominator],
        "sample_rate": animation.sample_rate,
        "sample_indices": animation.sample_indices.tolist(),
        "time_codes": session.time_codes.tolist(),
        "weights": _rows(animation.weights),
        "emotions": _rows(animation.emotions),
        "audio": [
            {"sample_index": chunk.sample_index, "samples": chunk.samples.tolist()} for chunk in session.audio
        ],
        "events": [{"sample_index": event.sample_index, **event.data} for event in session.events],
        "complete": session.complete,
        "problem_at": session.problem.offset if session.problem else None,
    }


# --- JSON ---------------------------------------------------------------------------------------------------


def _rows(values: NDArray[Any]) -> list[list[float | None]]:
    """Rows of numbers with no more digits than they need; null for what is not a number."""
    return [[float(str(value)) if np.isfinite(value) else None for value in row] for row in values]


def _json(value: Any) -> bytes:
    """One line for each innermost list or short object: readable, and small differences stay small."""
    return (_pretty(value, "") + "\n").encode()


def _pretty(value: Any, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    nested = any(isinstance(item, dict | list | tuple) and item for item in items)
    if not nested and not (isinstance(value, dict) and len(flat) > 100):
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(key, ensure_ascii=False)}: {_pretty(item, inner)}" for key, item in value.items()
        ]
        return "{\n" + ",\n".join(inner + part for part in parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + _pretty(item, inner) for item in value) + f"\n{indent}]"


def main() -> None:
    for name, data in generate().items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
