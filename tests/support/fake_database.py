"""A fake database for tests of its callers."""

import asyncio


class FakeDatabase:
    """Returns or raises the given answers."""

    def __init__(self, answer: str | Exception | None) -> None:
        self.answer = answer
        self.answered_at = float("-inf")
        self.reachable: bool | Exception | None = None
        self.asked = 0

    async def probe(self, *_: object) -> list[dict[str, bool | None]]:
        if isinstance(self.reachable, Exception):
            raise self.reachable
        return [{"reachable": self.reachable}]

    async def migration(self, _timeout: float | None = None) -> str | None:
        self.asked += 1
        await asyncio.sleep(0)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer
