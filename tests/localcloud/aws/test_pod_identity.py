"""The endpoint from which pods get credentials. Mocked: the token reviews."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.aws.pod_identity import PodIdentityError, Subject, subject, trust
from tests.localcloud.aws.conftest import ACCOUNT_ID
from tests.localcloud.aws.iam.account import CLUSTER_ARN, Home, credentials, make_home


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = make_home(tmp_path_factory.mktemp("account"))
    yield home
    home.server.stop()


@pytest.fixture
def home(account: Home) -> Iterator[Home]:
    yield account
    account.trust("sts:AssumeRole", "sts:TagSession")
    account.update_association(disableSessionTags=False, targetRoleArn="")


def test_the_session_has_the_tags_of_eks(home: Home) -> None:
    """It lasts six hours, and its name has cluster and pod."""
    told = credentials(home.server)
    (session,) = [each for each in home.sessions() if each.access_key_id == told["AccessKeyId"]]

    assert session.session_tags == {
        "eks-cluster-arn": CLUSTER_ARN,
        "eks-cluster-name": "platform",
        "kubernetes-namespace": "app",
        "kubernetes-service-account": "worker",
        "kubernetes-pod-name": "worker-abc",
        "kubernetes-pod-uid": "uid-1",
    }
    assert session.session_name.startswith("eks-platform-worker-abc"[:22])
    assert set(told) == {"AccessKeyId", "SecretAccessKey", "Token", "AccountId", "Expiration"}
    left = datetime.fromisoformat(told["Expiration"]) - datetime.now(UTC)
    assert timedelta(hours=5, minutes=59) < left <= timedelta(hours=6)


def test_sessions_are_reused_and_survive_a_rebuild(home: Home) -> None:
    """A crashing container creates no new sessions; a pod's credentials stay valid after a restart of `aws`."""
    first = credentials(home.server)
    assert credentials(home.server) == first

    home.server._rebuild()  # as at a restart

    (session,) = [each for each in home.sessions() if each.access_key_id == first["AccessKeyId"]]
    assert (session.secret_access_key, session.session_token) == (first["SecretAccessKey"], first["Token"])
    assert session.session_tags["kubernetes-pod-uid"] == "uid-1"


def test_sessions_are_not_in_the_inventory(home: Home) -> None:
    """They expire, so a destroyed stack leaves nothing."""
    before = home.server.left()
    credentials(home.server)

    assert home.server.left() == before


def test_session_tags_can_be_disabled(home: Home) -> None:
    """Without them, sts:TagSession is not needed."""
    home.trust("sts:AssumeRole")
    with pytest.raises(PodIdentityError, match="may not sts:TagSession"):
        credentials(home.server)
    home.update_association(disableSessionTags=True)

    credentials(home.server)

    assert home.sessions()[-1].session_tags == {}


@pytest.mark.parametrize(
    ("token", "status", "words"),
    [
        ("nobody's", 401, "InvalidTokenException"),
        ("other", 404, "ServiceAccount app/other has no pod identity association"),
        ("unreachable", 503, "the API server does not review tokens"),
    ],
)
def test_refuses_credentials_with_a_reason(home: Home, token: str, status: int, words: str) -> None:
    """Each case has its message."""
    with pytest.raises(PodIdentityError, match=words) as refused:
        credentials(home.server, token)

    assert refused.value.status == status


def test_refuses_an_association_with_a_target_role(home: Home) -> None:
    """Otherwise the pod would get credentials of the wrong role."""
    home.update_association(targetRoleArn="arn:aws:iam::123456789012:role/target")

    with pytest.raises(PodIdentityError, match="no target roles"):
        credentials(home.server)


STATUS = {
    "authenticated": True,
    "audiences": ["pods.eks.amazonaws.com"],
    "user": {
        "username": "system:serviceaccount:app:worker",
        "extra": {
            "authentication.kubernetes.io/pod-name": ["worker-abc"],
            "authentication.kubernetes.io/pod-uid": ["uid-1"],
        },
    },
}


@pytest.mark.parametrize(
    "change",
    [
        {"authenticated": False},
        {"audiences": []},
        {"audiences": ["https://kubernetes.default.svc"]},
        {"user": {"username": "system:serviceaccount:app:worker"}},
        {"user": {**STATUS["user"], "username": "admin"}},  # type: ignore[dict-item]
        {"user": {}},
    ],
)
def test_accepts_only_tokens_of_pods_for_eks(change: dict[str, Any]) -> None:
    """An incomplete review is refused."""
    assert subject(STATUS) == Subject(namespace="app", service_account="worker", pod="worker-abc", pod_uid="uid-1")
    assert subject({**STATUS, **change}) is None


def statement(**change: Any) -> dict[str, Any]:
    body = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        **change,
    }
    return {"Version": "2012-10-17", "Statement": [body]}


ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/r"
TRUSTS = [
    (statement(), True),
    (statement(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}), True),
    (statement(Condition={"ArnEquals": {"aws:SourceArn": CLUSTER_ARN}}), True),
    (statement(Condition={"StringEquals": {"aws:RequestTag/kubernetes-namespace": "app"}}), True),
    (statement(Principal="*"), True),
    (statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}), False),
    (statement(Principal={"Service": "ec2.amazonaws.com"}), False),
    (statement(Action="sts:TagSession"), False),
    (statement(Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}}), False),
    (statement(Condition={"ArnEquals": {"aws:SourceArn": CLUSTER_ARN.replace("platform", "other")}}), False),
    (statement(Condition={"StringEquals": {"aws:RequestTag/kubernetes-namespace": "other"}}), False),
    (statement(Condition={"StringEquals": {"sts:ExternalId": "x"}}), False),
    (statement(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}), False),
    (statement(Effect="Deny"), False),
]


@pytest.mark.parametrize(("document", "allowed"), TRUSTS)
def test_validates_the_trust_policy(document: dict[str, Any], allowed: bool) -> None:
    """Tested are trust policies that allow EKS to assume the role, and others that do not."""
    tags = {"kubernetes-namespace": "app"}

    assert trust(document, "sts:AssumeRole", ROLE, cluster_arn=CLUSTER_ARN, tags=tags).allowed is allowed


def test_a_condition_that_cannot_be_evaluated_does_not_allow() -> None:
    """The message names the condition key."""
    document = statement(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})

    assert trust(document, "sts:AssumeRole", ROLE, cluster_arn=CLUSTER_ARN, tags={}).unknown == {"aws:SourceVpc"}
