"""The stand-in and Pulumi's own Kubernetes provider, side by side on one control plane."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lightkube import Client, KubeConfig
from lightkube.resources.core_v1 import Namespace

from infra.engine import real_providers
from localcloud.cloud import Cloud
from localcloud.kubernetes import auto_mode
from localcloud.kubernetes.client import KubernetesClient
from localcloud.kubernetes.provider import KubernetesProvider
from localcloud.protocol.servicer import serve
from tests.support.provider_wire import Wire, running

PROGRAM = """
    network-policy-switch nodes-class nodes-on-demand workload-account workload-app-egress workload-autoscaler
    workload-binding workload-budget workload-config workload-default-deny workload-deployment workload-migration
    workload-migration-account workload-migration-secrets workload-namespace workload-server-ingress
    workload-service workload-worker workload-worker-budget
"""
"""The objects of the stack `prod`."""
ABSENT = "Pulumi's own Kubernetes provider is not installed; build it with: make providers"


@dataclass(frozen=True)
class Pair:
    """Both providers, on the same control plane."""

    stand_in: Wire
    real: Wire


@pytest.fixture(scope="session")
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    found = real_providers.installed().get("kubernetes")
    if found is None:
        pytest.skip(ABSENT)
    cloud: Cloud = request.getfixturevalue("cloud")  # requested late, so that a skipped test starts no control plane
    auto_mode.install(KubernetesClient(cloud.kubeconfig, auto_mode.FIELD_MANAGER))
    kubeconfig = Path(cloud.kubeconfig).read_text()
    server, port = serve(KubernetesProvider(cloud))
    # No proxy and no cloud account: the kubeconfig has a token.
    with running(found / "pulumi-resource-kubernetes", {"NO_PROXY": "127.0.0.1"}) as real:
        stand_in = Wire(port)
        for wire in (stand_in, real):
            wire.configure({"kubeconfig": kubeconfig})
        yield Pair(stand_in, real)
    server.stop(None)


@pytest.fixture
def namespaces(cloud: Cloud) -> dict[str, str]:
    """A namespace for each provider; the names have the same length."""
    client = Client(config=KubeConfig.from_file(cloud.kubeconfig).get())
    made = {name: f"{name}-{secrets.token_hex(4)}" for name in ("real", "mock")}
    for name in made.values():
        client.create(Namespace.from_dict({"metadata": {"name": name}}))
    return {"real": made["real"], "stand_in": made["mock"]}
