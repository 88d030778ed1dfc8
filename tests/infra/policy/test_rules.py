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
from tests.infra.policy.corpus.resources import cases
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
FIRST = {
    "aws-eks-no-world-access",
    "aws-rds-no-public-access",
    "aws-s3-public-access-block",
    "aws-ec2-no-world-admin-ingress",
    "aws-iam-no-wildcard-admin",
    "aws-iam-oidc-trust-pinned",
    "aws-no-public-principal",
    "kubernetes-pod-no-host-access",
    "no-literal-secret",
    "network-exposure-limited",
    "aws-eks-private-endpoint",
    "aws-lb-current-tls",
    "aws-rds-storage-encrypted",
    "aws-sqs-encrypted-with-dead-letters",
    "stateful-resource-protected",
    "aws-ecr-immutable-scanned",
    "kubernetes-object-valid",
    "kubernetes-load-balancing-valid",
    "kubernetes-pod-security-restricted",
    "kubernetes-namespace-restricted",
    "kubernetes-image-by-digest",
    "kubernetes-graceful-stop",
    "network-needs-reached",
    "service-writes-authenticated",
}
"""The rules with which the resources of `compliant` comply."""
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
    assert len({rule.name for rule in RULES}) == len(RULES) >= 60


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
    """The labelled resources, or the test file of the rule, have at least one of each."""
    labelled = {case.good for case in cases() if case.rule == module.RULE.name}  # type: ignore[attr-defined]
    name = module.__name__.rpartition(".")[2]  # type: ignore[attr-defined]
    path = Path(__file__).parent / "rules" / f"test_{name}.py"
    tree = ast.parse(path.read_text() if path.exists() else "")
    tests = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]

    assert True in labelled or any(test.startswith("test_accepts_") for test in tests)
    assert False in labelled or any(test.startswith("test_rejects_") for test in tests)


def _good(rule: Policy) -> list[tuple[Given, ...]]:
    """Return the labelled resources that comply with a rule, each with the others of its stack."""
    return [case.resources for case in cases() if case.rule == rule.name and case.good]


@named
def test_accepts_the_compliant_resources_of_the_first_rules(rule: Policy) -> None:
    """No rule of this list reports a compliant resource of another one."""
    given = _checked_separately(rule) if rule.name in FIRST else []

    assert [found for each in given for found in violations(rule, each)] == []


@named
def test_an_unknown_value_is_no_violation(rule: Policy) -> None:
    """In a preview any value may be unknown; the rule neither raises an error nor reports a violation."""
    compliant_ = [(given,) for given in _checked_separately(rule)] if rule.name in FIRST else []
    stacks = [
        tuple(given.unknown_at(path) if given is changed else given for given in stack)
        for stack in [*compliant_, *_good(rule)]
        for changed in stack
        for path in changed.paths()
        # What others refer to by value is known.
        if len(stack) == 1 or path not in ("id", "arn", "name", "bucket")
    ]

    assert [(found, stack) for stack in stacks for found in violations(rule, *stack)] == []
    assert stacks or not _good(rule)


@named
def test_checks_a_resource_without_properties(rule: Policy) -> None:
    """An absent property has the default of AWS or Kubernetes, which may be a violation, but raises no error."""
    for given in [*COMPLIANT, *(each for stack in _good(rule) for each in stack)]:
        bare = Given(type=given.type, properties={}, name=given.name)

        assert all(message.startswith(f"{given.name} ({given.type}): ") for message in violations(rule, bare))


@named
def test_checks_values_of_the_wrong_type(rule: Policy) -> None:
    """A value that a provider would refuse raises no error in the rule; its findings have the usual form."""
    stacks = [(given,) for given in COMPLIANT] if rule.name in FIRST else []
    wrong = [
        tuple(given.but(path, value) if given is changed else given for given in stack)
        for stack in [*stacks, *_good(rule)]
        for changed in stack
        for path in changed.paths()
        for value in (None, "", 7.0, [], {}, "{not json", ["a", 1.0], {"a": 1.0}, [None, {"a": None}])
    ]

    assert wrong or not _good(rule)
    for stack in wrong:
        for message in violations(rule, *stack):
            assert message.startswith(tuple(f"{given.name} ({given.type}): " for given in stack))
            assert "Remedy: " in message
