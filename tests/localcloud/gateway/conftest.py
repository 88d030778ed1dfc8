"""A control plane with a node, and thus a gateway, for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.support.control_plane import binaries
from tests.support.node import NodeStage, node_in


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeStage]:
    with node_in(tmp_path_factory.mktemp("gateway"), binaries()) as running:
        yield running
