"""JSON answers."""

from datetime import UTC, datetime
from uuid import UUID

from app.core.http.json_response import json_response


def test_times_and_uuids_are_serialised_as_text() -> None:
    """The status and the headers of the answer are set."""
    answer = json_response({"at": datetime(2026, 1, 2, tzinfo=UTC), "id": UUID(int=1)}, 201, {"Location": "/x"})

    assert (answer.status_code, answer.headers["location"]) == (201, "/x")
    assert answer.headers["content-type"] == "application/json"
    assert answer.body == b'{"at":"2026-01-02T00:00:00+00:00","id":"00000000-0000-0000-0000-000000000001"}'
