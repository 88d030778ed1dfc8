"""A local copy of a collection of the API server, kept up to date by a watch, also across restarts of the server."""

import asyncio
import logging
from collections.abc import Callable

from localcloud.cluster.api import UNREACHABLE, ApiClient, ApiError, Manifest

log = logging.getLogger(__name__)

FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 5.0

Handler = Callable[[str, Manifest], None]
"""Handles a change; takes ADDED, MODIFIED or DELETED, and the object (for DELETED, its last known version)."""


def key_of(manifest: Manifest) -> str:
    """Return `namespace/name`, or `/name` for a cluster-scoped object."""
    metadata = manifest["metadata"]
    return f"{metadata.get('namespace', '')}/{metadata['name']}"


class Collection:
    """All objects of one kind; `objects` is updated before the handler is called."""

    def __init__(self, api: ApiClient, path: str, handler: Handler) -> None:
        self.objects: dict[str, Manifest] = {}
        self.synced = asyncio.Event()
        """Set once the first list has been handled."""
        self._api = api
        self._path = path
        self._handler = handler

    async def run(self) -> None:
        """List and watch until cancelled; after an error, list again, because changes may have been missed."""
        delay = FIRST_DELAY_SECONDS
        while True:
            try:
                version = await self._list()
                delay = FIRST_DELAY_SECONDS
                while True:
                    version = await self._follow(version)
            except ApiError as error:
                if error.code == 410:  # Gone: the version was compacted away
                    continue
                log.warning("watch of %s refused: %s", self._path, error)
            except UNREACHABLE as error:
                log.warning("watch of %s broke off: %r", self._path, error)
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    async def _list(self) -> str:
        answer = await self._api.get(self._path)
        found = {key_of(item): item for item in answer.get("items") or []}
        for key, known in list(self.objects.items()):
            if key not in found or found[key]["metadata"]["uid"] != known["metadata"]["uid"]:
                self._apply("DELETED", known)
        for key, item in found.items():
            known_item = self.objects.get(key)
            if known_item is None:
                self._apply("ADDED", item)
            elif known_item["metadata"]["resourceVersion"] != item["metadata"]["resourceVersion"]:
                self._apply("MODIFIED", item)
        self.synced.set()
        version: str = answer["metadata"]["resourceVersion"]
        return version

    async def _follow(self, version: str) -> str:
        async for event in self._api.watch(self._path, version):
            version = event["object"]["metadata"]["resourceVersion"]
            if event["type"] != "BOOKMARK":
                self._apply(event["type"], event["object"])
        return version

    def _apply(self, change: str, item: Manifest) -> None:
        if change == "DELETED":
            self.objects.pop(key_of(item), None)
        else:
            self.objects[key_of(item)] = item
        try:
            self._handler(change, item)
        except Exception:  # one unexpected object must not stop the node agent
            log.exception("%s %s %s could not be handled", change, self._path, key_of(item))
