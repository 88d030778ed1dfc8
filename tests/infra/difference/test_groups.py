"""Changes that several stacks have in common are listed once."""

from infra.difference.groups import grouped, title
from infra.difference.reports import to_json, to_markdown, to_text
from infra.review import Plan, plan_from_events
from infra.review.markdown import MAX_CHARACTERS
from tests.infra.review.built import error, step, summary

QUEUE = "aws:sqs/queue:Queue"
DATABASE = "aws:rds/instance:Instance"


def plan(stack: str, *more: object) -> Plan:
    """Return the plan of a stack whose queue gets another name, with the name of the stack in it."""
    change = step(
        "update",
        QUEUE,
        "jobs",
        old={"name": f"{stack}-jobs"},
        new={"name": f"{stack}-tasks"},
        diff={"name": "update"},
    )
    events = [change, *more, summary()]
    for event in events:
        if event.resource_pre_event:  # type: ignore[attr-defined]
            found = event.resource_pre_event.metadata  # type: ignore[attr-defined]
            for each in (found, found.old, found.new):
                if each is not None:
                    each.urn = each.urn.replace("urn:pulumi:prod::", f"urn:pulumi:{stack}::")
    return plan_from_events(events, base="commit 1234567")  # type: ignore[arg-type]


def test_the_same_change_is_one_group() -> None:
    """The name of the stack in values does not count; the most dangerous group is first."""
    deletion = step("delete", DATABASE, "db", old={})

    groups = grouped({"dev": plan("dev"), "staging": plan("staging"), "prod": plan("prod", deletion)})

    assert [title(group) for group in groups] == ["prod only: 1 change", "dev, staging, prod: the same 1 change"]


def test_different_values_are_different_changes() -> None:
    """As of two addresses."""
    sizes = [
        plan_from_events(
            [step("update", QUEUE, "jobs", old={"delay": 1}, new={"delay": number}, diff={"delay": "update"})]
        )
        for number in (2, 3)
    ]

    assert [group.stacks for group in grouped({"dev": sizes[0], "prod": sizes[1]})] == [("dev",), ("prod",)]


def test_the_text_has_the_verdict_of_each_stack_and_the_groups() -> None:
    """One table for all stacks."""
    text = to_text({"dev": plan("dev"), "prod": plan("prod", step("delete", DATABASE, "db", old={}))})

    assert "dev: ✅ 1 routine change, 0 unchanged" in text
    assert "prod: ⛔ data loss possible in 1 resource, 0 unchanged" in text
    assert "dev, prod: compared with commit 1234567" in text
    assert text.index("prod only: 1 change") < text.index("dev, prod: the same 1 change")
    assert 'name: "dev-jobs" -> "dev-tasks"' in text


def test_the_json_names_the_changes_of_each_group() -> None:
    """By their fingerprints."""
    found = to_json({"dev": plan("dev"), "prod": plan("prod")})

    assert found["groups"] == [
        {"stacks": ["dev", "prod"], "fingerprints": [found["stacks"]["dev"]["changes"][0]["fingerprint"]]}
    ]


def test_the_markdown_is_within_a_comment_for_any_number_of_changes() -> None:
    """The risks are at the top, and the note about what is left out is at the end."""
    many = [step("delete", DATABASE, f"database-{number}", old={}) for number in range(3000)]

    text = to_markdown({"dev": plan("dev"), "prod": plan("prod", *many)})

    assert len(text) <= MAX_CHARACTERS
    assert text.index("Loses state") < text.index("<details>")
    assert "omitted; `drydock diff --json` prints all changes" in text


def test_each_stack_has_one_line_for_its_cost() -> None:
    """In the text, in the comment and in the JSON."""
    gateway = step("create", "aws:ec2/natGateway:NatGateway", "nat-b", new={})
    plans = {"dev": plan("dev"), "prod": plan("prod", gateway)}
    lines = ["dev: cost at rest: 0 USD a month, unchanged", "prod: cost at rest: 0 -> 38 USD a month (+38)"]

    text, comment = to_text(plans).splitlines(), to_markdown(plans).splitlines()
    assert [line for line in text if "cost" in line] == lines
    assert [line for line in comment if "cost" in line] == [
        "- dev: cost at rest: 0 USD a month, unchanged",
        "- prod: cost at rest: 0 -&gt; 38 USD a month (+38)",
    ]
    stacks = to_json(plans)["stacks"]
    assert stacks["prod"]["cost"]["after"] == {"rest": 37.96, "most": 37.96}
    assert stacks["dev"]["cost"]["before"] == {"rest": 0, "most": 0}


def test_a_failed_preview_has_no_cost() -> None:
    """Its resources are not all known."""
    assert "cost" not in to_text({"dev": plan("dev", error("it failed"))})
