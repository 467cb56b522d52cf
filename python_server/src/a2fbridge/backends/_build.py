"""TensorRT engines from a pack's network: parsed, profiled and built once, then kept (spec: D.1, D.2, D.4).

An engine fits one network, one recipe, one TensorRT and one kind of GPU.  All four are in its file's name and in the
note beside it; a file whose note says otherwise, or whose bytes are not those that were written, is refused: TensorRT
ends the process when it is given a damaged engine.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from a2fbridge._errors import BackendError
from a2fbridge.backends._cuda import Gpu
from a2fbridge.backends._protocol import usual_rows
from a2fbridge.packs import EngineRecipe, NetworkSpec, ShapeRange, recipe_of

__all__: list[str] = []

_log = logging.getLogger("a2fbridge.backends")
_CHUNK: Final = 1 << 20
CACHE_VARIABLE: Final = "A2FBRIDGE_CACHE"

Progress = Callable[[str, float], None]
"""Called with the phase and how much of it is done, 0..1."""


@dataclass(frozen=True, slots=True)
class EngineKey:
    """Everything that an engine depends on."""

    network: str
    """sha256 of the ONNX file and of the files of weights beside it."""
    recipe: str
    tensorrt: str
    """Package and version."""
    gpu: str
    """Name and compute capability."""

    def digest(self) -> str:
        """Return the part of the file name that says all of this."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


def engine_key(network: NetworkSpec, recipe: EngineRecipe, trt: Any, gpu: Gpu) -> EngineKey:
    """Return what an engine for this network on this machine depends on."""
    capability = "any" if recipe.hardware_level else f"{gpu.name} sm{gpu.capability[0]}{gpu.capability[1]}"
    return EngineKey(_hash(network.path), recipe.describe(), f"{trt.__name__} {trt.__version__}", capability)


def cache_folder() -> Path:
    """Return where engines are kept: ``$A2FBRIDGE_CACHE`` or the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "a2fbridge" / "engines"


@dataclass(frozen=True, slots=True)
class Batches:
    """What whoever opens a network says of its batches."""

    most: int | None = None
    """Rows; no more than the pack's recipe says."""
    best: int | None = None
    """Rows that an engine is tuned for."""


def recipe_for(
    network: NetworkSpec, batches: Batches | None = None, fp16: bool | None = None
) -> EngineRecipe:
    """Return the pack's recipe, or NVIDIA's usual one where the pack has none; raises PackError.

    ``batches`` narrows what the pack says, ``fp16`` takes its place.
    """
    recipe = recipe_of(network.path.parent) or _usual(network)
    recipe = recipe.fitted({tensor.name: tensor.shape for tensor in network.inputs})
    asked = batches or Batches()
    shapes = {t.name: _narrowed(recipe.shapes[t.name], t.batch_axis, asked) for t in network.inputs}
    return replace(recipe, shapes=shapes, fp16=recipe.fp16 if fp16 is None else fp16)


def _usual(network: NetworkSpec) -> EngineRecipe:
    most = usual_rows(network)
    return EngineRecipe(
        {t.name: ShapeRange(t.sized(1), t.sized(min(10, most)), t.sized(most)) for t in network.inputs}
    )


def _narrowed(shape: ShapeRange, axis: int, batches: Batches) -> ShapeRange:
    """Return the range with other rows on the batch axis."""
    low, best, high = shape.low[axis], shape.best[axis], shape.high[axis]
    high = max(low, high if batches.most is None else min(high, batches.most))
    best = max(low, min(high, batches.best or best))
    return ShapeRange(
        shape.low,
        *((*end[:axis], n, *end[axis + 1 :]) for end, n in ((shape.best, best), (shape.high, high))),
    )


