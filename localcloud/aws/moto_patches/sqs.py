"""Adds a redrive allow policy to moto's queues, keeps their policy in updates, and polls without blocking other calls.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.sqs import models

from localcloud.aws.messages import note_wait
from localcloud.aws.moto_patches.patch import Changes, Patch

ALLOW = "RedriveAllowPolicy"


def apply(changes: Changes) -> None:
    """Patch moto."""
    queue: Any = models.Queue
    backend: Any = models.SQSBackend
    list_queue = queue.attributes.fget

    def keep_policy(self: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        known = {"Policy": self.policy} if hasattr(self, "_policy_json") else {}
        set_attributes(self, {**known, **attributes}, now)
        if attributes.get("KmsMasterKeyId"):
            self.sqs_managed_sse_enabled = False  # the two are mutually exclusive

    def without_unset(self: Any) -> dict[str, Any]:
        return {name: value for name, value in list_queue(self).items() if value not in (None, "")}

    def receive_at_once(
        self: Any, queue_name: str, count: int, wait_seconds_timeout: int, *rest: Any, **more: Any
    ) -> Any:
        found = receive(self, queue_name, count, 0, *rest, **more)
        note_wait(0 if found else wait_seconds_timeout)
        return found

    changes.put(queue, "redrive_allow_policy", None)
    changes.put(queue, "BASE_ATTRIBUTES", [*queue.BASE_ATTRIBUTES, ALLOW])
    set_attributes = changes.put(queue, "_set_attributes", keep_policy)
    changes.put(queue, "attributes", property(without_unset))
    receive = changes.put(backend, "receive_message", receive_at_once)


PATCH = Patch(name="sqs", apply=apply)
