"""Requests for messages of queues. moto handles them, but they are not journaled, so messages end with the process.

A journal of messages would grow with each message, and a replay would receive them again. A sender that needs delivery
must retry, as on AWS.
"""

import io
import threading
import time
from typing import Any

from localcloud.aws.wsgi import Application, Environ, run

OPERATIONS = frozenset(
    {
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
        "DeleteMessage",
        "DeleteMessageBatch",
        "PurgeQueue",
        "ReceiveMessage",
        "SendMessage",
        "SendMessageBatch",
    }
)
# Polling interval, because a delayed message or one whose visibility timeout ends does not notify waiting polls.
LOOK_SECONDS = 0.25
_poll = threading.local()


class Messages:
    """Handles the requests in `OPERATIONS`. Long polls wait without blocking other requests.

    Args:
        application: WSGI application of moto.
        lock: held while moto handles a request.
    """

    def __init__(self, application: Application, lock: threading.Lock) -> None:
        self._application = application
        self._lock = lock
        self._arrived = threading.Condition()

    def answer(self, environ: Environ, body: bytes, start_response: Any) -> list[bytes]:
        """Handle a request. A long poll waits until a message arrives or its wait time ends."""
        began = time.monotonic()
        while True:
            head, content = self._ask({**environ, "wsgi.input": io.BytesIO(body)})
            left = asked_wait() - (time.monotonic() - began)
            if left <= 0:
                break
            with self._arrived:
                self._arrived.wait(min(left, LOOK_SECONDS))
        with self._arrived:
            self._arrived.notify_all()
        start_response(*head)
        return content

    def _ask(self, environ: Environ) -> tuple[tuple[Any, ...], list[bytes]]:
        head: tuple[Any, ...] = ()

        def start(*given: Any) -> None:
            nonlocal head
            head = given

        with self._lock:
            _, content = run(self._application, environ, start)
        return head, content


def note_wait(seconds: int) -> None:
    """Store how long the poll of this thread still has to wait, in seconds. 0 if it found messages."""
    _poll.wait = seconds


def asked_wait() -> int:
    """Return and reset the seconds that the last poll of this thread has to wait. 0 if it need not wait.

    moto itself would wait while it handles the poll, which would block all other requests. So the caller waits.
    """
    wait: int = getattr(_poll, "wait", 0)
    _poll.wait = 0
    return wait
