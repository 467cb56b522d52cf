"""A2FBridge: speech in, facial animation out.

    import a2fbridge

    animation = a2fbridge.animate("hello.wav", frame_rate=60, emotions={"joy": 0.5})
    table = a2fbridge.MappingTable.load("mh4")
    a2fbridge.save(table.map(animation), "hello.csv")

Everything public is here; names are imported when they are first used, so that a program that only talks to a
server loads no inference engine.  docs/python.md is the guide, and the command line uses nothing else.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from a2fbridge._errors import (
    A2FBridgeError,
    AudioError,
    AuthenticationError,
    BackendError,
    ConfigError,
    ConventionError,
    DatasetError,
    MappingError,
    PackError,
    ParameterError,
    RecordingError,
    ServerBusyError,
    ServerError,
    ServerUnavailableError,
    StreamError,
)
from a2fbridge._version import __version__

if TYPE_CHECKING:
    from a2fbridge._api import Emotions, Engine, animate, animate_async, inspect_pack
    from a2fbridge._bench import BenchmarkCase, BenchmarkResult, benchmark_cases, run_benchmark
    from a2fbridge._compare import Difference, compare, compare_animations
    from a2fbridge._doctor import Check, diagnose
    from a2fbridge._packs import add_pack, fetch_pack, validate_pack
    from a2fbridge._preview import preview_training
    from a2fbridge.animation import Animation, Frame
    from a2fbridge.audio import AudioSource, read_audio
    from a2fbridge.client import AsyncClient, Client, Pose, RemoteClip, TlsFiles
    from a2fbridge.emotion import EMOTION_PARAMETERS, check_emotion_parameters, check_emotions, hold_emotions
    from a2fbridge.export import RecordingWriter
    from a2fbridge.export import format_of as output_format
    from a2fbridge.export import read as load_animation
    from a2fbridge.export import write as save
    from a2fbridge.face import PARAMETERS, check_parameters
    from a2fbridge.mapping import MappingTable, list_tables
    from a2fbridge.packs import PackInfo, list_packs
    from a2fbridge.service import Server, ServerConfig, load_server_config, serve
    from a2fbridge.shapes import EMOTION_NAMES, FACE_NAMES
    from a2fbridge.streams import InteractiveClip, Layer, Stream
    from a2fbridge.studio import Studio, StudioConfig, run_studio
    from a2fbridge.timeline import parse_frame_rate
    from a2fbridge.training import check_dataset, train, training_config
    from a2fbridge.training import import_claire as import_dataset
    from a2fbridge.training import make_example as example_dataset
    from a2fbridge.training import run_schema as training_schema

__all__ = [
    "EMOTION_NAMES",
    "EMOTION_PARAMETERS",
    "FACE_NAMES",
    "PARAMETERS",
    "A2FBridgeError",
    "Animation",
    "AsyncClient",
    "AudioError",
    "AudioSource",
    "AuthenticationError",
    "BackendError",
    "BenchmarkCase",
    "BenchmarkResult",
    "Check",
    "Client",
    "ConfigError",
    "ConventionError",
    "DatasetError",
    "Difference",
    "Emotions",
    "Engine",
    "Frame",
    "InteractiveClip",
    "Layer",
    "MappingError",
    "MappingTable",
    "PackError",
    "PackInfo",
    "ParameterError",
    "Pose",
    "RecordingError",
    "RecordingWriter",
    "RemoteClip",
    "Server",
    "ServerBusyError",
    "ServerConfig",
    "ServerError",
    "ServerUnavailableError",
    "Stream",
    "StreamError",
    "Studio",
    "StudioConfig",
    "TlsFiles",
    "__version__",
    "add_pack",
    "animate",
    "animate_async",
    "benchmark_cases",
    "check_dataset",
    "check_emotion_parameters",
    "check_emotions",
    "check_parameters",
    "compare",
    "compare_animations",
    "diagnose",
    "example_dataset",
    "fetch_pack",
    "hold_emotions",
    "import_dataset",
    "inspect_pack",
    "list_packs",
    "list_tables",
    "load_animation",
    "load_server_config",
    "output_format",
    "parse_frame_rate",
    "preview_training",
    "read_audio",
    "run_benchmark",
    "run_studio",
    "save",
    "serve",
    "train",
    "training_config",
    "training_schema",
    "validate_pack",
]

_HOMES = {
    "_api": "Emotions Engine animate animate_async inspect_pack",
    "_bench": "BenchmarkCase BenchmarkResult benchmark_cases run_benchmark",
    "_compare": "Difference compare compare_animations",
    "_doctor": "Check diagnose",
    "_packs": "add_pack fetch_pack validate_pack",
    "_preview": "preview_training",
    "animation": "Animation Frame",
    "audio": "AudioSource read_audio",
    "client": "AsyncClient Client Pose RemoteClip TlsFiles",
    "emotion": "EMOTION_PARAMETERS check_emotion_parameters check_emotions hold_emotions",
    "export": "RecordingWriter load_animation output_format save",
    "face": "PARAMETERS check_parameters",
    "mapping": "MappingTable list_tables",
    "packs": "PackInfo list_packs",
    "service": "Server ServerConfig load_server_config serve",
    "shapes": "EMOTION_NAMES FACE_NAMES",
    "streams": "InteractiveClip Layer Stream",
    "studio": "Studio StudioConfig run_studio",
    "timeline": "parse_frame_rate",
    "training": "check_dataset example_dataset import_dataset train training_config training_schema",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}
_OTHER_NAME = {
    "example_dataset": "make_example",
    "import_dataset": "import_claire",
    "load_animation": "read",
    "output_format": "format_of",
    "save": "write",
    "training_schema": "run_schema",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'a2fbridge' has no attribute {name!r}")
    module = importlib.import_module(f"a2fbridge.{_HOME_OF[name]}")
    value = getattr(module, _OTHER_NAME.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
