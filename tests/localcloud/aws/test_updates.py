"""Every property of every type is set, changed and changed back in one account, without an engine.

The tables in `updates/` have the types, properties and values. A new type without a row fails here, and so does a
property that a stack sets and no row changes.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.aws.account import Account
from localcloud.aws.catalog import resource_types
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.protocol.servicer import ProviderError
from stacks.settings import stack_names
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases, Made, Stack
from tests.localcloud.aws.updates.row import ABSENT, Row, World
from tests.localcloud.aws.updates.rows import ROWS
from tests.support.builders import ROOT
from tests.support.stacks import whole_stack

CASES = [(type_, variant) for type_, variants in ROWS.items() for variant in variants]
CALL = Account.call
MISSING = ("DBSubnetGroupNotFoundFault", "InvalidRoute.NotFound", "NoSuchEntity", "ResourceNotFoundException", "404")
STACKS = stack_names(ROOT)
# Types that a deletion leaves, as on AWS: EC2 deletes the default group with its VPC, versions and versioning cannot be
# deleted, and a validation is not a resource of AWS.
OUTLIVES = {
    "aws:acm/certificateValidation:CertificateValidation",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:secretsmanager/secretVersion:SecretVersion",
}
TAGS = [{"a": "1"}, {"a": "2", "b": ""}, {"c": ""}]
every_case = pytest.mark.parametrize(("type_", "variant"), CASES, ids=lambda part: part.rpartition(":")[2])


@pytest.fixture(scope="module")
def world(module_server: AwsServer) -> World:
    provider = AwsProvider(
        ACCOUNT_ID, REGION, module_server.endpoint, module_server.journal, Databases(), application=module_server.answer
    )
    provider.configure({"region": REGION})
    return World(Stack(provider))


def row_of(world: World, type_: str, variant: str) -> Row:
    return ROWS[type_][variant](world)


def changed_inputs(resource: Made, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked inputs with other values for some properties."""
    given = {**resource.inputs, **changes}
    given.pop("tagsAll", None)
    wanted = {name: value for name, value in given.items() if value is not ABSENT}
    return resource.provider.check(resource.target, resource.inputs, wanted)


def step(resource: Made, row: Row, **changes: Any) -> Iterator[str]:
    """Update in place: check the plan, apply it, refresh from the old inputs, and find no drift; yield faults."""
    before, after = dict(resource.inputs), changed_inputs(resource, changes)
    what = ", ".join(f"{name} = {'absent' if value is ABSENT else value!r}" for name, value in changes.items())
    plan = resource.provider.diff(resource.target, resource.id, before, resource.outputs, after)
    if (plan.changed, plan.replaces) != (sorted(changes), []):
        yield f"{what}: the plan changes {plan.changed} and replaces for {plan.replaces}"
    resource.outputs = resource.provider.update(
        resource.target, resource.id, before, resource.outputs, after, preview=False
    )
    resource.inputs = before
    hidden = row.untold | {name for name in row.kept if changes.get(name) is ABSENT} | {*changes} - {*before, "tags"}
    seen = resource.refresh()
    if seen != sorted({*changes} - hidden):
        yield f"{what}: a refresh that expects what was before finds {seen} changed"
    resource.inputs = after
    drift = resource.refresh()
    if drift:
        yield f"{what}: {drift} drifts, read as {[resource.inputs.get(name) for name in drift]}"
    resource.inputs = after


def fails_at(place: int, code: str) -> tuple[Callable[..., Any], list[str]]:
    """Return a replacement for Account.call whose call number `place` reports other-1 as missing, and that call."""
    made: list[str] = []
    refused: list[str] = []

    def call(self: Account, service: str, operation: str, **parameters: Any) -> Any:
        made.append(operation)
        if len(made) == place:
            refused.append(operation)
            raise ClientError({"Error": {"Code": code, "Message": "no other-1"}}, operation)
        return CALL(self, service, operation, **parameters)

    return call, refused


