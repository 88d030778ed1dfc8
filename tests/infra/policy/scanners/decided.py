"""The findings of other scanners that we decide against: decided.toml, and its table in docs/policy.md."""

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from pulumi_policy import EnforcementLevel

from infra.policy.levels import LEVELS
from tests.infra.policy.scanners.run import Finding
from tests.support.tables import rule_anchors

FILE = Path(__file__).with_name("decided.toml")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Why checks do not apply to some resources."""

    checks: tuple[str, ...]
    title: str
    """What the checks demand."""
    resources: tuple[str, ...]
    """Patterns of resources: `aws_kms_key.*`, `Deployment api`."""
    severity: str
    by: str = ""
    """The check of Security Hub or Trivy that the severity is from; "" if it is ours."""
    reason: str

    def covers(self, finding: Finding, *patterns: str) -> bool:
        """Return whether it is about a finding; with patterns, whether these of its patterns are."""
        return finding.check in self.checks and any(
            fnmatchcase(finding.resource, each) for each in patterns or self.resources
        )


@cache
def decisions() -> tuple[Decision, ...]:
    """Return all decisions, in the order of the file.

    Raises:
        TypeError: an entry has other keys.
    """
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["decided"]
    return tuple(
        Decision(**{key: tuple(value) if isinstance(value, list) else value for key, value in each.items()})
        for each in entries
    )


def is_of_checkov(check: str) -> bool:
    """Return whether a check is one of checkov; the others are of kube-linter."""
    return check.startswith("CKV")


def relaxed(check: str, stack: str) -> bool:
    """Return whether a rule that has this check as an anchor is not mandatory in a stack."""
    levels = LEVELS.get(stack, {})
    return any(
        levels.get(rule, EnforcementLevel.MANDATORY) is not EnforcementLevel.MANDATORY
        for rule, anchors in rule_anchors().items()
        if re.search(rf"(?<![\w-]){re.escape(check)}(?![\w-])", anchors)
    )


def decided_table() -> str:
    """Return the table of docs/policy.md."""
    rows = ["| Checks | They demand | Resources | Severity | Why not |", "|---|---|---|---|---|"]
    for each in decisions():
        resources = ", ".join(f"`{pattern}`" for pattern in each.resources)
        severity = f"{each.severity} ({each.by})" if each.by else each.severity
        rows.append(f"| {', '.join(each.checks)} | {each.title} | {resources} | {severity} | {each.reason} |")
    return "\n".join(rows)
