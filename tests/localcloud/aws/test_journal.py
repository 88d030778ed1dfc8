"""The file of the journal."""

import base64
import errno
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from localcloud.aws.journal import Journal, Request
from localcloud.errors import CloudError


def request(sequence: int) -> Request:
    return Request(sequence=sequence, time="2026-01-01T00:00:00", method="POST", uri="/", headers={}, body="")


def outcome(op: str, id_: str) -> dict[str, object]:
    return {"op": op, "urn": "urn:a", "id": id_, "type": "t", "inputs": {}, "outputs": {}}


def test_a_commit_writes_one_line(tmp_path: Path) -> None:
    """Before the commit, nothing of the operation is in the file."""
    journal = Journal(tmp_path / "journal")
    operation = journal.begin()
    journal.add(request(1), operation)
    journal.add(request(2), operation)
    assert (tmp_path / "journal").read_text() == ""

    journal.commit(operation, outcome("create", "1"))

    assert len((tmp_path / "journal").read_text().splitlines()) == 1


def test_requests_are_replayed_in_their_order(tmp_path: Path) -> None:
    """Operations overlap, so their lines have another order; numbers continue after the last one."""
    journal = Journal(tmp_path / "journal")
    operation = journal.begin()
    journal.add(request(1), operation)
    journal.add(request(2), None)
    journal.commit(operation, outcome("create", "1"))

    again = Journal(tmp_path / "journal")

    assert [found.sequence for found in again.requests()] == [1, 2]
    assert again.next_sequence() == 3


def test_the_ledger_has_the_existing_resources(tmp_path: Path) -> None:
    """A replacement has the URN of the replaced resource, and both exist for a while."""
    journal = Journal(tmp_path / "journal")
    for op, id_ in (("create", "1"), ("create", "2"), ("delete", "1")):
        journal.commit(journal.begin(), outcome(op, id_))

    assert list(Journal(tmp_path / "journal").live) == [("urn:a", "2")]


def test_a_full_disk_leaves_complete_lines_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has the remedy, and a later line does not continue the partial one."""
    journal = Journal(tmp_path / "journal")
    write = os.write

    def fill(file: int, data: bytes) -> int:
        if len(data) < 40:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[:30])

    with monkeypatch.context() as disk:
        disk.setattr(os, "write", fill)
        with pytest.raises(CloudError, match=r"No space left on device.*free disk space"):
            journal.add(request(1), None)
    journal.add(request(2), None)

    assert [found.sequence for found in Journal(tmp_path / "journal").requests()] == [2]


def session(sequence: int, began: datetime, **more: str) -> Request:
    body = urlencode({"Action": "AssumeRole", "RoleArn": "arn:aws:iam::123456789012:role/a", **more}).encode()
    headers = {"HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=a/20260101/eu-central-1/sts/aws4_request"}
    time, text = began.replace(tzinfo=None).isoformat(), base64.b64encode(body).decode()
    return Request(sequence=sequence, time=time, method="POST", uri="/", headers=headers, body=text)


def test_old_sessions_are_removed(tmp_path: Path) -> None:
    """Nothing else is removed, numbers continue, and later lines are written to the new file."""
    path, now = tmp_path / "journal", datetime.now(UTC)
    journal = Journal(path)
    other = replace(session(1, now - timedelta(days=9)), body=base64.b64encode(b"Action=CreateRole").decode())
    journal.add(other, None)
    journal.add(session(2, now - timedelta(hours=24, minutes=30)), None)  # expired 23.5 hours ago
    journal.add(session(3, now - timedelta(hours=29), DurationSeconds="21600"), None)
    operation = journal.begin()
    journal.add(session(4, now - timedelta(days=9)), operation)  # part of an operation of the provider
    journal.commit(operation, outcome("create", "1"))
    journal.add(session(5, now - timedelta(hours=26)), None)
    journal.add(session(6, now - timedelta(hours=31), DurationSeconds="21600"), None)
    journal.close()

    again = Journal(path)
    again.add(request(again.next_sequence()), None)
    again.close()

    assert [found.sequence for found in Journal(path).requests()] == [1, 2, 3, 4, 7]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["journal"]


def test_rejects_a_corrupt_line(tmp_path: Path) -> None:
    """The message has its number and the remedy."""
    (tmp_path / "journal").write_text('{"requests": [], "outcome": null}\nnonsense\n')

    with pytest.raises(CloudError, match=r"line 2 of .*journal is corrupt.*restore it, or delete"):
        Journal(tmp_path / "journal")
