"""What moto's SQS lacks: the redrive-allow policy, a policy that outlives changes, and polls that hold no lock."""

import threading
from typing import Any

ALLOW = "RedriveAllowPolicy"
_last = threading.local()


def extend() -> None:
    """Put it into moto, once a process."""
    from moto.sqs import models  # noqa: PLC0415 - slow to load, and only the server needs it

    queue: Any = models.Queue
    backend: Any = models.SQSBackend
    if hasattr(queue, "redrive_allow_policy"):
        return
    queue.redrive_allow_policy = None
    queue.BASE_ATTRIBUTES = [*queue.BASE_ATTRIBUTES, ALLOW]
    set_attributes, list_attributes, receive = queue._set_attributes, queue.attributes.fget, backend.receive_message

    def keep_policy(self: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        known = {"Policy": self.policy} if hasattr(self, "_policy_json") else {}
        set_attributes(self, {**known, **attributes}, now)
        if attributes.get("KmsMasterKeyId"):
            self.sqs_managed_sse_enabled = False  # the two exclude each other

    def without_unset(self: Any) -> dict[str, Any]:
        return {name: value for name, value in list_attributes(self).items() if value not in (None, "")}

    def receive_at_once(
        self: Any, queue_name: str, count: int, wait_seconds_timeout: int, *rest: Any, **more: Any
    ) -> Any:
        found = receive(self, queue_name, count, 0, *rest, **more)
        _last.wait = 0 if found else wait_seconds_timeout
        return found

    queue._set_attributes = keep_policy
    queue.attributes = property(without_unset)
    backend.receive_message = receive_at_once


def asked_wait() -> int:
    """Seconds that this thread's last poll wanted to wait, for it found nothing; 0 where there is no need.

    moto would wait while it answers, and nobody else could send meanwhile: whoever called it waits instead.
    """
    wait: int = getattr(_last, "wait", 0)
    _last.wait = 0
    return wait
