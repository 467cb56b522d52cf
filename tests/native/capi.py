"""The C interface of the client library by ctypes: what any language sees of it.

The table of functions is read from the header, so that a function that is added there can be called here.
"""

from __future__ import annotations

import ctypes
import re
from ctypes import (
    POINTER,
    byref,
    c_char,
    c_char_p,
    c_double,
    c_float,
    c_int32,
    c_int64,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "Plugins/A2FBridge/Source/ThirdParty/A2FBridgeClient"
HEADER = CLIENT / "include/a2fbridge/a2fbridge.h"
NOTHING, WOULD_BLOCK, END = 1, 2, 3


class Str(ctypes.Structure):
    _fields_ = [("data", c_char_p), ("size", c_size_t)]


class Value(ctypes.Structure):
    _fields_ = [("name", Str), ("value", c_double)]


class Pair(ctypes.Structure):
    _fields_ = [("name", Str), ("value", Str)]


class Struct(ctypes.Structure):
    """A struct that begins with its size, which is set."""

    def __init__(self, **values: Any) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **values)


class Error(Struct):
    _fields_ = [
        ("struct_size", c_uint32),
        ("status", c_int32),
        ("grpc_code", c_int32),
        ("retry_after_ms", c_uint32),
        ("line", c_uint32),
        ("column", c_uint32),
        ("offset", c_uint64),
        ("code", c_char * 32),
        ("message", c_char * 1024),
    ]


class ConnectionOptions(Struct):
    _fields_ = [
        ("struct_size", c_uint32),
        ("security", c_uint32),
        *[
            (name, Str)
            for name in ("target", "root_pem", "certificate_pem", "key_pem", "server_name", "token")
        ],
        ("metadata", POINTER(Pair)),
        ("metadata_count", c_size_t),
        ("connect_timeout_ms", c_uint32),
        ("wait_for_server", c_uint32),
        ("keepalive_ms", c_uint32),
        ("reserved", c_uint32),
    ]


class SessionOptions(Struct):
    _fields_ = [
        ("struct_size", c_uint32),
        ("sample_rate", c_uint32),
        ("frame_rate_numerator", c_uint32),
        ("frame_rate_denominator", c_uint32),
        ("pack", Str),
        ("identity", Str),
        ("solver", Str),
        *[
            field
            for name in ("face_parameter", "multiplier", "offset", "beginning_emotion", "emotion_parameter")
            for field in ((f"{name}s", POINTER(Value)), (f"{name}_count", c_size_t))
        ],
        *[
            (name, c_uint32)
            for name in (
                "clamp",
                "echo_audio",
                "deadline_ms",
                "idle_timeout_ms",
                "audio_queue_ms",
                "frame_queue",
            )
        ],
        ("callback", c_void_p),
        ("callback_context", c_void_p),
    ]


class Audio(Struct):
    _fields_ = [
        ("struct_size", c_uint32),
        ("format", c_uint32),
        ("channels", c_uint32),
        ("reserved", c_uint32),
        ("data", c_void_p),
        ("frames", c_size_t),
    ]


class Frame(Struct):
    _fields_ = [
        ("struct_size", c_uint32),
        ("weight_capacity", c_uint32),
        ("weights", POINTER(c_float)),
        ("audio", c_void_p),
        ("audio_capacity", c_uint32),
        ("weight_count", c_uint32),
        ("audio_count", c_uint32),
        ("reserved", c_uint32),
        ("index", c_int64),
        ("sample_index", c_int64),
        ("time_code", c_double),
        ("emotions", c_float * 10),
        ("corrected", c_uint32),
    ]


class TableInfo(Struct):
    _fields_ = [
        (name, c_uint32)
        for name in ("struct_size", "convention", "target_count", "source_count", "warning_count")
    ]


