"""Certificate authorities that tools trust with the variables of `drydock env`."""

import http.server
import os
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from infra.engine.trusted import trust
from localcloud.certificates import Authority
from tests.support.clouds import cloud

NAMES = {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}


def subjects(bundle: str) -> set[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=bundle)
    return {str(dict(pair for part in item["subject"] for pair in part)) for item in context.get_ca_certs()}


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    Authority.ensure(tmp_path / "authority")
    return tmp_path / "authority" / "ca.crt"


def test_the_authority_is_trusted_in_addition_to_the_public_roots(authority: Path) -> None:
    """The bundle has both, because some tools use it in place of their own roots."""
    found = trust(cloud(authority=str(authority)), {})

    assert set(found) == NAMES
    (bundle,) = set(found.values())
    assert any("Drydock local authority" in subject for subject in subjects(bundle))
    assert len(subjects(bundle)) > 50
    assert Path(bundle).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", sorted(NAMES))
def test_keeps_the_authorities_of_the_user(authority: Path, tmp_path: Path, name: str) -> None:
    """An authority from any of the variables stays in the bundle, also after a second export."""
    company = tmp_path / "company.pem"
    company.write_text(Authority.ensure(tmp_path / "company", "Company").pem)
    here = cloud(authority=str(authority))
    first = trust(here, {name: str(company)})
    again = trust(here, first)
    found = {name: subjects(path) for name, path in again.items()}

    assert all(any("Company" in subject for subject in each) for each in found.values())
    assert all(any("Drydock local authority" in subject for subject in each) for each in found.values())


def test_the_bundle_does_not_grow_with_each_export(authority: Path) -> None:
    """After an earlier export, the variables name the bundle itself."""
    here = cloud(authority=str(authority))
    first = trust(here, {})
    size = Path(first["SSL_CERT_FILE"]).stat().st_size

    assert trust(here, first) == first
    assert Path(first["SSL_CERT_FILE"]).stat().st_size == size


def test_a_cloud_without_an_authority_changes_nothing(tmp_path: Path) -> None:
    """A local cloud that an earlier version of Drydock started has none."""
    assert trust(cloud(), {}) == {}
    assert trust(cloud(authority=str(tmp_path / "gone" / "ca.crt")), {}) == {}


PYTHON = """
import socket, ssl, sys
context = ssl.create_default_context()
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as plain:
    with context.wrap_socket(plain, server_hostname="drydock.localhost") as secure:
        secure.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        print(secure.recv(1000).partition(b" ")[2].decode())
"""
REQUESTS = """
import sys, requests
print(requests.get(f"https://127.0.0.1:{sys.argv[1]}/").status_code)
"""
TOOLS = {
    "curl": ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "https://drydock.localhost:PORT/"],
    "ssl": [sys.executable, "-c", PYTHON, "PORT"],
    "requests": [sys.executable, "-c", REQUESTS, "PORT"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_tools_verify_with_the_exported_variables(tool: str, authority: Path) -> None:
    """Real tools and a real server; without the variables each tool refuses. curl resolves *.localhost itself."""
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    certificate, key = Authority.ensure(authority.parent).issue("drydock.localhost", ["drydock.localhost", "127.0.0.1"])
    (authority.parent / "server.pem").write_text(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.parent / "server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    plain = {name: value for name, value in os.environ.items() if name not in NAMES} | {"no_proxy": "*"}
    exported = trust(cloud(authority=str(authority)), plain)
    command = [part.replace("PORT", str(server.server_port)) for part in TOOLS[tool]]

    with_them = subprocess.run(command, env=plain | exported, capture_output=True, text=True, check=False, timeout=30)
    without = subprocess.run(command, env=plain, capture_output=True, text=True, check=False, timeout=30)
    server.shutdown()
    thread.join()
    server.server_close()

    assert with_them.stdout.startswith("200"), with_them.stderr
    assert without.returncode != 0
    assert "certificate" in without.stderr.lower()
