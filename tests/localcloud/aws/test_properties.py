"""No input property is dropped: each one of Pulumi's types is kept by the account, used, or refused.

Kept properties are not read from the stand-in's table: they are those that moto returns for the values in `updates/`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from localcloud.aws.account import Account
from localcloud.aws.catalog import resource_types
from localcloud.aws.dry_account import DryAccount, EnoughError, unknown_value
from localcloud.aws.properties import recorded
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.aws.shapes import same
from localcloud.aws.specifications.models import service_model
from localcloud.protocol.servicer import ProviderError, Target
from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases, Stack
from tests.localcloud.aws.updates.more import Extra, extras
from tests.localcloud.aws.updates.row import ABSENT, World
from tests.localcloud.aws.updates.rows import ROWS
from tests.support.provider_inputs import input_paths

TYPES = sorted(ROWS)
READS = ("Describe", "Get", "List", "Head")
PREFIXES = {"namePrefix": "name", "identifierPrefix": "identifier", "bucketPrefix": "bucket"}
"""Properties with the prefix of a name -> property with the name."""
# Properties that the account does not return: two values, and properties set with them. Each affects a request.
UNTOLD: Mapping[tuple[str, str], tuple[Any, Any, Mapping[str, Any]]] = {
    ("aws:ec2/securityGroup:SecurityGroup", "revokeRulesOnDelete"): (True, False, {}),
    ("aws:eks/addon:Addon", "preserve"): (True, False, {}),
    ("aws:eks/addon:Addon", "resolveConflictsOnCreate"): ("NONE", "OVERWRITE", {}),
    ("aws:eks/addon:Addon", "resolveConflictsOnUpdate"): ("NONE", "PRESERVE", {"addonVersion": "v2"}),
    ("aws:eks/cluster:Cluster", "bootstrapSelfManagedAddons"): (True, False, {}),
    ("aws:iam/role:Role", "forceDetachPolicies"): (True, False, {}),
    ("aws:kms/key:Key", "bypassPolicyLockoutSafetyCheck"): (True, False, {}),
    ("aws:kms/key:Key", "deletionWindowInDays"): (7, 10, {}),
    ("aws:cloudwatch/logGroup:LogGroup", "skipDestroy"): (True, False, {}),
    ("aws:rds/instance:Instance", "allowMajorVersionUpgrade"): (True, False, {"engineVersion": "18.1"}),
    ("aws:rds/instance:Instance", "applyImmediately"): (True, False, {"instanceClass": "db.m7g.large"}),
    ("aws:rds/instance:Instance", "deleteAutomatedBackups"): (True, False, {}),
    ("aws:rds/instance:Instance", "finalSnapshotIdentifier"): ("a", "b", {"skipFinalSnapshot": False}),
    ("aws:rds/instance:Instance", "password"): ("first-password", "second-password", {}),
    ("aws:rds/instance:Instance", "port"): (5432, 5433, {}),
    ("aws:rds/instance:Instance", "skipFinalSnapshot"): (True, False, {"finalSnapshotIdentifier": "a"}),
    ("aws:ecr/repository:Repository", "forceDelete"): (True, False, {}),
    ("aws:secretsmanager/secret:Secret", "forceOverwriteReplicaSecret"): (True, False, {}),
    ("aws:secretsmanager/secret:Secret", "recoveryWindowInDays"): (7, 30, {}),
    ("aws:s3/bucket:Bucket", "forceDestroy"): (True, False, {}),
}
MARK = "zz-4242"


class Recorder(DryAccount):
    """Records requests."""

    def __init__(self) -> None:
        super().__init__(ACCOUNT_ID, REGION)
        self.requests: list[tuple[str, str]] = []

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        self.requests.append((operation, repr(parameters)))
        if len(self.requests) > 40:
            raise EnoughError
        shape = service_model(service).operation_model(operation).output_shape
        answer: dict[str, Any] = {} if shape is None else unknown_value(shape)
        return answer


@pytest.fixture(scope="module")
def account(module_server: AwsServer) -> Account:
    return Account(ACCOUNT_ID, REGION, module_server.endpoint)


@pytest.fixture(scope="module")
def world(module_server: AwsServer) -> World:
    provider = AwsProvider(
        ACCOUNT_ID, REGION, module_server.endpoint, module_server.journal, Databases(), application=module_server.answer
    )
    provider.configure({"region": REGION})
    return World(Stack(provider))


@pytest.fixture(scope="module")
def more(world: World, account: Account) -> list[Extra]:
    return extras(world, account)


@pytest.fixture
def offline() -> AwsProvider:
    return AwsProvider(ACCOUNT_ID, REGION, None)


def target(type_: str) -> Target:
    return Target(urn=f"urn:pulumi:test::drydock::{type_}::main", type=type_, name="main")


def paths(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of all leaves, in the form of `input_paths`."""
    if isinstance(value, dict) and value and path not in {"tags", "dimensions"}:
        for key, item in value.items():
            yield from paths(item, f"{path}.{key}".removeprefix("."))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for item in value:
            yield from paths(item, path)
    else:
        yield path


