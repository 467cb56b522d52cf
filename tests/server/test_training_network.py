"""The network's two forms, its ear, and the constant layer that turns weights into a pack's coefficients."""

import numpy as np
import pytest

from a2fbridge import shapes
from a2fbridge.training import _features as ear
from a2fbridge.training import express, multiply_adds, parameter_count
from a2fbridge.training._compose import MOVES, channel, compose, lip_gap
from a2fbridge.training._config import Decision
from a2fbridge.training._fold import fold
from a2fbridge.training._gaze import saccades
from a2fbridge.training._graph import WINDOW, build_graph
from a2fbridge.training._network import Parameters, forward, initial
from a2fbridge.training.head import load_head

TENSORRT = {"Add", "Clip", "Conv", "LeakyRelu", "Log", "Mul", "Relu", "Reshape", "Sigmoid", "Slice"}


def test_the_network_is_affordable() -> None:
    assert 1e6 < multiply_adds(initial(0))["total"] <= 6e6
    assert multiply_adds(initial(0, 0.5))["total"] < 0.5 * multiply_adds(initial(0))["total"]
    assert parameter_count(initial(0, 0.5)) < 0.3 * parameter_count(initial(0))


def test_each_band_hears_its_own_tone() -> None:
    edges = np.linspace(*(2595 * np.log10(1 + f / 700) for f in (60.0, 7700.0)), ear.BANDS + 2)[1:-1]
    for band in (8, 16, 24, 30):
        hertz = 700 * (10 ** (edges[band] / 2595) - 1)
        tone = np.sin(2 * np.pi * hertz * np.arange(16000) / 16000).astype(np.float32)
        assert abs(int(ear.powers(tone, 80, 1600).mean(axis=0).argmax()) - band) <= 1


def test_features_follow_level_and_time() -> None:
    noise = np.random.default_rng(0).standard_normal(16000).astype(np.float32)
    powers = ear.powers(noise, 90, 320)
    assert np.allclose(ear.powers(10 * noise, 90, 320), 100 * powers, rtol=1e-4)
    assert np.allclose(ear.powers(noise, 80, 320 + 10 * ear.HOP), powers[10:], rtol=1e-4)
    assert ear.powers(noise, 3, -9000).max() == 0.0
    assert np.isfinite(ear.compress(np.zeros((1, ear.BANDS), np.float32))).all()


def test_saccades_are_small_seeded_and_loop() -> None:
    eyes = saccades(3)
    assert eyes.shape == (5000, 2)
    assert eyes.dtype == np.float32
    assert np.array_equal(eyes, saccades(3))
    assert not np.array_equal(eyes, saccades(4))
    assert np.abs(eyes).max() < 4.0
    assert 0.3 < eyes.std() < 1.5
    assert np.abs(eyes[0] - eyes[-1]).max() < 0.3
    still = np.abs(np.diff(eyes, axis=0)).max(axis=1) < 0.1
    assert 0.8 < still.mean() < 0.98


def test_the_fold_rebuilds_the_head() -> None:
    head = load_head()
    rng = np.random.default_rng(0)
    weights = rng.random((200, 68)) * (rng.random((200, 68)) < 0.3)
    weights[:, [shapes.INDEX[name] for name in shapes.DEFAULT_INACTIVE]] = 0.0
    folded = fold(head, weights, 64)
    result = (weights[:5] @ folded.matrix.T).astype(np.float32)
    skin, tongue = len(folded.skin_basis), len(folded.tongue_basis)
    built = np.tensordot(result[:, :skin], folded.skin_basis, 1) + head.skin_neutral
    assert np.abs(built - head.skin(weights[:5].astype(np.float32))).max() < 1e-3
    built = np.tensordot(result[:, skin : skin + tongue], folded.tongue_basis, 1) + head.tongue_neutral
    assert np.abs(built - head.tongue(weights[:5].astype(np.float32), carried=False)).max() < 1e-3
    flat = folded.skin_basis.reshape(skin, -1).astype(np.float64)
    assert np.abs(flat @ flat.T - np.eye(skin)).max() < 1e-5


