"""Keys, certificates, token and kubeconfig of the control plane, made once and kept over restarts.

All of them lie in one folder, 0600, and none is of use beyond this machine: every server binds loopback. What the
folder holds is taken up again, so that kubeconfigs handed out and data encrypted stay good; only the kubeconfig is
written on each start, because the port may have changed.
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
