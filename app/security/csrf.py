"""Protection against cross-site request forgery: how a form proves that it comes from a page of this service.

It is a double-submit token: the page sets it as a cookie and puts it into the form; another site can neither read nor
set it. The origin headers of the browser are checked first, because a sibling domain may set cookies here.
"""

import re
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "csrf"
FIELD = "csrf"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes in URL-safe base64


class CrossSiteError(Exception):
    """The request does not come from a page of this service, or the browser accepts no cookies."""


class Csrf:
    """The token of the form. The server keeps no state, so any replica can check a token that another one issued."""

    def __init__(self, base_url: str = "") -> None:
        """Take the URL of the service; "" if it is not known."""
        parts = urlsplit(base_url)
        self._secure = parts.scheme == "https"
        self._netloc = parts.netloc.lower()

    def token(self, request: Request) -> str:
        """Return the token of this browser, or a new one; two open pages share it, so both stay valid."""
        given = request.cookies.get(COOKIE, "")
        return given if _TOKEN.fullmatch(given) else secrets.token_urlsafe(32)

    def give(self, response: Response, request: Request, token: str) -> None:
        """Set the cookie for the session of the browser."""
        # The header of a proxy is enough here: a client that forges it only loses its own cookie.
        https = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
        response.set_cookie(COOKIE, token, path="/", httponly=True, samesite="strict", secure=self._secure or https)

    def check(self, request: Request, field: str) -> None:
        """Check the form; `field` is the value of its hidden field. Raises CrossSiteError."""
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise CrossSiteError("the form was sent by another site")
        origin = request.headers.get("origin")
        if origin is not None and not self._own(origin, request):
            raise CrossSiteError("the form was sent by another site")
        cookie = request.cookies.get(COOKIE, "")
        if not _TOKEN.fullmatch(cookie) or not secrets.compare_digest(cookie.encode(), field.encode()):
            raise CrossSiteError("the form's token is missing or not that of this browser")

    def _own(self, origin: str, request: Request) -> bool:
        # Without the scheme: behind a proxy that terminates TLS the service sees only http.
        try:
            netloc = urlsplit(origin).netloc.lower()
        except ValueError:
            return False
        return bool(netloc) and netloc in (request.headers.get("host", "").lower(), self._netloc)
