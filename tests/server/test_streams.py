"""One stream: counts, chunking, emotions, limits."""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pytest
from in_memory import RandomNetwork, make_pack, speechlike
from numpy.typing import NDArray

from a2fbridge._errors import BackendError, ParameterError, StreamError
from a2fbridge.animation import Frame
from a2fbridge.face import FaceModel, FaceSettings
from a2fbridge.streams import Stream, StreamOptions, run_batch


def _model() -> FaceModel:
    pack = make_pack()
    return FaceModel(pack, RandomNetwork(pack))


def _play(stream: Stream, sound: NDArray[np.float32], chunk: int) -> list[Frame]:
    frames = []
    for at in range(0, len(sound), chunk):
        stream.push(sound[at : at + chunk])
        frames += stream.pull()
    stream.end()
    return frames + stream.pull()


@pytest.mark.parametrize(
    "rate", [Fraction(30), Fraction(60), Fraction(30000, 1001), Fraction(2), Fraction(1, 3), Fraction(240)]
)
@pytest.mark.parametrize("samples", [1, 533, 534, 16000, 40001])
def test_count_times_and_samples(rate: Fraction, samples: int) -> None:
    stream = Stream(_model(), StreamOptions(frame_rate=rate))
    frames = _play(stream, speechlike(3)[:samples], 1600)
    assert len(frames) == -(-samples * rate // 16000)
    assert [f.index for f in frames] == list(range(len(frames)))
    assert [f.sample_index for f in frames] == [16000 * k // rate for k in range(len(frames))]
    assert [f.time_code for f in frames] == [float(k / rate) for k in range(len(frames))]
    assert stream.finished


@pytest.mark.parametrize("sample_rate", [16000, 44100])
@pytest.mark.parametrize("chunk", [0.001, 0.0333, 0.1, 1.0])
def test_numbers_do_not_depend_on_the_chunks(sample_rate: int, chunk: float) -> None:
    sound = speechlike(2.3, sample_rate)
    model = _model()
    options = StreamOptions(sample_rate=sample_rate, frame_rate=Fraction(60))
    whole = _play(Stream(model, options), sound, len(sound))
    cut = _play(Stream(model, options), sound, round(chunk * sample_rate))
    assert len(whole) == len(cut) == -(-60 * -(-len(sound) * 16000 // sample_rate) // 16000)
    np.testing.assert_allclose([f.weights for f in cut], [f.weights for f in whole], atol=1e-5)


def test_look_ahead_is_260_milliseconds() -> None:
    stream = Stream(_model())
    stream.push(speechlike(1)[:4159])
    assert stream.ready() == 0
    stream.push(speechlike(1)[4159:4160])
    assert stream.ready() == 1


def test_windows_are_the_specs() -> None:
    """The network sees input_strength x audio around the frame, zeros outside, implicit then explicit emotion."""
    seen = []

    class Spy(RandomNetwork):
        def run(self, feeds: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
            seen.append((feeds["input"][:, 0].copy(), feeds["emotion"][:, 0].copy()))
            return super().run(feeds)

    model = FaceModel(make_pack(), Spy(make_pack()))
    sound = speechlike(0.5)
    stream = Stream(model, StreamOptions(emotions={"joy": 0.5}))
    _play(stream, sound, 8000)
    audio = np.concatenate([a for a, _ in seen])
    padded = np.concatenate([np.zeros(4160), 1.3 * sound, np.zeros(8320)]).astype(np.float32)
    for k, window in enumerate(audio):
        np.testing.assert_allclose(window, padded[k * 16000 // 30 :][:8320], atol=1e-6)
    emotion = np.concatenate([e for _, e in seen])
    np.testing.assert_array_equal(
        emotion[:, :16], np.tile(model.pack.identities[0].implicit_emotion, (15, 1))
    )
    np.testing.assert_allclose(emotion[:, 16:], np.tile([0, 0, 0, 0, 0, 0, 0.5, 0, 0, 0], (15, 1)))


def test_emotion_keys_reach_the_frames() -> None:
    stream = Stream(_model())
    stream.push_emotions(0.0, {})
    stream.push_emotions(1.0, {"out_of_breath": 1.0})
    stream.push_emotions(500.0, {"joy": 1.0})
    frames = _play(stream, speechlike(1.0), 16000)
    np.testing.assert_allclose([f.emotions[7] for f in frames], np.arange(30) / 30, atol=1e-4)


def test_echoed_audio_is_bit_exact_and_padded() -> None:
    stream = Stream(_model())
    pcm = (speechlike(0.21) * 32767).astype(np.int16)
    stream.push(pcm.astype(np.float32) / 32768)
    stream.end()
    run_batch(stream.model, [(stream, stream.ready())])
    echo = np.frombuffer(b"".join(stream.audio_of(0, 7)), "<i2")
    assert len(echo) == 16000 * 7 // 30
    np.testing.assert_array_equal(echo[: len(pcm)], pcm)
    assert not echo[len(pcm) :].any()


def test_an_endless_stream_keeps_its_memory_bounded() -> None:
    model = _model()
    stream = Stream(model)
    held = []
    for second in range(60):
        stream.push(speechlike(1.0, seed=second))
        stream.push_emotions(float(second), {"joy": 0.5})
        stream.pull()
        held.append(stream.held_samples)
    assert max(held) <= 16000 * 2


def test_empty_clip_has_no_frames() -> None:
    stream = Stream(_model())
    stream.end()
    assert stream.pull() == []
    assert stream.finished


def test_order_is_enforced() -> None:
    stream = Stream(_model())
    stream.end()
    stream.end()
    with pytest.raises(StreamError, match="after the end"):
        stream.push(np.zeros(10, np.float32))
    stream.close()
    stream.close()
    with pytest.raises(StreamError, match="closed"):
        stream.pull()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (StreamOptions(sample_rate=0), "8000 to 384000"),
        (StreamOptions(emotions={"yoy": 1.0}), "did you mean 'joy'"),
        (StreamOptions(face=FaceSettings({"skinStrength": 9.0})), "0 to 2"),
    ],
)
def test_bad_options_are_refused(options: StreamOptions, text: str) -> None:
    with pytest.raises(ParameterError, match=text):
        Stream(_model(), options)


@pytest.mark.parametrize("time", [float("nan"), 1e305])
def test_bad_emotion_time_is_refused(time: float) -> None:
    with pytest.raises(ParameterError, match="time code"):
        Stream(_model()).push_emotions(time, {})


def test_a_network_that_fails_is_reported() -> None:
    model = _model()
    model.backend.poison = True  # type: ignore[attr-defined]
    stream = Stream(model)
    stream.push(np.full(16000, 0.95, np.float32))
    with pytest.raises(BackendError, match="not finite at frame 0"):
        stream.pull()
