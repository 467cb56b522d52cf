"""The built-in pack as it ships: NVIDIA's layout, small, at rest in silence, moving in speech."""

import json
from pathlib import Path

import numpy as np
import pytest

from a2fbridge import shapes
from a2fbridge._resources import data_dir
from a2fbridge.training.head import load_head

PACK = data_dir() / "packs" / "builtin"
SAMPLE = data_dir() / "samples" / "hello.wav"
LAYOUT = """model.json network_info.json network.onnx trt_info.json implicit_emo_db.npz model_config.json
    model_data.npz bs_skin_config.json bs_skin.npz bs_tongue_config.json bs_tongue.npz card.json""".split()


def results(emotion: int | None = None) -> np.ndarray:
    """Return the network's results [N, R] for the sample, 60 a second, with half a second of silence after it.

    ``emotion`` is the number of the one in force at full strength.
    """
    import onnxruntime
    import soundfile

    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    assert rate == 16000
    padded = np.pad(samples, (4160, 8000 + 8320))
    starts = np.arange(0, len(samples) + 8000, 16000 / 60).astype(int)
    windows = np.stack([padded[s : s + 8320] for s in starts])[:, None]
    mood = np.zeros((len(windows), 1, 26), np.float32)
    if emotion is not None:
        mood[:, 0, 16 + emotion] = 1.0
    session = onnxruntime.InferenceSession(PACK / "network.onnx", providers=["CPUExecutionProvider"])
    return session.run(None, {"input": windows, "emotion": mood})[0][:, 0]


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    return results()


def aperture(results: np.ndarray) -> np.ndarray:
    """Return the mouth's opening [N] in centimetres, from skin coefficients alone."""
    head = load_head()
    with np.load(PACK / "model_data.npz") as data:
        basis, mean = data["shapes_matrix_skin"], data["shapes_mean_skin"]
    lips = head.lip_columns
    points = np.unique(lips)
    skin = np.repeat(mean[None], len(results), axis=0)
    skin[:, points] += np.tensordot(results[:, : len(basis)], basis[:, points], 1)
    return head.mouth_aperture(skin)


def test_the_folder_is_complete_and_small() -> None:
    assert sorted(path.name for path in PACK.iterdir()) == sorted(LAYOUT)
    assert sum(path.stat().st_size for path in PACK.iterdir()) <= 8_000_000


@pytest.mark.parametrize("name", [name for name in LAYOUT if name.endswith(".npz")])
def test_archives_hold_what_every_reader_takes(name: str) -> None:
    import zipfile

    with zipfile.ZipFile(PACK / name) as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    with np.load(PACK / name) as arrays:
        kinds = {key: arrays[key].dtype for key in arrays.files}
        assert not any(np.isfortran(arrays[key]) for key in arrays.files)
    for key, dtype in kinds.items():
        assert dtype.kind == "S" or dtype in (np.float32, np.int32), key


def test_sizes_agree_and_neutral_poses_are_one() -> None:
    info = json.loads((PACK / "network_info.json").read_text())["params"]
    with np.load(PACK / "model_data.npz") as data, np.load(PACK / "bs_skin.npz") as skin:
        assert data["shapes_matrix_skin"].shape == (info["num_shapes_skin"], info["num_verts_skin"], 3)
        assert data["saccade_rot_matrix"].shape == (5000, 2)
        assert np.array_equal(data["shapes_mean_skin"], skin["neutral"])
        names = [name.decode() for name in skin["poseNames"]]
    assert names == ["neutral", *map(shapes.camel_case, shapes.ARKIT_NAMES)]


def test_the_card_says_where_the_pack_comes_from() -> None:
    card = json.loads((PACK / "card.json").read_text())
    corpus = card["fit"]["corpus"]
    assert set(corpus["voices"]) == set(corpus["config"]["voices"])
    assert "joe" not in corpus["voices"]
    assert card["multiply_adds_per_frame"]["total"] <= 6e6


def test_silence_rests_and_speech_moves(frames: np.ndarray) -> None:
    opening = aperture(frames)
    assert opening[-20:].max() < 0.03
    assert np.abs(frames[-20:]).max() < 0.05
    speech = opening[30:-45]
    assert np.percentile(speech, 95) > 0.5
    assert (speech < 0.03).mean() > 0.05


def test_nothing_trembles(frames: np.ndarray) -> None:
    opening = aperture(frames)
    assert np.abs(np.diff(opening, 2)).mean() < 0.2 * opening.std()
    assert np.abs(np.diff(frames[-15:], axis=0)).max() < 0.02


def test_emotion_changes_the_face() -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(PACK / "network.onnx", providers=["CPUExecutionProvider"])
    emotion = np.zeros((11, 1, 26), np.float32)
    emotion[1:, 0, 16:] = np.eye(10)
    results = session.run(None, {"input": np.zeros((11, 1, 8320), np.float32), "emotion": emotion})[0][:, 0]
    moved = np.abs(results[1:] - results[0]).max(axis=1)
    assert moved.min() > 0.3
    apart = np.linalg.norm(results[1:, None] - results[None, 1:], axis=2)[~np.eye(10, dtype=bool)]
    assert apart.min() > 0.3


def test_the_sample_is_pcm_of_a_few_seconds() -> None:
    import soundfile

    info = soundfile.info(SAMPLE)
    assert (info.samplerate, info.channels, info.subtype) == (16000, 1, "PCM_16")
    assert 5.0 < info.duration < 9.0
    assert Path(SAMPLE).stat().st_size < 300_000


def closures(opening: np.ndarray) -> list[slice]:
    """Return the runs of shut lips within speech that last 30 to 300 ms at 60 frames per second."""
    shut = np.r_[False, opening[30:-60] < 0.03, False].astype(int)
    edges = np.flatnonzero(np.diff(shut)) + 30
    return [slice(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if 2 <= b - a <= 18]


@pytest.mark.parametrize("emotion", ["joy", "anger", "sadness", "fear", "disgust", "amazement"])
def test_no_mood_costs_a_closure(frames: np.ndarray, emotion: str) -> None:
    calm = closures(aperture(frames))
    assert len(calm) >= 8
    moody = aperture(results(shapes.EMOTION_NAMES.index(emotion)))
    kept = [moody[run].min() < 0.05 for run in calm]
    assert np.mean(kept) >= 0.9
