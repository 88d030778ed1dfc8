"""Changes in place that interrupt something, unknown replacements, options, moves and renames."""

import pytest

from infra.review import Risk, plan_from_events, to_markdown
from infra.review.markdown import verdict
from tests.infra.review.built import STACK, UNKNOWN, step, urn

DATABASE, GROUP = "aws:rds/instance:Instance", "aws:rds/parameterGroup:ParameterGroup"
CLUSTER, QUEUE = "aws:eks/cluster:Cluster", "aws:sqs/queue:Queue"


@pytest.mark.parametrize(
    ("type_", "old", "new", "path", "words"),
    [
        (DATABASE, {"instanceClass": "a"}, {"instanceClass": "b"}, "instanceClass", "fails over"),
        (DATABASE, {"engineVersion": "17"}, {"engineVersion": "18"}, "engineVersion", "another version"),
        (DATABASE, {"port": 5432}, {"port": 5433}, "port", "restarts at once"),
        (DATABASE, {"parameterGroupName": "a"}, {"parameterGroupName": "b"}, "parameterGroupName", "until somebody"),
        (CLUSTER, {"version": "1.34"}, {"version": "1.35"}, "version", "API servers are replaced"),
        (
            GROUP,
            {"parameters": [{"name": "max_connections", "value": "1", "applyMethod": "pending-reboot"}]},
            {"parameters": [{"name": "max_connections", "value": "2", "applyMethod": "pending-reboot"}]},
            "parameters",
            "parameter max_connections",
        ),
        (
            "kubernetes:apps/v1:Deployment",
            {"spec": {"strategy": {"type": "Recreate"}, "template": {"a": 1}}},
            {"spec": {"strategy": {"type": "Recreate"}, "template": {"a": 2}}},
            "spec.template.a",
            "all its pods stop",
        ),
    ],
)
def test_an_interruption_says_what_stops(type_: str, old: object, new: object, path: str, words: str) -> None:
    """Although the engine calls it an update."""
    (change,) = plan_from_events([step("update", type_, "x", old=old, new=new, diff={path: "update"})]).changes  # type: ignore[arg-type]

    assert change.risk is Risk.INTERRUPT
    assert words in " ".join(change.reasons)


@pytest.mark.parametrize(("immediately", "words"), [(True, "during the deployment"), (False, "maintenance window")])
def test_an_interruption_of_a_database_says_when(immediately: bool, words: str) -> None:
    """As `applyImmediately` decides."""
    inputs = {"instanceClass": "b", "applyImmediately": immediately}
    event = step("update", DATABASE, "x", old={"instanceClass": "a"}, new=inputs, diff={"instanceClass": "update"})

    assert words in plan_from_events([event]).changes[0].reasons[1]


def test_an_unknown_value_interrupts_nothing() -> None:
    """It may stay the same."""
    event = step(
        "update", DATABASE, "x", old={"parameterGroupName": "a"}, new={"parameterGroupName": UNKNOWN},
        diff={"parameterGroupName": "update"},
    )  # fmt: skip

    assert plan_from_events([event]).changes[0].risk is Risk.ROUTINE


def test_a_replacement_by_unknown_values_only_is_below_the_others() -> None:
    """Of a database too."""
    perhaps = step(
        "replace", DATABASE, "a", old={"kmsKeyId": "k"}, new={"kmsKeyId": UNKNOWN}, diff={"kmsKeyId": "update-replace"}
    )
    surely = step("replace", QUEUE, "b", old={"name": "a"}, new={"name": "b"}, diff={"name": "update-replace"})

    first, second = plan_from_events([perhaps, surely]).changes

    assert (first.name, first.risk) == ("b", Risk.LOSS)
    assert (second.name, second.risk) == ("a", Risk.UNKNOWN)
    assert second.reasons == ("replaced, and loses the database, only if kmsKeyId differs, which is known after up",)
    assert second.properties[0].unknown


def test_a_changed_option_of_an_unchanged_resource_is_a_change() -> None:
    """Options that only the program has are compared if both versions are known."""
    event = step("same", QUEUE, "jobs", old={}, new={})
    where = urn(QUEUE, "jobs")

    (change,) = plan_from_events(
        [event],
        before={where: {"dependsOn": ["a", "b"]}},
        after={where: {"dependsOn": ["b"], "deleteBeforeReplace": True}},
    ).changes

    assert (change.operation, change.risk) == ("options", Risk.ROUTINE)
    assert [(each.path, each.old, each.new) for each in change.options] == [
        ("deleteBeforeReplace", None, "true"),
        ("dependsOn", "a", None),
    ]


def test_an_unchanged_resource_that_is_no_longer_protected_may_be_lost() -> None:
    """Although nothing is done on it."""
    (change,) = plan_from_events([step("same", QUEUE, "jobs", old={}, new={}, protect=(True, False))]).changes

    assert (change.operation, change.risk) == ("options", Risk.LOSS)
    assert [(each.path, each.old, each.new) for each in change.options] == [("protect", "true", "false")]


def test_a_resource_with_another_urn_is_moved() -> None:
    """An alias keeps it."""
    event = step("same", QUEUE, "tasks", old={}, new={})
    found = event.resource_pre_event.metadata  # type: ignore[union-attr]
    found.old.urn = urn(QUEUE, "jobs")  # type: ignore[union-attr]

    (change,) = plan_from_events([event]).changes

    assert (change.operation, change.risk, change.moved_from) == ("move", Risk.ROUTINE, urn(QUEUE, "jobs"))


def test_a_deleted_resource_that_looks_like_a_created_one_is_renamed() -> None:
    """With the advice to keep it."""
    inputs = {"delaySeconds": 5, "maxMessageSize": 9, "policy": UNKNOWN}
    events = [
        step("create", QUEUE, "tasks", new={**inputs, "delaySeconds": 5}),
        step("create", QUEUE, "other", new={"delaySeconds": 900, "maxMessageSize": 1}),
        step("delete", QUEUE, "jobs", old=inputs),
    ]

    change = plan_from_events(events).changes[0]

    assert change.name == "jobs"
    assert change.reasons == (
        "loses the messages",
        "looks renamed to tasks: an alias of it would keep this resource and its data",
    )


def test_a_plan_without_a_base_is_never_routine() -> None:
    """It lists what there is."""
    plan = plan_from_events([step("create", QUEUE, "jobs", new={}, parent=STACK)], compared=False)
    assert verdict(plan) == "❔ 1 resource, no base to compare with"
    assert "all resources are listed, not only the changes" in to_markdown(plan, "dev")
    assert "routine" not in to_markdown(plan, "dev")
