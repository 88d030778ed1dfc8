"""Network paths that a plan opens, with the resource that opens them."""

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
