"""Responses that a load balancer generates itself, and the response of a target that it forwards."""

from http import HTTPStatus

from aiohttp import web

SERVER = "awselb/2.0"


def answer(status: int, text: str | None = None, content_type: str = "text/html") -> web.Response:
    """Return a response with the given text, or with a page that shows the status."""
    if text is None:
        title = f"{status} {HTTPStatus(status).phrase}"
        text = (
            f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
            "</body>\r\n</html>\r\n"
        )
    return web.Response(status=status, body=text.encode(), headers={"Server": SERVER, "Content-Type": content_type})


def redirect(status: int, location: str) -> web.Response:
    """Return a redirect response."""
    found = answer(status)
    found.headers["Location"] = location
    return found


class Passed(web.StreamResponse):
    """The response of a target, without header fields that the target did not send."""

    async def _prepare_headers(self) -> None:
        given = {name.lower() for name in self.headers}
        await super()._prepare_headers()
        for name in ("Server", "Content-Type"):
            if name.lower() not in given:
                self.headers.popall(name, None)