def cached_engine(
    network: NetworkSpec, recipe: EngineRecipe, trt: Any, gpu: Gpu, progress: Progress | None = None
) -> bytes:
    """Return the engine from the cache, or build it and keep it; raises BackendError."""
    key = engine_key(network, recipe, trt, gpu)
    path = cache_folder() / f"{_plain(network.pack)}-{key.digest()}.trt"
    data = read_engine(path, key)
    if data is not None:
        _log.info("pack %s: engine from %s", network.pack, path)
        return data
    others = [p.name for p in path.parent.glob(f"{_plain(network.pack)}-*.trt") if p != path]
    why = f"; of other kinds there are {', '.join(others)}" if others else ""
    _log.info(
        "pack %s: building an engine for %s with %s, minutes at most%s",
        network.pack,
        key.gpu,
        key.tensorrt,
        why,
    )
    start = time.monotonic()
    data = build_engine(network, recipe, trt, progress, None)
    write_engine(path, key, data)
    _log.info("pack %s: engine of %.1f MB built in %.1f s, kept in %s", network.pack, len(data) / 1e6,
              time.monotonic() - start, path)  # fmt: skip
    return data


def read_engine(path: Path, key: EngineKey) -> bytes | None:
    """Return an engine that was kept for this key; None when there is none or it is stale or damaged (logged)."""
    note = path.with_suffix(".json")
    if not (path.is_file() and note.is_file()):
        return None
    try:
        said = json.loads(note.read_text("utf-8"))
    except ValueError:
        said = {}
    wanted = asdict(key)
    wrong = [name for name in wanted if said.get("key", {}).get(name) != wanted[name]]
    if wrong:
        _log.warning("%s is refused as stale: it is of another %s", path, ", ".join(wrong))
        return None
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != said.get("sha256"):
        _log.warning("%s is refused as damaged: its checksum is not the one it was written with", path)
        return None
    return data


def write_engine(path: Path, key: EngineKey, data: bytes) -> None:
    """Keep an engine and its note; readers never see half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    note = {"key": asdict(key), "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    for target, content in ((path.with_suffix(".json"), json.dumps(note, indent=1).encode()), (path, data)):
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            stream.write(content)
        os.replace(stream.name, target)


def build_engine(
    network: NetworkSpec,
    recipe: EngineRecipe,
    trt: Any,
    progress: Progress | None = None,
    capability: tuple[int, int] | None = None,
) -> bytes:
    """Return a serialised engine; raises BackendError with the parser's or the builder's own words.

    ``capability`` is the GPU to build for where there is none here (TensorRT for RTX only).
    """
    logger = make_logger(trt)
    builder = trt.Builder(logger)
    graph = builder.create_network(_creation_flags(trt, recipe))
    parser = trt.OnnxParser(graph, logger)
    source, temporary = _source(network.path, recipe, trt)
    try:
        if not parser.parse_from_file(str(source)):
            said = "; ".join(str(parser.get_error(i).desc()) for i in range(parser.num_errors))
            raise BackendError(f"{network.path}: TensorRT cannot parse it: {said or logger.last}")
    finally:
        if temporary:
            source.unlink()
    config = builder.create_builder_config()
    _configure(config, recipe, trt)
    if capability:
        config.num_compute_capabilities = 1
        config.set_compute_capability(getattr(trt.ComputeCapability, f"SM{capability[0]}{capability[1]}"), 0)
    if progress:
        config.progress_monitor = _monitor(trt, progress)
    config.add_optimization_profile(_profile(builder, recipe, graph, network))
    built = builder.build_serialized_network(graph, config)
    if built is None:
        raise BackendError(
            f"{network.path}: TensorRT cannot build an engine: {logger.last or 'no reason given'}"
        )
    return bytes(built)


def _source(path: Path, recipe: EngineRecipe, trt: Any) -> tuple[Path, bool]:
    """Return the file to parse and whether it is temporary: half precision is typed into the network where the
    builder has no switch for it (TensorRT 11, TensorRT for RTX)."""
    if not recipe.fp16 or hasattr(trt.BuilderFlag, "FP16"):
        return path, False
    try:
        import onnx
        from onnxruntime.transformers.float16 import convert_float_to_float16
    except ImportError as error:
        raise BackendError(
            f"fp16 with {trt.__name__} {trt.__version__} needs the packages onnx and onnxruntime ({error}); "
            "right: pip install onnx, or fp32"
        ) from None
    half = convert_float_to_float16(onnx.load(str(path)), keep_io_types=True)
    with tempfile.NamedTemporaryFile(suffix=".onnx", delete=False) as stream:
        stream.write(half.SerializeToString())
    return Path(stream.name), True


def _creation_flags(trt: Any, recipe: EngineRecipe) -> int:
    flags = getattr(trt, "NetworkDefinitionCreationFlag", None)
    typed = getattr(flags, "STRONGLY_TYPED", None)
    if hasattr(trt.BuilderFlag, "FP16") or typed is None:
        explicit = getattr(flags, "EXPLICIT_BATCH", None)  # implied since TensorRT 10
        return 0 if explicit is None else 1 << int(explicit)
    return 1 << int(typed)


def _configure(config: Any, recipe: EngineRecipe, trt: Any) -> None:
    flag = trt.BuilderFlag
    if recipe.fp16 and hasattr(flag, "FP16"):
        config.set_flag(flag.FP16)
    if recipe.no_tf32:
        config.clear_flag(flag.TF32)
    if recipe.version_compatible:
        config.set_flag(flag.VERSION_COMPATIBLE)
    if recipe.hardware_level:
        config.hardware_compatibility_level = trt.HardwareCompatibilityLevel.AMPERE_PLUS
    if recipe.optimization_level is not None:
        config.builder_optimization_level = recipe.optimization_level
    for name, size in recipe.pools.items():
        kind = _POOLS.get(name)
        if kind is None:
            raise BackendError(f"trt_info.json: unknown memory pool '{name}'; right are {', '.join(_POOLS)}")
        config.set_memory_pool_limit(getattr(trt.MemoryPoolType, kind), size)


_POOLS: Final = {
    "workspace": "WORKSPACE",
    "dlaSRAM": "DLA_MANAGED_SRAM",
    "dlaLocalDRAM": "DLA_LOCAL_DRAM",
    "dlaGlobalDRAM": "DLA_GLOBAL_DRAM",
    "tacticSharedMem": "TACTIC_SHARED_MEMORY",
}
"""trtexec's names of memory pools -> MemoryPoolType."""


