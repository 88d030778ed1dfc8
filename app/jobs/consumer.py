"""Receives messages, as many as there are free hands, and hands them to the worker."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from app.jobs.loops import AWAY, forever
from app.jobs.queue import MAX_BATCH, Queue, Received
from app.telemetry.job_metrics import JobMetrics

HAND_BACK_SECONDS = 5.0  # for what was cut short to be handed back

log = structlog.get_logger()


class Consumer:
    """At most `concurrency` jobs at once; it receives no message for which there is no hand.

    `handle` does one message and returns whether all it needed was there; if not, nothing is received until `ready`
    no longer raises: each receipt counts, and the queue gives up on a message after a few.
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
        self._hands = asyncio.Semaphore(concurrency)
        self._metrics = metrics
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        self._receiving = False
        self._stopping = False
        self._in_doubt = False

    @property
    def in_flight(self) -> int:
        """Jobs being done now."""
        return len(self._tasks)

    def start(self) -> None:
        """Begin to receive."""
        self._loop = asyncio.create_task(forever("consumer", self._step))

    def stop_receiving(self) -> None:
        """Receive nothing more from now on."""
        self._stopping = True
        # A poll under way is waited for: SQS may already have given it messages, which would be hidden for long.
        if self._loop is not None and not self._receiving:
            self._loop.cancel()

    async def stop(self, grace_seconds: float) -> None:
        """Let the jobs in flight come to their end for so long; hand back the others."""
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
            log.warning("jobs cut short", count=len(unfinished))
            await asyncio.wait(unfinished, timeout=HAND_BACK_SECONDS)

    async def _step(self) -> float:
        if self._in_doubt:
            await self._ready()
            self._in_doubt = False
        free = await self._take_hands()
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
                self._hands.release()
            if self._stopping and self._loop is not None:
                self._loop.cancel()
        return 0

    async def _take_hands(self) -> int:
        await self._hands.acquire()
        taken = 1
        while taken < MAX_BATCH and not self._hands.locked():
            await self._hands.acquire()
            taken += 1
        return taken

    def _begin(self, message: Received) -> None:
        task = asyncio.create_task(self._one(message))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _one(self, message: Received) -> None:
        if not await self._handle(message):
            self._in_doubt = True

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._hands.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("message failed", exc_info=error)

    async def _return(self, messages: list[Received]) -> None:
        for message in messages:
            try:
                await self._queue.show_again(message, 0)
            except AWAY:
                return  # they show by themselves when their time is over
