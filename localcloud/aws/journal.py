"""The journal of the account: all changing requests as JSON lines. A replay of the journal restores the account.

Each line is a complete operation: `{"requests": [...], "outcome": {...}}`. A direct request of boto3 or the AWS CLI is
an operation with one request. All requests of the provider to create, update or delete a resource are one line, which
is written when the operation is complete. An operation that fails, or whose process is killed, writes nothing.

A line `{"requests": [], "undone": [...]}` undoes the operations with these revisions. When the file is opened, sessions
of roles that expired more than a day ago are removed, because pods keep requesting new sessions.
"""

import base64
import json
import os
import threading
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from localcloud.aws.history import OPERATIONS, Key, Outcome, live
from localcloud.errors import CloudError

_SESSION_SECONDS = "3600"  # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_KEPT = timedelta(days=1)  # keep an expired session this long, so that it is refused as expired, not as unknown


@dataclass(frozen=True, kw_only=True)
class Request:
    """A changing HTTP request."""

    sequence: int
    time: str
    """Time of the request: ISO 8601 in UTC, without a time zone."""
    method: str
    uri: str
    """Path and query with their original quoting."""
    headers: dict[str, str]
    """Headers by their CGI names, such as HTTP_X_AMZ_TARGET."""
    body: str
    """Body in base64."""

    @property
    def at(self) -> datetime:
        """The parsed `time`."""
        return datetime.fromisoformat(self.time)

    @property
    def data(self) -> bytes:
        """The decoded `body`."""
        return base64.b64decode(self.body)


class Journal:
    """The journal file, and the open operations that are not yet in the file."""

    def __init__(self, path: Path) -> None:
        self.on_abort: Callable[[], None] = lambda: None
        """Called after the abort of an operation that changed the account, which must then be rebuilt."""
        self._path = path
        self._open: dict[str, list[Request]] = {}
        self._lock = threading.Condition()
        _drop_torn_line(path)
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self.history: list[Outcome] = []
        """The operations of the provider, in the order in which they finished."""
        lines = self._read()
        self.history += [outcome for _, outcome in lines if outcome]
        self._next = max((request.sequence for requests, _ in lines for request in requests), default=0) + 1
        self._forget_sessions()

    @property
    def live(self) -> dict[Key, Outcome]:
        """The existing resources of the provider, oldest first."""
        return live(self.history)

    def revision(self, urn: str, id_: str) -> str:
        """Return the revision of the last operation on a resource, or "" if there is none."""
        found = self.live.get((urn, id_))
        return found.revision if found else ""

    def requests(self) -> list[Request]:
        """Return all requests in their original order, including those of open operations."""
        with self._lock:
            written = [request for requests, _ in self._read() for request in requests]
            pending = [request for requests in self._open.values() for request in requests]
        return sorted(written + pending, key=lambda request: request.sequence)

    def next_sequence(self) -> int:
        """Return the number of the next request."""
        with self._lock:
            self._next += 1
            return self._next - 1

    def begin(self) -> str:
        """Start an operation of the provider and return its id, which becomes the revision of the resource."""
        operation = uuid4().hex
        with self._lock:
            self._open[operation] = []
        return operation

    def add(self, request: Request, operation: str | None) -> None:
        """Record an applied request as a part of an open operation, or else as a separate operation."""
        with self._lock:
            if operation in self._open:
                self._open[operation].append(request)
            else:
                self._append({"requests": [asdict(request)], "outcome": None})

    def commit(self, operation: str, outcome: dict[str, Any]) -> None:
        """Write an operation and its outcome to the file. If this fails, the operation stays open."""
        done = Outcome(**outcome, revision=operation)
        with self._lock:
            requests = [asdict(request) for request in self._open[operation]]
            self._append({"requests": requests, "outcome": asdict(done)})
            self.history.append(done)
            self._end(operation)

    def abort(self, operation: str) -> None:
        """Discard a failed operation, and undo its changes of the account."""
        with self._lock:
            changed = bool(self._end(operation))
        if changed:
            self.on_abort()

    def undo(self, revisions: Collection[str]) -> None:
        """Undo finished operations, as if they had never happened."""
        with self._lock:
            self._append({"requests": [], "undone": sorted(revisions)})
            self.history = [outcome for outcome in self.history if outcome.revision not in revisions]

    def settle(self, seconds: float) -> None:
        """Wait until no operation is open. An operation can still run after its engine has ended.

        Raises:
            CloudError: an operation is still open after this time.
        """
        with self._lock:
            if not self._lock.wait_for(lambda: not self._open, seconds):
                raise CloudError(f"{len(self._open)} operation(s) of an ended Pulumi engine still run; try again")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _forget_sessions(self) -> None:
        """Rewrite the file without old expired sessions, if there are any."""
        now = datetime.now(UTC).replace(tzinfo=None)
        lines = self._path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not _is_old_session(line, now)]
        if len(kept) == len(lines):
            return
        fresh = self._path.with_name(f"{self._path.name}.new")
        file = os.open(fresh, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(os.dup(file), "wb") as stream:
            stream.writelines(kept)
        fresh.replace(self._path)
        os.close(self._file)
        self._file = file

    def _end(self, operation: str) -> list[Request]:
        requests = self._open.pop(operation)
        self._lock.notify_all()
        return requests

    def _append(self, entry: dict[str, Any]) -> None:
        data, before = (json.dumps(entry) + "\n").encode(), os.fstat(self._file).st_size
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            os.ftruncate(self._file, before)  # on a full disk, remove a partly written line
            raise CloudError(
                f"the journal of the AWS account cannot be written ({error.strerror}): free disk space, then run the "
                "command again"
            ) from error

    def _read(self) -> list[tuple[list[Request], Outcome | None]]:
        """Return requests and outcome of each line that was not undone."""
        lines = []
        undone: set[str] = set()
        for number, line in enumerate(self._path.read_bytes().splitlines(), start=1):
            try:
                entry = json.loads(line)
                undone.update(entry.get("undone", ()))
                outcome = entry.get("outcome") or {}
                done = Outcome(**outcome) if outcome.get("op") in OPERATIONS else None
                lines.append(([Request(**request) for request in entry["requests"]], done))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise CloudError(
                    f"line {number} of {self._path} is corrupt ({error}); restore it, or delete {self._path.parent}, "
                    "which removes the local cloud with its data"
                ) from error
        return [line for line in lines if not (line[1] and line[1].revision in undone)]


def _is_old_session(line: bytes, now: datetime) -> bool:
    """Return whether a line is a single AssumeRole whose session expired more than `_KEPT` ago."""
    if b"sts" not in line:  # the scope of the signature contains it: `20260101/eu-central-1/sts/aws4_request`
        return False
    entry = json.loads(line)
    if entry.get("outcome") or len(entry["requests"]) != 1:
        return False
    request = Request(**entry["requests"][0])
    form = parse_qs(request.data.decode("utf-8", "replace"))
    if form.get("Action") != ["AssumeRole"]:
        return False
    lasts = timedelta(seconds=int(form.get("DurationSeconds", [_SESSION_SECONDS])[0]))
    return request.at + lasts + _KEPT < now


def _drop_torn_line(path: Path) -> None:
    """Remove an incomplete last line, which remains if the process was killed while writing."""
    if not path.exists():
        return
    whole, newline, torn = path.read_bytes().rpartition(b"\n")
    if torn:
        with path.open("r+b") as file:
            file.truncate(len(whole) + len(newline))
