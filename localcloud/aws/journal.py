"""What changed the account, as JSON lines: replayed, they make the same account again.

A line is one operation, whole: `{"requests": [...], "outcome": {...}}`. What boto3 or the AWS CLI asks for directly is
an operation of one request. What the provider asks for while it creates, updates or deletes one resource is one line,
written when the operation is done, so a kill in its middle leaves nothing of it.
"""

import base64
import json
import os
import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from localcloud.errors import CloudError


@dataclass(frozen=True, kw_only=True)
class Request:
    """One mutating request as the wire had it."""

    sequence: int
    time: str
    """When it was made: ISO 8601, UTC without a zone."""
    method: str
    uri: str
    """Path and query, quoted as they were."""
    headers: dict[str, str]
    """CGI names, such as HTTP_X_AMZ_TARGET."""
    body: str
    """base64."""

    @property
    def at(self) -> datetime:
        """`time`, parsed."""
        return datetime.fromisoformat(self.time)

    @property
    def data(self) -> bytes:
        """`body`, decoded."""
        return base64.b64decode(self.body)


@dataclass(frozen=True, kw_only=True)
class Live:
    """A resource that the provider made and did not delete."""

    urn: str
    type: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass
class Ledger:
    """The provider's live resources, oldest first, by URN and id: a replacement has the URN of what it replaces."""

    live: dict[tuple[str, str], Live] = field(default_factory=dict)

    def apply(self, outcome: dict[str, Any]) -> None:
        """Take in the outcome of an operation."""
        if outcome.get("op") not in ("create", "update", "delete"):
            return
        key = (outcome["urn"], outcome["id"])
        if outcome["op"] == "delete":
            self.live.pop(key, None)
        else:
            self.live[key] = Live(**{name: outcome[name] for name in ("urn", "type", "id", "inputs", "outputs")})


class Journal:
    """The file, and what is not yet in it."""

    def __init__(self, path: Path) -> None:
        self.ledger = Ledger()
        self.requests: list[Request] = []
        """What is to be replayed, in the order it was made."""
        self._pending: dict[str, list[Request]] = {}
        self._lock = threading.Lock()
        self._load(path)
        self._next = max((request.sequence for request in self.requests), default=0) + 1
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def next_sequence(self) -> int:
        """A number for the next request."""
        with self._lock:
            self._next += 1
            return self._next - 1

    def begin(self) -> str:
        """Start an operation of the provider."""
        operation = uuid4().hex
        with self._lock:
            self._pending[operation] = []
        return operation

    def add(self, request: Request, operation: str | None) -> None:
        """Take in a request that was applied, as a part of an operation or by itself."""
        with self._lock:
            if operation in self._pending:
                self._pending[operation].append(request)
            else:
                self._append([request], None)

    def commit(self, operation: str, outcome: dict[str, Any]) -> None:
        """Write an operation and its outcome."""
        with self._lock:
            self._append(self._pending.pop(operation), outcome)
            self.ledger.apply(outcome)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _append(self, requests: list[Request], outcome: dict[str, Any] | None) -> None:
        line = json.dumps({"requests": [asdict(request) for request in requests], "outcome": outcome}) + "\n"
        data, before = line.encode(), os.fstat(self._file).st_size
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            os.ftruncate(self._file, before)  # a full disk takes a part of a line, and the next one must not join it
            raise CloudError(
                f"the journal of the AWS account cannot be written ({error.strerror}): free disk space, then restart "
                "the local cloud, which forgets what could not be written, and run refresh"
            ) from error

    def _load(self, path: Path) -> None:
        if not path.exists():
            return
        content = path.read_bytes()
        whole, _, torn = content.rpartition(b"\n")
        if torn:
            with path.open("r+b") as file:
                file.truncate(len(whole) + 1 if whole else 0)
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                entry = json.loads(line)
                self.requests.extend(Request(**request) for request in entry["requests"])
            except (ValueError, KeyError, TypeError) as error:
                raise CloudError(
                    f"line {number} of {path} is corrupt ({error}); restore it, or delete {path.parent} to give up "
                    "this cloud and its data"
                ) from error
            self.ledger.apply(entry["outcome"] or {})
        self.requests.sort(key=lambda request: request.sequence)
