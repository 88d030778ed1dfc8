"""Forwards the requests of one listener to targets over HTTP/1.1.

Both sides use aiohttp. The status codes that a load balancer returns if a target fails are documented at
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from localcloud.cluster.addresses import loopback_of
from localcloud.load_balancing.answers import Passed, answer, redirect
from localcloud.load_balancing.group import Group, Member
from localcloud.load_balancing.headers import end_to_end, for_target, through
from localcloud.load_balancing.model import Listener, LoadBalancer, forwards_to
from localcloud.load_balancing.rules import Asked, actions_for, redirect_to

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0  # timeout for connections to targets
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ACTIONS = ("forward", "redirect", "fixed-response")


class SilentClientError(Exception):
    """The client did not send its body within the idle timeout."""


class Proxy:
    """Serves the requests of a listener.

    Args:
        session: HTTP session for requests to targets.
        balancer, listener: the configuration; it may be replaced at any time and then applies to new requests.
        groups: returns the target group with an ARN.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        balancer: LoadBalancer,
        listener: Listener,
        groups: Callable[[str], Group | None],
    ) -> None:
        self.balancer = balancer
        self.listener = listener
        self._session = session
        self._groups = groups

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Return the response to a request."""
        if request.method == "TRACE":
            return answer(405)
        if not request.raw_path.startswith(("/", "http://", "https://")):
            return answer(400)
        asked = self._asked(request)
        for action in actions_for(self.listener.rules, asked):
            match action.get("Type"):
                case "redirect":
                    config = action["RedirectConfig"]
                    return redirect(int(config["StatusCode"].removeprefix("HTTP_")), redirect_to(config, asked))
                case "fixed-response":
                    config = action["FixedResponseConfig"]
                    content_type = config.get("ContentType") or "text/plain"
                    return answer(int(config["StatusCode"]), config.get("MessageBody") or "", content_type)
                case "forward":
                    return await self._forward(request, action, asked)
        log.warning("%s: none of the actions %s is supported here", self.listener.arn, ", ".join(ACTIONS))
        return answer(500)

    def _asked(self, request: web.BaseRequest) -> Asked:
        host, target = request.host, request.raw_path
        if not target.startswith("/"):  # absolute form: its host takes precedence
            url = URL(target, encoded=True)
            host, target = url.host or "", url.raw_path_qs
        path, _, query = target.partition("?")
        host = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and ":" in host else host
        headers, client = list(request.headers.items()), request.remote or "127.0.0.1"
        # CloudFront and the load balancer have the same address here, so the requested host decides between them.
        if front := self.balancer.front_of(host):
            headers = through(front, headers, client)
        return Asked(
            method=request.method,
            protocol=self.listener.protocol.lower(),
            host=host,
            port=self.listener.port,
            path=path,
            query=query,
            headers=headers,
            client=client,
        )

    async def _forward(self, request: web.BaseRequest, action: Mapping[str, Any], asked: Asked) -> web.StreamResponse:
        group = self._group(action)
        member = group.choose() if group else None
        if group is None or member is None:
            return answer(503)
        with group.request(member):
            return await self._pass(request, member, asked)

    def _group(self, action: Mapping[str, Any]) -> Group | None:
        weighted = [(arn, weight) for arn, weight in forwards_to(action) if weight]
        if not weighted:
            return None
        arns, weights = zip(*weighted, strict=True)
        return self._groups(random.choices(arns, weights)[0])  # noqa: S311 - nothing secret

    async def _pass(self, request: web.BaseRequest, member: Member, asked: Asked) -> web.StreamResponse:
        found: Passed | None = None
        try:
            async with self._ask(request, member, asked) as response:
                found = Passed(status=response.status, reason=response.reason, headers=end_to_end(_fields(response)))
                await found.prepare(request)
                async for chunk in response.content.iter_any():
                    await found.write(chunk)
                await found.write_eof()
                return found
        except SilentClientError:
            status = 408
        except TimeoutError:  # includes the timeouts of aiohttp for connecting and reading
            status = 504
        except (aiohttp.ClientError, OSError) as error:
            log.info("target %s:%d: %r", *member.target, error)
            status = 502
        except ValueError as error:  # the header contains bytes that are not valid text
            log.info("a request or an answer is malformed: %s", error)
            status = 400 if found is None else 502
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not member.drained or _is_closing(request):
                raise
            task.uncancel()
            status = 502  # the request did not finish within the deregistration delay
        if found is None or not found.prepared:
            return answer(status)
        if request.transport:
            request.transport.abort()  # the client must notice that the response is incomplete
        return found

    def _ask(self, request: web.BaseRequest, member: Member, asked: Asked) -> Any:
        address, port = member.target
        client = request.transport.get_extra_info("peername") if request.transport else None
        headers = for_target(
            asked.headers,
            self.balancer,
            client=(asked.client, client[1] if client else 0),
            protocol=asked.protocol,
            port=asked.port,
        )
        query = f"?{asked.query}" if asked.query else ""
        return self._session.request(
            request.method,
            URL(f"http://{loopback_of(address)}:{port}{asked.path}{query}", encoded=True),
            headers=headers,
            data=self._body(request) if request.body_exists else None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=CONNECT_SECONDS, sock_read=self.balancer.idle_seconds
            ),
        )

    async def _body(self, request: web.BaseRequest) -> AsyncIterator[bytes]:
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport:
            request.transport.write(CONTINUE)
        while True:
            try:
                async with asyncio.timeout(self.balancer.idle_seconds):
                    chunk = await request.content.readany()
            except TimeoutError:
                raise SilentClientError from None
            if not chunk:
                return
            yield chunk


def _fields(response: aiohttp.ClientResponse) -> list[tuple[str, str]]:
    return list(response.headers.items())


def _is_closing(request: web.BaseRequest) -> bool:
    return request.transport is None or request.transport.is_closing()
