"""A local copy of a collection, kept through errors of the API server. Mocked: the API server's answers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

from localcloud.cluster.api import ApiClient, ApiError
from localcloud.cluster.watch import Collection


def item(name: str, version: int, uid: str = "") -> dict[str, Any]:
    return {"metadata": {"namespace": "n", "name": name, "uid": uid or name, "resourceVersion": str(version)}}


class Scripted:
    """Stands for the API server: answers lists and watches from a script; an exception in it is raised."""

    def __init__(self, lists: list[list[Any]], watches: list[list[Any]]) -> None:
        self.lists, self.watches = lists, watches
        self.done = asyncio.Event()
        self.versions: list[str] = []

    async def get(self, _path: str) -> Any:
        items = self.lists.pop(0)
        return {"metadata": {"resourceVersion": "100"}, "items": items}

    async def watch(self, _path: str, version: str) -> AsyncIterator[Any]:
        self.versions.append(version)
        if not self.watches:
            self.done.set()
            await asyncio.Event().wait()
        for step in self.watches.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step


async def follow(script: Scripted) -> list[tuple[str, str, str]]:
    seen: list[tuple[str, str, str]] = []
    collection = Collection(
        cast(ApiClient, script),
        "/things",
        lambda change, thing: seen.append((change, thing["metadata"]["name"], thing["metadata"]["uid"])),
    )
    task = asyncio.create_task(collection.run())
    await asyncio.wait_for(script.done.wait(), 10)
    task.cancel()
    return seen


async def test_continues_from_the_last_version_after_the_end_of_a_watch() -> None:
    """The last version may come from a bookmark."""
    script = Scripted(
        [[item("a", 1)]],
        [[{"type": "MODIFIED", "object": item("a", 101)}, {"type": "BOOKMARK", "object": item("", 105)}]],
    )

    assert await follow(script) == [("ADDED", "a", "a"), ("MODIFIED", "a", "a")]
    assert script.versions == ["100", "105"]


async def test_lists_again_if_the_version_is_gone() -> None:
    """Missed changes become events: deleted, changed, and replaced by another object with the same name."""
    script = Scripted(
        [[item("a", 1), item("b", 2), item("c", 3)], [item("b", 9), item("c", 8, uid="c2")]],
        [[ApiError(410, "Expired", "too old")]],
    )

    assert (await follow(script))[3:] == [
        ("DELETED", "a", "a"),
        ("DELETED", "c", "c"),
        ("MODIFIED", "b", "b"),
        ("ADDED", "c", "c2"),
    ]


async def test_lists_again_after_a_broken_connection() -> None:
    """The API server may have been killed."""
    script = Scripted([[item("a", 1)], [item("a", 1)]], [[ConnectionResetError()]])

    assert await follow(script) == [("ADDED", "a", "a")]
