"""Many streams over one model: the same numbers as alone, fair, bounded, and nobody harms a neighbour."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from in_memory import RandomNetwork, make_pack, speechlike
from numpy.typing import NDArray

from a2fbridge._errors import BackendError, ParameterError, ServerBusyError, StreamError
from a2fbridge.animation import Frame
from a2fbridge.face import FaceModel, FaceSettings
from a2fbridge.scheduler import Histogram, Limits, OutputFrame, Scheduler, StreamHandle, StreamOptions
from a2fbridge.scheduler._cost import RowCost
from a2fbridge.scheduler._plan import make_plan
from a2fbridge.streams import Stream


class Network(RandomNetwork):
    """Raises on demand."""

    fail = False

    def run(self, feeds: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        if self.fail:
            raise RuntimeError("device lost")
        return super().run(feeds)


@asynccontextmanager
async def _scheduler(limits: Limits | None = None) -> AsyncIterator[Scheduler]:
    pack = make_pack()
    scheduler = Scheduler(FaceModel(pack, Network(pack)), limits or Limits(max_load=1e9))
    await scheduler.start()
    try:
        yield scheduler
    finally:
        await scheduler.stop()


def _pcm(seconds: float, sample_rate: int = 16000, seed: int = 0) -> bytes:
    return (speechlike(seconds, sample_rate, seed) * 32767).astype("<i2").tobytes()


async def _collect(handle: StreamHandle) -> list[OutputFrame]:
    out: list[OutputFrame] = []
    while frames := await handle.frames():
        out += frames
    return out


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


async def test_many_streams_equal_the_local_path() -> None:
    options = [
        StreamOptions(16000, Fraction(30)),
        StreamOptions(44100, Fraction(60)),
        StreamOptions(16000, Fraction(25), FaceSettings({"faceMaskLevel": 0.3, "lowerFaceSmoothing": 0.05})),
        StreamOptions(48000, Fraction(30000, 1001), emotions={"anger": 0.8}),
    ] * 3
    async with _scheduler() as scheduler:
        handles = [scheduler.open_stream(o) for o in options]
        for i, handle in enumerate(handles):
            data = _pcm(1.5, handle.options.sample_rate, i)
            for at in range(0, len(data), 3200):
                handle.push_audio(data[at : at + 3200])
            handle.end()
        results = await asyncio.gather(*map(_collect, handles))
        assert scheduler.streams_in_use == 0
        assert scheduler.batch_sizes.quantile(0.9) >= 16
    pack = make_pack()
    model = FaceModel(pack, RandomNetwork(pack))
    for i, (option, result) in enumerate(zip(options, results, strict=True)):
        stream = Stream(model, option)
        stream.push(np.frombuffer(_pcm(1.5, option.sample_rate, i), "<i2").astype(np.float32) / 32768)
        stream.end()
        expected = stream.pull()
        assert [o.frame.sample_index for o in result] == [f.sample_index for f in expected]
        np.testing.assert_allclose(
            [o.frame.weights for o in result], [f.weights for f in expected], atol=1e-5
        )


async def test_cancel_frees_the_place_at_once_and_runs_no_queued_row() -> None:
    async with _scheduler(Limits(max_streams=1, max_load=1e9)) as scheduler:
        handle = scheduler.open_stream(StreamOptions())
        with pytest.raises(ServerBusyError, match="all 1 streams"):
            scheduler.open_stream(StreamOptions())
        handle.push_audio(_pcm(30))
        handle.cancel()
        assert scheduler.streams_in_use == 0
        with pytest.raises(StreamError, match="cancelled"):
            await handle.frames()
        other = scheduler.open_stream(StreamOptions())
        other.push_audio(_pcm(0.5))
        other.end()
        assert len(await _collect(other)) == 15
        assert scheduler.batch_sizes.count <= 3


async def test_nobody_reads_then_somebody_does() -> None:
    """Computed frames wait up to the limit, no more are made; taking some starts it again; nothing is lost."""
    async with _scheduler(Limits(output_frames=20, max_load=1e9)) as scheduler:
        handle = scheduler.open_stream(StreamOptions())
        handle.push_audio(_pcm(4))
        handle.end()
        await _until(lambda: handle.computed >= 20)
        neighbour = scheduler.open_stream(StreamOptions())
        neighbour.push_audio(_pcm(1))
        neighbour.end()
        assert len(await _collect(neighbour)) == 30
        assert handle.computed == 20
        frames = await _collect(handle)
        assert [f.frame.index for f in frames] == list(range(120))


async def test_a_push_while_its_stream_is_attended_is_not_lost() -> None:
    async with _scheduler() as scheduler:
        attend, sound = scheduler._attend, [_pcm(1)]

        def attend_and_receive(handle: StreamHandle) -> None:
            attend(handle)
            if sound:
                handle.inbox.append(sound.pop())
                handle.inbox.append(None)
                scheduler._wake(handle)

        scheduler._attend = attend_and_receive  # type: ignore[method-assign]
        handle = scheduler.open_stream(StreamOptions())
        async with asyncio.timeout(10):
            assert len(await _collect(handle)) == 30


async def test_input_has_a_bound() -> None:
    async with _scheduler(Limits(input_seconds=2.0, output_frames=5, max_load=1e9)) as scheduler:
        handle = scheduler.open_stream(StreamOptions())
        handle.push_audio(_pcm(4))
        waiting = asyncio.ensure_future(handle.wait_room())
        await _until(lambda: handle.computed >= 5)
        assert not waiting.done()
        taken = 0
        while not waiting.done():
            taken += len(await handle.frames())
        assert handle.buffered_seconds <= 2.0
        assert taken >= 50
        handle.cancel()


async def test_a_failed_inference_fails_its_batch_only() -> None:
    async with _scheduler() as scheduler:
        network = scheduler.model.backend
        assert isinstance(network, Network)
        handle = scheduler.open_stream(StreamOptions())
        network.fail = True
        handle.push_audio(_pcm(1))
        with pytest.raises(BackendError, match="device lost"):
            await _collect(handle)
        network.fail = False
        again = scheduler.open_stream(StreamOptions())
        again.push_audio(_pcm(1))
        again.end()
        assert len(await _collect(again)) == 30
        assert scheduler.streams_in_use == 0


async def test_a_mistake_in_the_worker_ends_streams_and_nothing_hangs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with _scheduler() as scheduler:
        original = scheduler._compute
        scheduler._compute = lambda plan: [][1]  # type: ignore[method-assign]
        handle = scheduler.open_stream(StreamOptions())
        handle.push_audio(_pcm(1))
        with pytest.raises(BackendError, match="the scheduler failed"):
            await _collect(handle)
        assert scheduler.streams_in_use == 0
        scheduler._compute = original  # type: ignore[method-assign]
        again = scheduler.open_stream(StreamOptions())
        again.push_audio(_pcm(1))
        again.end()
        assert len(await _collect(again)) == 30
    assert "IndexError" in caplog.text


async def test_poisoned_rows_fail_their_own_stream() -> None:
    async with _scheduler() as scheduler:
        network = scheduler.model.backend
        assert isinstance(network, Network)
        network.poison = True
        bad, good = scheduler.open_stream(StreamOptions()), scheduler.open_stream(StreamOptions())
        bad.push_audio(np.full(16000, 32000, "<i2").tobytes())
        good.push_audio(_pcm(1))
        good.end()
        assert len(await _collect(good)) == 30
        with pytest.raises(BackendError, match="not finite"):
            await _collect(bad)


async def test_bad_options_take_no_place() -> None:
    async with _scheduler() as scheduler:
        with pytest.raises(ParameterError):
            scheduler.open_stream(StreamOptions(face=FaceSettings({"skinStrength": 9})))
        assert scheduler.streams_in_use == 0


async def test_admission_is_by_measured_load() -> None:
    async with _scheduler(Limits(max_load=0.5)) as scheduler:
        scheduler.row_cost.calibrate(0.005, 32 * 0.005)
        first = scheduler.open_stream(StreamOptions(frame_rate=Fraction(60)))
        scheduler.open_stream(StreamOptions(frame_rate=Fraction(30)))
        assert scheduler.load == pytest.approx(0.45)
        with pytest.raises(ServerBusyError, match="real-time capacity"):
            scheduler.open_stream(StreamOptions(frame_rate=Fraction(30)))
        first.cancel()
        scheduler.open_stream(StreamOptions(frame_rate=Fraction(30)))


async def test_one_stream_is_always_admitted() -> None:
    async with _scheduler(Limits(max_load=0.5)) as scheduler:
        scheduler.row_cost.calibrate(1.0, 32.0)
        handle = scheduler.open_stream(StreamOptions())
        handle.push_audio(_pcm(0.3))
        handle.end()
        assert len(await _collect(handle)) == 9


async def test_a_stream_slower_than_its_decoding_bound_still_moves() -> None:
    """A frame's slice of sound may be longer than what is decoded ahead (here 6 s and 4 s)."""
    async with _scheduler() as scheduler, asyncio.timeout(10):
        handle = scheduler.open_stream(StreamOptions(frame_rate=Fraction(1, 6)))
        for _ in range(13):
            handle.push_audio(_pcm(1))
        handle.end()
        assert len(await _collect(handle)) == 3


async def test_a_mistake_with_one_streams_frames_ends_no_other(caplog: pytest.LogCaptureFixture) -> None:
    async with _scheduler() as scheduler:
        bad, good = scheduler.open_stream(StreamOptions()), scheduler.open_stream(StreamOptions())

        def fails(_: object) -> list[OutputFrame]:
            raise MemoryError("58 TiB")

        bad.outputs_of = fails  # type: ignore[assignment, method-assign]
        for handle in (bad, good):
            handle.push_audio(_pcm(1))
            handle.end()
        with pytest.raises(BackendError, match="58 TiB"):
            await _collect(bad)
        assert len(await _collect(good)) == 30
        assert scheduler.streams_in_use == 0
    assert "MemoryError" in caplog.text


async def test_rows_that_the_engine_cannot_take_end_their_own_stream_only() -> None:
    async with _scheduler() as scheduler:
        network, run = scheduler.model.backend, scheduler.model.backend.run

        def picky(feeds: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
            if np.abs(feeds["input"]).max() > 1.1:
                raise RuntimeError("too loud")
            return run(feeds)

        network.run = picky  # type: ignore[method-assign]
        streams = [scheduler.open_stream(StreamOptions()) for _ in range(3)]
        streams[1].push_audio(np.full(32000, 32000, "<i2").tobytes())
        for handle in (streams[0], streams[2]):
            handle.push_audio(_pcm(2))
            handle.end()
        with pytest.raises(BackendError, match="too loud"):
            await _collect(streams[1])
        assert [len(await _collect(handle)) for handle in (streams[0], streams[2])] == [60, 60]


@pytest.mark.parametrize("step", ["project", "animate", "accept"])
async def test_what_fails_behind_the_network_moves_no_stream_on_twice(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """One stream's rows break a step behind the network, after it moved everyone on: its neighbours, who are
    done again without it, must not feel that."""
    limits = Limits(max_load=1e9)
    async with _scheduler(limits) as scheduler:
        model, broken = scheduler.model, 0
        face = model.face()
        real_project, real_animate, real_rig = face.project, face.animate, face.rig

        def slot_of(handle: StreamHandle) -> int:
            return handle.stream.slot if handle.stream else -1

        def project(rows: NDArray[np.float32], slots: NDArray[np.intp]) -> NDArray[np.float64]:
            nonlocal broken
            if slot_of(bad) in slots:
                broken += 1
                raise MemoryError("project")
            return real_project(rows, slots)

        def animate(projected: NDArray[np.float64], slots: NDArray[np.intp]) -> NDArray[np.float32]:
            nonlocal broken
            made = real_animate(projected, slots)
            if slot_of(bad) in slots:
                broken += 1
                raise MemoryError("animate")
            return made

        def rig(projected: NDArray[np.float64], slot: int) -> Any:
            nonlocal broken
            if slot == slot_of(bad):
                broken += 1
                raise MemoryError("accept")
            return real_rig(projected, slot)

        settings = FaceSettings({"lowerFaceSmoothing": 0.1, "upperFaceSmoothing": 0.1}, rig=True)
        options = StreamOptions(face=settings)
        handles = [scheduler.open_stream(options) for _ in range(3)]
        bad = handles[1]
        for name, broken_step in (("project", project), ("animate", animate), ("rig", rig)):
            if name == {"accept": "rig"}.get(step, step):
                monkeypatch.setattr(face, name, broken_step)
        for seed, handle in enumerate(handles):
            handle.push_audio(_pcm(1, seed=seed))
            handle.end()
        with pytest.raises(BackendError, match=step):
            await _collect(bad)
        found = [await _collect(handle) for handle in (handles[0], handles[2])]
        assert broken >= 1
        assert scheduler.batch_sizes.quantile(0.9) > 16
    pack = make_pack()
    for seed, frames in zip((0, 2), found, strict=True):
        with Stream(FaceModel(pack, RandomNetwork(pack)), options) as alone:
            alone.push(np.frombuffer(_pcm(1, seed=seed), "<i2").astype(np.float32) / np.float32(32768))
            alone.end()
            right = alone.pull()
        assert len(frames) == len(right) == 30
        for output, wanted in zip(frames, right, strict=True):
            np.testing.assert_allclose(output.frame.weights, wanted.weights, atol=1e-6)


# --- one end of a stream alone --------------------------------------------------------------------------------


def _handle(kind: type[StreamHandle] = StreamHandle, **calls: Any) -> StreamHandle:
    wake = calls.get("wake", lambda _: None)
    return kind(StreamOptions(), ("JawOpen",), {}, wake, lambda _: None, (310.0, 300))


async def test_frames_that_fill_the_queue_while_others_are_taken_are_not_forgotten() -> None:
    """The worker finds the queue full just before ``taken`` rises, and sleeps: taking must wake it."""
    woken = []

    class Racing(StreamHandle):
        _taken = 0

        @property
        def taken(self) -> int:  # type: ignore[override]
            return self._taken

        @taken.setter
        def taken(self, value: int) -> None:
            if value:
                self.computed = 300
            self._taken = value

    handle = _handle(Racing, wake=woken.append)
    frame = OutputFrame(Frame(0, 0, 0.0, np.zeros(1, np.float32), np.zeros(10, np.float32)), b"")
    handle.deliver([frame] * 290, False, None)
    handle.computed = 290
    assert len(await handle.frames()) == 290
    assert woken == [handle]


async def test_real_time_is_reckoned_anew_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now[0])
    handle = _handle()

    def lead() -> float:
        return handle.received_seconds - (now[0] - handle.anchor)

    for _ in range(50):  # as a microphone
        handle.push_audio(bytes(3200))
        now[0] += 0.1
    assert lead() == pytest.approx(0.0)
    now[0] += 60.0
    handle.push_audio(bytes(32000 * 30))
    assert lead() == pytest.approx(30.0)  # a burst after a pause is an upload, and nothing of it is overdue
    for _ in range(600):
        now[0] += 0.1
        handle.push_audio(bytes(3200))
    assert 29.0 < lead() < 30.2


async def test_hours_of_a_fast_clock_are_no_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now[0])
    handle = _handle()
    handle.cancelled = True
    for _ in range(4 * 3600):
        handle.push_audio(bytes(32000))
        handle.inbox.clear()
        now[0] += 1.0 / 1.0005
    assert handle.received_seconds - (now[0] - handle.anchor) < 0.01


