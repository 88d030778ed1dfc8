"""Which kubeconfigs the stand-in accepts."""

import json
import subprocess
import sys
from base64 import b64encode

import pytest

from localcloud.kubernetes.connection import is_on, refuse_other_cluster
from localcloud.kubernetes.provider import KubernetesProvider
from localcloud.protocol.servicer import ProviderError
from localcloud.protocol.values import UNKNOWN
from tests.support.clouds import cloud

CLOUD = cloud(kube_server="https://127.0.0.1:6443", kube_ca_pem="-----BEGIN CERTIFICATE-----\nours\n")


def kubeconfig(server: str, ca: str = "theirs") -> str:
    cluster = {"server": server, "certificate-authority-data": b64encode(ca.encode()).decode()}
    return json.dumps(
        {
            "current-context": "aws",
            "contexts": [{"name": "aws", "context": {"cluster": "eks", "user": "aws"}}],
            "clusters": [{"name": "other", "cluster": {}}, {"name": "eks", "cluster": cluster}],
            "users": [{"name": "aws", "user": {"exec": {"command": "aws"}}}],
        }
    )


@pytest.mark.parametrize(
    "text",
    [
        kubeconfig("https://127.0.0.1:6443"),
        kubeconfig("https://127.0.0.1:6443/"),
        kubeconfig("https://127.0.0.1:7777", ca=CLOUD.kube_ca_pem),
        UNKNOWN,
    ],
    ids=["server", "slash", "port changed", "unknown"],
)
def test_accepts_the_local_cluster(text: str) -> None:
    """It is recognized by its URL or its authority; in a preview the kubeconfig may be unknown."""
    KubernetesProvider(CLOUD).configure({"kubeconfig": text})


def test_rejects_another_cluster() -> None:
    """The message names both clusters."""
    with pytest.raises(ProviderError, match=r"names https://eks\.example\.com, .*'local' is https://127\.0\.0\.1:6443"):
        refuse_other_cluster({"kubeconfig": kubeconfig("https://eks.example.com")}, CLOUD)


@pytest.mark.parametrize("text", [None, "", "~/.kube/config", "{", "{clusters: []}", "[]"])
def test_rejects_a_value_that_is_not_a_kubeconfig(text: str | None) -> None:
    """It may be a path, empty, or other text; the user's own kubeconfig is never used."""
    with pytest.raises(ProviderError, match="kubeconfig must be the content of a kubeconfig"):
        refuse_other_cluster({"kubeconfig": text}, CLOUD)


def test_without_a_local_cloud_any_cluster_can_be_previewed() -> None:
    """No request is sent."""
    KubernetesProvider(None).configure({"kubeconfig": kubeconfig("https://eks.example.com")})


@pytest.mark.parametrize(
    ("value", "on"), [(True, True), ("true", True), (False, False), ("false", False), (None, False)]
)
def test_reads_options_as_booleans_and_as_text(value: object, on: bool) -> None:
    """The SDK sends them as JSON text."""
    assert is_on({"enablePatchForce": value}, "enablePatchForce") is on


def test_a_preview_without_a_local_cloud_imports_no_client() -> None:
    """The import would slow down every preview."""
    code = """
import sys
from localcloud.kubernetes.provider import KubernetesProvider
from localcloud.protocol.servicer import Target
target = Target(urn="", type="kubernetes:core/v1:ConfigMap", name="a")
provider = KubernetesProvider(None)
provider.create(target, provider.check(target, {}, {}), preview=True)
print([name for name in sys.modules if name.partition(".")[0] in {"lightkube", "httpx2", "msgspec"}])
"""

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
