"""Keys, certificates, token and kubeconfig of the control plane, created once and kept across restarts.

All files are in one folder with mode 0600. They are of no use outside this machine, because every server binds to a
loopback address. Existing files are reused, so that kubeconfigs and encrypted data remain valid. Only the kubeconfig is
rewritten on each start, because the port may have changed.
"""

import json
import secrets
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from localcloud.certificates import Authority, private_pem
from localcloud.files import write_private

SERVER_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "127.0.0.1")
# Each certificate is for servers and clients, because the peer listener of etcd requires both uses.
LEAVES = {
    "etcd": "etcd",
    "etcd-client": "kube-apiserver-etcd-client",
    "apiserver": "kube-apiserver",
    "apiserver-kubelet-client": "kube-apiserver-kubelet-client",
    "kubelet": "system:node:local",
}


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a client needs in addition to the server's address."""

    ca_pem: str
    token: str
    """Bearer token of a user in the group system:masters."""


def ensure(folder: Path) -> Credentials:
    """Create the missing files in a folder, which is created with mode 0700 if necessary, and return the credentials.

    Files: `ca`, and each of `etcd`, `etcd-client`, `apiserver`, `apiserver-kubelet-client` and `kubelet`, as .crt and
    .key; `service-accounts.key`; `tokens.csv`.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority = Authority.ensure(folder, "drydock local cloud")
    for stem, common_name in LEAVES.items():
        if not (folder / f"{stem}.crt").exists():
            certificate, key = authority.issue(common_name, SERVER_NAMES, for_clients=True)
            write_private(folder / f"{stem}.key", key)
            write_private(folder / f"{stem}.crt", certificate)
    if not (folder / "service-accounts.key").exists():
        write_private(folder / "service-accounts.key", private_pem(ec.generate_private_key(ec.SECP256R1())))
    tokens = folder / "tokens.csv"
    if not tokens.exists():
        write_private(tokens, f"{secrets.token_urlsafe(32)},admin,admin,system:masters\n")
    return Credentials(ca_pem=(folder / "ca.crt").read_text(), token=tokens.read_text().partition(",")[0])


def write_kubeconfig(path: Path, server: str, credentials: Credentials, *, name: str) -> None:
    """Write an admin kubeconfig (mode 0600) with one context called `name`, as JSON, which is valid YAML."""
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
    """Write the configuration of the API server's token webhook, which is a kubeconfig without credentials.

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
