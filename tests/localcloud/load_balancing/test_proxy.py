"""The data plane. Real: sockets. Emulated: the account, by moto in this process. Targets are servers of the test."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from localcloud.aws.server import AwsServer
from localcloud.certificates import Authority
from localcloud.load_balancing.account import AccountPages
from localcloud.load_balancing.balancers import LoadBalancers
from tests.support.load_balancer import Account, forward
from tests.support.ports import free_ports

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
WAIT_SECONDS = 20
TEST_SECONDS = 60


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    server = AwsServer(
        tmp_path_factory.mktemp("account"),
        0,
        account_id="123456789012",
        region="eu-central-1",
        kube=("https://127.0.0.1:1", "Q0E="),
        database_endpoint=("127.0.0.1", 1),
    )
    server.start()
    yield Account.at(server.endpoint)
    server.stop()


class Stage:
    """Running load balancers, targets, and a client."""

    def __init__(self, account: Account, session: aiohttp.ClientSession) -> None:
        self.account = account
        self.session = session
        self.port = free_ports("listener")["listener"]
        self.url = f"http://127.0.0.9:{self.port}"
        self.asked: list[tuple[str, list[tuple[str, str]], str]] = []
        """Path, header and peer of each request to a target, without health checks."""
        self._runners: list[web.AppRunner] = []

    async def target(self, address: str, port: int, handler: Handler) -> None:
        """Serve at a pod's address, and answer health checks with 200."""

        async def serve(request: web.Request) -> web.StreamResponse:
            if request.path == "/ready":
                return web.Response()
            peer = request.transport.get_extra_info("peername")[0] if request.transport else ""
            self.asked.append((request.raw_path, list(request.headers.items()), peer))
            return await handler(request)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", serve)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, address.replace("10.", "127.", 1), port).start()
        self._runners.append(runner)

    async def forwards(self, name: str, *targets: tuple[str, int], delay: int = 5, **attributes: str) -> str:
        """Create a load balancer for these targets, wait for their checks, and return the ARN of the target group."""
        group = await asyncio.to_thread(self.account.target_group, name, delay=delay)
        if targets:
            await self.register(group, *targets)
        balancer = await asyncio.to_thread(self.account.load_balancer, name, **attributes)
        await asyncio.to_thread(self.account.listener, balancer, self.port, forward(group))
        await self.eventually(lambda: self.health(group), dict.fromkeys((each[0] for each in targets), "healthy"))
        await self.listening()
        return group

    async def register(self, group: str, *targets: tuple[str, int]) -> None:
        listed = [{"Id": address, "Port": port} for address, port in targets]
        await asyncio.to_thread(self.account.client("elbv2").register_targets, TargetGroupArn=group, Targets=listed)

    async def deregister(self, group: str, *targets: tuple[str, int]) -> None:
        listed = [{"Id": address, "Port": port} for address, port in targets]
        await asyncio.to_thread(self.account.client("elbv2").deregister_targets, TargetGroupArn=group, Targets=listed)

    async def health(self, group: str) -> dict[str, str]:
        return await asyncio.to_thread(self.account.health, group)

    async def listening(self, port: int | None = None) -> None:
        async def connects() -> bool:
            try:
                _, writer = await asyncio.open_connection("127.0.0.9", port or self.port)
            except OSError:
                return False
            writer.close()
            return True

        await self.eventually(connects, True)

    async def eventually(self, ask: Callable[[], Awaitable[Any]], expected: Any) -> None:
        found = None
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while (found := await ask()) != expected:  # noqa: ASYNC110 - it asks, each time
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"still {found!r}, expected {expected!r}") from None

    async def close(self) -> None:
        for runner in self._runners:
            await runner.cleanup()


@asynccontextmanager
async def staged(account: Account, folder: Path) -> AsyncIterator[Stage]:
    pages = AccountPages(account.endpoint)
    authority = Authority.ensure(folder / "authority")
    balancers = LoadBalancers(pages, "127.0.0.9", authority)
    work = asyncio.create_task(balancers.run())
    async with aiohttp.ClientSession() as session:
        stage = Stage(account, session)
        try:
            yield stage
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await stage.close()
            await pages.close()
            await asyncio.to_thread(_clean, account)


