"""Processes are killed at every possible moment of a deployment; the next command makes account and state consistent.

Real: provider, journal and server. Emulated: AWS, by moto, and the engine, by a small model. For a kill, the journal
stops writing at that moment, and then the account is rebuilt from its file, as in a new process.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.parsers import ResponseParserError

from localcloud.aws.journal import Journal, Request
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.protocol.servicer import ProviderError
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases, start_server
from tests.localcloud.aws.engine import Engine, Ids, Program, Record, constant

HTTPS = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/16"]}
HTTP = {**HTTPS, "fromPort": 80, "toPort": 80}
POINTS = ("torn", "written", "answered")
"""Moments in addition to each request: within the journal's line, after it, between answer and write of the state."""


def in_vpc(**inputs: Any) -> Callable[[Ids], dict[str, Any]]:
    return lambda ids: {"vpcId": ids["vpc"], **inputs}


def instance(**inputs: Any) -> Callable[[Ids], dict[str, Any]]:
    return constant(
        identifier="db",
        engine="postgres",
        engineVersion="18.1",
        instanceClass="db.t4g.small",
        allocatedStorage=20,
        username="app",
        dbName="app",
        skipFinalSnapshot=True,
        **inputs,
    )


VPC, SUBNET, GROUP = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup"
GATEWAY, LOGS = "aws:ec2/internetGateway:InternetGateway", "aws:cloudwatch/logGroup:LogGroup"
INSTANCE, BUCKET, QUEUE = "aws:rds/instance:Instance", "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue"
BEFORE: Program = {
    "vpc": (VPC, constant(cidrBlock="10.0.0.0/16")),
    "subnet": (SUBNET, in_vpc(cidrBlock="10.0.0.0/24")),
    "group": (GROUP, in_vpc(name="a", ingress=[HTTPS])),
    "moved": (GROUP, in_vpc(description="one")),
    "dropped": (LOGS, constant(name="dropped", retentionInDays=30)),
    "database": (INSTANCE, instance(password="first-password")),
}
AFTER: Program = {
    "vpc": (VPC, constant(cidrBlock="10.0.0.0/16", enableDnsHostnames=True, tags={"Name": "net"})),  # update
    "subnet": (SUBNET, in_vpc(cidrBlock="10.0.0.0/25")),  # deleted before its replacement: addresses overlap
    "group": (GROUP, in_vpc(name="a", ingress=[HTTP])),  # update in two calls
    "moved": (GROUP, in_vpc(description="two")),  # replaced before its deletion
    "database": (INSTANCE, instance(password="second-password")),
    "gateway": (GATEWAY, in_vpc()),  # create in two calls
    "bucket": (BUCKET, constant(bucket="named", tags={"a": "b"})),
    "queue": (QUEUE, constant(name="named")),
}


class KilledError(Exception):
    """Stands for the end of a killed process."""


class DyingJournal(Journal):
    """Counts requests by operation, and writes nothing from a given moment on."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path
        self.requests_of: list[int] = []
        self.dies: tuple[int, object] = (-1, None)
        self.dead = False

    def read_again(self) -> None:
        """Read the file as a new process would."""
        self.close()
        on_abort = self.on_abort
        self.__init__(self.path)  # type: ignore[misc]
        self.on_abort = on_abort

    def begin(self) -> str:
        self.requests_of.append(0)
        return super().begin()

    def add(self, request: Request, operation: str | None) -> None:
        super().add(request, operation)
        self.requests_of[-1] += 1
        self._die_at(self.requests_of[-1])

    def commit(self, operation: str, outcome: dict[str, Any]) -> None:
        if not self.dead:
            super().commit(operation, outcome)
            self._die_at("written")

    def abort(self, operation: str) -> None:
        if not self.dead:
            super().abort(operation)

    def _append(self, entry: dict[str, Any]) -> None:
        if (len(self.requests_of) - 1, "torn") == self.dies and not self.dead:
            self.dead = True
            with self.path.open("ab") as file:
                file.write(json.dumps(entry).encode()[:-20])
            raise KilledError
        if not self.dead:
            super()._append(entry)

    def _die_at(self, moment: object) -> None:
        if (len(self.requests_of) - 1, moment) == self.dies:
            self.dead = True
            raise KilledError


@dataclass
class World:
    """An account over restarts of its process, and the engine's state. A restart replays the journal."""

    server: AwsServer
    journal: DyingJournal
    provider: AwsProvider
    databases: Databases
    engine: Engine = field(default_factory=Engine)

    def restart(self) -> None:
        """Restart the process, as its supervisor does after a kill."""
        self.journal.read_again()
        self.journal.on_abort()

    def holds(self) -> Counter[str]:
        """Return the resources of the account and the databases behind it, without ids."""
        account = Counter(f"{item['service']} {item['kind']}" for item in self.server.left())
        return account + Counter(f"database with password {text}" for text in self.databases.passwords.values())


