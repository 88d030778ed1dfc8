"""An exemption relaxes one rule of one stack until a date."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_policy import EnforcementLevel

from infra.policy.exemptions import EXEMPTIONS, Exemption
from infra.policy.levels import policies_for
from infra.policy.rules.registered import RULES
from tests.infra.policy.compliant import BUCKET
from tests.infra.policy.judge import Given, violations

RULE = "aws-eks-private-endpoint"
VERSIONED = "aws-s3-versioned"
LAST = date(2027, 1, 31)


def exemption(**changes: object) -> Exemption:
    values = {"stack": "prod", "rule": RULE, "owner": "platform", "reason": "no VPN yet", "expires": LAST, **changes}
    return Exemption(**values)  # type: ignore[arg-type]


def levels(stack: str, today: date, *exemptions: Exemption) -> dict[str, EnforcementLevel | None]:
    return {policy.name: policy.enforcement_level for policy in policies_for(stack, today, exemptions)}


@settings(deadline=None, max_examples=40)
@given(st.integers(-400, 400))
def test_holds_until_its_last_day(days: int) -> None:
    """After that day the rule is mandatory again. Other rules are mandatory on every day."""
    found = levels("prod", LAST + timedelta(days=days), exemption())

    advisory = {name for name, level in found.items() if level is not EnforcementLevel.MANDATORY}
    assert advisory == ({RULE} if days <= 0 else set())


def test_is_for_its_stack_only() -> None:
    assert levels("staging", LAST, exemption())[RULE] is EnforcementLevel.MANDATORY


@pytest.mark.parametrize("name", ["owner", "reason"])
def test_needs_an_owner_and_a_reason(name: str) -> None:
    with pytest.raises(ValueError, match=f"needs its {name}"):
        exemption(**{name: " "})


@pytest.mark.parametrize("rule", ["aws-eks-no-world-access", "no-such-rule"])
def test_refuses_a_critical_or_unknown_rule(rule: str) -> None:
    """A critical rule cannot be relaxed. An exemption must not be lost silently when a rule is renamed."""
    with pytest.raises(ValueError, match=rule):
        policies_for("prod", LAST, [exemption(rule=rule)])


def test_exemptions_of_the_repository_are_valid() -> None:
    """They name existing rules, and end within half a year from today."""
    assert policies_for("prod", date(2026, 11, 28), EXEMPTIONS)
    assert all(each.expires <= date.today() + timedelta(days=183) for each in EXEMPTIONS)


URN = "urn:pulumi:prod::drydock::aws:eks/cluster:Cluster::subject"


@pytest.mark.parametrize("urn", [URN, URN.replace("::subject", "::other")])
def test_of_a_resource_leaves_the_rule_mandatory_for_others(urn: str) -> None:
    """The exempted resource is reported as advice."""
    cluster = Given(type="aws:eks/cluster:Cluster", properties={})
    policies = {each.name: each for each in policies_for("prod", LAST, [exemption(urn=urn)])}

    assert policies[RULE].enforcement_level is EnforcementLevel.MANDATORY
    assert policies[f"{RULE}-exempted"].enforcement_level is EnforcementLevel.ADVISORY
    assert bool(violations(policies[f"{RULE}-exempted"], cluster)) == (urn == URN)
    assert bool(violations(policies[RULE], cluster)) == (urn != URN)


def test_of_a_resource_works_for_a_rule_about_stacks() -> None:
    """Such a rule reports the URN of each violation."""
    policies = {each.name: each for each in policies_for("prod", LAST, [exemption(rule=VERSIONED, urn=BUCKET.urn)])}

    assert violations(policies[VERSIONED], BUCKET) == []
    assert len(violations(policies[f"{VERSIONED}-exempted"], BUCKET)) == 1


def test_of_a_resource_ends_too() -> None:
    """After its last day there is only the rule."""
    names = [each.name for each in policies_for("prod", LAST + timedelta(days=1), [exemption(urn=URN)])]

    assert names == [rule.name for rule in RULES]


def test_needs_a_resource_of_its_stack() -> None:
    with pytest.raises(ValueError, match="urn must be that of a resource of this stack"):
        exemption(urn="urn:pulumi:dev::drydock::aws:s3/bucket:Bucket::data")
