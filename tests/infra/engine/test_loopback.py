"""Requests to this machine bypass proxies, and reach the local load balancer without DNS. Real: loopback HTTP."""

import http.server
import json
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra.engine.loopback import ask, no_proxy, open_url
from infra.errors import OperationError
from localcloud.certificates import Authority
from localcloud.cloud import Cloud
from tests.support.clouds import cloud

ENTRIES = st.lists(
    st.sampled_from(["example.org", ".corp", "10.0.0.0/8", "localhost", " spaced ", "", "*"]), max_size=4
)
HOSTS = st.lists(st.sampled_from(["127.0.0.1", "127.7.0.2", "db.local"]), max_size=3)


@given(upper=ENTRIES, lower=ENTRIES, grpc=ENTRIES, hosts=HOSTS)
@example(upper=[], lower=[], grpc=[], hosts=[])
def test_excludes_loopback_and_the_entries_of_the_user(
    upper: list[str], lower: list[str], grpc: list[str], hosts: list[str]
) -> None:
    """Every spelling of the variable has all entries once; `*` stays alone, because curl accepts it only then."""
    given_ = {"NO_PROXY": ",".join(upper), "no_proxy": ",".join(lower), "no_grpc_proxy": ",".join(grpc)}
    found = no_proxy(given_, hosts)
    values = set(found.values())
    entries = values.pop().split(",")

    assert not values, "all spellings say the same"
    assert set(found) - {"no_grpc_proxy"} == {"NO_PROXY", "no_proxy"}
    assert ("no_grpc_proxy" in found) == bool(given_["no_grpc_proxy"])
    wanted = {entry.strip() for entry in [*upper, *lower, *grpc] if entry.strip()}
    if "*" in wanted:
        assert entries == ["*"]
    else:
        assert set(entries) == {*wanted, *hosts, "127.0.0.1", "localhost"}
        assert len(entries) == len(set(entries))
    assert no_proxy({**given_, **found}, hosts) == found, "set twice it is the same"


def test_urllib_accepts_the_variable() -> None:
    """Python's own parser finds all excluded hosts, and no others."""
    found = no_proxy({"NO_PROXY": ".corp"}, ["127.7.0.2"])
    proxies = {"no": found["no_proxy"]}

    for host in ("127.0.0.1:8080", "localhost:1", "127.7.0.2", "git.corp"):
        assert urllib.request.proxy_bypass_environment(host, proxies)
    assert not urllib.request.proxy_bypass_environment("example.org", proxies)


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the Host header and the body of the request."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.dumps({"host": self.headers["Host"], "asked": self.rfile.read(length).decode()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - as the base class names it

    def log_message(self, *_args: object) -> None:
        """Log nothing."""


@contextmanager
def served(certificate_for: str, folder: Path) -> Iterator[tuple[Cloud, int]]:
    """Serve a local cloud's load balancer: HTTPS with a certificate for the name, HTTP for an empty name."""
    authority = Authority.ensure(folder)
    server = http.server.HTTPServer(("127.0.0.3", 0), Echo)
    if certificate_for:
        certificate, key = authority.issue(certificate_for, [certificate_for])
        (folder / "server.pem").write_text(certificate + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield cloud(gateway_address="127.0.0.3", authority=str(folder / "ca.crt")), server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_reaches_a_host_of_the_load_balancer_without_dns(scheme: str, tmp_path: Path) -> None:
    """The connection goes to the load balancer's address, and the certificate is verified for the host."""
    with served("dev.example.com" if scheme == "https" else "", tmp_path) as (here, port):
        url = f"{scheme}://dev.example.com:{port}/"
        with open_url(url, via=here) as response:
            assert json.load(response) == {"host": f"dev.example.com:{port}", "asked": ""}
        assert ask(url, {"a": 1}, via=here) == {"host": f"dev.example.com:{port}", "asked": '{"a": 1}'}


def test_refuses_a_certificate_for_another_host(tmp_path: Path) -> None:
    """A rehearsal has to notice a certificate without the domain."""
    with (
        served("prod.example.com", tmp_path) as (here, port),
        pytest.raises(OperationError, match=r"certificate is not valid for 'dev\.example\.com'"),
    ):
        ask(f"https://dev.example.com:{port}/", via=here)
