"""What both GPU backends share: batches, constants and states in the GPU's memory, and what crosses the bus for them.

TensorRT runs on a stand-in; ONNX Runtime's own session runs bound to the stand-in's memory, which is the host's."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_gpu import FakeCuda, FakeTensorRT, fake_engine
from synthetic_diffusion import write_diffusion_pack
from synthetic_packs import write_pack

from a2fbridge._errors import BackendError
from a2fbridge.animation import Frame
from a2fbridge.backends import Backend, open_backend
from a2fbridge.backends._build import CACHE_VARIABLE, Batches, recipe_for
from a2fbridge.backends._cuda import Driver, Gpu
from a2fbridge.backends._onnxruntime_gpu import OnnxRuntimeGpuBackend, provider_options
from a2fbridge.backends._tensorrt import TensorRTBackend
from a2fbridge.face import FaceModel, Noise
from a2fbridge.packs import FacePack, NetworkSpec, load
from a2fbridge.streams import Stream, StreamOptions, run_batch

GPU = Gpu(0, "Fake GPU", (8, 9))
Open = Callable[..., Backend]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> NetworkSpec:
    return load(write_pack(tmp_path_factory.mktemp("packs") / "egg")).network


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> FacePack:
    return load(write_diffusion_pack(tmp_path_factory.mktemp("packs") / "diffusion"))


@pytest.fixture
def cuda() -> FakeCuda:
    return FakeCuda()


@pytest.fixture(params=["tensorrt", "onnxruntime-cuda"])
def opened(request: pytest.FixtureRequest, cuda: FakeCuda) -> Open:
    def tensorrt(network: NetworkSpec, most: int | None = None) -> Backend:
        fakes = {"trt": FakeTensorRT(cuda), "engine": fake_engine}
        return TensorRTBackend(network, driver=Driver(cuda), batches=Batches(most), **fakes)

    def onnxruntime(network: NetworkSpec, most: int | None = None) -> Backend:
        cpu: dict[str, Any] = {"providers": [("CPUExecutionProvider", {})], "memory": "cpu"}
        return OnnxRuntimeGpuBackend(
            network, "onnxruntime-cuda", Driver(cuda), GPU, batches=Batches(most), **cpu
        )

    return tensorrt if request.param == "tensorrt" else onnxruntime


def sound(seconds: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(scale=0.1, size=round(seconds * 16000)).astype(np.float32)


def feeds_of(network: NetworkSpec, rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {t.name: rng.normal(scale=0.1, size=t.sized(rows)).astype(np.float32) for t in network.fed}


def streams_of(model: FaceModel, count: int) -> list[Stream]:
    """Streams of all identities, all their sound at hand."""
    made = []
    for i in range(count):
        identity = model.identities[i % len(model.identities)]
        stream = Stream(model, StreamOptions(identity=identity, emotions={"joy": i / 4}))
        stream.push(sound(3, i))
        stream.end()
        made.append(stream)
    return made


PLAN: Sequence[Sequence[int]] = ((0,), (0, 1), (2, 1, 0), (1,), (0, 2), (3, 0, 2, 1), (3, 2), (0, 3))
"""Which streams go together, batch by batch: each at its own place, in any order."""


def played(model: FaceModel) -> list[list[Frame]]:
    streams = streams_of(model, 4)
    frames: list[list[Frame]] = [[] for _ in streams]
    for batch in PLAN:
        for i, made in zip(batch, run_batch(model, [(streams[i], 1) for i in batch]), strict=True):
            assert not isinstance(made, BackendError)
            frames[i] += made
    streams[0].reset()  # and from the start
    streams[0].push(sound(1, 9))
    streams[0].end()
    return [*frames, streams[0].pull()]


@pytest.mark.parametrize("constant", [True, False], ids=["constant noise", "new noise"])
def test_many_streams_of_a_diffusion_pack_are_those_of_the_cpu(
    pack: FacePack, opened: Open, constant: bool
) -> None:
    noise = Noise(constant, 3)
    found = played(FaceModel(pack, opened(pack.network, 4), noise=noise))
    right = played(FaceModel(pack, open_backend(pack.network, "onnxruntime", 1), noise=noise))
    assert [len(frames) for frames in found] == [len(frames) for frames in right]
    assert sum(map(len, found)) > 190
    for a, b in zip(chain(*found), chain(*right), strict=True):
        np.testing.assert_allclose(a.weights, b.weights, atol=1e-5)


def test_state_stays_on_the_gpu_and_only_what_is_looked_at_comes_back(
    pack: FacePack, opened: Open, cuda: FakeCuda
) -> None:
    model = FaceModel(pack, opened(pack.network, 4))
    streams = streams_of(model, 3)
    run_batch(model, [(stream, 1) for stream in streams])
    network, info, rows = pack.network, pack.info, 3
    size = {t.name: 4 * int(np.prod(t.sized(1))) for t in (*network.inputs, *network.outputs)}
    for _ in range(3):  # plain, recorded, launched
        cuda.traffic.clear()
        run_batch(model, [(stream, 1) for stream in streams])
        assert dict(cuda.traffic) == {
            "in": rows * (size["window"] + size["identity"] + size["emotion"]),
            "out": rows * 4 * info.center * info.row_size,  # type: ignore[union-attr]
            "within": 2 * rows * size["input_latents"],
        }


def test_constant_noise_crosses_once_whatever_the_rows(pack: FacePack, opened: Open, cuda: FakeCuda) -> None:
    model = FaceModel(pack, opened(pack.network, 4))
    block = 4 * int(np.prod(pack.network.inputs[-1].sized(1)))
    assert pack.network.inputs[-1].name == "noise"
    streams = streams_of(model, 4)
    cuda.traffic.clear()
    run_batch(model, [(stream, 1) for stream in streams])
    assert cuda.traffic["in, not page-locked"] == block
    cuda.traffic.clear()
    for rows in (4, 2, 1, 3):
        run_batch(model, [(stream, 1) for stream in streams[:rows]])
    assert cuda.traffic["in, not page-locked"] == 0


def test_a_run_may_be_repeated_until_it_is_committed(pack: FacePack, opened: Open) -> None:
    network = pack.network
    backend = opened(network, 4)
    slots = np.array([5, 70])  # in two blocks of memory
    feeds = feeds_of(network, 2)
    assert not backend.state(5).any()
    first = backend.run(feeds, slots)["prediction"].copy()
    assert (backend.run(feeds, slots)["prediction"] == first).all()
    assert not backend.state(70).any()
    backend.commit()
    kept = backend.state(70)
    assert kept.any()
    assert (backend.state(5) != kept).any()
    assert (backend.run(feeds, slots)["prediction"] != first).any()
    backend.set_state(5, None)
    backend.set_state(70, np.zeros_like(kept))
    assert (backend.run(feeds, slots)["prediction"] == first).all()
    backend.set_state(5, kept)
    assert (backend.state(5) == kept).all()


def test_slots_that_make_no_batch(pack: FacePack, network: NetworkSpec, opened: Open) -> None:
    backend = opened(pack.network, 4)
    for slots in ([0], [1, 1]):
        with pytest.raises(BackendError, match="for 2 rows; right is one slot for each, all different"):
            backend.run(feeds_of(pack.network, 2), np.array(slots))
    with pytest.raises(BackendError, match="right is one slot for each"):
        opened(network, 4).run(feeds_of(network, 2), np.array([0, 1]))


def test_a_regression_pack(network: NetworkSpec, opened: Open, cuda: FakeCuda) -> None:
    backend = opened(network, 6)
    right = open_backend(network, "onnxruntime", 1)
    for rows in (3, 3, 3, 6, 1):
        feeds = feeds_of(network, rows, rows)
        np.testing.assert_allclose(backend.run(feeds)["result"], right.run(feeds)["result"], atol=1e-5)
    with pytest.raises(BackendError, match="a batch of 7 rows; right is 1 to 6"):
        backend.run(feeds_of(network, 7))


def test_an_input_that_does_not_change_is_copied_once(
    network: NetworkSpec, opened: Open, cuda: FakeCuda
) -> None:
    backend, right = opened(network), open_backend(network, "onnxruntime", 1)

    def crossed(feeds: dict[str, np.ndarray]) -> int:
        cuda.traffic.clear()
        np.testing.assert_allclose(backend.run(feeds)["result"], right.run(feeds)["result"], atol=1e-5)
        return cuda.traffic["in, not page-locked"]

    feeds = feeds_of(network, 4)
    feeds["emotion"].flags.writeable = False
    assert crossed(feeds) == feeds["emotion"].nbytes
    assert crossed(feeds | {"input": feeds_of(network, 4, 5)["input"]}) == 0
    assert crossed({name: value[:3] for name, value in feeds.items()}) == 0
    assert crossed(feeds_of(network, 4, 9)) == 0
    assert crossed(feeds) == feeds["emotion"].nbytes  # others were there meanwhile


def test_everything_is_given_back(pack: FacePack, opened: Open, cuda: FakeCuda) -> None:
    backend = opened(pack.network, 4)
    for _ in range(3):
        backend.run(feeds_of(pack.network, 2), np.array([0, 1]))
        backend.commit()
    assert cuda.allocated
    assert cuda.entered == 0
    backend.close()
    backend.close()
    gc.collect()
    assert (cuda.allocated, cuda.pinned, cuda.graphs, cuda.streams) == ({}, {}, {}, set())
    with pytest.raises(BackendError, match="the backend is closed"):
        backend.run(feeds_of(pack.network, 1), np.array([0]))


# --- ONNX Runtime's own providers


def test_a_provider_that_is_not_there_is_an_error(
    network: NetworkSpec, monkeypatch: pytest.MonkeyPatch, cuda: FakeCuda
) -> None:
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(
        BackendError, match="has no CUDAExecutionProvider; right: pip install onnxruntime-gpu"
    ):
        OnnxRuntimeGpuBackend(network, "onnxruntime-cuda", Driver(cuda), GPU)


def test_a_provider_that_falls_back_to_the_cpu_is_an_error(
    network: NetworkSpec, monkeypatch: pytest.MonkeyPatch, cuda: FakeCuda
) -> None:
    import onnxruntime

    real = onnxruntime.InferenceSession
    monkeypatch.setattr(
        "onnxruntime.InferenceSession",
        lambda path, options, providers: real(path, options, providers=["CPUExecutionProvider"]),
    )
    with pytest.raises(BackendError, match=r"chose \['CPUExecutionProvider'\]; asked for were \['CUDAEx"):
        OnnxRuntimeGpuBackend(
            network, "onnxruntime-cuda", Driver(cuda), GPU, providers=[("CUDAExecutionProvider", {})]
        )


def test_the_options_of_the_providers(
    network: NetworkSpec, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(
        "onnxruntime.get_available_providers", lambda: ["TensorrtExecutionProvider", "CUDAExecutionProvider"]
    )
    recipe = recipe_for(network, Batches(32), True)
    (name, options), (second, _) = provider_options("onnxruntime-tensorrt", 1, recipe, 4711)
    assert (name, second) == ("TensorrtExecutionProvider", "CUDAExecutionProvider")
    assert (options["device_id"], options["user_compute_stream"]) == (1, "4711")
    assert options["trt_fp16_enable"] is True
    assert options["trt_profile_max_shapes"] == "input:32x1x8320,emotion:32x1x26"
    assert Path(options["trt_engine_cache_path"]).is_dir()
    assert provider_options("onnxruntime-cuda", 1, recipe, 4711) == [
        ("CUDAExecutionProvider", {"device_id": 1, "user_compute_stream": "4711"})
    ]