@dataclass(frozen=True)
class Course:
    """A deployment of `AFTER` over `BEFORE` without a kill."""

    journal: bytes
    records: list[Record]
    passwords: dict[str, str]
    """Passwords of the databases after `BEFORE`, like journal and records."""
    holds: list[Counter[str]]
    """Resources before the first step, and after each step."""
    requests: list[int]
    """Number of requests of each step."""


@pytest.fixture(scope="module")
def only_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Start the server once, because the HTTP server and boto3's clients are not tested here."""
    server = start_server(tmp_path_factory.mktemp("account"), DyingJournal)
    journal, databases = server.journal, Databases()
    assert isinstance(journal, DyingJournal)
    provider = AwsProvider(ACCOUNT_ID, REGION, server.endpoint, journal, databases)
    server.on_rebuild = lambda: provider.restore(journal.live.values())
    yield World(server, journal, provider, databases)
    server.stop()


@pytest.fixture(scope="module")
def course(only_world: World) -> Course:
    world = only_world
    world.engine.up(world.provider, BEFORE)
    journal, records = world.journal.path.read_bytes(), list(world.engine.records)
    passwords = dict(world.databases.passwords)
    world.journal.requests_of.clear()
    holds = [world.holds()]
    for _ in world.engine.steps(world.provider, AFTER):
        holds.append(world.holds())
    return Course(journal, records, passwords, holds, list(world.journal.requests_of))


@pytest.fixture
def world(only_world: World, course: Course) -> World:
    """The world with `BEFORE` deployed."""
    only_world.journal.path.write_bytes(course.journal)
    only_world.databases.passwords = dict(course.passwords)
    only_world.engine = Engine(list(course.records))
    only_world.restart()
    return only_world


STEPS = (2, 1, 1, 2, 2, 1, 2, 2, 1, 1, 1)
"""Number of requests of each step, so that the moments are known at collection."""
MOMENTS = [(step, moment) for step, requests in enumerate(STEPS) for moment in (*range(1, requests + 1), *POINTS)]


def test_all_moments_are_tested(course: Course) -> None:
    """A new step or request needs an entry in STEPS."""
    assert tuple(course.requests) == STEPS


@pytest.mark.parametrize(("step", "moment"), MOMENTS)
def test_account_and_state_agree_after_a_kill(world: World, course: Course, step: int, moment: object) -> None:
    """The account has the resources after the last step in the state, and any next command works."""
    deploy_until_killed(world, step, moment)
    world.restart()

    world.server.reconcile(world.engine.known())

    assert world.holds() == course.holds[step]
    assert world.engine.drift(world.provider) == []
    assert world.server.reconcile(world.engine.known()) == {"undone": [], "missing": []}
    (go_on, go_back, take_down)[(step + len(str(moment))) % 3](world, course)


@pytest.mark.parametrize(("step", "request_"), [(i, n) for i, many in enumerate(STEPS) for n in range(1, many + 1)])
def test_a_refused_operation_leaves_nothing(world: World, course: Course, step: int, request_: int) -> None:
    """The process continues, and its queues keep their messages; the next command continues the deployment."""
    deploy_until_killed(world, step, request_)
    world.journal.dead = False
    world.journal.abort(next(iter(world.journal._open)))

    assert world.holds() == course.holds[step]
    assert world.engine.drift(world.provider) == []
    go_on(world, course)


def deploy_until_killed(world: World, step: int, moment: object) -> None:
    """Deploy `AFTER` until the kill at this moment."""
    world.journal.dies = (step, moment)
    done: list[str] = []

    def die() -> None:
        if (len(done), "answered") == (step, moment):
            raise KilledError

    def deploy() -> None:
        for name in world.engine.steps(world.provider, AFTER):
            done.append(name)

    world.engine.before_writing = die
    # The provider is killed itself, or gets no valid answer from the killed server.
    with pytest.raises((KilledError, ProviderError, ResponseParserError)):
        deploy()
    assert len(done) == step
    world.engine.before_writing = lambda: None


def go_on(world: World, course: Course) -> None:
    """Deploy the same program again."""
    world.engine.up(world.provider, AFTER)
    assert world.holds() == course.holds[-1]
    assert world.engine.up(world.provider, AFTER) == 0


def go_back(world: World, course: Course) -> None:
    """Deploy the program of before, also if the state has no change."""
    world.engine.up(world.provider, BEFORE)
    assert world.holds() == course.holds[0]
    assert world.engine.up(world.provider, BEFORE) == 0
    assert world.engine.drift(world.provider) == []


def take_down(world: World, course: Course) -> None:
    """Destroy, and assert that nothing is left in the account or behind it."""
    world.engine.up(world.provider, {})
    assert world.holds() == Counter()
    assert world.journal.live == {}
