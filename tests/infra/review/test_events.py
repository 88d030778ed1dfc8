"""Plans, computed from events of the engine."""

from typing import Any

import pytest

from infra.review import Plan, PropertyChange, Risk, plan_from_events
from tests.infra.review.built import SECRET, UNKNOWN, component, error, policy, step, summary, urn

DATABASE = "aws:rds/instance:Instance"
VPC = "aws:ec2/vpc:Vpc"
REPLACEMENT = ("create-replacement", "replace", "delete-replaced")


def _only(plan: Plan) -> Any:
    [change] = plan.changes
    return change


def test_counts_a_replacement_once() -> None:
    """The engine sends three steps for it."""
    diff = {"cidrBlock": "update-replace"}
    plan = plan_from_events(
        [
            step(op, VPC, "vpc", old={"cidrBlock": "10.0.0.0/16"}, new={"cidrBlock": "10.1.0.0/16"}, diff=diff)
            for op in REPLACEMENT
        ]
    )

    assert plan.counts == {"replace": 1}
    assert _only(plan).risk is Risk.REPLACE
    assert _only(plan).reasons == ("forced by cidrBlock",)
    assert _only(plan).properties == (
        PropertyChange(path="cidrBlock", old="10.0.0.0/16", new="10.1.0.0/16", replaces=True),
    )


def test_counts_as_the_engine_does() -> None:
    """The stack itself is counted, and default providers are not."""
    provider = "pulumi:providers:kubernetes"
    plan = plan_from_events(
        [
            step("same", "pulumi:pulumi:Stack", "drydock-prod", old={}, new={}, custom=False),
            step("same", VPC, "vpc", old={}, new={}),
            step("update", "pulumi:providers:aws", "default_7_51_1", old={}, new={}),
            step("replace", provider, "kubernetes", old={}, new={}, keys=["clusterIdentifier"]),
        ]
    )

    assert plan.unchanged == 2
    assert [(change.type, change.risk) for change in plan.changes] == [(provider, Risk.REPLACE)]


@pytest.mark.parametrize(
    ("event", "risk", "reasons"),
    [
        (step("delete", DATABASE, "db", old={}), Risk.LOSS, ("loses the database",)),
        (
            step("replace", DATABASE, "db", old={}, new={}, keys=["username"]),
            Risk.LOSS,
            ("loses the database", "forced by username"),
        ),
        (
            step("update", DATABASE, "db", old={}, new={}, protect=(True, False)),
            Risk.LOSS,
            ("no longer protected: the next change may lose the database",),
        ),
        (step("delete", VPC, "vpc", old={}), Risk.REPLACE, ()),
        (
            step("create", DATABASE, "db", new={"publiclyAccessible": True}),
            Risk.OPEN,
            ("it gets a public address, so everybody can send requests to it",),
        ),
        (step("create", DATABASE, "db", new={}), Risk.ROUTINE, ()),
        (step("update", VPC, "vpc", old={}, new={}, protect=(True, False)), Risk.ROUTINE, ()),
        (step("update", DATABASE, "db", old={}, new={}), Risk.ROUTINE, ()),
    ],
)
def test_classifies_the_risk(event: Any, risk: Risk, reasons: tuple[str, ...]) -> None:
    """Loss of state outranks replacement, which outranks wider access."""
    change = _only(plan_from_events([event]))

    assert (change.risk, change.reasons) == (risk, reasons)


ATTACHED = step(
    "create", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "a", new={"policyArn": "arn:aws:iam::1:p"}
)


@pytest.mark.parametrize(
    ("others", "risk"), [([], Risk.ROUTINE), ([step("same", VPC, "vpc", old={}, new={})], Risk.OPEN)]
)
def test_a_new_grant_is_a_risk_in_an_existing_stack_only(others: list[Any], risk: Risk) -> None:
    """In a first deployment every grant is new."""
    assert _only(plan_from_events([*others, ATTACHED])).risk is risk


def test_sorts_by_risk_then_by_component() -> None:
    """The first row is the most severe change."""
    plan = plan_from_events(
        [
            step("create", VPC, "b", new={}),
            step("create", VPC, "a", new={}),
            step("create", DATABASE, "open", new={"publiclyAccessible": True}),
            step("delete", VPC, "gone", old={}),
            step("delete", DATABASE, "lost", old={}),
        ]
    )

    assert [change.name for change in plan.changes] == ["lost", "gone", "open", "a", "b"]


