"""TokenReviews for tokens of role sessions. Emulated: AWS, by moto. Mocked: role bindings in the cluster."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.aws.account import Account
from localcloud.aws.iam.principals import holder_of
from localcloud.aws.server import AwsServer
from localcloud.aws.tokens.__main__ import main
from localcloud.aws.tokens.access import Binding
from localcloud.aws.tokens.presigned import is_signed_by, parse
from localcloud.aws.tokens.review import review
from localcloud.cloud import ACCESS_KEY
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION
from tests.support.eks_tokens import get_token

TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, '
    '"Action": "sts:AssumeRole"}]}'
)


class Bound:
    """Records role bindings."""

    def __init__(self) -> None:
        self.groups: list[str] = []

    def __call__(self, group: str, wanted: Iterable[Binding]) -> None:
        self.groups.append(group)


@pytest.fixture
def keys(server: AwsServer) -> dict[str, Any]:
    account = Account(ACCOUNT_ID, REGION, server.endpoint)
    role = account.call("iam", "CreateRole", RoleName="viewer", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    made: dict[str, Any] = account.call("sts", "AssumeRole", RoleArn=role, RoleSessionName="one")["Credentials"]
    return made


def error_of(keys: dict[str, Any]) -> str:
    """Return why a token of these keys is refused; assert that no role is bound."""
    bound = Bound()
    token = get_token("dev", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    status = review({"spec": {"token": token}}, ACCOUNT_ID, bound)["status"]
    assert status["authenticated"] is False
    assert bound.groups == []
    return str(status["error"])


def test_refuses_an_unknown_key(keys: dict[str, Any]) -> None:
    assert error_of({**keys, "AccessKeyId": "ASIAOFNOBODY"}) == "its access key is not in this account"


def test_refuses_a_token_for_a_missing_cluster(keys: dict[str, Any]) -> None:
    assert error_of(keys) == "it is not signed by its key for a cluster of this account"


def test_refuses_an_expired_session(keys: dict[str, Any]) -> None:
    """The age of the signature does not matter."""
    from moto.sts.models import sts_backends  # noqa: PLC0415 - after the server has set its environment

    (session,) = sts_backends[ACCOUNT_ID]["aws"].assumed_roles
    session.expiration = (datetime.now(UTC) - timedelta(seconds=1)).replace(tzinfo=None)

    assert error_of(keys) == "the session that signed it has expired"


def test_a_token_can_be_signed_as_a_role(
    server: AwsServer, keys: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `aws eks get-token --role-arn`, a session of the role signs."""
    environment = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": ACCESS_KEY, "AWS_SESSION_TOKEN": ""}
    for name, value in {**environment, "AWS_ENDPOINT_URL": server.endpoint}.items():
        monkeypatch.setenv(name, value)
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/viewer"

    main(["eks", "get-token", "--cluster-name", "dev", "--region", REGION, "--role-arn", role])

    token = parse(json.loads(capsys.readouterr().out)["status"]["token"], datetime.now(UTC))
    holder = holder_of(ACCOUNT_ID, token.access_key_id, token.session_token)
    assert (holder.session.role_arn, holder.session.session_name) == (role, "EKSGetTokenAuth")
    assert is_signed_by(token, holder.secret, "dev")
