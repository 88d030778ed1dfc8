"""Keys, certificates, token and kubeconfig of the control plane, made once and kept over restarts.

All of them lie in one folder, 0600, and none is of use beyond this machine: every server binds loopback. What the
folder holds is taken up again, so that kubeconfigs handed out and data encrypted stay good; only the kubeconfig is
written anew on each start, because the port may have changed.
"""

import ipaddress
import json
import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from localcloud.files import write_private

VALIDITY = timedelta(days=3650)  # a local cloud is thrown away long before
CLOCK_SKEW = timedelta(minutes=5)
SERVER_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
# Each leaf serves and calls: etcd's peer listener insists on both uses.
LEAVES = {
    "etcd": "etcd",
    "etcd-client": "kube-apiserver-etcd-client",
    "apiserver": "kube-apiserver",
    "apiserver-kubelet-client": "kube-apiserver-kubelet-client",
    "kubelet": "system:node:local",
}


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a client needs beside the server's address."""

    ca_pem: str
    token: str
    """Bearer token of a user in the group system:masters."""


def ensure(folder: Path) -> Credentials:
    """Make what is missing in the folder (made 0700 where it is not there) and return what clients need.

    Files: `ca`, and each of `etcd`, `etcd-client`, `apiserver`, `apiserver-kubelet-client` and `kubelet`, as .crt and
    .key; `service-accounts.key`; `tokens.csv`.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ca_key, ca = _authority(folder)
    for stem, common_name in LEAVES.items():
        if not (folder / f"{stem}.crt").exists():
            _issue(folder, stem, common_name, ca_key, ca)
    if not (folder / "service-accounts.key").exists():
        write_private(folder / "service-accounts.key", _pem(ec.generate_private_key(ec.SECP256R1())))
    tokens = folder / "tokens.csv"
    if not tokens.exists():
        write_private(tokens, f"{secrets.token_urlsafe(32)},admin,admin,system:masters\n")
    return Credentials(ca_pem=(folder / "ca.crt").read_text(), token=tokens.read_text().partition(",")[0])


def write_kubeconfig(path: Path, server: str, credentials: Credentials, *, name: str) -> None:
    """Write an admin kubeconfig (0600) with one context called `name`. JSON is YAML, which is what kubectl reads."""
    ca_data = b64encode(credentials.ca_pem.encode()).decode()
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority-data": ca_data}}],
        "users": [{"name": name, "user": {"token": credentials.token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }
    write_private(path, json.dumps(document, indent=2))


def write_token_webhook(path: Path, url: str) -> None:
    """Write the file that says where the API server has tokens reviewed: a kubeconfig, without credentials.

    https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
    """
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "aws",
        "clusters": [{"name": "aws", "cluster": {"server": url}}],
        "users": [{"name": "kube-apiserver", "user": {}}],
        "contexts": [{"name": "aws", "context": {"cluster": "aws", "user": "kube-apiserver"}}],
    }
    write_private(path, json.dumps(document, indent=2))


def _authority(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_path, certificate_path = folder / "ca.key", folder / "ca.crt"
    if certificate_path.exists():
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - written below, as this kind
        return key, x509.load_pem_x509_certificate(certificate_path.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "drydock local cloud")])
    certificate = (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    # The key first: a certificate is the sign that its key is there too.
    write_private(key_path, _pem(key))
    write_private(certificate_path, certificate.public_bytes(serialization.Encoding.PEM))
    return key, certificate


def _issue(folder: Path, stem: str, common_name: str, ca_key: ec.EllipticCurvePrivateKey, ca: x509.Certificate) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in SERVER_NAMES]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        _builder(subject, ca.subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    write_private(folder / f"{stem}.key", _pem(key))
    write_private(folder / f"{stem}.crt", certificate.public_bytes(serialization.Encoding.PEM))


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


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    # Not PKCS #8, in which the API server does not find the public key of a service account key.
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
