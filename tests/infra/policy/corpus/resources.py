"""Reads the labelled resources, and measures the rules on them.

A table `[[rule]]` has a compliant resource, `type` and `given`, and lists of changes: the resources of `good` still
comply, those of `bad` do not. A change has paths, such as `vpcConfig.endpointPublicAccess`, with new values; the value
`ABSENT` removes the property, and `UNKNOWN` makes it unknown. `with` are other resources of the stack, whose properties
have paths such as `@versioning.versioningConfiguration.status`; the path `@versioning` with `ABSENT` removes one.
`{json: ...}` is a document as text.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from infra.policy.rules.registered import RULES
from tests.infra.policy.judge import ABSENT, Given, violations

FOLDER = Path(__file__).parent / "rules"
SUBJECT = "subject"
_MARKS = {"ABSENT": ABSENT, "UNKNOWN": UNKNOWN_STRING_VALUE}


@dataclass(frozen=True)
class Case:
    """A labelled resource, with the other resources of its stack."""

    rule: str
    change: str
    good: bool
    resources: tuple[Given, ...]
    unchanged: tuple[Given, ...]
    """The resources without the change."""
    source: str

    @property
    def flagged(self) -> bool:
        """Whether the rule reports a violation."""
        return bool(violations(_RULES[self.rule], *self.resources))

    def __str__(self) -> str:
        return f"{self.rule}: {'good' if self.good else 'bad'} {self.change}"


@dataclass(frozen=True)
class Rates:
    """How often a rule is wrong."""

    good: int
    bad: int
    false_alarms: int
    missed: int


_RULES = {rule.name: rule for rule in RULES}


@cache
def cases() -> tuple[Case, ...]:
    """Return all labelled resources."""
    return tuple(case for table in _tables() for case in _cases(table))


def rates() -> Mapping[str, Rates]:
    """Return how often each rule is wrong."""
    found: dict[str, Rates] = {}
    for name in _RULES:
        own = [(case.good, case.flagged) for case in cases() if case.rule == name]
        found[name] = Rates(
            good=sum(good for good, _ in own),
            bad=sum(not good for good, _ in own),
            false_alarms=sum(good and flagged for good, flagged in own),
            missed=sum(not good and not flagged for good, flagged in own),
        )
    return found


def _tables() -> Iterator[dict[str, Any]]:
    for path in sorted(FOLDER.glob("*.toml")):
        yield from tomllib.loads(path.read_text(encoding="utf-8"))["rule"]


def _cases(table: dict[str, Any]) -> Iterator[Case]:
    subject = Given(
        type=table["type"],
        name=SUBJECT,
        properties=_value(table["given"]),
        protect=table.get("protect", True),
        depends=table.get("depends", {}),
    )
    others = {
        each["name"]: Given(
            type=each["type"],
            name=each["name"],
            properties=_value(each.get("properties", {})),
            depends=each.get("depends", {}),
        )
        for each in table.get("with", [])
    }
    whole = {SUBJECT: subject, **others}
    unchanged = tuple(whole.values())
    for label in ("good", "bad"):
        for change in table[label]:
            stack = tuple(_changed(whole, change).values())
            yield Case(table["name"], json.dumps(change), label == "good", stack, unchanged, table["source"])


def _changed(stack: dict[str, Given], change: dict[str, Any]) -> dict[str, Given]:
    for path, value in change.items():
        name, _, inner = path.removeprefix("@").partition(".") if path.startswith("@") else (SUBJECT, "", path)
        if not inner:
            stack = {key: each for key, each in stack.items() if key != name}
        else:
            stack = {**stack, name: stack[name].but(inner, _value(value))}
    return stack


def _value(value: Any) -> Any:
    """Return a value of the file as the engine passes it: numbers are floats."""
    if isinstance(value, dict):
        return (
            json.dumps(value["json"]) if set(value) == {"json"} else {key: _value(each) for key, each in value.items()}
        )
    if isinstance(value, list):
        return [_value(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return _MARKS.get(value, value) if isinstance(value, str) else value
