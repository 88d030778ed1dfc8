"""IAM's evaluation logic: decisions, and AWS's reasons for denials."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.iam.conditions import Context
from localcloud.aws.iam.decision import Policies, decide
from localcloud.aws.iam.policy import Caller, Request, statements

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/pod"
QUEUE = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:jobs"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1"
CALLER = Caller(names=frozenset({SESSION, ROLE}), session=SESSION, account=ACCOUNT)
CONTEXT = Context(values={"aws:principaltag/team": ("red",)}, known=frozenset({"aws:principaltag/"}))


def document(*bodies: dict[str, Any]) -> Any:
    return statements({"Version": "2012-10-17", "Statement": list(bodies)})


def body(effect: str = "Allow", **members: Any) -> dict[str, Any]:
    action = {} if "NotAction" in members else {"Action": "sqs:*"}
    resource = {} if "NotResource" in members else {"Resource": "*"}
    return {"Effect": effect, **action, **resource, **members}


def ask(action: str = "sqs:SendMessage", resource: str | None = QUEUE) -> Request:
    return Request(action=action, resource=resource, caller=CALLER, context=CONTEXT)


NOBODY = "because no identity-based policy allows the sqs:SendMessage action"
ALLOW, DENY = document(body()), document(body("Deny"))
TABLE: list[tuple[str, Policies, str]] = [
    ("nothing", Policies(), NOBODY),
    ("identity allows", Policies(identity=ALLOW), ""),
    ("identity denies", Policies(identity=[*ALLOW, *DENY]), "with an explicit deny in an identity-based policy"),
    ("another action", Policies(identity=document(body(Action="sqs:ReceiveMessage"))), NOBODY),
    ("not this action", Policies(identity=document(body(NotAction="sqs:Send*"))), NOBODY),
    ("not another action", Policies(identity=document(body(NotAction="kms:*"))), ""),
    ("another resource", Policies(identity=document(body(Resource=f"{QUEUE}-dead"))), NOBODY),
    ("not this resource", Policies(identity=document(body(NotResource=QUEUE))), NOBODY),
    (
        "condition met",
        Policies(identity=document(body(Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}}))),
        "",
    ),
    (
        "condition not met",
        Policies(identity=document(body(Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}))),
        NOBODY,
    ),
    (
        "condition not known",
        Policies(identity=document(body(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}))),
        NOBODY,
    ),
    (
        "deny under a condition not known",
        Policies(identity=[*ALLOW, *document(body("Deny", Condition={"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}))]),
        "with an explicit deny in an identity-based policy",
    ),
    ("resource allows the role", Policies(resource=document(body(Principal={"AWS": ROLE}))), ""),
    ("resource allows the session", Policies(resource=document(body(Principal={"AWS": SESSION}))), ""),
    ("resource allows everybody", Policies(resource=document(body(Principal="*"))), ""),
    ("resource allows the account", Policies(resource=document(body(Principal={"AWS": ROOT}))), NOBODY),
    ("resource allows another", Policies(resource=document(body(Principal={"AWS": f"{ROLE}-2"}))), NOBODY),
    ("resource allows a service", Policies(resource=document(body(Principal={"Service": "a.amazonaws.com"}))), NOBODY),
    (
        "resource denies the account",
        Policies(identity=ALLOW, resource=document(body("Deny", Principal={"AWS": ACCOUNT}))),
        "with an explicit deny in a resource-based policy",
    ),
    (
        "resource denies all but",
        Policies(identity=ALLOW, resource=document(body("Deny", NotPrincipal={"AWS": ROLE}))),
        "with an explicit deny in a resource-based policy",
    ),
    ("boundary allows", Policies(identity=ALLOW, boundary=ALLOW), ""),
    (
        "boundary does not",
        Policies(identity=ALLOW, boundary=document()),
        "because no permissions boundary allows the sqs:SendMessage action",
    ),
    (
        "boundary limits what the resource allows",
        Policies(resource=document(body(Principal={"AWS": ROLE})), boundary=document()),
        "because no permissions boundary allows the sqs:SendMessage action",
    ),
    (
        "boundary does not limit a named session",
        Policies(resource=document(body(Principal={"AWS": [SESSION]})), boundary=document()),
        "",
    ),
    (
        "session policy does not",
        Policies(identity=ALLOW, session=document(body(Action="sqs:ReceiveMessage"))),
        "because no session policy allows the sqs:SendMessage action",
    ),
    ("session policy denies", Policies(identity=ALLOW, session=DENY), "with an explicit deny in a session policy"),
]


@pytest.mark.parametrize(("policies", "reason"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_evaluates_policies_within_an_account(policies: Policies, reason: str) -> None:
    """An explicit deny decides first; then an identity or resource policy, the boundary and session policy allow."""
    decision = decide(ask(), policies)

    assert decision.reason == reason
    assert decision.allowed is (reason == "")


def key_policy(principal: str, **members: Any) -> Any:
    return document(body(Principal={"AWS": principal}, Action="kms:*", **members))


DECRYPT = document(body(Action="kms:Decrypt"))
KEYS: list[tuple[str, Policies, str]] = [
    ("left to the account", Policies(identity=DECRYPT, resource=key_policy(ROOT)), ""),
    ("left to the account, and IAM says nothing", Policies(resource=key_policy(ROOT)), "identity-based"),
    ("the key allows the role", Policies(resource=key_policy(ROLE)), ""),
    (
        "the key is for another role only",
        Policies(identity=DECRYPT, resource=key_policy(f"{ROLE}-2")),
        "resource-based",
    ),
    ("the key has no policy", Policies(identity=DECRYPT), "resource-based"),
    (
        "left to the account under a condition",
        Policies(
            identity=DECRYPT,
            resource=key_policy(ROOT, Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}),
        ),
        "resource-based",
    ),
]


@pytest.mark.parametrize(("policies", "kind"), [row[1:] for row in KEYS], ids=[row[0] for row in KEYS])
def test_iam_policies_apply_to_a_key_only_if_its_policy_allows_the_account(policies: Policies, kind: str) -> None:
    """Otherwise only the key policy counts."""
    decision = decide(ask("kms:Decrypt", KEY), policies)

    assert decision.reason == (f"because no {kind} policy allows the kms:Decrypt action" if kind else "")


def test_an_unknown_resource_needs_an_allow_for_all_resources() -> None:
    """Every Deny applies to it. The decision names the unknown resource."""
    for_one = document(body(Resource=QUEUE))
    denied = document(body("Deny", Resource=QUEUE))

    assert decide(ask(resource=None), Policies(identity=ALLOW)).allowed
    refused = decide(ask(resource=None), Policies(identity=for_one))
    assert (refused.allowed, refused.unknown) == (False, {"the resource of sqs:SendMessage"})
    assert not decide(ask(resource=None), Policies(identity=[*ALLOW, *denied])).allowed
    assert not decide(ask(resource="*"), Policies(identity=for_one)).allowed
    assert decide(ask(resource="*"), Policies(identity=[*ALLOW, *denied])).allowed


ARNS = st.sampled_from(["*", QUEUE, f"{QUEUE}-dead", "arn:aws:sqs:*:*:*", "arn:aws:sqs:*:*:${aws:PrincipalTag/team}"])
ACTIONS = st.sampled_from(["*", "sqs:*", "sqs:SendMessage", "sqs:Receive*", "kms:Decrypt"])
CONDITIONS = st.sampled_from(
    [
        {},
        {"StringEquals": {"aws:PrincipalTag/team": "red"}},
        {"StringNotEquals": {"aws:PrincipalTag/team": "red"}},
        {"StringLike": {"aws:SourceVpc": "vpc-*"}},
        {"Null": {"aws:PrincipalTag/team": "true"}},
    ]
)
PRINCIPALS = st.sampled_from(["*", {"AWS": ROOT}, {"AWS": ROLE}, {"AWS": SESSION}, {"Service": "x.amazonaws.com"}])


@st.composite
def bodies(draw: st.DrawFn, *, of_resource: bool, effect: str | None = None) -> dict[str, Any]:
    made = {
        "Effect": effect or draw(st.sampled_from(["Allow", "Deny"])),
        draw(st.sampled_from(["Action", "NotAction"])): draw(ACTIONS),
        draw(st.sampled_from(["Resource", "NotResource"])): draw(ARNS),
        "Condition": draw(CONDITIONS),
    }
    return {**made, "Principal": draw(PRINCIPALS)} if of_resource else made


IDENTITY = st.lists(bodies(of_resource=False), max_size=4)
RESOURCE = st.lists(bodies(of_resource=True), max_size=3)
REQUESTS = st.builds(ask, st.sampled_from(["sqs:SendMessage", "kms:Decrypt"]), st.sampled_from([QUEUE, "*", None]))
LIMIT = st.none() | IDENTITY


@settings(deadline=None, max_examples=50)
@given(request=REQUESTS, identity=IDENTITY, resource=RESOURCE, limit=LIMIT, data=st.data())
def test_adding_a_deny_or_removing_an_allow_never_allows_a_request(
    request: Request, identity: list[Any], resource: list[Any], limit: list[Any] | None, data: st.DataObject
) -> None:
    """For any policies, a denied request stays denied."""

    def allowed(identity: list[Any], resource: list[Any], limit: list[Any] | None) -> bool:
        boundary = None if limit is None else document(*limit)
        policies = Policies(identity=document(*identity), resource=document(*resource), boundary=boundary)
        return decide(request, policies).allowed

    before = allowed(identity, resource, limit)
    deny = data.draw(bodies(of_resource=True, effect="Deny"))
    plain = {key: value for key, value in deny.items() if key != "Principal"}

    assert before or not allowed([*identity, plain], resource, limit)
    assert before or not allowed(identity, [*resource, deny], limit)
    assert before or not allowed(identity, resource, [*(limit or []), plain])
    for index, each in enumerate(identity):
        if each["Effect"] == "Allow":
            assert before or not allowed(identity[:index] + identity[index + 1 :], resource, limit)
    for index, each in enumerate(resource):
        if each["Effect"] == "Allow":
            assert before or not allowed(identity, resource[:index] + resource[index + 1 :], limit)


@settings(deadline=None, max_examples=50)
@given(identity=IDENTITY, data=st.data())
def test_a_deny_of_everything_denies_every_request(identity: list[Any], data: st.DataObject) -> None:
    """Neither other statements nor their order matters."""
    everything = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    index = data.draw(st.integers(0, len(identity)))

    assert not decide(ask(), Policies(identity=document(*identity[:index], everything, *identity[index:]))).allowed
