"""The local engine through the public API, on the pack that ships."""

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping

import numpy as np
import pytest
from in_memory import RandomNetwork, make_pack, speechlike
from numpy.typing import NDArray

import a2fbridge
from a2fbridge.face import FaceModel
from a2fbridge.packs import FacePack


@pytest.fixture(scope="module")
def engine() -> a2fbridge.Engine:
    return a2fbridge.Engine.open(threads=1)


def test_animate_gives_a_clip(engine: a2fbridge.Engine) -> None:
    done: list[tuple[int, int]] = []
    animation = engine.animate(
        speechlike(2.0), 16000, frame_rate=60, on_progress=lambda i, n: done.append((i, n)), rig=True
    )
    assert len(animation) == 120
    assert animation.names == a2fbridge.FACE_NAMES
    assert animation.convention == "a2f"
    assert animation.jaw is not None
    assert animation.jaw.shape == (120, 4, 4)
    assert animation.eyes is not None
    assert animation.eyes.shape == (120, 2, 3)
    assert animation.audio is not None
    assert len(animation.audio) == 32000
    assert animation.settings["pack"] == "builtin"
    assert done[-1] == (120, 120)
    assert np.isfinite(animation.weights).all()


def test_sound_may_come_in_any_form(engine: a2fbridge.Engine) -> None:
    mono = speechlike(1.0)
    expected = engine.animate(mono, 16000).weights
    stereo = np.stack([mono, mono], axis=1)
    np.testing.assert_allclose(engine.animate(stereo, 16000).weights, expected, atol=1e-6)
    pcm = np.round(mono * 32768).astype(np.int16)
    np.testing.assert_allclose(engine.animate(pcm, 16000).weights, expected, atol=2e-2)


def test_emotions_move_the_face(engine: a2fbridge.Engine) -> None:
    neutral = engine.animate(speechlike(1.0), 16000)
    happy = engine.animate(speechlike(1.0), 16000, emotions={"joy": 1.0})
    later = engine.animate(speechlike(1.0), 16000, emotions=[(0.0, {}), (0.5, {}), (0.51, {"joy": 1.0})])
    smile = "MouthSmileLeft"
    assert happy.curve(smile).mean() > neutral.curve(smile).mean() + 0.1
    np.testing.assert_allclose(later.weights[:14], neutral.weights[:14], atol=1e-5)
    assert later.curve(smile)[20:].mean() > neutral.curve(smile)[20:].mean() + 0.1


async def test_asyncio_gives_the_same(engine: a2fbridge.Engine) -> None:
    sound = speechlike(1.0)
    expected = engine.animate(sound, 16000)
    animation = await a2fbridge.animate_async(sound, 16000, threads=1)
    np.testing.assert_allclose(animation.weights, expected.weights, atol=1e-5)

    async def chunks() -> AsyncIterator[NDArray[np.float32]]:
        for part in np.array_split(sound, 7):
            await asyncio.sleep(0)
            yield part

    frames = [frame.weights async for frame in engine.stream_async(chunks())]
    np.testing.assert_allclose(frames, expected.weights, atol=1e-5)


class Gate(RandomNetwork):
    """Stops in its second inference until it is opened."""

    def __init__(self, pack: FacePack) -> None:
        super().__init__(pack)
        self.entered, self.opened = threading.Event(), threading.Event()

    def run(self, feeds: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        if len(self.calls) == 1:
            self.entered.set()
            assert self.opened.wait(30)
        return super().run(feeds)


async def _speech(seconds: float) -> AsyncIterator[NDArray[np.float32]]:
    yield speechlike(seconds)


async def test_a_cancelled_stream_does_not_touch_the_next_one() -> None:
    """Its place in the model is not given on while its inference still runs."""
    pack = make_pack()
    gate = Gate(pack)
    engine, other = (
        a2fbridge.Engine(FaceModel(pack, gate)),
        a2fbridge.Engine(FaceModel(pack, RandomNetwork(pack))),
    )
    expected = other.animate(speechlike(2.0, seed=5), 16000).weights

    async def consume() -> None:
        async for _ in engine.stream_async(_speech(4.0)):
            pass

    task = asyncio.create_task(consume())
    await asyncio.to_thread(gate.entered.wait, 30)
    task.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()  # it waits for what cannot be stopped
    gate.opened.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    weights = engine.animate(speechlike(2.0, seed=5), 16000).weights
    np.testing.assert_allclose(weights, expected, atol=1e-6)
    engine.close()
    other.close()


async def test_streams_of_one_engine_run_side_by_side() -> None:
    pack = make_pack()
    with a2fbridge.Engine(FaceModel(pack, RandomNetwork(pack))) as engine:

        async def frames(seed: int) -> list[NDArray[np.float32]]:
            async def chunks() -> AsyncIterator[NDArray[np.float32]]:
                for part in np.array_split(speechlike(1.0, seed=seed), 10):
                    await asyncio.sleep(0)
                    yield part

            return [frame.weights async for frame in engine.stream_async(chunks())]

        together = await asyncio.gather(*map(frames, range(6)))
        for seed, weights in enumerate(together):
            np.testing.assert_allclose(
                weights, engine.animate(speechlike(1.0, seed=seed), 16000).weights, atol=1e-5
            )


async def test_a_bad_option_of_an_asyncio_stream_is_told(engine: a2fbridge.Engine) -> None:
    with pytest.raises(a2fbridge.ParameterError, match="frame rate"):
        await anext(engine.stream_async(_speech(1.0), frame_rate=0))


@pytest.mark.parametrize(
    ("audio", "rate", "error"),
    [
        (np.zeros(100, np.float32), None, "need a sample rate"),
        (np.zeros((2, 2, 2), np.float32), 16000, "shape"),
        (np.zeros(100, np.int32), 16000, "float in -1..1 or int16"),
        (np.full(100, np.nan, np.float32), 16000, "not finite"),
        ("no-such-file.wav", None, "is not there"),
        (b"RIFF....", None, "cannot be read"),
    ],
)
def test_bad_sound_is_refused(engine: a2fbridge.Engine, audio: object, rate: int | None, error: str) -> None:
    with pytest.raises(a2fbridge.AudioError, match=error):
        engine.animate(audio, rate)  # type: ignore[arg-type]


def test_bad_names_are_refused() -> None:
    with pytest.raises(a2fbridge.PackError, match=r"unknown pack 'bultin'.*did you mean 'builtin'"):
        a2fbridge.Engine.open("bultin")
    with pytest.raises(a2fbridge.ConfigError, match="solver"):
        a2fbridge.Engine.open(solver="exact")
    with pytest.raises(
        a2fbridge.BackendError, match=r"unknown backend 'tensort' \(did you mean 'tensorrt'\?\)"
    ):
        a2fbridge.Engine.open(backend="tensort")


def test_inspect_pack() -> None:
    content = a2fbridge.inspect_pack()
    assert content["network"]["window"] == 8320
    assert content["solver"]["skin"]["active"] == 43


def test_silence_rests_and_is_still(engine: a2fbridge.Engine) -> None:
    animation = engine.animate(np.zeros(32000, np.float32), 16000, frame_rate=60)
    assert animation.weights[:, :52].max() < 0.12
    assert np.abs(np.diff(animation.weights, axis=0)).max() < 1e-3
