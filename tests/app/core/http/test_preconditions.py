"""Conditional requests, compared with a second implementation of RFC 9110, 13.2.2."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from app.core.http.preconditions import http_date, last_modified, not_modified
from app.core.http.problems import PreconditionError

WRITTEN = datetime(2026, 1, 31, 12, 0, 0, 999_999, tzinfo=UTC)
TAG = '"7"'
BEFORE, SAME, AFTER = (WRITTEN + timedelta(seconds=by) for by in (-1, 0, 1))

# Value of a header field -> whether its condition holds (None: the field is ignored).
IF_MATCH = {"*": True, '"7"': True, '"6", "7"': True, 'W/"7"': False, '"6"': False, "7": False}
IF_NONE_MATCH = {"*": False, '"7"': False, 'W/"7"': False, '"6", W/"7"': False, '"6"': True, "7": True}
UNMODIFIED = {last_modified(AFTER): True, last_modified(SAME): True, last_modified(BEFORE): False, "yesterday": None}
MODIFIED = {last_modified(AFTER): False, last_modified(SAME): False, last_modified(BEFORE): True, "yesterday": None}


def expected(method: str, match: bool | None, unmodified: bool | None, none: bool | None, modified: bool | None) -> int:
    """Return the status according to the steps of RFC 9110, 13.2.2."""
    read = method in ("GET", "HEAD")
    if match is False:
        return 412
    if match is None and unmodified is False:
        return 412
    if none is False:
        return 304 if read else 412
    if none is None and read and modified is False:
        return 304
    return 200


def status(method: str, fields: dict[str, str | None], *, dated: bool = True) -> int:
    headers = [(name.encode(), value.encode()) for name, value in fields.items() if value is not None]
    request = Request({"type": "http", "method": method, "headers": headers})
    try:
        return 304 if not_modified(request, TAG, WRITTEN if dated else None) else 200
    except PreconditionError as error:
        return error.status


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["GET", "HEAD", "PUT", "DELETE"]),
    *(st.sampled_from([None, *values]) for values in (IF_MATCH, UNMODIFIED, IF_NONE_MATCH, MODIFIED)),
)
def test_conditions_are_evaluated_in_the_order_of_the_rfc(
    method: str, match: str | None, unmodified: str | None, none: str | None, modified: str | None
) -> None:
    """For any combination of the four header fields, with and without a date of the resource."""
    fields = {
        "if-match": match,
        "if-unmodified-since": unmodified,
        "if-none-match": none,
        "if-modified-since": modified,
    }
    # An invalid date counts as absent; an invalid If-None-Match is present and matches no tag.
    holds = (
        IF_MATCH.get(match) if match else None,
        UNMODIFIED.get(unmodified) if unmodified else None,
        IF_NONE_MATCH.get(none) if none else None,
        MODIFIED.get(modified) if modified else None,
    )

    assert status(method, fields) == expected(method, *holds)
    assert status(method, fields, dated=False) == expected(method, holds[0], None, holds[2], None)


@settings(deadline=None)
@given(st.datetimes(datetime(1970, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))
def test_parses_every_format_of_a_date(moment: datetime) -> None:
    """RFC 9110, 5.6.7. The date of a Last-Modified header is parsed to the same instant."""
    moment = moment.replace(microsecond=0)
    forms = [last_modified(moment), moment.strftime("%a %b %e %H:%M:%S %Y")]
    if 0 <= datetime.now(UTC).year - moment.year < 50:
        forms.append(moment.strftime("%A, %d-%b-%y %H:%M:%S GMT"))

    assert [http_date(form) for form in forms] == [moment] * len(forms)


def test_a_two_digit_year_is_at_most_50_years_ahead() -> None:
    """A later year is taken as a hundred years earlier (RFC 9110, 5.6.7)."""
    found = http_date("Sunday, 06-Nov-94 08:49:37 GMT")

    assert found == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", [None, "", "0", "2026-01-31T12:00:00Z", "Sat, 31 Jan 2026 12:00:00", "Sat, 31 Jan 2026 12:00:00 +0100"]
)
def test_an_invalid_date_is_ignored(text: str | None) -> None:
    """RFC 9110, 13.1.3 and 13.1.4."""
    assert http_date(text) is None


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"If-None-Match": "*"}, 412),
        ({"If-None-Match": '"1"'}, 412),
        ({"If-None-Match": 'W/"1"'}, 412),
        ({"If-None-Match": '"2"'}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": '"0", "1"'}, 200),
        ({"If-Match": 'W/"1"'}, 412),
        ({"If-Match": '"1"', "If-None-Match": "*"}, 412),
        ({"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 412),
        ({"If-Unmodified-Since": "Fri, 01 Jan 2060 00:00:00 GMT"}, 200),
        ({"If-Match": '"1"', "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
        ({"If-Unmodified-Since": "long ago"}, 200),
        ({"If-Modified-Since": "Fri, 01 Jan 2060 00:00:00 GMT"}, 200),
    ],
)
async def test_a_write_is_refused_unless_its_conditions_hold(
    client: httpx.AsyncClient, method: str, headers: dict[str, str], code: int
) -> None:
    """A refused write changes nothing. On a missing entry every write gets 404 (RFC 9110, 13.2.1)."""
    path = (await client.post("/api/v1/items", json={"name": "anchor"})).headers["Location"]
    body = {"json": {"name": "bell"}} if method == "PUT" else {}

    done = await client.request(method, path, headers=headers, **body)
    after = await client.get(path)

    assert done.status_code == (204 if (method, code) == ("DELETE", 200) else code)
    if code == 412:
        assert done.headers["content-type"] == "application/problem+json"
        assert (after.status_code, after.json()["version"]) == (200, 1)
    else:
        assert after.status_code == 404 if method == "DELETE" else after.json()["version"] == 2
    missing = await client.request(method, "/api/v1/items/999", headers=headers, **body)
    assert missing.status_code == 404


async def test_a_read_with_last_modified_gets_304(client: httpx.AsyncClient) -> None:
    """The 304 has the validators of the 200. A read with the ETag of another version in If-Match gets 412."""
    path = (await client.post("/api/v1/items", json={"name": "anchor"})).headers["Location"]
    first = await client.get(path)
    since = {"If-Modified-Since": first.headers["Last-Modified"]}

    for method in ("GET", "HEAD"):
        again = await client.request(method, path, headers=since)
        assert (again.status_code, again.content) == (304, b"")
        assert {name: again.headers[name] for name in ("ETag", "Last-Modified")} == {
            name: first.headers[name] for name in ("ETag", "Last-Modified")
        }
        other = await client.request(method, path, headers={"If-Match": '"2"'})
        assert other.status_code == 412
