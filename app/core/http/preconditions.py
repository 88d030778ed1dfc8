"""Conditional requests (RFC 9110, 13): conditions on the stored version, checked before the method takes effect."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from starlette.requests import Request

from app.core.http.etags import header, matches
from app.core.http.problems import PreconditionError

_READS = {"GET", "HEAD"}
# RFC 9110, 5.6.7: IMF-fixdate, and the two old formats.
_DATES = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")
_FIELDS = {b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since"}


def is_conditional(request: Request) -> bool:
    """Return whether the request has any precondition."""
    return any(name in _FIELDS for name, _ in request.scope["headers"])


def not_modified(request: Request, tag: str, modified: datetime | None = None) -> bool:
    """Evaluate the preconditions in the order of 13.2.2; True if the response to a read is 304.

    Call it where the response would otherwise be a success (13.2.1). `tag` is the ETag of the stored version, and
    `modified` its last write; without it, conditions on a date are ignored.
    Raises PreconditionError where the response is 412.
    """
    headers = request.scope["headers"]
    if_match = header(headers, b"if-match")
    if if_match is not None:
        if not matches(if_match, tag, strong=True):
            raise PreconditionError("header.if-match", f"the current version has the ETag {tag}")
    elif _is_before(header(headers, b"if-unmodified-since"), modified):
        raise PreconditionError("header.if-unmodified-since", f"it was modified after that; use If-Match with {tag}")
    read = request.method in _READS
    if_none_match = header(headers, b"if-none-match")
    if if_none_match is not None:
        if not matches(if_none_match, tag, strong=False):
            return False
        if read:
            return True
        raise PreconditionError("header.if-none-match", f"a current version exists; its ETag is {tag}")
    since = http_date(header(headers, b"if-modified-since")) if read and modified is not None else None
    return since is not None and not _later(modified, since)


def _is_before(date: str | None, modified: datetime | None) -> bool:
    since = http_date(date) if modified is not None else None
    return since is not None and _later(modified, since)


def _later(modified: datetime | None, since: datetime) -> bool:
    return modified is not None and modified.replace(microsecond=0) > since


def http_date(text: str | None) -> datetime | None:
    """Return an HTTP date as a time in UTC; None if it is invalid, and then it is ignored (13.1.3)."""
    for form in _DATES if text else ():
        try:
            date = datetime.strptime(text or "", form).replace(tzinfo=UTC)
        except ValueError:
            continue
        # RFC 9110, 5.6.7: a year of two digits is not more than 50 years ahead.
        if "%y" in form and date > datetime.now(UTC) + timedelta(days=50 * 365.25):
            date = date.replace(year=date.year - 100)
        return date
    return None


def last_modified(modified: datetime) -> str:
    """Return the value of Last-Modified."""
    return format_datetime(modified.astimezone(UTC), usegmt=True)