class ApiError(Exception):
    """A negative status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Api:
    """The library's table of functions; each returns its status, negative ones raise ApiError."""

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        get = self._library.a2fb_get_api
        get.restype, get.argtypes = POINTER(c_void_p), [c_uint32]
        table = get(1)
        assert not get(2)
        names = re.findall(
            r"\(A2FB_CALL\* (\w+)\)\(",
            HEADER.read_text().split("typedef struct a2fb_api {")[1].split("} a2fb_api;")[0],
        )
        self.size = ctypes.cast(table, POINTER(c_uint32))[0]
        self.expected_size = 8 + ctypes.sizeof(c_void_p) * len(names)
        self._functions = {name: table[1 + i] for i, name in enumerate(names)}

    def __call__(self, name: str, *arguments: Any, error: bool = True, result: Any = c_int32) -> Any:
        """Call a function; ``error``: its last argument is an a2fb_error."""
        failed = Error()
        function = ctypes.CFUNCTYPE(result)(self._functions[name])
        given = function(*arguments, *([byref(failed)] if error else []))
        if result is c_int32 and given < 0:
            raise ApiError(given, failed.message.decode() if error else name)
        return given

    def text(self, name: str, *arguments: Any) -> str | None:
        """Call a function whose last argument is an a2fb_str; None when there is no such text."""
        out = Str()
        status = self(name, *arguments, byref(out), error=False)
        return None if status != 0 else ctypes.string_at(out.data, out.size).decode()


def text(value: str | bytes) -> Str:
    """A text or bytes; the result keeps them alive."""
    data = value.encode() if isinstance(value, str) else value
    return Str(data, len(data))


class Session:
    """One session on a connection of its own."""

    def __init__(
        self, api: Api, target: str, *, connection: dict[str, Any] | None = None, **options: Any
    ) -> None:
        self.api = api
        self._connection, self._session = c_void_p(), c_void_p()
        to = ConnectionOptions(target=text(target), **(connection or {}))
        api("connection_open", byref(to), byref(self._connection))
        try:
            how = SessionOptions(**options)
            api("session_open", self._connection, byref(how), byref(self._session))
        except ApiError:
            self.close()
            raise

    def close(self) -> None:
        self.api("session_close", self._session, error=False, result=None)
        self.api("connection_close", self._connection, error=False, result=None)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def push(self, samples: np.ndarray) -> int:
        """Push int16 or float32 samples, [n] or [n, channels]; return how many frames were taken."""
        block = np.ascontiguousarray(samples)
        audio = Audio(
            format=1 if block.dtype == np.int16 else 2,
            channels=1 if block.ndim == 1 else block.shape[1],
            data=block.ctypes.data,
            frames=len(block),
        )
        taken = c_size_t()
        self.api("session_push", self._session, byref(audio), byref(taken))
        return taken.value

    def emotions(self, seconds: float, values: dict[str, float]) -> None:
        array = (Value * len(values))(*(Value(text(name), value) for name, value in values.items()))
        self.api("session_emotions", self._session, c_double(seconds), array, c_size_t(len(values)))

    def end(self) -> None:
        self.api("session_end", self._session)

    def cancel(self) -> None:
        self.api("session_cancel", self._session, error=False)

    def names(self) -> list[str]:
        return self._texts(1)

    def warnings(self) -> list[str]:
        return self._texts(2)

    def settings(self) -> str | None:
        return self.api.text("session_text", self._session, c_uint32(3), c_size_t(0))

    def _texts(self, kind: int) -> list[str]:
        texts: list[str] = []
        while (
            one := self.api.text("session_text", self._session, c_uint32(kind), c_size_t(len(texts)))
        ) is not None:
            texts.append(one)
        return texts

    def frames(self, patience_ms: int = 30_000) -> list[tuple[int, int, float, np.ndarray]]:
        """Take (index, sample index, time code, weights) to the end; raises ApiError when the session fails."""
        out = []
        weights = np.empty(4096, np.float32)
        frame = Frame(weight_capacity=4096, weights=weights.ctypes.data_as(POINTER(c_float)))
        while (status := self.api("session_poll", self._session, byref(frame))) != END:
            if status == 0:
                one = weights[: frame.weight_count].copy()
                out.append((frame.index, frame.sample_index, frame.time_code, one))
            elif self.api("session_wait", self._session, c_uint32(patience_ms), error=False) == NOTHING:
                raise TimeoutError("the session said nothing")
        return out

    def clip(self, samples: np.ndarray) -> list[tuple[int, int, float, np.ndarray]]:
        """A whole clip."""
        while len(samples):
            taken = self.push(samples)
            samples = samples[taken:]
            if len(samples):
                self.api("session_wait", self._session, c_uint32(10), error=False)
        self.end()
        return self.frames()
