"""Network paths that a plan opens, with the resource that opens them."""

import pytest

from infra.reach.openings import Opening
from infra.review.hazards.exposure import opened
from tests.infra.reach.breaks import BREAKS, broken_stack
from tests.support.planned import planned_stack

NAME = "the whole VPC may connect to the database"


def test_the_changed_resource_is_named() -> None:
    """It is a hop of the path, or depends on one; otherwise the first hop is named."""
    stack = next(each.stack for each in BREAKS if each.name == NAME)
    whole, broken = list(planned_stack(stack)), broken_stack(NAME)
    old = {each.urn: each for each in whole}
    (changed,) = [each for each in broken if each != old.get(each.urn)]

    (database,) = [each.urn for each in whole if each.type == "aws:rds/instance:Instance"]
    (group,) = [each.urn for each in whole if each.name == "database-access"]
    path = "vpc reaches database on TCP 5432"
    assert changed.type == "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    others = {each.urn for each in whole if each.type == "aws:kms/key:Key"}
    assert list(opened(whole, broken, {changed.urn, *others})) == [(changed.urn, path)]
    assert list(opened(whole, broken, {changed.urn, database})) == [(database, path)]
    assert list(opened(whole, broken, {"urn:other"})) == [(group, path)]


def test_a_path_without_a_resource_is_about_the_first_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each hazard needs a URN, by which an entry allows it."""
    path = Opening(source="pods/other", target="internet", port="TCP 443", resources=())
    monkeypatch.setattr("infra.review.hazards.exposure.openings", lambda *_: [path])

    assert list(opened([], [], {"urn:b", "urn:a"})) == [("urn:a", "pods/other reaches internet on TCP 443")]
