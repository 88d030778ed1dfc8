"""The endpoint from which pods get credentials, with token reviews that the test answers."""

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
    """Six hours long, named after cluster and pod."""
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


def test_sessions_are_handed_out_again_and_survive_a_rebuild(home: Home) -> None:
    """A container that crashes makes no new ones; a pod's credentials outlive the part `aws`."""
    first = credentials(home.server)
    assert credentials(home.server) == first

    home.server._rebuild()  # as a restart does

    (session,) = [each for each in home.sessions() if each.access_key_id == first["AccessKeyId"]]
    assert (session.secret_access_key, session.session_token) == (first["SecretAccessKey"], first["Token"])
    assert session.session_tags["kubernetes-pod-uid"] == "uid-1"


def test_sessions_are_not_left_in_the_account(home: Home) -> None:
    """They end by themselves, and a destroyed stack leaves nothing."""
    before = home.server.left()
    credentials(home.server)

    assert home.server.left() == before


def test_without_session_tags(home: Home) -> None:
    """The association may turn them off; then sts:TagSession is not asked for."""
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
def test_who_gets_none(home: Home, token: str, status: int, words: str) -> None:
    """Each refusal says why."""
    with pytest.raises(PodIdentityError, match=words) as refused:
        credentials(home.server, token)

    assert refused.value.status == status


def test_a_target_role_is_refused_by_name(home: Home) -> None:
    """Rather than credentials of the wrong role."""
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
def test_only_tokens_of_pods_for_eks_count(change: dict[str, Any]) -> None:
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
def test_trust(document: dict[str, Any], allowed: bool) -> None:
    """What a role must say for EKS to take it, and what does not do."""
    tags = {"kubernetes-namespace": "app"}

    assert trust(document, "sts:AssumeRole", ROLE, cluster_arn=CLUSTER_ARN, tags=tags).allowed is allowed


def test_what_is_not_evaluated_is_named() -> None:
    """A condition on a key that has no meaning here never allows."""
    document = statement(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})

    assert trust(document, "sts:AssumeRole", ROLE, cluster_arn=CLUSTER_ARN, tags={}).unknown == {"aws:SourceVpc"}
