"""The emotion estimator's training: what moods do to a voice, the network, its file, and the pack that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
onnxruntime = pytest.importorskip("onnxruntime")

from a2fbridge.training.emotion._network import MIN_SAMPLES, EmotionNetwork, pitch_filters  # noqa: E402
from a2fbridge.training.emotion._prosody import CLASSES, RECIPES, Recipe, analyse, express  # noqa: E402


def tone(seconds: float, hertz: float = 150.0) -> np.ndarray:
    time = np.arange(round(seconds * 16000)) / 16000
    glide = hertz * (1 + 0.1 * np.sin(2 * np.pi * 1.5 * time))
    phase = 2 * np.pi * np.cumsum(glide) / 16000
    return sum(np.sin(k * phase) / k for k in range(1, 20)).astype(np.float32) * 0.1


def test_a_mood_changes_pitch_and_pace_as_its_recipe_says() -> None:
    pytest.importorskip("pyworld", reason="the extra [train] is not installed")
    heard = analyse(tone(1.5))
    rng = np.random.default_rng(0)
    found = {}
    for mood in CLASSES:
        said = express(heard, mood, rng)
        pitch = analyse(said).pitch
        found[mood] = (np.median(pitch[pitch > 0]), len(said))
        assert np.abs(said).max() == pytest.approx(1)
    assert found["sad"][0] < found["neutral"][0] < found["angry"][0]
    assert found["fear"][0] > 1.2 * found["neutral"][0]
    assert found["sad"][1] > found["neutral"][1] > found["angry"][1]


def test_every_recipe_is_a_set_of_ranges() -> None:
    assert set(RECIPES) == set(CLASSES)
    for recipe in RECIPES.values():
        for name in Recipe.__slots__:
            low, high = getattr(recipe, name)
            assert low <= high


def test_a_pitch_filter_answers_its_own_pitch_most() -> None:
    bank = pitch_filters()
    time = np.arange(bank.shape[2]) / 16000
    for hertz in (80.0, 150.0, 300.0):
        power = np.square(bank @ np.sin(2 * np.pi * hertz * time)).sum(axis=0)
        centre = np.geomspace(65, 520, bank.shape[1])[power.argmax()]
        assert abs(np.log2(centre / hertz)) < 0.1


def test_the_network_does_not_hear_how_loud_the_recording_is() -> None:
    network = EmotionNetwork().eval()
    hiss = np.random.default_rng(0).normal(scale=0.01, size=(1, 32000)).astype(np.float32)
    sound = torch.from_numpy(tone(2.0)[None] + hiss)
    with torch.no_grad():
        loud, quiet = network(sound), network(sound * 0.2)
        padded = network(torch.nn.functional.pad(sound, (16000, 0)))
    assert torch.allclose(loud, quiet, atol=0.05)
    assert loud.shape == padded.shape == (1, 6)


def test_the_file_gives_what_the_network_gives_for_any_batch_and_length(tmp_path: Path) -> None:
    network = EmotionNetwork().eval()
    network.to_onnx(tmp_path / "network.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "network.onnx"), providers=["CPUExecutionProvider"])
    for rows, length in ((1, MIN_SAMPLES), (3, 24000), (2, 60000)):
        sound = np.random.default_rng(0).normal(scale=0.1, size=(rows, length)).astype(np.float32)
        with torch.no_grad():
            right = network(torch.from_numpy(sound)).numpy()
        np.testing.assert_allclose(session.run(None, {"input_values": sound})[0], right, atol=1e-3)
