"""An emulated AWS account that runs in this process."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.engine.loopback import ask
from localcloud.aws.provider import AwsProvider
from localcloud.cloud import Cloud
from tests.infra.engine.test_real_providers import CLOUD
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases, start_server


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cloud, AwsProvider]]:
    server = start_server(tmp_path_factory.mktemp("aws"))
    cloud = replace(CLOUD, aws_endpoint=server.endpoint, region=REGION, account_id=ACCOUNT_ID)
    yield cloud, AwsProvider(ACCOUNT_ID, REGION, server.endpoint, server.journal, Databases())
    server.stop()


@pytest.fixture
def cloud(account: tuple[Cloud, AwsProvider]) -> Iterator[Cloud]:
    """The account; the test must leave nothing in it."""
    before = ask(f"{account[0].aws_endpoint}/drydock/inventory")
    yield account[0]
    assert ask(f"{account[0].aws_endpoint}/drydock/inventory") == before