def at(path: str, value: Any) -> dict[str, Any]:
    """Return inputs with one value: `at("a.b", 1)` is `{"a": {"b": 1}}`."""
    for step in reversed(path.split(".")):
        value = {step: value}
    return dict(value)


UNSEEN = (
    "in KEPT of properties.py, and in no row that is compared with the account: add it to one, or to updates/more.py"
)


@pytest.fixture(scope="module")
def told(world: World, account: Account, more: list[Extra]) -> dict[str, set[str]]:
    """Return type -> paths that the account returns.

    `test_updates.py` compares the values of a row's properties with the account.
    """
    found: dict[str, set[str]] = {type_: set() for type_ in TYPES}
    lost: list[str] = []
    based = {(type_, variant) for type_, variant, different in more if ABSENT not in different.values()}
    bases: list[Extra] = [(type_, key, {}) for type_ in TYPES for key in ROWS[type_] if (type_, key) not in based]
    for number, (type_, variant, different) in enumerate([*bases, *more]):
        row = ROWS[type_][variant](world)
        for values in (row.changes, row.one_way):
            found[type_] |= {path for name, each in values.items() for one in each for path in paths({name: one})}
        found[type_] |= {path for several in row.together for path in paths(_given(several))}
        inputs = _given({**row.base, **different})
        made = world.stack.create(type_, f"r{number}", **inputs)
        state = {**(resource_types()[type_].read(account, made.id, made.inputs) or {})}
        state["tags"] = state.get("tagsAll")
        for name, value in inputs.items():
            if (type_, name) in UNTOLD:
                continue
            if name in state and same(value, state[name]):
                found[type_] |= set(paths({name: value}))
            else:
                lost.append(f"{type_} {name}: {value!r} is reported as {state.get(name)!r}")
        made.delete()
    assert lost == []
    return found


def _given(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if value is not ABSENT}


def names(words: str, type_: str, path: str) -> bool:
    """Return whether a refusal names the type and the property, or the first block above it that is not kept."""
    steps = path.split(".")
    ways = [".".join(steps[: length + 1]) for length in range(len(steps))]
    said = re.fullmatch(
        r"(?P<type>\S+) main: the local cloud does not keep (?P<path>[^:\s]+).*: leave it out .*", words
    )
    return bool(said and said["type"] == type_ and said["path"] in ways)


def test_every_input_is_kept_or_refused(told: dict[str, set[str]], offline: AwsProvider) -> None:
    """A refusal has the type, the path and the remedy. The rows of `updates/` show which ones the account keeps."""
    wrong = []
    for type_ in TYPES:
        untold = {name for known, name in UNTOLD if known == type_}
        region = {"region"} if resource_types()[type_].regional else set()
        for path in input_paths(type_):
            kept = path in told[type_] | untold | region or path in PREFIXES
            try:
                offline.check(target(type_), {}, at(path, MARK))
                words = ""
            except ProviderError as error:
                words = str(error)
            if kept is bool(words) or (words and not names(words, type_, path)):
                wrong.append(f"{type_} {path}: {f'kept, and refused: {words}' if kept else words or UNSEEN}")

    assert sum(len(input_paths(type_)) for type_ in TYPES) > 600
    assert not wrong, "\n".join(wrong)


def life(type_: str, base: dict[str, Any], changes: Mapping[str, Any]) -> list[list[tuple[str, str]]]:
    """Return the requests of a creation, an update and a deletion."""
    resource, new = resource_types()[type_], {**base, **changes}
    changed = {name for name in new if new[name] != base.get(name)}
    works: tuple[Callable[[Account], object], ...] = (
        lambda account: resource.create(account, new),
        lambda account: resource.update(account, "id:x", base, new, changed),
        lambda account: resource.delete(account, "id:x", new),
    )
    requests = []
    for work in works:
        recorder = Recorder()
        with suppress(EnoughError):
            work(recorder)
        requests.append(recorder.requests)
    return requests


@pytest.mark.parametrize(("type_", "name"), UNTOLD)
def test_a_property_that_is_not_returned_affects_a_request(world: World, type_: str, name: str) -> None:
    """Requests of creation, update or deletion differ for another value."""
    first, second, more = UNTOLD[type_, name]
    base = {key: value for key, value in next(iter(ROWS[type_].values()))(world).base.items() if key != name}

    assert life(type_, base, {**more, name: first}) != life(type_, base, {**more, name: second})


