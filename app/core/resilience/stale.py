"""The last good responses of this process, returned again while the database is unavailable."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from time import monotonic
from typing import NamedTuple

from starlette.responses import Response

MAX_ENTRIES = 2_000
MAX_BYTES = 8 * 1024 * 1024
MAX_AGE_SECONDS = 3_600.0
MAX_QUERY_BYTES = 1_000  # a response to a longer query is not kept: its key alone would take too much memory
_OVERHEAD_BYTES = 300 + MAX_QUERY_BYTES  # of one entry at most: key, headers and tuple


class _Entry(NamedTuple):
    body: bytes
    headers: Mapping[str, str] | None
    at: float


class StaleResponses:
    """Bodies of GETs by key; the least recently used is dropped first.

    Bounded by entries and by bytes. A response older than `max_age_seconds` is not returned.
    """

    def __init__(
        self,
        max_entries: int = MAX_ENTRIES,
        max_bytes: int = MAX_BYTES,
        max_age_seconds: float = MAX_AGE_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._max_age_seconds = max_age_seconds
        self._clock = clock
        self._bytes = 0

    def remember(self, key: Hashable, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Keep the body and headers of a fresh response, unless it would take more than a tenth of the memory."""
        self.forget(key)
        if len(body) > self._max_bytes // 10:
            return
        self._entries[key] = _Entry(body, headers, self._clock())
        self._bytes += len(body) + _OVERHEAD_BYTES
        while self._bytes > self._max_bytes or len(self._entries) > self._max_entries:
            self._drop(self._entries.popitem(last=False)[1])

    def forget(self, key: Hashable) -> None:
        """Drop a response that is known to be outdated."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._drop(entry)

    def get(self, key: Hashable) -> Response | None:
        """Return the response, marked as stale; None if there is none."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        age = self._clock() - entry.at
        if age > self._max_age_seconds:
            self.forget(key)
            return None
        self._entries.move_to_end(key)
        headers = {**(entry.headers or {}), **stale_headers("database", age)}
        return Response(entry.body, 200, headers, media_type="application/json")

    def _drop(self, entry: _Entry) -> None:
        self._bytes -= len(entry.body) + _OVERHEAD_BYTES


def stale_headers(missing: str, age_seconds: float) -> dict[str, str]:
    """Return the headers that mark a response as stale because the dependency `missing` is unavailable."""
    return {"X-Degraded": missing, "Age": str(int(age_seconds)), "Warning": '110 - "Response is Stale"'}