def test_what_may_wait_is_bounded_in_bytes_too() -> None:
    limits = Limits()
    assert limits.input_of(16000) == 310.0
    assert limits.input_of(48000) == 310.0
    assert limits.input_of(144000) * 2 * 144000 == 32 << 20


@dataclass(eq=False)
class Waiting:
    """As much of a stream as planning looks at."""

    received_seconds: float = 0.0
    anchor: float = 100.0
    room: int = 300
    served: int = 0
    next_due: float = 0.0


def _planned(ready: dict[Waiting, int], batch: int = 32, **limits: Any) -> dict[Waiting, int]:
    return dict(make_plan(ready, 101.0, batch, Limits(**limits)))  # type: ignore[arg-type]


def test_paced_rows_go_first_and_uploads_get_their_quota() -> None:
    late, later = Waiting(1.0, next_due=101.0), Waiting(1.0, next_due=102.0)
    upload = Waiting(30.0)
    assert _planned({upload: 200, later: 3, late: 3}, upload_rows=4) == {late: 3, later: 3, upload: 4}
    assert _planned({upload: 200, later: 3, late: 3}, batch=4, upload_rows=4) == {late: 3, later: 1}


def test_uploads_alone_share_the_batch_longest_unserved_first() -> None:
    first, second, third = Waiting(30.0, served=3), Waiting(30.0, served=1), Waiting(30.0, served=2)
    assert _planned({first: 200, second: 200, third: 4}) == {second: 11, third: 4, first: 17}
    assert list(_planned({first: 9, second: 9, third: 9}, batch=2)) == [second, third]


