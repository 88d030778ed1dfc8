"""The first write waits until the API server lets the deployment in: a TLS server on loopback, and a fake `aws`."""

import asyncio
import json
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pulumi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from components._kubeconfig import kubeconfig
from infra.cluster_access import NotAdmittedError, admitted, wait

TOKEN = "k8s-aws-v1.token"
Answers = list[int | bool]


def _certificate() -> tuple[bytes, bytes]:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kubernetes")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(hours=1), now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    encodings = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM), key.private_bytes(*encodings)


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answers], dict[str, Any]]]:
    """An API server that gives these answers, the last one for ever; the kubeconfig for it."""
    certificate, key = _certificate()
    (tmp_path / "pem").write_bytes(certificate + key)
    aws = tmp_path / "aws"
    aws.write_text(f'#!/bin/sh\n[ "$1 $2" = "eks get-token" ] && echo \'{{"status": {{"token": "{TOKEN}"}}}}\'\n')
    aws.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    servers: list[HTTPServer] = []

    def start(answers: Answers) -> dict[str, Any]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                assert asked["spec"] == {"resourceAttributes": {"verb": "create", "resource": "namespaces"}}
                known = self.headers["Authorization"] == f"Bearer {TOKEN}"
                self.send_response(201 if known and isinstance(answer, bool) else 401 if not known else int(answer))
                self.end_headers()
                self.wfile.write(json.dumps({"status": {"allowed": answer}}).encode())

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        text = kubeconfig(
            "eu-central-1", "c", f"https://127.0.0.1:{server.server_port}", b64encode(certificate).decode()
        )
        config: dict[str, Any] = json.loads(text)
        return config

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("before", [[], [401], [403, 401], [False, 403], [503]])
def test_waits_until_it_is_let_in(serve: Callable[[Answers], dict[str, Any]], before: Answers) -> None:
    """While the server returns 401 or 403, or does not allow it yet."""
    answers: Answers = [*before, True]

    wait(serve(answers), deadline_seconds=20, poll_seconds=0.01)
    assert answers == [True]


@pytest.mark.parametrize(
    ("answer", "says"),
    [(401, "it returns 401 Unauthorized"), (403, "it returns 403"), (False, "may not create namespaces yet")],
)
def test_times_out_with_the_last_response(
    serve: Callable[[Answers], dict[str, Any]], answer: int | bool, says: str
) -> None:
    with pytest.raises(NotAdmittedError, match=says):
        wait(serve([answer]), deadline_seconds=0.05, poll_seconds=0.01)


def test_an_unreachable_server_is_reported(serve: Callable[[Answers], dict[str, Any]]) -> None:
    config = serve([True])
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"

    with pytest.raises(NotAdmittedError, match="it is unreachable"):
        wait(config, deadline_seconds=0, poll_seconds=0)


@pytest.mark.parametrize(("script", "says"), [("exit 1", "no token"), ("echo no-json", "no token")])
def test_without_a_token_access_is_refused(
    serve: Callable[[Answers], dict[str, Any]], tmp_path: Path, script: str, says: str
) -> None:
    config = serve([True])
    (tmp_path / "aws").write_text(f"#!/bin/sh\n{script}\n")

    with pytest.raises(NotAdmittedError, match=says):
        wait(config, deadline_seconds=0, poll_seconds=0)


def test_without_the_aws_cli_the_message_names_it(serve: Callable[[Answers], dict[str, Any]], tmp_path: Path) -> None:
    config = serve([True])
    (tmp_path / "aws").unlink()

    with pytest.raises(NotAdmittedError, match="aws is not installed"):
        wait(config, deadline_seconds=0, poll_seconds=0)


def test_a_preview_and_the_local_cloud_wait_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    local = kubeconfig("eu-central-1", "c", "https://127.0.0.1:6443", "Q0E=")
    assert asyncio.run(admitted(local)) == local

    away = kubeconfig("eu-central-1", "c", "https://c.eks.amazonaws.com", "Q0E=")
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    assert asyncio.run(admitted(away)) == away