def test_the_jaw_line_is_near_the_rotation() -> None:
    head = load_head()
    weights = np.zeros((3, 68), np.float32)
    weights[:, shapes.INDEX["JawOpen"]] = (0.1, 0.3, 0.5)
    folded = fold(head, np.random.default_rng(0).random((100, 68)), 64)
    line = (weights @ folded.matrix.T)[:, -19:-4].reshape(3, 5, 3)
    true = head.jaw_points(weights)
    assert np.abs(line - true).max() < 0.12 * np.abs(true).max()


def test_a_smaller_rank_keeps_what_moves_most() -> None:
    weights = np.random.default_rng(0).random((100, 68))
    assert len(fold(load_head(), weights, 12).skin_basis) == 12


def test_the_graph_has_the_packs_tensors_and_only_plain_operators() -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    graph = build_graph(initial(0), np.ones((21, 68)), Decision()).graph
    assert {node.op_type for node in graph.node} <= TENSORRT
    sizes = {
        tensor.name: [d.dim_param or d.dim_value for d in tensor.type.tensor_type.shape.dim]
        for tensor in (*graph.input, *graph.output)
    }
    assert sizes == {"input": ["batch", 1, 8320], "emotion": ["batch", 1, 26], "result": ["batch", 1, 21]}


@pytest.fixture(scope="module")
def heard() -> tuple[Parameters, np.ndarray]:
    """Return random parameters whose gates open and shut, and a second of sound."""
    parameters = initial(1)
    parameters["answer.w"] *= 4.0
    parameters["answer.b"][:] = 0.1
    return parameters, np.random.default_rng(2).standard_normal(16000).astype(np.float32) * 0.1


def run(parameters: Parameters, sound: np.ndarray, mood: np.ndarray, decision: Decision) -> np.ndarray:
    """Return weights [10, 68] of the exported form, every 10 ms."""
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("onnx", reason="onnx is not installed")
    graph = build_graph(parameters, np.eye(68), decision).SerializeToString()
    padded = np.pad(sound, (WINDOW // 2, WINDOW))
    windows = np.stack([padded[k * ear.HOP :][:WINDOW] for k in range(10)])[:, None]
    emotion = np.concatenate([np.zeros((10, 1, 16), np.float32), np.repeat(mood[None], 10, 0)], axis=2)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return session.run(None, {"input": windows, "emotion": emotion.astype(np.float32)})[0][:, 0]


def answers(parameters: Parameters, sound: np.ndarray, decision: Decision) -> np.ndarray:
    """Return articulators [10, 24] of the training form."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    logs = ear.compress(ear.powers(sound, 10 + 2 * ear.CONTEXT, -ear.CONTEXT * ear.HOP))
    tensors = {name: torch.from_numpy(value) for name, value in parameters.items()}
    raw = forward(tensors, torch.from_numpy(logs[None]))[0].numpy()
    odds = (raw[:, len(MOVES) :] + decision.bias) * decision.sharpness
    return np.concatenate([raw[:, : len(MOVES)].clip(0), 1 / (1 + np.exp(-odds))], axis=1)


@pytest.mark.parametrize("decision", [Decision(), Decision((2.0, 1.5), (0.5, -0.3))], ids=["plain", "sharp"])
def test_both_forms_give_the_same_face_in_any_mood(
    heard: tuple[Parameters, np.ndarray], decision: Decision
) -> None:
    mood = np.random.default_rng(3).random((1, 10))
    tracks = answers(*heard, decision)
    face = express(compose(tracks), channel(tracks, "seal"), np.repeat(mood, 10, 0))
    assert np.abs(run(*heard, mood, decision) - face).max() < 1e-5
    assert face.std() > 0.01
    assert channel(tracks, "seal").std() > 0.01


def test_the_graph_keeps_sealed_lips_shut_in_any_mood(heard: tuple[Parameters, np.ndarray]) -> None:
    firm = Decision((1.0, 1.0), (50.0, 0.0))
    for mood in np.eye(10):
        assert lip_gap(run(*heard, mood[None], firm)).max() < 1e-4