def _profile(builder: Any, recipe: EngineRecipe, graph: Any, network: NetworkSpec) -> Any:
    """Return the one optimisation profile that our run time, as NVIDIA's, works with."""
    profile = builder.create_optimization_profile()
    for i in range(graph.num_inputs):
        tensor = graph.get_input(i)
        shape = recipe.shapes.get(tensor.name)
        if shape is None:
            raise BackendError(f"{network.path}: trt_info.json gives no range for input '{tensor.name}'")
        ends = [
            tuple(n if fixed < 0 else fixed for n, fixed in zip(end, tensor.shape, strict=True))
            for end in (shape.low, shape.best, shape.high)
        ]
        profile.set_shape(tensor.name, *ends)
    return profile


def make_logger(trt: Any) -> Any:
    """Return a logger of TensorRT that writes to ours and keeps the last error."""

    class Logger(trt.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.last = ""

        def log(self, severity: Any, message: str) -> None:
            level = {"INTERNAL_ERROR": 40, "ERROR": 40, "WARNING": 30}.get(severity.name, 10)
            if level == 40:
                self.last = message
            _log.log(min(level, 30), "TensorRT: %s", message)  # errors are raised as well

    return Logger()


def _monitor(trt: Any, progress: Progress) -> Any:
    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)
            self._steps: dict[str, int] = {}

        def phase_start(self, phase: str, parent: str | None, steps: int) -> None:
            self._steps[phase] = steps
            progress(phase, 0.0)

        def step_complete(self, phase: str, step: int) -> bool:
            progress(phase, (step + 1) / max(self._steps.get(phase, 1), 1))
            return True

        def phase_finish(self, phase: str) -> None:
            progress(phase, 1.0)

    return Monitor()


def _hash(path: Path) -> str:
    """Return the sha256 of the network and of every other file that can hold its weights."""
    found = hashlib.sha256()
    names = {"model.json", "trt_info.json"}
    beside = [
        p for p in sorted(path.parent.iterdir()) if p.is_file() and p.suffix in (".data", ".bin", ".weight")
    ]
    for file in [path, *(p for p in beside if p.name not in names)]:
        found.update(file.name.encode())
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
    return found.hexdigest()


def _plain(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-._") else "_" for c in name)
