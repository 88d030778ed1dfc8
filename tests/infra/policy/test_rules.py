"""Common behaviour of all rules."""

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest
from pulumi_policy import Policy

import infra.policy.rules as package
from infra.policy.rules.registered import RULES
from tests.infra.policy import compliant
from tests.infra.policy.judge import Given, violations

COMPLIANT = [value for value in vars(compliant).values() if isinstance(value, Given)] + [
    compliant.identity_policy(),
    compliant.key_policy(),
    compliant.web_identity_role(
        {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": "repo:acme/drydock:environment:prod",
            }
        }
    ),
]
MODULES = [
    importlib.import_module(f"infra.policy.rules.{module.name}")
    for module in pkgutil.iter_modules(package.__path__)
    if module.name != "registered"
]
named = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def _checked_separately(rule: Policy) -> list[Given]:
    """Return the resources that a rule must accept one by one."""
    excepted = {
        # It is public for a few networks, which tests of another rule need.
        "aws-eks-private-endpoint": [compliant.PUBLIC_CLUSTER],
        # A bucket by itself has no block, which is the violation.
        "aws-s3-public-access-block": [compliant.BUCKET],
        # Without the queue that names it, it is not known to be a dead-letter queue.
        "aws-sqs-encrypted-with-dead-letters": [compliant.DEAD_LETTERS],
    }.get(rule.name, [])
    return [given for given in COMPLIANT if given not in excepted]


def test_every_rule_of_the_folder_is_registered_once() -> None:
    """Each file has one rule, and all of them are registered."""
    assert sorted(rule.name for rule in RULES) == sorted(module.RULE.name for module in MODULES)
    assert len({rule.name for rule in RULES}) == len(RULES) >= 12


def test_rules_are_sorted_by_severity() -> None:
    """Critical rules come first, in the pack and in its documentation."""
    order = ["critical", "high", "medium", "low"]
    ranks = [order.index(rule.severity.value) for rule in RULES if rule.severity]

    assert ranks == sorted(ranks)
    assert len(ranks) == len(RULES)


@named
def test_has_a_name_a_description_and_a_remedy(rule: Policy) -> None:
    """The name has at least three words, and the description ends with a full stop."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+){2,}", rule.name)
    assert rule.description.endswith(".")
    assert rule.remediation_steps


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_names_its_anchors(module: object) -> None:
    """The docstring names the benchmark that requires the rule, or says that none does."""
    assert re.search(r"^Anchors: \S", inspect.getdoc(module) or "", re.MULTILINE)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_has_tests_that_accept_and_reject(module: object) -> None:
    """The test file of each rule has at least one of each."""
    name = module.__name__.rpartition(".")[2]  # type: ignore[attr-defined]
    tree = ast.parse((Path(__file__).parent / "rules" / f"test_{name}.py").read_text())
    tests = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]

    assert any(test.startswith("test_accepts_") for test in tests)
    assert any(test.startswith("test_rejects_") for test in tests)


@named
def test_accepts_everything_compliant(rule: Policy) -> None:
    """No rule reports a compliant resource of another rule."""
    assert [found for given in _checked_separately(rule) for found in violations(rule, given)] == []


@named
def test_an_unknown_value_is_no_violation(rule: Policy) -> None:
    """In a preview any value may be unknown; the rule neither raises an error nor reports a violation."""
    unknown = [given.unknown_at(path) for given in _checked_separately(rule) for path in given.paths()]

    assert len(unknown) > 50
    assert [found for given in unknown for found in violations(rule, given)] == []


@named
def test_checks_a_resource_without_properties(rule: Policy) -> None:
    """An absent property has the default of AWS or Kubernetes, which may be a violation, but raises no error."""
    for given in COMPLIANT:
        bare = Given(type=given.type, properties={}, name=given.name)

        assert all(message.startswith(f"{given.name} ({given.type}): ") for message in violations(rule, bare))


@named
def test_checks_values_of_the_wrong_type(rule: Policy) -> None:
    """A value that a provider would refuse raises no error in the rule; its findings have the usual form."""
    wrong = [
        given.but(path, value)
        for given in COMPLIANT
        for path in given.paths()
        for value in (None, "", 7.0, [], {}, "{not json", ["a", 1.0], {"a": 1.0})
    ]

    assert len(wrong) > 500
    for given in wrong:
        for message in violations(rule, given):
            assert message.startswith(f"{given.name} ({given.type}): ")
            assert "Remedy: " in message
