"""The networks for datasets: NVIDIA's architecture to its published counts, and graphs equal to training forms."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
onnx = pytest.importorskip("onnx", reason="the extra [train] is not installed")

from a2fbridge import ConfigError  # noqa: E402
from a2fbridge.training.config import CompactConfig, ReferenceConfig  # noqa: E402
from a2fbridge.training.networks import FrontEnd, Sizes, Units, network_for  # noqa: E402
from a2fbridge.training.networks._autocorrelation import autocorrelation  # noqa: E402
from a2fbridge.training.networks._reference import _Dropout  # noqa: E402

CLAIRE = Sizes(skin=140, tongue=10, jaw=15, eyes=4, emotions=10)
SMALL = Sizes(skin=6, tongue=3, jaw=15, eyes=4, emotions=2)
RNG = np.random.default_rng(0)
WINDOWS = (RNG.standard_normal((3, 1, 8320)) * np.array([0.0, 0.02, 0.5])[:, None, None]).astype(np.float32)


def test_parameters_and_multiply_adds_are_nvidias() -> None:
    network = network_for(ReferenceConfig(), CLAIRE)
    parameters = network.initial(1)
    cost = network.cost(parameters)

    def count(*names: str) -> int:
        return sum(value.size for name, value in parameters.items() if name.startswith(names))

    assert round(sum(value.size for value in parameters.values()) / 1e6, 3) == 1.379
    assert round(count("freq") / 1e6, 3) == 0.319
    assert round(count("face", "tongue", "emotion") / 1e6, 3) == 0.073
    assert round(cost["total"] / 1e6, 1) == 25.1
    assert round((cost["autocorrelation"] + cost["frequency"]) / 1e6, 1) == 19.5
    assert round(cost["heads"] / 1e6, 2) == 0.07


def test_with_a_front_end_too() -> None:
    network = network_for(ReferenceConfig(front_end="onnx:x"), CLAIRE)
    parameters = network.initial(1)
    total = sum(value.size for value in parameters.values())
    assert round(total / 1e6, 3) == 1.772
    assert round(sum(v.size for n, v in parameters.items() if n.startswith("time")) / 1e6, 3) == 1.183
    assert (
        round(sum(v.size for n, v in parameters.items() if n.startswith(("front", "layer"))) / 1e6, 3)
        == 0.197
    )
    assert round(network.cost(parameters)["total"] / 1e6, 1) == 32.6
    mark = network_for(ReferenceConfig(front_end="onnx:x"), Sizes(272, 10, 15, 4, 10)).initial(1)
    assert round(sum(v.size for v in mark.values()) / 1e6, 3) == 1.869


def test_the_phoneme_head_has_its_published_size() -> None:
    plain = network_for(ReferenceConfig(), CLAIRE).shapes()
    headed = network_for(ReferenceConfig(), CLAIRE, phonemes=(("en", 40),)).shapes()
    extra = sum(math.prod(headed[name]) for name in headed.keys() - plain.keys())
    assert extra == 2 * (256 * 256 * 3 + 256) + 257 * 40
    assert round(2 * (256 * 256 * 3 + 256) / 1e6, 3) == 0.394


def test_autocorrelation_is_the_sum_of_products() -> None:
    found = autocorrelation(torch.from_numpy(WINDOWS[:, 0])).numpy()
    weights = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(640) / 640)
    for row, window, lag in ((0, 0, 0), (1, 3, 0), (1, 24, 31), (2, 0, 7), (2, 12, 30)):
        piece = 8.912028 * WINDOWS[row, 0, 320 * window : 320 * window + 640].astype(np.float64)
        piece = (piece - piece.mean()) * weights
        naive = sum(piece[n] * piece[n + lag] for n in range(640 - lag)) / 640
        assert found[row, window, lag] == pytest.approx(naive, rel=1e-3, abs=1e-6)
    assert found.shape == (3, 25, 32)


def lively(network: object, seed: int = 1) -> dict[str, np.ndarray]:
    """Return parameters far from zero everywhere, so that nothing hides."""
    rng, found = np.random.default_rng(seed), network.initial(seed)  # type: ignore[attr-defined]
    return {
        name: (value + 0.05 * rng.standard_normal(value.shape)).astype(np.float32)
        for name, value in found.items()
    }


def both_forms(network: object, features: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the answers [3, R] of the training form and of the exported graph."""
    import onnxruntime

    parameters = lively(network)
    emotion = RNG.random((3, 1, network.implicit + network.sizes.emotions)).astype(np.float32)  # type: ignore[attr-defined]
    tensors = {name: torch.from_numpy(value) for name, value in parameters.items()}
    heard = None if features is None else torch.from_numpy(features[:, None])
    trained = network.forward(tensors, torch.from_numpy(WINDOWS), torch.from_numpy(emotion), heard)  # type: ignore[attr-defined]
    graph = network.graph(parameters).SerializeToString()  # type: ignore[attr-defined]
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return trained.result[:, 0].numpy(), session.run(None, {"input": WINDOWS, "emotion": emotion})[0][:, 0]


