"""Writes Kubernetes Events, as shown by `kubectl describe`; a repeated Event increases the count of the first."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from localcloud.cluster.api import UNREACHABLE, ApiClient, ApiError, Manifest, NotFoundError

log = logging.getLogger(__name__)

MAX_MESSAGE_LENGTH = 1024  # the API's limit for an Event's message
MAX_REMEMBERED = 1000

Recorder = Callable[[Manifest, str, str, str], None]
"""Records an Event; takes the object, the type Normal or Warning, a CamelCase reason, and a message."""


def now() -> str:
    """Return the current time in the format of the Kubernetes API, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Events:
    """Writes Events in the background; failures are only logged."""

    def __init__(self, api: ApiClient, component: str) -> None:
        self._api = api
        self._component = component
        self._known: dict[tuple[str, ...], tuple[str, int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def record(self, subject: Manifest, kind: str, reason: str, message: str) -> None:
        """Record an Event about an object, which must have apiVersion, kind and metadata."""
        task = asyncio.get_running_loop().create_task(self._write(subject, kind, reason, message[:MAX_MESSAGE_LENGTH]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, subject: Manifest, kind: str, reason: str, message: str) -> None:
        metadata = subject["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/events"
        key = (metadata["uid"], reason, message)
        name, count = self._known.pop(key, ("", 0))
        try:
            if name:
                self._known[key] = (name, count + 1)
                try:
                    await self._api.patch(f"{path}/{name}", {"count": count + 1, "lastTimestamp": now()})
                    return
                except NotFoundError:
                    count = 0
            name = f"{metadata['name']}.{secrets.token_hex(8)}"
            self._known[key] = (name, 1)
            if len(self._known) > MAX_REMEMBERED:
                del self._known[next(iter(self._known))]
            await self._api.create(path, self._event(name, subject, kind, reason, message))
        except (ApiError, *UNREACHABLE) as error:
            log.info("event %s on %s not written: %s", reason, metadata["name"], error)

    def _event(self, name: str, subject: Manifest, kind: str, reason: str, message: str) -> Manifest:
        metadata = subject["metadata"]
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": metadata["namespace"]},
            "involvedObject": {
                "apiVersion": subject.get("apiVersion", "v1"),
                "kind": subject["kind"],
                "name": metadata["name"],
                "namespace": metadata["namespace"],
                "uid": metadata["uid"],
            },
            "type": kind,
            "reason": reason,
            "message": message,
            "count": 1,
            "firstTimestamp": now(),
            "lastTimestamp": now(),
            "source": {"component": self._component},
        }
