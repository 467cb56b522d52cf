"""TensorRT: engines really parsed, profiled, built and serialised by TensorRT for RTX, which needs no GPU for that;
the run path on a stand-in for CUDA's driver and the run time; the cache; the choice of a backend."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_gpu import FakeCuda, FakeTensorRT, fake_engine
from pack_edits import edit_json
from synthetic_diffusion import write_diffusion_pack
from synthetic_emotion import EmotionSpec, write_emotion_pack
from synthetic_packs import write_pack

from a2fbridge._errors import BackendError, PackError
from a2fbridge.backends import _open, open_backend
from a2fbridge.backends._build import (
    CACHE_VARIABLE,
    Batches,
    build_engine,
    cached_engine,
    engine_key,
    read_engine,
    recipe_for,
    write_engine,
)
from a2fbridge.backends._cuda import Driver, Gpu, choose_gpu
from a2fbridge.backends._tensorrt import TensorRTBackend
from a2fbridge.face import FaceModel
from a2fbridge.packs import DEFAULT_EMOTION_PACK, EngineRecipe, NetworkSpec, ShapeRange, load, load_emotion
from a2fbridge.streams import Stream

GPU = Gpu(0, "Fake GPU", (8, 9))
ADA = (8, 9)


@pytest.fixture(scope="module")
def egg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("packs") / "egg")


@pytest.fixture(scope="module")
def network(egg: Path) -> NetworkSpec:
    return load(egg).network


@pytest.fixture
def cuda() -> FakeCuda:
    return FakeCuda()


def opened(network: NetworkSpec, cuda: FakeCuda, most: int | None = None, **options: Any) -> TensorRTBackend:
    options = {"trt": FakeTensorRT(cuda), "engine": fake_engine, "batches": Batches(most)} | options
    return TensorRTBackend(network, driver=Driver(cuda), **options)


def feeds_of(network: NetworkSpec, rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {t.name: rng.normal(scale=0.1, size=t.sized(rows)).astype(np.float32) for t in network.inputs}


def close_to(network: NetworkSpec, got: dict[str, np.ndarray], feeds: dict[str, np.ndarray]) -> None:
    right = open_backend(network, "onnxruntime", 1).run(feeds)
    assert got.keys() == right.keys()
    for name, value in right.items():
        np.testing.assert_allclose(got[name], value, atol=1e-5)


# --- building, by the real parser and builder


@pytest.fixture(scope="module")
def rtx() -> Any:
    return pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx-cu12 is not installed")


def test_builds_an_engine_of_a_regression_pack(rtx: Any, network: NetworkSpec) -> None:
    said: list[tuple[str, float]] = []
    data = build_engine(
        network, recipe_for(network), rtx, lambda phase, done: said.append((phase, done)), ADA
    )
    assert len(data) > 10_000
    assert rtx.Runtime.get_engine_validity  # what a machine with a GPU asks next
    assert said
    assert all(0 <= done <= 1 for _, done in said)


@pytest.mark.parametrize("fp16", [False, True])
def test_builds_the_packs_that_ship(rtx: Any, fp16: bool) -> None:
    if fp16:
        pytest.importorskip("onnx")
    face, feeling = load().network, load_emotion(DEFAULT_EMOTION_PACK)
    for network in (face, feeling.network(feeling.usual_window or 32000)):
        data = build_engine(network, recipe_for(network, Batches(16), fp16), rtx, None, ADA)
        assert len(data) > 10_000


def test_builds_a_window_of_choice_and_a_network_of_one_row(rtx: Any, tmp_path: Path) -> None:
    free = load_emotion(write_emotion_pack(tmp_path / "free"))
    one = load_emotion(write_emotion_pack(tmp_path / "one", EmotionSpec(batch=1, length=16000)))
    for network in (free.network(20000), one.network(16000)):
        assert build_engine(network, recipe_for(network), rtx, None, ADA)


def test_builds_an_engine_of_a_diffusion_pack(rtx: Any, tmp_path: Path) -> None:
    """Its state has the batch on its third axis."""
    network = load(write_diffusion_pack(tmp_path / "diffusion")).network
    assert build_engine(network, recipe_for(network, Batches(4)), rtx, None, ADA)


def test_what_the_parser_or_the_builder_does_not_take_is_said_in_its_words(
    rtx: Any, network: NetworkSpec, tmp_path: Path
) -> None:
    broken = replace(network, path=tmp_path / "network.onnx")
    broken.path.write_bytes(network.path.read_bytes()[:-1000])
    with pytest.raises(BackendError, match=r"TensorRT cannot parse it: .+"):
        build_engine(broken, recipe_for(network), rtx, None, ADA)
    with pytest.raises(BackendError, match=r"trt_info\.json gives no range for input"):
        build_engine(network, EngineRecipe(), rtx, None, ADA)
    pools = replace(recipe_for(network), pools={"swimming": 1})
    with pytest.raises(BackendError, match="unknown memory pool 'swimming'; right are workspace"):
        build_engine(network, pools, rtx, None, ADA)


# --- the recipe


def test_the_recipe_is_the_packs_fitted_to_the_network(tmp_path: Path, network: NetworkSpec) -> None:
    assert recipe_for(network).shapes["input"] == ShapeRange((1, 1, 8320), (10, 1, 8320), (128, 1, 8320))
    small = recipe_for(network, Batches(4, 10), True)
    assert (small.shapes["input"].best[0], small.shapes["input"].high[0], small.fp16) == (4, 4, True)
    feeling = load_emotion(write_emotion_pack(tmp_path / "feeling"))
    assert recipe_for(feeling.network(20000)).shapes["input_values"] == ShapeRange(
        (1, 20000), (10, 20000), (128, 20000)
    )
    with pytest.raises(PackError, match="input_values has 5000 to 60000 on axis 1; 4000 is needed"):
        recipe_for(feeling.network(4000))


def test_without_a_recipe_it_is_nvidias_usual_one(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "egg")
    (folder / "trt_info.json").unlink()
    found = recipe_for(load(folder).network)
    assert [
        found.shapes["emotion"].low[0],
        found.shapes["emotion"].best[0],
        found.shapes["emotion"].high[0],
    ] == [
        1,
        10,
        128,
    ]


# --- the cache


def test_an_engine_is_built_once_for_each_network_recipe_tensorrt_and_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    built: list[str] = []

    def build(*arguments: Any) -> bytes:
        built.append("x")
        return f"engine {len(built)}".encode()

    monkeypatch.setattr("a2fbridge.backends._build.build_engine", build)
    folder = write_pack(tmp_path / "égg")
    network, trt = load(folder).network, FakeTensorRT(FakeCuda())
    recipe = recipe_for(network)
    assert cached_engine(network, recipe, trt, GPU) == b"engine 1"
    assert cached_engine(network, recipe, trt, GPU) == b"engine 1"
    assert "engine from" in caplog.text
    assert cached_engine(network, replace(recipe, fp16=True), trt, GPU) == b"engine 2"
    assert cached_engine(network, recipe, trt, replace(GPU, name="Another")) == b"engine 3"
    trt.__version__ = "10.14.0"  # type: ignore[misc]
    assert cached_engine(network, recipe, trt, GPU) == b"engine 4"
    assert "of other kinds there are _gg-" in caplog.text
    (folder / "network.onnx").write_bytes((folder / "network.onnx").read_bytes() + b"\0\0"[:0] + b"")
    edit_json(folder / "model_config.json", config__skin_strength=1.5)
    assert cached_engine(network, recipe, trt, GPU) == b"engine 4"
    data = bytearray((folder / "network.onnx").read_bytes())
    data[-1] ^= 1
    (folder / "network.onnx").write_bytes(data)
    assert cached_engine(network, recipe, trt, GPU) == b"engine 5"
    assert not list((tmp_path / "cache").glob("tmp*"))


def test_stale_and_damaged_engines_are_refused(
    tmp_path: Path, network: NetworkSpec, caplog: pytest.LogCaptureFixture
) -> None:
    key = engine_key(network, recipe_for(network), FakeTensorRT(FakeCuda()), GPU)
    path = tmp_path / "engine.trt"
    write_engine(path, key, b"engine")
    assert read_engine(path, key) == b"engine"
    assert read_engine(path, replace(key, tensorrt="tensorrt 9", gpu="Old")) is None
    assert "refused as stale: it is of another tensorrt, gpu" in caplog.text
    path.write_bytes(b"engin")
    assert read_engine(path, key) is None
    assert "refused as damaged" in caplog.text
    path.with_suffix(".json").write_text("{")
    assert read_engine(path, key) is None
    path.with_suffix(".json").unlink()
    assert read_engine(path, key) is None


# --- running, on the stand-in


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_gives_what_onnx_runtime_gives(network: NetworkSpec, cuda: FakeCuda, rows: int) -> None:
    backend = opened(network, cuda)
    for seed in range(3):  # plain, captured, launched
        feeds = feeds_of(network, rows, seed)
        close_to(network, backend.run(feeds), feeds)
    backend.close()


def test_batches_of_any_size_in_any_order(network: NetworkSpec, cuda: FakeCuda) -> None:
    backend = opened(network, cuda, most=8)
    assert backend.max_batch == 8
    rng = np.random.default_rng(0)
    for seed in range(12):
        feeds = feeds_of(network, int(rng.integers(1, 9)), seed)
        close_to(network, backend.run(feeds), feeds)
    with pytest.raises(BackendError, match="a batch of 9 rows; right is 1 to 8"):
        backend.run(feeds_of(network, 9))


def test_one_copy_in_for_each_input_one_run_one_copy_out_and_then_a_graph(
    network: NetworkSpec, cuda: FakeCuda
) -> None:
    backend = opened(network, cuda)

    def calls(seed: int) -> list[str]:
        cuda.calls.clear()
        backend.run(feeds_of(network, 3, seed))
        return [name for name in cuda.calls if not name.startswith(("cuCtx", "cuMemHostAlloc"))]

    plain = ["cuMemcpyHtoDAsync_v2"] * 2 + ["cuMemcpyDtoHAsync_v2", "cuStreamSynchronize"]
    assert calls(0) == plain
    assert calls(1)[0] == "cuStreamBeginCapture_v2"
    assert calls(2) == ["cuGraphLaunch", "cuStreamSynchronize"]
    assert opened(network, cuda, graphs=False)


def test_without_graphs_when_they_cannot_be_recorded(
    network: NetworkSpec, cuda: FakeCuda, caplog: pytest.LogCaptureFixture
) -> None:
    backend = opened(network, cuda)
    cuda.fail = {"cuGraphInstantiateWithFlags"}
    for seed in range(3):
        feeds = feeds_of(network, 2, seed)
        close_to(network, backend.run(feeds), feeds)
    assert caplog.text.count("runs without CUDA graphs: CUDA: cuGraphInstantiateWithFlags failed") == 1


def test_a_face_on_the_stand_in_is_the_face_on_the_cpu(egg: Path, cuda: FakeCuda) -> None:
    pack = load(egg)
    sound = np.random.default_rng(0).normal(scale=0.1, size=16000).astype(np.float32)
    weights = []
    for backend in (opened(pack.network, cuda), open_backend(pack.network, "onnxruntime", 1)):
        with Stream(FaceModel(pack, backend)) as stream:
            stream.push(sound)
            stream.end()
            weights.append([frame.weights for frame in stream.pull()])
    np.testing.assert_allclose(weights[0], weights[1], atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"profiles": 2}, "the engine has 2 profiles; right is 1"),
        ({"dtype": "half"}, "of the engine is not float32"),
        ({"no memory": True}, "TensorRT has no memory to run"),
        ({"broken": True}, "TensorRT could not run 1 rows"),
    ],
)
def test_engines_that_do_not_fit_are_refused(
    network: NetworkSpec, cuda: FakeCuda, changes: dict[str, Any], said: str
) -> None:
    trt = FakeTensorRT(cuda)
    trt.changes = changes
    with pytest.raises(BackendError, match=said):
        opened(network, cuda, trt=trt)


def test_an_engine_of_another_network_or_none_at_all(
    network: NetworkSpec, cuda: FakeCuda, tmp_path: Path
) -> None:
    def engine_of(path: Path) -> Any:
        def engine(*arguments: Any) -> bytes:
            said = json.loads(fake_engine(*arguments))
            return json.dumps(said | {"onnx": str(path)}).encode()

        return engine

    other = load_emotion(write_emotion_pack(tmp_path / "feeling"))
    with pytest.raises(BackendError, match=r"the engine has tensors \['input_values', 'output'\]; right are"):
        opened(network, cuda, engine=engine_of(other.network_path))
    with pytest.raises(BackendError, match="TensorRT cannot load the engine"):
        opened(network, cuda, engine=lambda *arguments: b"{}")


def test_a_gpu_without_memory_says_so_in_cudas_words(network: NetworkSpec, cuda: FakeCuda) -> None:
    cuda.fail = {"cuMemAlloc_v2"}
    with pytest.raises(BackendError, match=r"CUDA: cuMemAlloc_v2 failed: CUDA_ERROR_OUT_OF_MEMORY \(2\)"):
        opened(network, cuda)


# --- which GPU, which backend


def test_takes_the_gpu_asked_for_or_the_emptiest(network: NetworkSpec) -> None:
    cuda = FakeCuda("First", "Second", "Third", memory=(100, 300, 200))
    assert choose_gpu(Driver(cuda), None).name == "Second"
    assert choose_gpu(Driver(cuda), 2).name == "Third"
    with pytest.raises(BackendError, match="there is no GPU 3; right is 0 to 2"):
        choose_gpu(Driver(cuda), 3)
    backend = opened(network, cuda, device=2, fp16=True)
    assert backend.describe() == {
        "name": "tensorrt",
        "version": "tensorrt 10.13.0",
        "device": "GPU 2: Third",
        "precision": "fp16",
        "max_batch": 128,
    }


def test_without_a_driver_the_choice_of_a_gpu_is_an_error(
    network: NetworkSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("a2fbridge.backends._cuda._LIBRARY", "libno-such-driver.so.1")
    for name in ("tensorrt", "onnxruntime-cuda", "onnxruntime-tensorrt"):
        with pytest.raises(
            BackendError, match=r"no NVIDIA driver: libno-such-driver.so.1 is not on this machine"
        ):
            open_backend(network, name)


@pytest.mark.parametrize(
    ("gpu", "tensorrt", "cuda", "chosen", "said"),
    [
        (False, True, True, "onnxruntime", "auto takes onnxruntime on the CPU: no NVIDIA driver"),
        (True, True, True, "tensorrt", "auto takes tensorrt, because there is GPU 0, Fake GPU"),
        (
            True,
            False,
            True,
            "onnxruntime-cuda",
            r"auto takes onnxruntime-cuda, .*\(TensorRT cannot be imported",
        ),
        (
            True,
            False,
            False,
            "onnxruntime",
            "auto takes the CPU although there is GPU 0, Fake GPU: .*docs/gpu.md",
        ),
    ],
)
def test_auto_takes_the_best_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    gpu: bool,
    tensorrt: bool,
    cuda: bool,
    chosen: str,
    said: str,
) -> None:
    import re

    def driver() -> Driver:
        if not gpu:
            raise BackendError("no NVIDIA driver")
        return Driver(FakeCuda())

    def imported() -> Any:
        if not tensorrt:
            raise BackendError("TensorRT cannot be imported")

    caplog.set_level(logging.INFO)
    monkeypatch.setattr("a2fbridge.backends._open.Driver", driver)
    monkeypatch.setattr("a2fbridge.backends._tensorrt.import_tensorrt", imported)
    providers = ["CUDAExecutionProvider"] if cuda else ["CPUExecutionProvider"]
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: providers)
    assert _open._best("egg") == chosen
    assert re.search(said, caplog.text)
    assert ("WARNING" in caplog.text) == (gpu and chosen == "onnxruntime")


@pytest.mark.parametrize("usable", [True, False])
def test_the_doctor_says_what_there_is_for_inference(monkeypatch: pytest.MonkeyPatch, usable: bool) -> None:
    def imported() -> Any:
        if not usable:
            raise BackendError("TensorRT cannot be imported")

    cuda = FakeCuda("First", "Second", memory=(3_000_000_000, 5_000_000_000))
    monkeypatch.setattr("a2fbridge.backends._open.Driver", lambda: Driver(cuda))
    monkeypatch.setattr("a2fbridge.backends._tensorrt.import_tensorrt", imported)
    text, used = _open.survey()
    assert used == usable
    assert text.startswith(
        "GPU 0, First, compute 8.9, 3.0 GB free; GPU 1, Second, compute 8.9, 5.0 GB free; "
    )
    assert text.endswith(f"auto takes {'tensorrt' if usable else 'onnxruntime'}")
    assert ("TensorRT cannot be imported; onnxruntime-gpu is not installed" in text) != usable
