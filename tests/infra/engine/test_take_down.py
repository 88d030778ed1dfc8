"""The take-down of a protected stack in docs/on-aws.md is what a rehearsal runs, and the policy pack accepts it."""

import ast
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi_policy import EnforcementLevel

from infra.engine import operations, take_down
from infra.engine.operations import Outcome
from infra.engine.places import ROOT
from infra.engine.progress import Progress
from infra.engine.workspace import prepare, providers_of
from infra.errors import OperationError
from infra.policy.exemptions import Exemption
from infra.policy.levels import policies_for
from infra.toolchain import ensure

RULE = "stateful-resource-protected"
DELETION = "aws-deletion-protected"
DISPOSABLE = (
    DELETION,
    "aws-rds-final-snapshot",
    "aws-rds-multi-az",
    "aws-secret-recoverable",
    "kubernetes-deployment-available",
)
TODAY = date(2026, 11, 28)


def block(name: str) -> str:
    """Return the code block below a comment of the page."""
    page = (ROOT / "docs" / "on-aws.md").read_text().partition("## 5. Take it down")[2]
    found = re.search(rf"<!-- take-down {name}: [^\n]+ -->\n```\w+\n(.*?)```", page, re.DOTALL)
    assert found
    return found[1]


def listed(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Return the path and the value of each setting."""
    found: dict[tuple[str, ...], Any] = {}
    for key, value in values.items():
        found |= listed(value, (*path, key)) if isinstance(value, dict) else {(*path, key): value}
    return found


def test_a_rehearsal_sets_what_the_page_lists() -> None:
    assert listed(yaml.safe_load(block("settings"))["config"]) == take_down.UNPROTECTED


def test_the_page_lists_all_protection_of_the_settings() -> None:
    """These are all settings with these names in the schema of stack files."""
    schema = json.loads((ROOT / "schema.json").read_text())
    found: set[tuple[str, ...]] = set()
    for key, value in schema["properties"]["config"]["properties"].items():
        found |= {(key,)} if key == "drydock:protect" else set()
        name = re.search(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(value))
        inner = schema["$defs"][name[1]].get("properties", {}) if name else value.get("properties", {})
        found |= {(key, each) for each in inner if each in ("protect", "deletionProtection")}

    assert set(listed(yaml.safe_load(block("settings"))["config"])) == found


def documented_exemptions() -> tuple[Exemption, ...]:
    """Return the value of EXEMPTIONS in the page."""
    (statement,) = ast.parse(block("exemption")).body
    assert isinstance(statement, ast.AnnAssign)
    assert statement.value
    assert ast.unparse(statement.target) == "EXEMPTIONS"
    value = compile(ast.Expression(statement.value), "on-aws.md", "eval")
    return tuple(eval(value, {"Exemption": Exemption, "date": date}))


def test_the_documented_exemptions_relax_two_rules() -> None:
    documented = documented_exemptions()
    levels = {each.name: each.enforcement_level for each in policies_for("prod", TODAY, documented)}

    assert {name for name, level in levels.items() if level is not EnforcementLevel.MANDATORY} == {RULE, DELETION}
    assert [each.rule for each in documented] == [each.rule for each in take_down.exemptions("prod", TODAY)]


@pytest.mark.parametrize(
    ("stack", "relaxed"),
    [
        ("prod", {RULE: "advisory", DELETION: "advisory"}),
        ("staging", {RULE: "advisory", DELETION: "advisory"}),
        (
            "dev",
            {
                RULE: "advisory",
                "aws-eks-private-endpoint": "advisory",
                "service-writes-authenticated": "advisory",
                **dict.fromkeys(DISPOSABLE, "disabled"),
            },
        ),
        (
            "local",
            {
                RULE: "disabled",
                "aws-eks-private-endpoint": "disabled",
                "service-writes-authenticated": "disabled",
                **dict.fromkeys(DISPOSABLE, "disabled"),
                "aws-log-retention-limited": "disabled",
                "aws-rds-backups-kept": "disabled",
            },
        ),
    ],
)
def test_a_rehearsal_relaxes_the_same_rules(tmp_path: Path, stack: str, relaxed: dict[str, str]) -> None:
    """The levels of a stack take precedence, as they do over an exemption."""
    levels = json.loads(take_down.write_levels(tmp_path, stack, TODAY).read_text())

    assert {name: level for name, level in levels.items() if level != "mandatory"} == relaxed
    assert len(levels) == len(policies_for(stack, TODAY))


@pytest.mark.parametrize("exempt", [True, False])
def test_the_policy_pack_accepts_it_only_with_the_exemptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exempt: bool
) -> None:
    """Real: the engine and the policy pack. An `up` judges the same values."""
    monkeypatch.chdir(ROOT / "infra")
    levels = take_down.write_levels(tmp_path, "prod", TODAY) if exempt else None
    with providers_of(None) as ports:
        stack = prepare("prod", ensure({"pulumi"}).pulumi, tmp_path, ports, take_down.UNPROTECTED).open()
        outcome: Outcome = operations.preview(stack, Progress(each_resource=False), levels=levels)

    if exempt:
        assert outcome.require_success().changes
        return
    with pytest.raises(OperationError):
        outcome.require_success()
    assert {text.partition(":")[0] for text in outcome.violations} == {RULE, DELETION}
