"""Receives messages, as many as there are free slots, and passes them to the worker."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from app.core.resilience.loops import forever
from app.jobs.metrics import JobMetrics
from app.jobs.outages import JOBS_UNAVAILABLE
from app.jobs.queue import MAX_BATCH, Queue, Received

HAND_BACK_SECONDS = 5.0  # to hand back interrupted jobs

log = structlog.get_logger()


class Consumer:
    """Runs at most `concurrency` jobs concurrently, and receives a message only when a slot is free.

    `handle` processes one message and returns whether all its dependencies were available. If not, nothing is received
    until `ready` does not raise: SQS counts each receipt, and moves the message to the dead-letter queue after a few.
    """

    def __init__(
        self,
        queue: Queue,
        handle: Callable[[Received], Awaitable[bool]],
        ready: Callable[[], Awaitable[object]],
        concurrency: int,
        metrics: JobMetrics,
    ) -> None:
        self._queue = queue
        self._handle = handle
        self._ready = ready
        self._slots = asyncio.Semaphore(concurrency)
        self._metrics = metrics
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        self._receiving = False
        self._stopping = False
        self._must_check = False

    @property
    def in_flight(self) -> int:
        """Jobs that are running."""
        return len(self._tasks)

    def start(self) -> None:
        """Start receiving."""
        self._loop = asyncio.create_task(forever("consumer", self._step, JOBS_UNAVAILABLE))

    def stop_receiving(self) -> None:
        """Stop receiving."""
        self._stopping = True
        # Wait for a poll that is under way: SQS may have given it messages, which would stay invisible.
        if self._loop is not None and not self._receiving:
            self._loop.cancel()

    async def stop(self, grace_seconds: float) -> None:
        """Wait up to `grace_seconds` for running jobs to finish, and hand back the others."""
        self.stop_receiving()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace_seconds
        if self._loop is not None:
            await asyncio.wait({self._loop}, timeout=grace_seconds)
            self._loop.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=max(0.0, deadline - loop.time()))
        unfinished = set(self._tasks)
        for task in unfinished:
            task.cancel()
        if unfinished:
            log.warning("jobs interrupted", count=len(unfinished))
            await asyncio.wait(unfinished, timeout=HAND_BACK_SECONDS)

    async def _step(self) -> float:
        if self._must_check:
            await self._ready()
            self._must_check = False
        free = await self._take_slots()
        used = 0
        try:
            self._receiving = True
            messages = await self._queue.receive(free)
            self._metrics.received.inc(len(messages))
            if self._stopping:
                await self._return(messages)
            else:
                for message in messages:
                    self._begin(message)
                    used += 1
        finally:
            self._receiving = False
            for _ in range(free - used):
                self._slots.release()
            if self._stopping and self._loop is not None:
                self._loop.cancel()
        return 0

    async def _take_slots(self) -> int:
        await self._slots.acquire()
        taken = 1
        while taken < MAX_BATCH and not self._slots.locked():
            await self._slots.acquire()
            taken += 1
        return taken

    def _begin(self, message: Received) -> None:
        task = asyncio.create_task(self._one(message))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _one(self, message: Received) -> None:
        if not await self._handle(message):
            self._must_check = True

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._slots.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("message failed", exc_info=error)

    async def _return(self, messages: list[Received]) -> None:
        for message in messages:
            try:
                await self._queue.make_visible(message, 0)
            except JOBS_UNAVAILABLE:
                return  # they become visible again after their visibility timeout