def mistaken(resource: Made, work: Callable[[], Any]) -> Iterator[str]:
    """Yield calls whose error about another missing resource is mistaken for one about the resource itself.

    Afterwards the work has been done once.
    """
    own = resource_types()[resource.target.type].gone
    codes = [code for code in (*MISSING, *own) if own.get(code, ("id",)) != ()]
    for place in range(1, 50):
        for code in codes:
            call, refused = fails_at(place, code)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Account, "call", call)
                try:
                    work()
                except ProviderError:
                    continue
            if not refused:
                return
            yield f"{work.__name__}: {refused[0]} answers {code} of another thing, and that is ignored"


@every_case
def test_every_change_is_made_in_place_and_back(
    world: World, module_server: AwsServer, type_: str, variant: str
) -> None:
    """A refresh finds each change that was made outside of Pulumi, and nothing else."""
    row = row_of(world, type_, variant)
    there = module_server.left()
    resource = world.stack.create(type_, "row", **row.base)
    row.ready(resource.id)
    assert resource.refresh() == []
    changes = dict(row.changes)
    if resource_types()[type_].tagging is not None:
        changes["tags"] = TAGS
    problems: list[str] = []
    for name, values in changes.items():
        for value in [*values, resource.inputs.get(name, ABSENT)]:
            if value != resource.inputs.get(name, ABSENT):
                problems.extend(step(resource, row, **{name: value}))
    for several in row.together:
        problems.extend(step(resource, row, **several))
    for name, values in row.one_way.items():
        for value in values:
            problems.extend(step(resource, row, **{name: value}))
    problems.extend(mistaken(resource, resource.refresh))
    problems.extend(mistaken(resource, resource.delete))
    assert not problems, "\n".join(problems)
    assert resource.is_gone() is (type_ not in OUTLIVES)
    resource.delete()
    assert module_server.left() == there


def test_every_type_has_a_row() -> None:
    """A new type needs a row."""
    assert set(ROWS) == set(resource_types())


def test_every_change_has_two_values(world: World) -> None:
    """With one value, the change back would not show that a second new value is applied."""
    rows = {case: row_of(world, *case) for case in CASES}

    assert {case: name for case, row in rows.items() for name, values in row.changes.items() if len(values) < 2} == {}


# The management of the master password changes together with the password: test_managed_password.py.
WITH_THE_PASSWORD = {
    ("aws:rds/instance:Instance", "manageMasterUserPassword"),
    ("aws:rds/instance:Instance", "masterUserSecretKmsKeyId"),
}


@pytest.mark.parametrize("stack", STACKS)
def test_every_property_that_a_stack_sets_is_in_the_table(world: World, stack: str) -> None:
    """A row changes it in place or replaces it."""
    covered: dict[str, set[str]] = {}
    for type_, variant in CASES:
        row = row_of(world, type_, variant)
        covered.setdefault(type_, {"tags", "tagsAll", "region"}).update(
            row.changes, row.one_way, row.replaces, *row.together
        )
    resources = [each for each in whole_stack(stack).resources.values() if each.type.startswith("aws:")]
    missing = {
        (resource.type, name)
        for resource in resources
        for name in set(resource.inputs) - covered.get(resource.type, set())
    }

    assert len(resources) > 40
    assert missing == WITH_THE_PASSWORD


@every_case
def test_properties_that_cannot_change_in_place_are_replaced(world: World, type_: str, variant: str) -> None:
    """The plan has a replacement for each such property, and for no other."""
    row = row_of(world, type_, variant)
    provider, target = world.stack.provider, world.stack.target(type_, "row")
    old = provider.check(target, {}, dict(row.base))
    plans = {
        name: provider.diff(target, "id", old, {}, provider.check(target, old, {**row.base, name: value}))
        for name, value in row.replaces.items()
    }

    assert {name: plan.replaces for name, plan in plans.items()} == {name: [name] for name in row.replaces}
