"""Tasks that run in the background while requests are served."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

CANCEL_AGAIN_SECONDS = 1.0


@asynccontextmanager
async def background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` while the block runs. It is cancelled and awaited when the block ends, also by an exception."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await end(task)


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel the tasks and wait until all have ended."""
    # Repeated, because a library may swallow a cancellation while it cleans up.
    while left := {task for task in tasks if not task.done()}:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=CANCEL_AGAIN_SECONDS)
