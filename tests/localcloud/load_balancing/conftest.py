"""A control plane with a node and an account, and thus load balancers, for all tests of this folder."""

from collections.abc import Iterator

import pytest

from localcloud.kubernetes import auto_mode
from localcloud.kubernetes.client import KubernetesClient
from tests.support.control_plane import binaries
from tests.support.load_balancer import CLUSTER, Account
from tests.support.node import NodeStage, node_in


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeStage]:
    with node_in(tmp_path_factory.mktemp("load-balancing"), binaries()) as running:
        auto_mode.install(KubernetesClient(running.cloud.kubeconfig, auto_mode.FIELD_MANAGER))
        yield running


@pytest.fixture(scope="package")
def account(stage: NodeStage) -> Account:
    """The AWS account of the stage, with a network and a cluster."""
    found = Account.of_state(stage.state)
    found.make_cluster(CLUSTER)
    return found