def test_a_stream_without_room_waits() -> None:
    full, nearly = Waiting(1.0, room=0), Waiting(1.0, room=2)
    assert _planned({full: 5, nearly: 5}) == {nearly: 2}


async def test_order_is_enforced() -> None:
    async with _scheduler() as scheduler:
        handle = scheduler.open_stream(StreamOptions())
        with pytest.raises(StreamError, match="whole 16-bit"):
            handle.push_audio(b"abc")
        handle.push_audio(b"")
        handle.end()
        handle.end()
        with pytest.raises(StreamError, match="after the end"):
            handle.push_audio(b"ab")
        assert await _collect(handle) == []


async def test_stop_ends_what_is_open() -> None:
    async with _scheduler() as scheduler:
        handle = scheduler.open_stream(StreamOptions())
        handle.push_audio(_pcm(1))
    with pytest.raises(StreamError, match="cancelled"):
        await _collect(handle)


def test_row_cost_is_that_of_full_batches_under_the_present_strain() -> None:
    cost = RowCost(32)
    cost.calibrate(one=0.011, full=0.042)
    assert cost.seconds == pytest.approx(0.010 / 32 + 0.001)
    assert cost.rows_within(0.0305) == 20
    assert cost.rows_within(0.001) == 1
    for _ in range(300):
        cost.observe(1, 0.022)
    assert cost.seconds == pytest.approx(2 * (0.010 / 32 + 0.001), rel=1e-3)


def test_histogram() -> None:
    histogram = Histogram([1, 10, 100])
    for value in (0.5, 1, 5, 50, 500):
        histogram.observe(value)
    assert histogram.as_dict() == {"<=1": 2, "<=10": 1, "<=100": 1, ">100": 1}
    assert histogram.quantile(0.5) == 10
    assert histogram.quantile(1.0) == float("inf")
    assert histogram.mean == pytest.approx(111.3)
