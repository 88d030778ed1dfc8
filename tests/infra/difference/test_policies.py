"""The rules on the resources of a plan, without the engine."""

from collections.abc import Mapping
from typing import Any

import pytest

from infra.difference import policies
from infra.difference.policies import findings
from infra.policy.exemptions import Exemption
from infra.policy.levels import policies_for
from infra.resources.resource import Resource

BUCKET = "aws:s3/bucket:Bucket"


def resource(stack: str, type_: str, **properties: Any) -> Resource:
    """Return a protected resource of a stack."""
    urn = f"urn:pulumi:{stack}::drydock::{type_}::it"
    return Resource(type=type_, name="it", urn=urn, properties=properties, protect=True)


def levels(stack: str, *resources: Resource) -> Mapping[str, str]:
    """Return rule -> level of what is found."""
    return {each.rule: each.level for each in findings(stack, resources)}


def test_a_finding_is_told_as_by_the_engine() -> None:
    """With demand, resource, finding and remedy, and the URN of the resource."""
    queue = resource("prod", "aws:sqs/queue:Queue", tagsAll={"Project": "p", "Environment": "prod"}, name="q")

    (found,) = [each for each in findings("prod", [queue]) if each.rule == "aws-sqs-encrypted-with-dead-letters"][:1]

    assert found.urn == queue.urn
    assert found.demand == "Every queue must be encrypted and have a dead-letter queue."
    assert found.found.startswith("it (aws:sqs/queue:Queue): ")
    assert found.remedy


def test_the_levels_are_those_of_the_stack() -> None:
    """Of `levels.py`; violations are first."""
    database = resource("dev", "aws:rds/instance:Instance", deletionProtection=False, publiclyAccessible=True)

    assert levels("prod", database)["aws-deletion-protected"] == "mandatory"
    assert "aws-deletion-protected" not in levels("dev", database)
    found = [each.level for each in findings("dev", [database])]
    assert found == sorted(found, reverse=True)
    assert "mandatory" in found


def test_an_exemption_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until its last day."""
    bucket = resource("prod", BUCKET, bucket="b")
    assert levels("prod", bucket)["aws-s3-versioned"] == "mandatory"

    def exempt(stack: str, today: Any) -> Any:
        return policies_for(
            stack, today, [Exemption(stack="prod", rule="aws-s3-versioned", owner="me", reason="test", expires=today)]
        )

    monkeypatch.setattr(policies, "policies_for", exempt)

    assert levels("prod", bucket)["aws-s3-versioned"] == "advisory"
