"""The ONNX Runtime backend: results, batches, refusals."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper
from synthetic_packs import write_pack

from a2fbridge import packs
from a2fbridge._errors import BackendError
from a2fbridge.backends import Backend, finite_rows, open_backend


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> packs.FacePack:
    return packs.load(write_pack(tmp_path_factory.mktemp("packs") / "egg"))


@pytest.fixture(scope="module")
def backend(pack: packs.FacePack) -> Iterator[Backend]:
    backend = open_backend(pack.network, "onnxruntime", threads=1)
    yield backend
    backend.close()


Feeds = dict[str, np.ndarray]


def rows(count: int) -> Feeds:
    rng = np.random.default_rng(count)
    audio = rng.normal(scale=0.1, size=(count, 1, 8320)).astype(np.float32)
    return {"input": audio, "emotion": rng.normal(size=(count, 1, 26)).astype(np.float32)}


def run(backend: Backend, feeds: Feeds) -> np.ndarray:
    return backend.run(feeds)["result"]


def changed(
    pack: packs.FacePack, tmp_path: Path, change: Callable[[onnx.ModelProto], None]
) -> packs.FacePack:
    model = onnx.load(pack.network.path)
    change(model)
    onnx.save(model, tmp_path / "network.onnx")
    return replace(pack, network=replace(pack.network, path=tmp_path / "network.onnx"))


def test_gives_what_the_network_computes(pack: packs.FacePack, backend: Backend) -> None:
    feeds = rows(3)
    session = onnxruntime.InferenceSession(str(pack.network.path), providers=["CPUExecutionProvider"])
    result = run(backend, feeds)
    assert result.shape == (3, 1, pack.info.row_size)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, session.run(None, feeds)[0], rtol=1e-5, atol=1e-5)


def test_a_row_does_not_depend_on_its_batch(backend: Backend) -> None:
    feeds = rows(16)
    together = run(backend, feeds)
    alone = [run(backend, {name: a[i : i + 1] for name, a in feeds.items()}) for i in range(16)]
    assert np.abs(together - np.concatenate(alone)).max() < 1e-5
    assert together.std(axis=0).min() > 0


def test_sound_and_emotion_both_matter(backend: Backend) -> None:
    feeds = rows(1)
    result = run(backend, feeds)
    assert np.abs(result - run(backend, feeds | {"input": feeds["input"] * 0.5})).max() > 1e-3
    assert np.abs(result - run(backend, feeds | {"emotion": feeds["emotion"] + 1})).max() > 1e-3


def test_rows_may_be_views(backend: Backend) -> None:
    feeds = rows(4)
    wide = np.repeat(feeds["input"], 2, axis=0)[::2]
    assert (run(backend, feeds | {"input": wide}) == run(backend, feeds)).all()


def test_says_what_is_in_force_and_logs_it(pack: packs.FacePack, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "a2fbridge.backends"):
        backend = open_backend(pack.network, threads=2)
    assert backend.describe() == {
        "name": "onnxruntime",
        "version": onnxruntime.__version__,
        "device": "cpu",
        "precision": "fp32",
        "threads": 2,
        "max_batch": 128,
    }
    assert "pack egg runs on {'name': 'onnxruntime'" in caplog.text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("onnx-runtime", r"unknown backend 'onnx-runtime' \(did you mean 'onnxruntime'\?\)"),
    ],
)
def test_never_takes_another_backend_than_the_one_named(pack: packs.FacePack, name: str, said: str) -> None:
    with pytest.raises(BackendError, match=said):
        open_backend(pack.network, name)


@pytest.mark.parametrize("threads", [0, -1, 1000])
def test_refuses_impossible_thread_counts(pack: packs.FacePack, threads: int) -> None:
    with pytest.raises(BackendError, match=f"{threads} threads; right is 1 to 256"):
        open_backend(pack.network, threads=threads)


def test_refuses_wrong_shapes(backend: Backend) -> None:
    feeds = rows(2)
    right = r"right are emotion \[2, 1, 26\], input \[2, 1, 8320\]"
    with pytest.raises(BackendError, match=right):
        backend.run(feeds | {"input": feeds["input"][:, :, 1:]})
    with pytest.raises(BackendError, match=right):
        backend.run(feeds | {"emotion": feeds["emotion"][:1]})
    with pytest.raises(BackendError, match=right):
        backend.run(feeds | {"shot": feeds["emotion"]})
    for count in (0, 129):
        with pytest.raises(BackendError, match=f"a batch of {count} rows; right is 1 to 128"):
            backend.run({name: np.zeros((count, 1, a.shape[2]), np.float32) for name, a in feeds.items()})
    with pytest.raises(BackendError, match="ONNX Runtime failed on 2 rows"):
        backend.run(feeds | {"input": feeds["input"].astype(np.float64)})


def test_a_network_of_batch_one_says_so(pack: packs.FacePack, tmp_path: Path) -> None:
    def fix_batch(model: onnx.ModelProto) -> None:
        for value in [*model.graph.input, *model.graph.output]:
            value.type.tensor_type.shape.dim[0].dim_value = 1

    backend = open_backend(changed(pack, tmp_path, fix_batch).network, threads=1)
    assert backend.max_batch == 1
    assert run(backend, rows(1)).shape == (1, 1, pack.info.row_size)
    with pytest.raises(BackendError, match="a batch of 2 rows; right is 1 to 1"):
        backend.run(rows(2))


def test_refuses_a_network_of_other_sizes(pack: packs.FacePack) -> None:
    sound, emotion = pack.network.inputs
    other = replace(pack.network, inputs=(replace(sound, shape=(None, 1, 8000)), emotion))
    with pytest.raises(
        BackendError,
        match=r"tensor 'input' is tensor\(float\) \['batch', 1, 8320\]; right is float \[n, 1, 8000\]",
    ):
        open_backend(other, threads=1)


def test_refuses_a_network_of_other_tensors(pack: packs.FacePack, tmp_path: Path) -> None:
    def another(model: onnx.ModelProto) -> None:
        model.graph.input.append(helper.make_tensor_value_info("shot", 1, ["batch", 1, 3]))

    with pytest.raises(
        BackendError, match=r"the network has tensors \['emotion', 'input', 'result', 'shot'\]"
    ):
        open_backend(changed(pack, tmp_path, another).network, threads=1)


def test_refuses_a_network_that_lies_about_its_result(pack: packs.FacePack, tmp_path: Path) -> None:
    def shorten(model: onnx.ModelProto) -> None:
        model.graph.output[0].type.tensor_type.shape.dim[2].dim_param = "n"
        model.graph.initializer.append(numpy_helper.from_array(np.arange(35) < 30, "first"))
        last = model.graph.node[-1]
        last.output[0] = "all"
        model.graph.node.append(helper.make_node("Compress", ["all", "first"], ["result"], axis=2))

    with pytest.raises(BackendError, match=r"the network gave result \[1, 1, 30\]; right is \[1, 1, 35\]"):
        open_backend(changed(pack, tmp_path, shorten).network, threads=1)


def test_refuses_a_network_that_makes_nothing_of_silence(pack: packs.FacePack, tmp_path: Path) -> None:
    def divide(model: onnx.ModelProto) -> None:
        for node in model.graph.node:
            if node.op_type == "Tanh":
                node.op_type = "Log"

    with pytest.raises(BackendError, match="silence gives a result that is not finite"):
        open_backend(changed(pack, tmp_path, divide).network, threads=1)


def test_refuses_a_file_that_is_no_network(pack: packs.FacePack, tmp_path: Path) -> None:
    (tmp_path / "network.onnx").write_bytes(b"hello")
    with pytest.raises(BackendError, match="ONNX Runtime cannot load"):
        open_backend(replace(pack.network, path=tmp_path / "network.onnx"), threads=1)


def test_a_row_that_is_not_finite_is_known_and_spoils_no_other(backend: Backend) -> None:
    feeds = rows(4)
    good = run(backend, feeds)
    spoilt = feeds["emotion"].copy()
    spoilt[2, 0, 0] = np.nan
    result = run(backend, feeds | {"emotion": spoilt})
    mask = finite_rows(result)
    assert mask.tolist() == [True, True, False, True]
    assert np.abs(result[mask] - good[mask]).max() < 1e-5


def test_a_closed_backend_says_so(pack: packs.FacePack) -> None:
    backend = open_backend(pack.network, threads=1)
    backend.close()
    backend.close()
    with pytest.raises(BackendError, match="the backend is closed"):
        backend.run(rows(1))