def test_a_change_of_a_kept_property_is_requested_or_replaces(world: World, more: list[Extra]) -> None:
    """For properties that no row changes, an update sends a request or the property causes a replacement."""
    dropped, changed = [], 0
    for type_, variant, different in more:
        provider, resource = world.stack.provider, resource_types()[type_]
        row = ROWS[type_][variant](world)
        old = provider.check(target(type_), {}, dict(row.base))
        for name in set(different) - {"tags"} - {name for known, name in UNTOLD if known == type_}:
            values = {key: value for key, value in {**row.base, name: different[name]}.items() if value is not ABSENT}
            new = provider.check(target(type_), old, values)
            if provider.diff(target(type_), "id", old, {}, new).replaces:
                continue
            changed += 1
            recorder = Recorder()
            resource.update(recorder, "id:x", old, new, {name})
            if all(operation.startswith(READS) for operation, _ in recorder.requests):
                dropped.append(f"{type_} {name}")

    assert changed > 20
    assert dropped == []


@pytest.mark.parametrize(("prefix", "name"), PREFIXES.items())
def test_a_prefix_begins_the_name(offline: AwsProvider, prefix: str, name: str) -> None:
    """Every type with the property is tested."""
    types = [type_ for type_ in TYPES if prefix in input_paths(type_)]
    names = {type_: offline.check(target(type_), {}, {prefix: "alias/first-"})[name] for type_ in types}

    assert types
    assert [each for each in names.values() if not each.startswith("alias/first-")] == []


@pytest.mark.parametrize(
    ("type_", "inputs", "words"),
    [
        (
            "aws:iam/role:Role",
            {"assumeRolePolicy": "{}", "managedPolicyArns": [], "inlinePolicies": [{"name": "a", "policy": UNKNOWN}]},
            "does not keep managedPolicyArns (use aws.iam.RolePolicyAttachment), inlinePolicies "
            "(use aws.iam.RolePolicy): leave it out of this stack, or add it to localcloud/aws/properties.py and to",
        ),
        (
            "aws:ec2/securityGroup:SecurityGroup",
            {"ingress": [{"protocol": "-1"}, {"protocol": "tcp", "prefixListIds": ["pl-1"]}]},
            "does not keep ingress[1].prefixListIds (use aws.vpc.SecurityGroupIngressRule with prefixListId)",
        ),
        ("aws:ec2/vpc:Vpc", {"cidrBlok": "10.0.0.0/16"}, "does not keep cidrBlok:"),
        ("aws:rds/instance:Instance", {"networkType": UNKNOWN}, "does not keep networkType:"),
        (
            "aws:rds/instance:Instance",
            {"timezone": "UTC", "characterSetName": "UTF8"},
            "does not keep timezone (AWS supports it only for RDS for Db2 and RDS for SQL Server), "
            "characterSetName (AWS supports it only for RDS for Oracle and RDS for SQL Server): leave it out",
        ),
    ],
)
def test_a_refusal_has_the_path_and_an_alternative(
    offline: AwsProvider, type_: str, inputs: dict[str, Any], words: str
) -> None:
    """There is one message for all properties of a resource, also in a preview with unknown values."""
    with pytest.raises(ProviderError) as refusal:
        offline.check(target(type_), {}, inputs)

    assert str(refusal.value).startswith(f"{type_} main: the local cloud {words}")


def test_accepts_null_and_unknown_values(offline: AwsProvider) -> None:
    """A null counts as not set, and a block may be unknown as a whole."""
    checked = offline.check(
        target("aws:eks/cluster:Cluster"),
        {},
        {"name": "a", "vpcConfig": UNKNOWN, "outpostConfig": None, "computeConfig": {"enabled": UNKNOWN}},
    )

    assert checked["vpcConfig"] == UNKNOWN


def test_records_the_properties_in_use() -> None:
    """They have type and path, and are listed once."""
    inputs = {"instanceTenancy": "default", "cidrBlock": "10.0.0.0/16", "tags": {"instanceTenancy": "a"}}
    parameters = {"parameters": [{"name": "a", "value": "1"}, {"name": "b", "value": UNKNOWN}], "family": "postgres17"}

    assert recorded("aws:ec2/vpc:Vpc", inputs) == {"aws:ec2/vpc:Vpc instanceTenancy"}
    assert recorded("aws:rds/parameterGroup:ParameterGroup", parameters) == {
        "aws:rds/parameterGroup:ParameterGroup parameters.name",
        "aws:rds/parameterGroup:ParameterGroup parameters.value",
    }
    assert recorded("aws:ec2/eip:Eip", {"domain": "vpc"}) == set()
