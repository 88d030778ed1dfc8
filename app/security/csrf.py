"""Cross-site request forgery: what a form must bring to prove that this service made it.

A double-submit token: the page sets it as a cookie and puts it into the form; another site can neither read
nor set it. What the browser says of the origin is believed first, because a sibling domain may set cookies here.
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
    """The request was not made by a page of this service, or the browser keeps no cookies."""


class Csrf:
    """The token of the form. It needs no state on the server, so any replica can check what another gave out."""

    def __init__(self, base_url: str = "") -> None:
        """Take where clients reach the service; "" if only requests tell."""
        parts = urlsplit(base_url)
        self._secure = parts.scheme == "https"
        self._netloc = parts.netloc.lower()

    def token(self, request: Request) -> str:
        """Return the token of this browser, a new one if it has none: so two open pages both stay valid."""
        given = request.cookies.get(COOKIE, "")
        return given if _TOKEN.fullmatch(given) else secrets.token_urlsafe(32)

    def give(self, response: Response, request: Request, token: str) -> None:
        """Set the cookie; it lasts as long as the browser's session."""
        # The proxy's word is enough here: a client that forges it only loses its own cookie.
        https = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
        response.set_cookie(COOKIE, token, path="/", httponly=True, samesite="strict", secure=self._secure or https)

    def check(self, request: Request, field: str) -> None:
        """Accept the form, or raise CrossSiteError; `field` is what its hidden field held."""
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise CrossSiteError("the form was sent by another site")
        origin = request.headers.get("origin")
        if origin is not None and not self._own(origin, request):
            raise CrossSiteError("the form was sent by another site")
        cookie = request.cookies.get(COOKIE, "")
        if not _TOKEN.fullmatch(cookie) or not secrets.compare_digest(cookie.encode(), field.encode()):
            raise CrossSiteError("the form's token is missing or not that of this browser")

    def _own(self, origin: str, request: Request) -> bool:
        # Without the scheme: behind a proxy that ends TLS the service only ever sees http.
        try:
            netloc = urlsplit(origin).netloc.lower()
        except ValueError:
            return False
        return bool(netloc) and netloc in (request.headers.get("host", "").lower(), self._netloc)
