"""The benchmarks of docs/compliance.md."""

import re

import pytest

from infra.policy.rules.registered import RULES
from tests.support.compliance import benchmarks, covering, numbers, page
from tests.support.tables import rule_anchors

EVERY = [(each["anchor"], item) for each in benchmarks() for item in each["items"]]


@pytest.mark.parametrize(("anchor", "item"), EVERY, ids=lambda value: str(value)[:40])
def test_an_item_is_covered_or_has_a_reason(anchor: str, item: dict[str, str]) -> None:
    """Never both, and rules exist."""
    rules = covering(anchor, item)

    assert (len(rules) > 0) + ("open" in item) + ("none" in item) == 1
    assert set(rules) <= {rule.name for rule in RULES}


@pytest.mark.parametrize("benchmark", ["CIS-EKS", "CIS-AWS"])
def test_every_anchor_is_an_item(benchmark: str) -> None:
    """A rule with a mistyped number would cover nothing."""
    items = {item["id"] for anchor, item in EVERY if anchor == benchmark}
    anchored = {number for text in rule_anchors().values() for number in numbers(benchmark, text)}

    assert anchored <= items
    assert len(anchored) > 15


def test_counts_its_rows() -> None:
    """Three sections, each with the number of rows of each kind."""
    told = re.findall(r"(\d+) rows covered, (\d+) not covered, (\d+) not applicable", page())

    assert [sum(map(int, counts)) for counts in told] == [len(each["items"]) for each in benchmarks()]
    assert "| 5.4.2 | a private endpoint only | `aws-eks-private-endpoint` |" in page()