def test_groups_by_the_outermost_component() -> None:
    """Resources of a nested component belong to the outermost one."""
    outer = urn("drydock:network:Network", "network")
    inner = urn("drydock:network:Tier", "network-private", "drydock:network:Network")
    plan = plan_from_events(
        [
            component("drydock:network:Network", "network"),
            step("same", "drydock:network:Tier", "network-private", old={}, new={}, parent=outer, custom=False),
            step("create", "aws:ec2/subnet:Subnet", "network-private-a", new={}, parent=inner),
            step("create", VPC, "network-vpc", new={}, parent=outer),
            step("create", "drydock:image:Image", "image", new={}, custom=False),
            step("create", VPC, "alone", new={}),
        ]
    )

    assert {change.name: change.component for change in plan.changes} == {
        "network-private-a": "network (Network)",
        "network-vpc": "network (Network)",
        "image": "image (Image)",
        "alone": "stack",
    }


def test_shows_no_secret() -> None:
    """Values marked as secret and values that look like secrets are hidden, also in errors and findings."""
    old = {"password": SECRET, "masterPassword": "hunter1", "endpoint": "postgres://api:hunter2@db/api"}
    new = old | {"endpoint": "postgres://api:hunter3@db/api"}
    plan = plan_from_events(
        [
            step("update", DATABASE, "db", old=old, new=new, diff=dict.fromkeys(new, "update")),
            error("login failed: password=hunter4"),
            policy("rule", "mandatory", "token AKIA" + "A" * 16, ""),
        ]
    )

    assert {each.new for each in _only(plan).properties} == {"[secret]", "postgres://[secret]@db/api"}
    assert plan.errors == ("login failed: password=[secret]",)
    assert plan.findings[0].message == "token [secret]"


def test_shows_nothing_of_a_kubernetes_secret() -> None:
    """Its values are secret, whatever their names."""
    event = step(
        "update",
        "kubernetes:core/v1:Secret",
        "credentials",
        old={"stringData": {"user": "api"}, "data": {"a": "YQ=="}},
        new={"stringData": {"user": "app"}, "data": {"a": "Yg=="}},
        diff={"stringData.user": "update", "data": "update"},
    )

    assert {value for each in _only(plan_from_events([event])).properties for value in (each.old, each.new)} == {
        "[secret]"
    }


def test_shows_an_unknown_value_as_known_after_up() -> None:
    """The engine's mark for unknown values is replaced."""
    event = step("update", VPC, "vpc", old={"a": "b"}, new={"a": UNKNOWN}, diff={"a": "update"})

    assert _only(plan_from_events([event])).properties[0].new == "known after up"


def test_uses_the_changed_keys_without_a_detailed_diff() -> None:
    """Not every provider sends a detailed diff."""
    event = step("update", VPC, "vpc", old={"a": 1, "b": 1}, new={"a": 2}, diffs=["a", "b"])

    assert [(each.path, each.old, each.new) for each in _only(plan_from_events([event])).properties] == [
        ("a", "1", "2"),
        ("b", "1", None),
    ]


def test_keeps_each_error_once() -> None:
    """Repeated errors, warnings and the engine's last line `preview failed` are dropped."""
    failed = error("no such thing\n", urn(VPC, "vpc"))
    plan = plan_from_events([failed, failed, error("preview failed\n"), error("old Python", severity="warning")])

    assert plan.errors == ("vpc: no such thing",)


def test_knows_whether_the_rules_checked_the_whole_plan() -> None:
    """Without the summary event, the preview is incomplete and counts as not checked."""
    assert plan_from_events([summary()]).judged
    assert not plan_from_events([policy("rule", "mandatory", "m", "")]).judged


def test_sorts_mandatory_findings_first() -> None:
    """Advisory findings follow, and are no violations."""
    plan = plan_from_events([policy("a-rule", "advisory", "m", ""), policy("b-rule", "mandatory", "m", "")])

    assert [finding.rule for finding in plan.findings] == ["b-rule", "a-rule"]
    assert [finding.rule for finding in plan.violations] == ["b-rule"]
