"""Every rule is right about the labelled resources."""

from dataclasses import replace

import pytest
from pulumi_policy import StackValidationPolicy

from infra.policy.rules.registered import RULES
from tests.infra.policy.corpus.resources import Case, cases, rates
from tests.infra.policy.judge import violations

NAMES = [rule.name for rule in RULES]
STACK_RULES = {rule.name for rule in RULES if isinstance(rule, StackValidationPolicy)}
WHOLE_STACKS = {"network-exposure-limited", "network-needs-reached"}
"""Rules about routes and security groups, which tests/stacks/laws/graph breaks one at a time."""
MOST_WRONG = 0.02


@pytest.mark.parametrize("name", sorted(set(NAMES) - WHOLE_STACKS))
def test_accepts_the_good_and_rejects_the_bad(name: str) -> None:
    """A good resource complies, and a bad one is broken in exactly one way."""
    own = [case for case in cases() if case.rule == name]

    assert [str(case) for case in own if case.flagged == case.good] == []
    assert {case.good for case in own} == {True, False}


@pytest.mark.parametrize("name", sorted(STACK_RULES - WHOLE_STACKS))
def test_ignores_resources_of_other_types(name: str) -> None:
    """Whatever properties they have: a rule of a stack sees all resources of it."""
    rule = next(each for each in RULES if each.name == name)
    own = [case for case in cases() if case.rule == name]

    assert own
    for case in own:
        given = [*case.resources, *case.unchanged]
        others = [
            replace(each, type="example:index:Other", name=f"{each.name}-{number}") for number, each in enumerate(given)
        ]
        found = violations(rule, *case.resources)
        assert violations(rule, *case.resources, *others) == violations(rule, *others, *case.resources) == found, case


def test_is_large_enough_to_measure_rates() -> None:
    """The resources differ, and each has a source."""
    described = {(case.rule, str(case.resources)) for case in cases()}

    assert len(described) == len(cases()) >= 600
    assert all(case.source for case in cases())
    assert {case.rule for case in cases()} == set(NAMES) - WHOLE_STACKS


def test_false_alarms_and_missed_violations_are_rare() -> None:
    """`make bench` prints the rates of each rule."""
    found = list(rates().values())

    assert sum(each.false_alarms for each in found) <= MOST_WRONG * sum(each.good for each in found)
    assert sum(each.missed for each in found) <= MOST_WRONG * sum(each.bad for each in found)


def test_rates_count_what_a_rule_gets_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that reports everything has only false alarms, and one that reports nothing misses everything."""
    before = rates()["aws-rds-multi-az"]
    monkeypatch.setattr(Case, "flagged", property(lambda case: True))
    after = rates()["aws-rds-multi-az"]

    assert (before.false_alarms, before.missed) == (0, 0)
    assert (after.false_alarms, after.missed) == (after.good, 0)
