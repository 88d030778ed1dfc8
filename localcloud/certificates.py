"""Certificate authorities, and certificates for servers that are reachable from this machine only."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from localcloud.files import write_private

VALIDITY = timedelta(days=3650)  # longer than any local cloud is kept
CLOCK_SKEW = timedelta(minutes=5)
AUTHORITY_FOLDER = "authority"
"""Folder, in the state folder, of the authority that issues the certificates of HTTPS and PostgreSQL endpoints."""
AUTHORITY_NAME = "Drydock local authority"


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A certificate authority."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def ensure(cls, folder: Path, name: str = AUTHORITY_NAME) -> "Authority":
        """Read the authority in a folder, or create it with this common name (ca.key and ca.crt, mode 0600)."""
        key_path, certificate_path = folder / "ca.key", folder / "ca.crt"
        if certificate_path.exists():
            key = serialization.load_pem_private_key(key_path.read_bytes(), None)
            assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - written below, as this kind
            return cls(key=key, certificate=x509.load_pem_x509_certificate(certificate_path.read_bytes()))
        made = cls._new(name)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Write the key first, because the existence of the certificate means that the key exists too.
        write_private(key_path, private_pem(made.key))
        write_private(certificate_path, made.pem)
        return made

    @classmethod
    def _new(cls, common_name: str) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(common_name)
        certificate = (
            _builder(name, name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(key=key, certificate=certificate)

    @property
    def pem(self) -> str:
        """The authority's own certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, common_name: str, hosts: Sequence[str], *, for_clients: bool = False) -> tuple[str, str]:
        """Issue a certificate for a server.

        Args:
            common_name: the common name of the subject, at most 64 characters.
            hosts: the DNS names (including wildcards such as `*.example.com`) and IP addresses of the server.
            for_clients: whether the certificate is also valid for client authentication.

        Returns:
            The certificate and its key, both as PEM.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, *([ExtendedKeyUsageOID.CLIENT_AUTH] if for_clients else [])]
        certificate = (
            _builder(_name(common_name), self.certificate.subject, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM).decode(), private_pem(key).decode()


def self_signed(common_name: str) -> tuple[str, str]:
    """Return a self-signed certificate and its key, both as PEM, for encryption without a trusted name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(common_name)
    certificate = _builder(name, name, key.public_key()).sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), private_pem(key).decode()


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a key as unencrypted PEM."""
    # Not PKCS #8: in that format the API server cannot find the public key of a service account key.
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + VALIDITY)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
