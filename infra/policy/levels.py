"""The enforcement level of each rule in each stack: mandatory, unless the table says otherwise."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import date
from difflib import get_close_matches
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    Severity,
    StackValidationArgs,
)

from infra.policy.exemptions import EXEMPTIONS, Exemption, exempted, exempted_resources
from infra.policy.rules.registered import RULES

ADVISORY = EnforcementLevel.ADVISORY
DISABLED = EnforcementLevel.DISABLED
MANDATORY = EnforcementLevel.MANDATORY

# Rules about losses that a disposable stack may have, and about costs that it need not have.
_DISPOSABLE = (
    "aws-deletion-protected",
    "aws-rds-final-snapshot",
    "aws-rds-multi-az",
    "aws-secret-recoverable",
    "kubernetes-deployment-available",
)

LEVELS: Mapping[str, Mapping[str, EnforcementLevel]] = {
    # Disposable, including its data, and on one machine that is not reachable from any network.
    "local": {
        "stateful-resource-protected": DISABLED,
        "aws-eks-private-endpoint": DISABLED,
        "service-writes-authenticated": DISABLED,
        **dict.fromkeys(_DISPOSABLE, DISABLED),
        "aws-log-retention-limited": DISABLED,
        "aws-rds-backups-kept": DISABLED,
    },
    # Contains nothing that cannot be recreated, and people access its cluster from outside.
    "dev": {
        "stateful-resource-protected": ADVISORY,
        "aws-eks-private-endpoint": ADVISORY,
        "service-writes-authenticated": ADVISORY,
        **dict.fromkeys(_DISPOSABLE, DISABLED),
    },
}
"""Stack -> rule -> level. For a stack that is not listed, such as a new environment, all rules are mandatory."""


def policies_for(stack: str, today: date, exemptions: Sequence[Exemption] = EXEMPTIONS) -> list[Policy]:
    """Return all rules, each with its enforcement level in this stack today.

    Raises:
        ValueError: an exemption names a critical rule, or an unknown one.
    """
    relaxable = {rule.name for rule in RULES if rule.severity is not Severity.CRITICAL}
    for rule in sorted({each.rule for each in exemptions} - relaxable):
        if rule in {each.name for each in RULES}:
            raise ValueError(f"exemption of {rule}: the rule is critical and has no exemptions")
        near = get_close_matches(rule, relaxable, n=1)
        raise ValueError(
            f"exemption of {rule}: no such rule; {f'did you mean {near[0]}?' if near else 'see docs/policy.md'}"
        )
    levels = {**dict.fromkeys(exempted(stack, today, exemptions), ADVISORY), **LEVELS.get(stack, {})}
    resources = exempted_resources(stack, today, exemptions)
    return [
        policy
        for rule in RULES
        for policy in _split(_at_level(rule, levels.get(rule.name, MANDATORY)), resources.get(rule.name, set()))
    ]


def _split(policy: Policy, exempt: set[str]) -> list[Policy]:
    """Return a policy without some resources, and an advisory one for them; the SDK has one level for each policy."""
    if not exempt or policy.enforcement_level is not MANDATORY:
        return [policy]
    advice = _at_level(policy, ADVISORY)
    advice.name = f"{policy.name}-exempted"
    _limit(advice, lambda urn: urn in exempt)
    _limit(policy, lambda urn: urn not in exempt)
    return [policy, advice]


def _limit(policy: Policy, applies: Callable[[str], bool]) -> None:
    """Let a policy report only violations of some resources."""
    validate: Any = policy.validate  # type: ignore[attr-defined]  # both kinds of policies have it

    def limited(args: ResourceValidationArgs | StackValidationArgs, report: ReportViolation) -> Any:
        own = getattr(args, "urn", "")
        return validate(args, lambda message, urn=None: report(message, urn) if applies(urn or own) else None)

    vars(policy)["validate"] = limited


def _at_level(rule: Policy, level: EnforcementLevel) -> Policy:
    levelled = copy(rule)
    levelled.enforcement_level = level
    return levelled
