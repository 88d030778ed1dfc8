"""Keys, certificates and tokens are private, kept over restarts, and pass strict verification."""

import json
import ssl
from pathlib import Path

import pytest

from localcloud.kubernetes.credentials import LEAVES, ensure, write_kubeconfig


def test_every_file_is_readable_for_its_owner_only(tmp_path: Path) -> None:
    """Each of them gives administrator access."""
    folder = tmp_path / "kubernetes"
    write_kubeconfig(folder / "kubeconfig", "https://127.0.0.1:1", ensure(folder), name="local")

    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_keeps_existing_credentials(tmp_path: Path) -> None:
    """A restart invalidates no credential."""
    first = ensure(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert ensure(tmp_path) == first
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_each_cloud_has_its_own_token_and_authority(tmp_path: Path) -> None:
    """Thus no cloud can reach another by mistake."""
    one, other = ensure(tmp_path / "one"), ensure(tmp_path / "other")

    assert one.token != other.token
    assert one.ca_pem != other.ca_pem
    assert len(one.token) >= 32


def test_an_interrupted_start_is_completed(tmp_path: Path) -> None:
    """Missing files are created again, with the same authority."""
    first = ensure(tmp_path)
    for name in ("kubelet.crt", "kubelet.key", "ca.crt.draft"):
        (tmp_path / name).unlink(missing_ok=True)

    assert ensure(tmp_path) == first
    assert (tmp_path / "kubelet.crt").exists()


@pytest.mark.parametrize("stem", LEAVES)
def test_certificates_pass_strict_verification(tmp_path: Path, stem: str) -> None:
    """A handshake in memory verifies both sides with the default checks of Python 3.13."""
    ensure(tmp_path)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.crt"))
    client = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
    server.verify_mode = ssl.CERT_REQUIRED
    for context in (server, client):
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        context.load_cert_chain(tmp_path / f"{stem}.crt", tmp_path / f"{stem}.key")
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    caller = client.wrap_bio(back, there, server_hostname="127.0.0.1")
    called = server.wrap_bio(there, back, server_side=True)

    for _ in range(3):
        for side in (caller, called):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue

    assert caller.version() == "TLSv1.3"
    assert called.getpeercert()


def test_the_kubeconfig_has_one_context(tmp_path: Path) -> None:
    """It contains everything that a client needs."""
    credentials = ensure(tmp_path)
    write_kubeconfig(tmp_path / "kubeconfig", "https://127.0.0.1:6443", credentials, name="local")

    document = json.loads((tmp_path / "kubeconfig").read_text())

    assert document["current-context"] == "local"
    assert document["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"
    assert document["users"][0]["user"] == {"token": credentials.token}
