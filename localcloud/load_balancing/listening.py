"""Opens and closes the port of a listener, with a certificate for HTTPS."""

import asyncio
import ipaddress
import logging
import ssl
import tempfile

import aiohttp
from aiohttp import web

from localcloud.certificates import Authority
from localcloud.load_balancing.model import Listener, LoadBalancer
from localcloud.load_balancing.proxy import Proxy

log = logging.getLogger(__name__)

BACKLOG = 1024
MAX_LINE_BYTES = 16 * 1024
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""
CLOSE_SECONDS = 1.0
MAX_COMMON_NAME = 64


class Port:
    """One port on the address of a load balancer.

    Args:
        address: the address to listen on.
        proxy: serves the requests.
        authority: issues the certificate.
    """

    def __init__(self, address: str, proxy: Proxy, authority: Authority) -> None:
        self.address = address
        self.proxy = proxy
        self._authority = authority
        self._protocol: web.Server | None = None
        self._server: asyncio.Server | None = None
        self._opened: tuple[object, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the port is open with the current settings of the listener."""
        return self._server is not None and self._opened == _key(self.proxy.balancer, self.proxy.listener)

    async def open(self) -> None:
        """Start listening; if the port is already open, close it first.

        Raises:
            OSError: the port is in use, or the user is not allowed to open it.
        """
        await self.close()
        balancer, listener = self.proxy.balancer, self.proxy.listener
        protocol = web.Server(
            self.proxy.serve,
            access_log=None,
            keepalive_timeout=balancer.idle_seconds,
            handler_cancellation=True,
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_LINE_BYTES,
        )
        self._server = await asyncio.get_running_loop().create_server(
            protocol,
            self.address,
            listener.port,
            backlog=BACKLOG,
            reuse_address=True,
            ssl=self._tls(balancer, listener) if listener.protocol == "HTTPS" else None,
        )
        self._protocol, self._opened = protocol, _key(balancer, listener)
        log.info("%s listens on %s:%d", listener.arn, self.address, listener.port)

    async def close(self) -> None:
        """Close the port and its connections."""
        if self._server:
            self._server.close()
        if self._protocol:
            await self._protocol.shutdown(CLOSE_SECONDS)
        self._server = self._protocol = None

    def _tls(self, balancer: LoadBalancer, listener: Listener) -> ssl.SSLContext:
        # The names of its AWS certificates, and those that reach it on this machine without a name server.
        hosts = [*listener.names, balancer.dns_name, self.address]
        certificate, key = self._authority.issue(hosts[0][:MAX_COMMON_NAME], hosts)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
        only_13 = "TLS13-1-3" in listener.policy
        context.minimum_version = ssl.TLSVersion.TLSv1_3 if only_13 else ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:  # 0600; ssl reads files only
            file.write(certificate + key)
            file.flush()
            context.load_cert_chain(file.name)
        return context


def source_in(subnets: tuple[str, ...]) -> str:
    """Return the loopback address from which a load balancer connects to its targets, for one in its first subnet.

    On AWS too, the source address is in a subnet of the load balancer. AWS reserves the first four addresses of a
    subnet, so a later one is used.
    """
    network = ipaddress.ip_network(subnets[0]) if subnets else ipaddress.ip_network("10.0.0.0/28")
    octets = str(network.network_address + 10).split(".")
    return ".".join(["127", *octets[1:]])


def session_from(address: str) -> aiohttp.ClientSession:
    """Return an HTTP session that connects from this address and forwards requests and responses unchanged."""
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, local_addr=(address, 0), keepalive_timeout=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers={"User-Agent", "Accept", "Accept-Encoding", "Content-Type"},
        read_bufsize=256 * 1024,
    )
    # A load balancer does not retry if a target closes a keep-alive connection: the client gets a 502.
    session._retry_connection = False
    return session


def _key(balancer: LoadBalancer, listener: Listener) -> tuple[object, ...]:
    """Return the settings whose change requires the port to be reopened."""
    return listener.port, listener.protocol, listener.policy, listener.names, balancer.idle_seconds