def _clean(account: Account) -> None:
    elb = account.client("elbv2")
    for each in elb.describe_load_balancers()["LoadBalancers"]:
        elb.delete_load_balancer(LoadBalancerArn=each["LoadBalancerArn"])
    for each in elb.describe_target_groups()["TargetGroups"]:
        elb.delete_target_group(TargetGroupArn=each["TargetGroupArn"])


def run(account: Account, folder: Path, test: Callable[[Stage], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(TEST_SECONDS), staged(account, folder) as stage:
            await test(stage)

    asyncio.run(main())


A, B = ("10.9.0.1", 8080), ("10.9.0.2", 8080)


async def echo(request: web.Request) -> web.StreamResponse:
    body = await request.read()
    return web.Response(body=body, status=201, headers={"X-Target": "a", "Server": "target"})


def test_forwards_a_request_with_the_fields_of_a_load_balancer(account: Account, tmp_path: Path) -> None:
    """Method, path, query, body and header arrive with the added fields, and the response comes back complete."""

    async def test(stage: Stage) -> None:
        await stage.target(*A, echo)
        await stage.forwards("whole", A, **{"routing__http__drop_invalid_header_fields__enabled": "true"})
        body = bytes(range(256)) * 4096
        headers = {"Host": "api.example.com", "X-Forwarded-For": "198.51.100.1", "X_Bad": "1", "Expect": "100-continue"}
        for data in (body, _parts(body)):
            async with stage.session.put(f"{stage.url}/a%2Fb?x=%20y&x", data=data, headers=headers) as response:
                assert response.status == 201
                assert response.headers["X-Target"] == "a"
                assert response.headers["Server"] == "target"
                assert await response.read() == body
        async with stage.session.head(f"{stage.url}/") as response:
            assert response.status == 201
        path, sent, peer = stage.asked[0]
        found = {name.lower(): value for name, value in sent}
        assert path == "/a%2Fb?x=%20y&x"
        assert peer == "127.30.0.10"  # in the load balancer's first subnet, 10.30.0.0/24
        assert found["host"] == "api.example.com"
        assert found["x-forwarded-for"] == "198.51.100.1, 127.0.0.1"
        assert found["x-forwarded-proto"] == "http"
        assert found["x-forwarded-port"] == str(stage.port)
        assert found["x-amzn-trace-id"].startswith("Root=1-")
        assert not {"x_bad", "expect"} & set(found)

    run(account, tmp_path, test)


async def _parts(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 100_000):
        yield body[start : start + 100_000]


def test_healthy_targets_are_used_in_turn(account: Account, tmp_path: Path) -> None:
    """If no target is healthy, all are used."""

    async def test(stage: Stage) -> None:
        async def named(request: web.Request) -> web.StreamResponse:
            return web.Response(text=request.host and request.transport.get_extra_info("sockname")[0])  # type: ignore[union-attr]

        async def ask() -> str:
            async with stage.session.get(stage.url) as response:
                return await response.text()

        await stage.target(*A, named)
        await stage.target(*B, named)
        group = await stage.forwards("turns", A, B)
        assert {await ask() for _ in range(4)} == {"127.9.0.1", "127.9.0.2"}

        dead = ("10.9.0.3", 8080)
        await stage.register(group, dead)
        assert (await stage.health(group))["10.9.0.3"] == "initial"
        assert {await ask() for _ in range(6)} == {"127.9.0.1", "127.9.0.2"}
        elb = stage.account.client("elbv2")
        await asyncio.to_thread(elb.modify_target_group, TargetGroupArn=group, Matcher={"HttpCode": "418"})
        unhealthy = dict.fromkeys(["10.9.0.1", "10.9.0.2", "10.9.0.3"], "unhealthy")
        await stage.eventually(lambda: stage.health(group), unhealthy)
        assert {"127.9.0.1", "127.9.0.2"} <= {await ask() for _ in range(6)}

    run(account, tmp_path, test)


def test_answers_for_a_failing_target(account: Account, tmp_path: Path) -> None:
    """The status is 502 if a target refuses or aborts, 503 without targets, and 504 after a timeout."""

    async def test(stage: Stage) -> None:
        async def odd(request: web.Request) -> web.StreamResponse:
            if request.path == "/slow":
                await asyncio.sleep(5)
            if request.path == "/cut":
                response = web.StreamResponse(headers={"Content-Length": "100"})
                await response.prepare(request)
                await response.write(b"half")
            if request.transport:
                request.transport.abort()
            return web.Response()

        async def status(path: str) -> int:
            async with stage.session.get(stage.url + path) as response:
                assert response.headers["Server"] == "awselb/2.0"
                assert f"<h1>{response.status} " in await response.text()
                return response.status

        group = await stage.forwards("fails", idle_timeout__timeout_seconds="1")
        assert await status("/") == 503
        await stage.target(*A, odd)
        await stage.register(group, A)
        await stage.eventually(lambda: stage.health(group), {"10.9.0.1": "healthy"})
        assert await status("/breaks-off") == 502
        assert await status("/slow") == 504
        with pytest.raises(aiohttp.ClientPayloadError):
            async with stage.session.get(f"{stage.url}/cut") as response:
                await response.read()
        await stage.close()
        assert await status("/refuses") == 502

    run(account, tmp_path, test)


def test_a_deregistered_target_finishes_its_requests(account: Account, tmp_path: Path) -> None:
    """Shortly afterwards it gets no new requests; a request longer than the delay is aborted with 502."""

    async def test(stage: Stage) -> None:
        begun, end = asyncio.Event(), asyncio.Event()

        async def quick() -> int:
            return (await ask("/quick"))[0]

        async def waits(request: web.Request) -> web.StreamResponse:
            if request.path != "/quick":
                begun.set()
                await end.wait()
            return web.Response(text="done")

        async def ask(path: str) -> tuple[int, str]:
            async with stage.session.get(stage.url + path) as response:
                return response.status, await response.text()

        await stage.target(*A, waits)
        group = await stage.forwards("leaves", A, delay=3)
        slow = asyncio.create_task(ask("/slow"))
        await begun.wait()
        await stage.deregister(group, A)
        await stage.eventually(lambda: stage.health(group), {"10.9.0.1": "draining"})
        assert await quick() == 200
        await stage.eventually(quick, 503)
        end.set()
        assert await slow == (200, "done")

        end.clear()
        begun.clear()
        await stage.register(group, A)
        await stage.eventually(lambda: stage.health(group), {"10.9.0.1": "healthy"})
        slow = asyncio.create_task(ask("/slow"))
        await begun.wait()
        await stage.deregister(group, A)
        assert (await slow)[0] == 502
        await stage.eventually(lambda: stage.health(group), {})
        end.set()

    run(account, tmp_path, test)


def test_serves_https_with_the_names_of_the_certificate(account: Account, tmp_path: Path) -> None:
    """The local authority issues the certificate with the names of that in the account. HTTP redirects to HTTPS."""

    async def test(stage: Stage) -> None:
        await stage.target(*A, echo)
        group = await stage.forwards("tls", A)
        secure, plain = free_ports("secure", "plain").values()
        arn = stage.account.client("acm").request_certificate(
            DomainName="drydock.localhost", SubjectAlternativeNames=["*.drydock.localhost"], ValidationMethod="DNS"
        )["CertificateArn"]
        balancer = await asyncio.to_thread(stage.account.load_balancer, "secure")
        policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
        more = {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": arn}], "SslPolicy": policy}
        await asyncio.to_thread(lambda: stage.account.listener(balancer, secure, forward(group), **more))
        config = {"Protocol": "HTTPS", "Port": str(secure), "StatusCode": "HTTP_301"}
        redirects = {"Type": "redirect", "RedirectConfig": config}
        await asyncio.to_thread(stage.account.listener, balancer, plain, redirects)
        # The address of the account's second load balancer follows that of the first one.
        address = "127.0.0.8"

        async def is_open() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex((address, plain)) == 0 and _connects(address, secure)

        await stage.eventually(is_open, True)
        async with stage.session.get(
            f"http://{address}:{plain}/a?b=c", headers={"Host": "drydock.localhost"}, allow_redirects=False
        ) as response:
            assert response.status == 301
            assert response.headers["Location"] == f"https://drydock.localhost:{secure}/a?b=c"
        trusted = ssl.create_default_context(cafile=str(tmp_path / "authority" / "ca.crt"))
        for name in ("drydock.localhost", "api.drydock.localhost", address):
            async with stage.session.get(
                f"https://{address}:{secure}/", ssl=trusted, server_hostname=name, headers={"Host": name}
            ) as response:
                assert response.status == 201
        assert dict(stage.asked[-1][1])["X-Forwarded-Proto"] == "https"
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await stage.session.get(f"https://{address}:{secure}/", ssl=trusted, server_hostname="example.com")
        old = ssl.create_default_context(cafile=str(tmp_path / "authority" / "ca.crt"))
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1
        with pytest.raises(aiohttp.ClientError):
            await stage.session.get(f"https://{address}:{secure}/", ssl=old, server_hostname="drydock.localhost")

    run(account, tmp_path, test)


def test_only_requests_through_the_distribution_are_forwarded(account: Account, tmp_path: Path) -> None:
    """Requests for its names get its key; others, and those with a wrong key, get the default action."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response()

    async def test(stage: Stage) -> None:
        await stage.target("10.244.0.31", 8080, answer)
        group = await asyncio.to_thread(stage.account.target_group, "fronted")
        await stage.register(group, ("10.244.0.31", 8080))
        balancer = await asyncio.to_thread(stage.account.load_balancer, "fronted")
        refused = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403", "ContentType": "text/plain"}}
        listener = await asyncio.to_thread(stage.account.listener, balancer, stage.port, refused)
        condition = {
            "Field": "http-header",
            "HttpHeaderConfig": {"HttpHeaderName": "X-Origin-Key", "Values": ["new", "old"]},
        }
        await asyncio.to_thread(
            stage.account.client("elbv2").create_rule,
            ListenerArn=listener,
            Priority=5,
            Conditions=[condition],
            Actions=[forward(group)],
        )
        await asyncio.to_thread(stage.account.distribution, balancer, "www.example.com", ("X-Origin-Key", "new"))
        await stage.eventually(lambda: stage.health(group), {"10.244.0.31": "healthy"})
        await stage.listening()

        async def status(host: str, **headers: str) -> int:
            async with stage.session.get(stage.url, headers={"Host": host, **headers}) as response:
                return response.status

        await stage.eventually(lambda: status("www.example.com"), 200)
        assert await status("WWW.example.com", **{"X-Origin-Key": "guessed"}) == 200
        assert dict(stage.asked[-1][1])["X-Origin-Key"] == "new"
        assert dict(stage.asked[-1][1])["X-Forwarded-For"] == "127.0.0.1, 127.0.0.1"
        assert await status("other.example.com") == 403
        assert await status("127.0.0.9", **{"X-Origin-Key": "guessed"}) == 403

    run(account, tmp_path, test)


def _connects(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def test_a_listener_follows_the_account(account: Account, tmp_path: Path) -> None:
    """Rules, actions and port change while it serves, and it is closed after its deletion."""

    async def test(stage: Stage) -> None:
        elb = stage.account.client("elbv2")

        def says(text: str) -> dict[str, Any]:
            config = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": text}
            return {"Type": "fixed-response", "FixedResponseConfig": config}

        async def ask() -> str:
            async with stage.session.get(f"{stage.url}/items") as response:
                return await response.text()

        balancer = await asyncio.to_thread(stage.account.load_balancer, "follows")
        listener = await asyncio.to_thread(stage.account.listener, balancer, stage.port, says("one"))
        await stage.listening()
        assert await ask() == "one"
        await asyncio.to_thread(elb.modify_listener, ListenerArn=listener, DefaultActions=[says("two")])
        await stage.eventually(ask, "two")
        condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/items*"]}}
        await asyncio.to_thread(
            elb.create_rule, ListenerArn=listener, Priority=5, Conditions=[condition], Actions=[says("rule")]
        )
        await stage.eventually(ask, "rule")
        before, stage.port = stage.port, free_ports("other")["other"]
        stage.url = f"http://127.0.0.9:{stage.port}"
        await asyncio.to_thread(elb.modify_listener, ListenerArn=listener, Port=stage.port, DefaultActions=[says("x")])
        await stage.listening()
        assert await ask() == "rule"
        assert not _connects("127.0.0.9", before)
        await asyncio.to_thread(elb.delete_listener, ListenerArn=listener)

        async def closed() -> bool:
            return not _connects("127.0.0.9", stage.port)

        await stage.eventually(closed, True)

    run(account, tmp_path, test)
