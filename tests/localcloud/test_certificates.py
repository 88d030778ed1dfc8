"""The local certificate authority and its certificates."""

import ssl
from pathlib import Path

import pytest

from localcloud.certificates import Authority


def handshake(authority: Authority, folder: Path, hosts: list[str], asked: str) -> None:
    """Verify a certificate for `hosts` as Python 3.13 does by default; raises ssl.SSLError."""
    certificate, key = authority.issue("server", hosts)
    (folder / "server.crt").write_text(certificate)
    (folder / "server.key").write_text(key)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "server.crt", folder / "server.key")
    client = ssl.create_default_context(cadata=authority.pem)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    caller, called = (
        client.wrap_bio(back, there, server_hostname=asked),
        server.wrap_bio(there, back, server_side=True),
    )
    for _ in range(4):
        for side in (caller, called):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert caller.getpeercert()


@pytest.mark.parametrize("asked", ["drydock.localhost", "api.drydock.localhost", "127.0.0.1"])
def test_a_certificate_is_valid_for_its_hosts(tmp_path: Path, asked: str) -> None:
    """Hosts are names, names below a wildcard, and addresses."""
    authority = Authority.ensure(tmp_path)

    handshake(authority, tmp_path, ["drydock.localhost", "*.drydock.localhost", "127.0.0.1"], asked)


@pytest.mark.parametrize("asked", ["example.com", "127.0.0.2", "a.b.drydock.localhost"])
def test_a_certificate_is_not_valid_for_other_hosts(tmp_path: Path, asked: str) -> None:
    """Other names and addresses fail the verification."""
    authority = Authority.ensure(tmp_path)

    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(authority, tmp_path, ["drydock.localhost", "*.drydock.localhost", "127.0.0.1"], asked)


def test_an_authority_is_kept_private_and_over_restarts(tmp_path: Path) -> None:
    """Clients that trust it accept later certificates, and no other user can read its key."""
    first = Authority.ensure(tmp_path / "authority")

    assert Authority.ensure(tmp_path / "authority").pem == first.pem
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "authority").iterdir()} == {0o600}
    assert Authority.ensure(tmp_path / "other").pem != first.pem
