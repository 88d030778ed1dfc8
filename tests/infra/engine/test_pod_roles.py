"""The roles of pods compared with their use. Emulated: the AWS account. Mocked: its counters of uses."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.engine import pod_roles
from tests.infra.engine.test_real_providers import CLOUD
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION
from tests.localcloud.aws.iam.account import ROLE_ARN, Home, make_home


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = make_home(tmp_path_factory.mktemp("account"))
    yield home
    home.server.stop()


def test_lists_allowed_actions_that_no_pod_has_used(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Denied actions are not listed, and an action of two statements counts once."""
    home.put_policy(
        {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": "*"},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:jobs"},
        {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"},
    )
    uses: dict[str, list[str]] = {}
    monkeypatch.setattr(pod_roles, "ask", lambda _url: uses)

    assert said(home) == (
        "pods used 0 of 2 actions that their roles allow; unused: sqs:ReceiveMessage of app/worker, "
        "sqs:SendMessage of app/worker"
    )
    uses[ROLE_ARN] = ["sqs:SendMessage"]
    assert said(home).endswith("used 1 of 2 actions that their roles allow; unused: sqs:ReceiveMessage of app/worker")
    uses[ROLE_ARN] = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"]
    assert said(home) == "pods used 2 of 2 actions that their roles allow"


def said(home: Home) -> str:
    cloud = replace(CLOUD, aws_endpoint=home.server.endpoint, region=REGION, account_id=ACCOUNT_ID)
    return pod_roles.unused(cloud)
