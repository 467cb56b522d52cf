"""Many streams over one model: one worker thread, batches of whatever is ready.

No waiting window: when the model is free, all ready rows go in one batch (up to its size).  A paced stream's row is
due at arrival + budget, earliest first; streams that run ahead of real time (uploads) fill the rest, with a quota
while paced streams are there.  The event loop only queues; everything that computes runs in the worker.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from math import ceil
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import A2FBridgeError, ServerBusyError, StreamError, explained
from a2fbridge.animation import Frame
from a2fbridge.emotion import EmotionModel
from a2fbridge.face import FaceModel, FaceSettings
from a2fbridge.scheduler._cost import RowCost
from a2fbridge.scheduler._handle import OutputFrame, StreamHandle
from a2fbridge.scheduler._histogram import Histogram
from a2fbridge.scheduler._plan import Limits, Plan, make_plan
from a2fbridge.streams import Stream, StreamOptions, run_batch, settings_in_force

__all__ = ["Scheduler"]

Delivery = tuple[StreamHandle, Sequence[OutputFrame], bool, A2FBridgeError | None]
"""To whom; what; whether that was all; why there is no more."""

_log = logging.getLogger("a2fbridge.scheduler")
_T = TypeVar("_T")
_STALL_PROBE = 0.02
_QUICK = 0.2
"""Seconds of a full batch below which it is timed again."""


class Scheduler:
    """Runs all streams of one model.  Created and used on one event loop."""

    def __init__(
        self, model: FaceModel, limits: Limits | None = None, hearing: EmotionModel | None = None
    ) -> None:
        """``hearing`` hears the emotion of streams that ask for that; it belongs to this scheduler alone."""
        self.hearing = hearing
        self.model = model
        self.limits = limits or Limits()
        self.batch_sizes = Histogram([1, 2, 4, 8, 12, 16, 24, 32, 64, 128])
        """Rows per inference."""
        self.loop_stalls = Histogram([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
        """Milliseconds by which the event loop came late to a timer."""
        self._handles: set[StreamHandle] = set()
        self._commands: deque[StreamHandle] = deque()
        self._jobs: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._ready: dict[StreamHandle, int] = {}
        self._opened: set[StreamHandle] = set()
        self._work = threading.Condition()
        self._stopping = False
        self._served = 0
        self._batch = min(self.limits.max_batch, model.network.max_batch)
        self.row_cost = RowCost(self._batch)
        self._openers = ThreadPoolExecutor(1, "a2fbridge-open")
        self._thread: threading.Thread | None = None
        self._probe: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def streams_in_use(self) -> int:
        """Open streams."""
        return len(self._handles)

    @property
    def load(self) -> float:
        """Share of the worker's time that the open streams need in real time, by what rows have cost so far."""
        return self.row_cost.seconds * sum(self._rate(h.options) for h in self._handles)

    def _rate(self, options: StreamOptions) -> float:
        """Return the windows a second of a stream."""
        info = self.model.pack.info
        return float(info.sample_rate / info.windows(options.frame_rate).stride)

    async def start(self) -> None:
        """Warm up (compiles, measures the cost of a row) and start the worker."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._warm_up)
        self._thread = threading.Thread(target=self._run, name="a2fbridge-worker", daemon=True)
        self._thread.start()
        self._probe = asyncio.create_task(self._probe_loop())

    async def stop(self) -> None:
        """Cancel what is open and stop the worker."""
        for handle in list(self._handles):
            handle.cancel()
        with self._work:
            self._stopping = True
            self._work.notify()
        if self._thread:
            await asyncio.to_thread(self._thread.join)
        for _, future in self._jobs:
            future.set_exception(StreamError("the server is stopping"))
        self._jobs.clear()
        if self._probe:
            self._probe.cancel()
            await asyncio.gather(self._probe, return_exceptions=True)
        self._openers.shutdown(wait=False)

    def open_stream(self, options: StreamOptions) -> StreamHandle:
        """Admit a stream.  Raises ParameterError for a bad option, ServerBusyError when there is no room."""
        settings = settings_in_force(self.model, options, self.hearing)
        self._admit(options)
        face = self.model.face(options.identity)
        handle = StreamHandle(
            options,
            face.names,
            settings,
            self._wake,
            self._handles.discard,
            (self.limits.input_of(options.sample_rate), self.limits.output_frames),
            ceil(float(options.frame_rate) / self._rate(options)),
        )
        self._handles.add(handle)
        # A fold can take milliseconds to build, so it is made ready off the worker.
        self._openers.submit(face.fold, settings["face_parameters"]).add_done_callback(
            lambda _: self._open(handle)
        )
        return handle

    async def call(self, job: Callable[[], _T]) -> _T:
        """Run a job on the worker, where the model may be used, and return what it returns.

        Jobs run one at a time between batches: a live stream waits for one at most.  Raises what the job raises,
        StreamError when the scheduler stops before.
        """
        future: Future[_T] = Future()
        with self._work:
            if self._stopping:
                raise StreamError("the server is stopping")
            self._jobs.append((job, future))
            self._work.notify()
        return await asyncio.wrap_future(future)

    def _admit(self, options: StreamOptions) -> None:
        if len(self._handles) >= self.limits.max_streams:
            raise ServerBusyError(
                f"all {self.limits.max_streams} streams are in use; try again later", "RESOURCE_EXHAUSTED"
            )
        needed = self.load + self.row_cost.seconds * self._rate(options)
        if self._handles and needed > self.limits.max_load:
            raise ServerBusyError(
                f"{len(self._handles)} streams already fill this machine ({needed:.0%} of its real-time capacity with "
                "one more); try again later",
                "RESOURCE_EXHAUSTED",
            )

    # --- event loop to worker -------------------------------------------------------------------------------

    def _open(self, handle: StreamHandle) -> None:
        with self._work:
            self._commands.append(handle)
            self._work.notify()

    def _wake(self, handle: StreamHandle) -> None:
        if handle.stream is None and not handle.cancelled:
            return  # not opened yet; opening looks at the inbox
        self._open(handle)

    # --- worker -----------------------------------------------------------------------------------------------

    def _warm_up(self) -> None:
        slots = [self.model.open(FaceSettings(), 1 / 30) for _ in range(self._batch)]

        def seconds(rows: int) -> float:
            started = time.perf_counter()
            self._run_silence(np.array(slots[:rows], np.intp))
            return time.perf_counter() - started

        try:
            seconds(1)
            one = full = seconds(1)
            if self._batch > 1 and one < self.limits.batch_seconds:
                full = seconds(self._batch)
                if full < _QUICK:
                    one, full = (
                        min(one, seconds(1), seconds(1)),
                        min(full, seconds(self._batch), seconds(self._batch)),
                    )
            else:  # a batch of two would be too slow already
                self._batch = 1
        finally:
            for slot in slots:
                self.model.close(slot)
        self.row_cost = RowCost(self._batch)
        self.row_cost.calibrate(one, full)
        self._batch = min(self._batch, self.row_cost.rows_within(self.limits.batch_seconds))

    def _run_silence(self, slots: NDArray[np.intp]) -> None:
        """Infer and animate one window of each slot."""
        info = self.model.pack.info
        frames = info.windows(Fraction(30)).frames
        audio = np.zeros((len(slots), info.window), np.float32)
        emotion = np.zeros((len(slots), frames, len(info.emotions)), np.float32)
        rows = self.model.infer(audio, emotion, slots).projected
        self.model.animate(rows.reshape(-1, rows.shape[2]), np.repeat(slots, frames))

    def _run(self) -> None:
        while self._wait_for_work():
            try:
                self._take_commands()
                self._run_job()
                plan = make_plan(self._ready, time.monotonic(), self._batch, self.limits)
                if plan:
                    self._compute(plan)
            except Exception as error:  # a mistake of ours must not leave streams hanging
                self._fail_everything(explained(error, "the scheduler failed"))

    def _wait_for_work(self) -> bool:
        """Wait until there is something to do; False when the scheduler stops."""
        with self._work:
            while not (self._commands or self._jobs or self._stopping or self._runnable()):
                self._work.wait()
            return not self._stopping

    def _run_job(self) -> None:
        if self._jobs:
            job, future = self._jobs.popleft()
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(job())
                except BaseException as error:  # the caller's, whatever it is
                    future.set_exception(error)

    def _fail_everything(self, error: A2FBridgeError) -> None:
        """End every stream that is open in the worker with an error, and go on without them."""
        failed = list(self._opened)
        for handle in failed:
            self._drop(handle)
        self._deliver([(handle, [], False, error) for handle in failed])

    def _runnable(self) -> bool:
        return any(h.room > 0 for h in self._ready)

    def _take_commands(self) -> None:
        """Attend each stream that called since the last turn, once; a call that comes meanwhile waits for the next."""
        waiting = [self._commands.popleft() for _ in range(len(self._commands))]
        for handle in dict.fromkeys(waiting):
            self._attend(handle)

    def _attend(self, handle: StreamHandle) -> None:
        """Open, feed or drop one stream."""
        if handle.cancelled:
            self._drop(handle)
            return
        try:
            if handle.stream is None:
                handle.stream = Stream(self.model, handle.options, self.hearing)
                self._opened.add(handle)
            self._feed(handle)
        except Exception as error:  # whatever one stream's input did: that stream fails, the worker goes on
            self._deliver([(handle, [], False, explained(error, "its input could not be taken"))])
            self._drop(handle)

    def _feed(self, handle: StreamHandle) -> bool:
        """Absorb input; returns True when the stream is finished."""
        stream = handle.stream
        assert stream is not None
        handle.absorb(self.limits.absorb_seconds)
        ready = min(stream.ready_windows(), self.model.network.consecutive)
        if ready:
            self._ready[handle] = ready
            return False
        self._ready.pop(handle, None)
        if stream.finished:
            self._deliver([(handle, [], True, None)])
            self._drop(handle)
            return True
        return False

    def _drop(self, handle: StreamHandle) -> None:
        self._ready.pop(handle, None)
        self._opened.discard(handle)
        if handle.stream:
            handle.stream.close()

    def _compute(self, plan: Plan) -> None:
        started = time.perf_counter()
        rows = sum(n for _, n in plan)
        self.batch_sizes.observe(rows)
        self._served += 1
        for handle, _ in plan:
            handle.served = self._served
        made = self._infer(plan)
        self._deliver([self._finished(handle, rows) for (handle, _), rows in zip(plan, made, strict=True)])
        for handle, _ in plan:
            if handle in self._ready:
                self._attend(handle)
        self.row_cost.observe(rows, time.perf_counter() - started)

    def _infer(self, plan: Plan) -> Sequence[list[Frame] | A2FBridgeError]:
        """Return each stream's rows, or why it has none.

        An inference that fails as a whole is tried again stream by stream: rows that the engine cannot take, or a
        batch too large for the device, must not end the others.  No stream has moved on then.
        """
        try:
            return run_batch(self.model, [(_stream_of(handle), n) for handle, n in plan])
        except Exception as error:
            if len(plan) == 1:
                return [explained(error, "inference failed")]
            _log.warning(
                "a batch of %d streams failed and is tried again stream by stream: %s", len(plan), error
            )
            return [rows for one in plan for rows in self._infer([one])]

    def _finished(self, handle: StreamHandle, rows: list[Frame] | A2FBridgeError) -> Delivery:
        """Return what a stream gets; a mistake with its rows is its own and ends no other stream."""
        try:
            if isinstance(rows, A2FBridgeError):
                raise rows
            return handle, handle.outputs_of(rows), False, None
        except Exception as error:
            self._drop(handle)
            return handle, [], False, explained(error, "its frames could not be finished")

    def _deliver(self, results: Sequence[Delivery]) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(_deliver_all, results)
        except RuntimeError:
            _log.debug("the event loop is closed; %d results dropped", len(results))

    async def _probe_loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _STALL_PROBE
            await asyncio.sleep(_STALL_PROBE)
            self.loop_stalls.observe(max(0.0, (loop.time() - due) * 1e3))


def _deliver_all(results: Sequence[Delivery]) -> None:
    for handle, frames, finished, error in results:
        if not handle.cancelled:
            handle.deliver(frames, finished, error)


def _stream_of(handle: StreamHandle) -> Stream:
    if handle.stream is None:
        raise StreamError("the stream is not open")
    return handle.stream