CONFIGS = [
    ReferenceConfig(),
    ReferenceConfig(level="peak", implicit=4),
    CompactConfig(),
    CompactConfig(0.5, level="peak"),
]


@pytest.mark.parametrize("config", CONFIGS, ids=["reference", "reference peak", "compact", "compact peak"])
@pytest.mark.parametrize("emotions", [0, 2])
def test_the_graph_gives_what_training_gave(config: ReferenceConfig | CompactConfig, emotions: int) -> None:
    sizes = Sizes(6, 3, 15, 4, emotions)
    units = Units(RNG.uniform(0.5, 2.0, 28).astype(np.float32), RNG.standard_normal(28).astype(np.float32))
    trained, exported = both_forms(network_for(config, sizes, units))
    assert np.abs(trained - exported).max() < 2e-4 * np.abs(trained).max()
    assert trained.std(axis=0).min() > 1e-4


def test_peak_level_hears_no_loudness() -> None:
    network = network_for(ReferenceConfig(level="peak"), SMALL)
    tensors = {name: torch.from_numpy(value) for name, value in lively(network).items()}
    emotion = torch.zeros(1, 1, 18)
    loud, soft = (
        network.forward(tensors, torch.from_numpy(WINDOWS[2:] * g), emotion).result for g in (1.0, 0.25)
    )
    assert torch.allclose(loud, soft, rtol=1e-3, atol=1e-3)


def test_a_pack_names_tensors_as_nvidia_does() -> None:
    network = network_for(ReferenceConfig(), SMALL)
    model = network.graph(network.initial(1))
    shapes = {
        t.name: [d.dim_param or d.dim_value for d in t.type.tensor_type.shape.dim]
        for t in (*model.graph.input, *model.graph.output)
    }
    assert shapes == {"input": ["batch", 1, 8320], "emotion": ["batch", 1, 18], "result": ["batch", 1, 28]}
    assert model.opset_import[0].version >= 14


def test_dropout_has_unit_power_and_is_shared_by_a_sequence() -> None:
    torch.manual_seed(0)
    dropped = _Dropout(torch, 5, 2, 1.4)(torch.ones(10, 64, 3, 1))
    assert torch.allclose(dropped.square().mean(dim=1), torch.ones(10, 3, 1), rtol=1e-4)
    assert torch.equal(dropped[0::2], dropped[1::2])
    assert torch.equal(dropped[:, :, 0], dropped[:, :, 2])
    assert float(dropped.std()) == pytest.approx(0.33, abs=0.08)
    assert torch.equal(_Dropout(torch, 5, 2, 1.4)(torch.ones(10, 1, 3, 1)), torch.ones(10, 1, 3, 1))


class Front(torch.nn.Module):
    """Sixty-four milliseconds a step in 768 values: a front end in small."""

    def __init__(self, values: int = 768) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.listen = torch.nn.Conv1d(1, values, 640, stride=320)

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.listen(samples.unsqueeze(1))).transpose(1, 2)


@pytest.fixture(scope="module")
def fronts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the same front end as ONNX and TorchScript, and one of a wrong size."""
    import warnings

    folder = tmp_path_factory.mktemp("front")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, values in (("front", 768), ("narrow", 512)):
            script = torch.jit.trace(Front(values).eval(), torch.zeros(2, 8320))
            script.save(str(folder / f"{name}.pt"))
            torch.onnx.export(
                script, (torch.zeros(2, 8320),), str(folder / f"{name}.onnx"), opset_version=17, dynamo=False,
                input_names=["samples"], output_names=["features"],
                dynamic_axes={"samples": {0: "n"}, "features": {0: "n"}},
            )  # fmt: skip
    return folder


@pytest.mark.parametrize(("kind", "level"), [("onnx:front.onnx", "peak"), ("torchscript:front.pt", "input")])
def test_a_front_end_becomes_part_of_the_graph(kind: str, level: str, fronts: Path) -> None:
    source = kind.replace(":", f":{fronts}/")
    network = network_for(ReferenceConfig(front_end=source, level=level), SMALL)
    trained, exported = both_forms(network, FrontEnd(source, level)(WINDOWS[:, 0]))
    assert np.abs(trained - exported).max() < 2e-4 * np.abs(trained).max()
    deaf, _ = both_forms(network, np.zeros((3, 25, 768), np.float32))
    assert np.abs(trained - deaf).max() > 0.01


def test_a_front_end_of_another_shape_is_refused(fronts: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"makes \[2, 25, 512\] of \[2, 8320\]; right is \[2, 25, 768\]"):
        FrontEnd(f"onnx:{fronts}/narrow.onnx")
    with pytest.raises(ConfigError, match="there is no such file"):
        FrontEnd("torchscript:nowhere.pt")
    (tmp_path / "x.onnx").write_bytes(b"not a network")
    with pytest.raises(ConfigError, match="cannot be run"):
        FrontEnd(f"onnx:{tmp_path}/x.onnx")
    with pytest.raises(ConfigError, match="right is none, onnx:PATH or torchscript:PATH"):
        ReferenceConfig(front_end="wav2vec2")
