"""Each kind of hazard with changes that have it, and similar ones that do not."""

from dataclasses import asdict

import pytest
from pulumi.automation.events import EngineEvent

from infra.review import plan_from_events, to_json
from infra.review.hazard import HazardKind
from infra.review.hazards.downgrades import is_lower
from infra.review.stored import from_json
from tests.infra.review.built import step
from tests.infra.review.hazards.cases import CASES
from tests.infra.review.hazards.cases.made import INSTANCE, KEY, LOST, POLICY, QUEUE, VERSIONING, Case, policy

DEPLOYED = step("same", "aws:ec2/vpc:Vpc", "network-vpc", old={}, new={})


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_change_has_exactly_its_hazards(case: Case) -> None:
    """The sentence says what is dangerous."""
    found = plan_from_events([DEPLOYED, case.event]).hazards

    assert [(str(each.kind), each.what) for each in found] == case.expected


@pytest.mark.parametrize(
    "kind",
    [
        "stateful-loss",
        "protection-loss",
        "network-exposure",
        "iam-widening",
        "provider-replace",
        "node-roll",
        "downgrade",
    ],
)
def test_each_kind_has_cases(kind: str) -> None:
    """At least two changes have it."""
    assert sum(kind in dict(case.expected) for case in CASES.values()) >= 2


def test_a_first_deployment_has_no_hazards() -> None:
    """Nothing exists that could be lost or exposed. The same holds if the plan is not compared with a state."""
    events = [case.event for case in CASES.values() if case.event.resource_pre_event.metadata.old is None]

    assert len(events) > 5
    assert plan_from_events(events).hazards == ()
    assert plan_from_events([case.event for case in CASES.values()], compared=False).hazards == ()


def test_hazards_of_a_resource_are_one_for_each_kind_the_gravest_first() -> None:
    """All sentences of a kind are kept."""
    old = {"multiAz": True, "deletionProtection": True, "engineVersion": "18.1", "username": "a"}
    new = {"engineVersion": "17.1", "username": "b"}
    event = step("replace", INSTANCE, "x", old=old, new=new, diff={"username": "update-replace"}, keys=["username"])

    found = plan_from_events([event]).hazards

    assert [(str(each.kind), each.what) for each in found] == [
        ("stateful-loss", LOST),
        (
            "protection-loss",
            "it has no standby in another zone any more (multiAz); "
            "it is no longer protected from deletion (deletionProtection)",
        ),
        ("downgrade", "engineVersion goes down from 18.1 to 17.1"),
    ]
    assert {each.urn for each in found} == {"urn:pulumi:prod::drydock::aws:rds/instance:Instance::x"}


def test_what_is_about_a_deleted_resource_is_not_told_beside_it() -> None:
    """Versioning goes with its bucket; that of another bucket is a loss of protection."""
    bucket = step("delete", "aws:s3/bucket:Bucket", "logs", old={}, identity="logs-1")
    kept = step("same", "aws:s3/bucket:Bucket", "data", old={}, new={}, identity="data-1")
    own = step("delete", VERSIONING, "own", old={"bucket": "logs-1", "tags": {}})
    other = step("delete", VERSIONING, "other", old={"bucket": "data-1"})

    assert names([bucket, kept, own, other]) == [("stateful-loss", "logs"), ("protection-loss", "other")]


def test_a_loss_beside_a_deleted_resource_is_still_told() -> None:
    """A queue loses its messages also if its key goes; a policy is widened also if it leaves its role."""
    key = step("delete", KEY, "key", old={}, identity="key-1")
    queue = step("delete", QUEUE, "queue", old={"kmsMasterKeyId": "key-1"})
    moved = step("update", POLICY, "policy", old={"role": "key-1", **policy("s3:Get*")}, new=policy("s3:*"))

    assert names([key, queue, moved]) == [
        ("stateful-loss", "key"),
        ("stateful-loss", "queue"),
        ("iam-widening", "policy"),
    ]


def names(events: list[EngineEvent]) -> list[tuple[str, str]]:
    """Return kind and name of the hazards of these steps."""
    return [(str(each.kind), each.urn.rpartition("::")[2]) for each in plan_from_events(events).hazards]


@pytest.mark.parametrize(
    ("old", "new", "lower"),
    [
        ("1.10", "1.9", True),
        ("1.9", "1.10", False),
        ("1.9", "1.9", False),
        ("v1.3", "v1.2", True),
        ("v1.3", "1.2", False),
        ("OpenSearch_2.13", "OpenSearch_2.11", True),
        ("OpenSearch_2.13", "Elasticsearch_7.10", False),
        ("latest", "1.2", False),
        ("1.2", "latest", False),
        (1.2, 1.1, False),
        ("2", "1.9", True),
        ("1", "1.9", False),
        ("1.9", "1", False),
        ("1.2-build.3", "1.2.0-build.2", False),
        ("1.2-build.10", "1.2-build.9", True),
        ("1.2-rc.2", "1.2-build.1", False),
        ("1.2-build.3", "1.2", False),
    ],
)
def test_versions_are_compared_by_their_numbers(old: object, new: object, lower: bool) -> None:
    """Versions of different forms have no order."""
    assert is_lower(old, new) is lower


def test_hazards_survive_json() -> None:
    """A worker returns the plan as JSON."""
    plan = plan_from_events([step("delete", QUEUE, "x", old={})])

    assert to_json(plan)["hazards"] == [
        {"kind": "stateful-loss", "urn": plan.hazards[0].urn, "what": "its delete loses the messages"}
    ]
    assert from_json(to_json(plan, graph=True)).hazards == plan.hazards
    assert asdict(from_json(to_json(plan, graph=True)).hazards[0])["kind"] is HazardKind.STATEFUL_LOSS
