"""What goes through queues: answered by moto, and not journaled, so it ends with the process.

A journal of every message would be longer with each one, and a replay would receive them again. A sender that has to
know that its message arrives sends again, as it has to on AWS too.
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
# A message that was delayed, or comes back after its visibility timeout, wakes nobody.
LOOK_SECONDS = 0.25
_poll = threading.local()


class Messages:
    """Answers what is in `OPERATIONS`; long polls wait without keeping others from the account.

    Args:
        application: moto's.
        lock: held while moto answers.
    """

    def __init__(self, application: Application, lock: threading.Lock) -> None:
        self._application = application
        self._lock = lock
        self._arrived = threading.Condition()

    def answer(self, environ: Environ, body: bytes, start_response: Any) -> list[bytes]:
        """Answer a request, once there is something to answer or it has waited as long as it asked for."""
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
    """Remember how long this thread's poll wants to wait; 0 where it found something."""
    _poll.wait = seconds


def asked_wait() -> int:
    """Seconds that this thread's last poll wanted to wait, for it found nothing; 0 where there is no need.

    moto would wait while it answers, and nobody else could send meanwhile: whoever called it waits instead.
    """
    wait: int = getattr(_poll, "wait", 0)
    _poll.wait = 0
    return wait
