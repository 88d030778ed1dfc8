"""A control plane for all tests of this folder; each test has its own namespace."""

from collections.abc import Iterator

import pytest

from localcloud.cloud import Cloud
from localcloud.kubernetes.provider import KubernetesProvider
from tests.localcloud.kubernetes.stage import Stage
from tests.support.control_plane import binaries, control_plane_in


@pytest.fixture(scope="package")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with control_plane_in(tmp_path_factory.mktemp("cloud"), binaries()) as running:
        yield running


@pytest.fixture
def provider(cloud: Cloud) -> KubernetesProvider:
    return KubernetesProvider(cloud)


@pytest.fixture
def stage(provider: KubernetesProvider, cloud: Cloud, request: pytest.FixtureRequest) -> Stage:
    return Stage(provider, cloud, request.node.name)
