"""Every moment at which a process can die while the engine deploys: the next command finds account and state agree.

Simulated: moto behind its real server, the real provider and journal, and a small engine. A kill is a journal that
stops writing at that moment; then the account is made again from the file alone, as a new process does it.
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
"""Beside each request: in the middle of the journal's line, after it, and between the answer and the state's write."""


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
    "subnet": (SUBNET, in_vpc(cidrBlock="10.0.0.0/25")),  # deleted before it is replaced: addresses overlap
    "group": (GROUP, in_vpc(name="a", ingress=[HTTP])),  # update in two calls
    "moved": (GROUP, in_vpc(description="two")),  # replaced before it is deleted
    "database": (INSTANCE, instance(password="second-password")),
    "gateway": (GATEWAY, in_vpc()),  # create in two calls
    "bucket": (BUCKET, constant(bucket="named", tags={"a": "b"})),
    "queue": (QUEUE, constant(name="named")),
}


class KilledError(Exception):
    """The process that would have gone on is dead."""


class DyingJournal(Journal):
    """Counts requests by operation, and dies at one moment: from then on nothing reaches the file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path
        self.requests_of: list[int] = []
        self.dies: tuple[int, object] = (-1, None)
        self.dead = False

    def read_again(self) -> None:
        """Be what a new process makes of the file."""
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
    """One account over its process's lives, and the engine's state. A new life reads the journal and replays it."""

    server: AwsServer
    journal: DyingJournal
    provider: AwsProvider
    databases: Databases
    engine: Engine = field(default_factory=Engine)

    def restart(self) -> None:
        """The process dies, and its supervisor starts it again."""
        self.journal.read_again()
        self.journal.on_abort()

    def holds(self) -> Counter[str]:
        """Return what is in the account and behind it, without ids."""
        account = Counter(f"{item['service']} {item['kind']}" for item in self.server.left())
        return account + Counter(f"database with password {text}" for text in self.databases.passwords.values())


@dataclass(frozen=True)
class Course:
    """An undisturbed deployment of `AFTER` over `BEFORE`."""

    journal: bytes
    records: list[Record]
    passwords: dict[str, str]
    """Of the databases. Like the two above, as `BEFORE` leaves them."""
    holds: list[Counter[str]]
    """What there is before the first step, and after each one."""
    requests: list[int]
    """Requests that each step makes."""


@pytest.fixture(scope="module")
def only_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Started once: the HTTP server and boto3's clients have no part in this."""
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
    """`BEFORE` is deployed."""
    only_world.journal.path.write_bytes(course.journal)
    only_world.databases.passwords = dict(course.passwords)
    only_world.engine = Engine(list(course.records))
    only_world.restart()
    return only_world


STEPS = (2, 1, 1, 2, 1, 2, 1, 2, 2, 1, 1)
"""Requests of each step of the course, so that the moments are known before it runs."""
MOMENTS = [(step, moment) for step, requests in enumerate(STEPS) for moment in (*range(1, requests + 1), *POINTS)]


def test_the_moments_are_all_there_are(course: Course) -> None:
    """A step more, or a request more in one, has moments of its own to be tried."""
    assert tuple(course.requests) == STEPS


@pytest.mark.parametrize(("step", "moment"), MOMENTS)
def test_after_a_kill_account_and_state_agree(world: World, course: Course, step: int, moment: object) -> None:
    """The account is what it was after the last step that the state knows, and any command works from there."""
    deploy_until_killed(world, step, moment)
    world.restart()

    world.server.reconcile(world.engine.known())

    assert world.holds() == course.holds[step]
    assert world.engine.drift(world.provider) == []
    assert world.server.reconcile(world.engine.known()) == {"undone": [], "missing": []}
    (go_on, go_back, take_down)[(step + len(str(moment))) % 3](world, course)


@pytest.mark.parametrize(("step", "request_"), [(i, n) for i, many in enumerate(STEPS) for n in range(1, many + 1)])
def test_what_is_refused_half_way_leaves_nothing(world: World, course: Course, step: int, request_: int) -> None:
    """The process lives on, and so do the messages in its queues; the next command goes on from there."""
    deploy_until_killed(world, step, request_)
    world.journal.dead = False
    world.journal.abort(next(iter(world.journal._open)))

    assert world.holds() == course.holds[step]
    assert world.engine.drift(world.provider) == []
    go_on(world, course)


def deploy_until_killed(world: World, step: int, moment: object) -> None:
    """Deploy `AFTER`, and die there."""
    world.journal.dies = (step, moment)
    done: list[str] = []

    def die() -> None:
        if (len(done), "answered") == (step, moment):
            raise KilledError

    def deploy() -> None:
        for name in world.engine.steps(world.provider, AFTER):
            done.append(name)

    world.engine.before_writing = die
    # Beside its own death, the provider sees its server's: an answer that is none.
    with pytest.raises((KilledError, ProviderError, ResponseParserError)):
        deploy()
    assert len(done) == step
    world.engine.before_writing = lambda: None


def go_on(world: World, course: Course) -> None:
    """The same program again."""
    world.engine.up(world.provider, AFTER)
    assert world.holds() == course.holds[-1]
    assert world.engine.up(world.provider, AFTER) == 0


def go_back(world: World, course: Course) -> None:
    """The program of before: also where nothing of it was recorded as changed."""
    world.engine.up(world.provider, BEFORE)
    assert world.holds() == course.holds[0]
    assert world.engine.up(world.provider, BEFORE) == 0
    assert world.engine.drift(world.provider) == []


def take_down(world: World, course: Course) -> None:
    """Nothing is left, in the account or behind it."""
    world.engine.up(world.provider, {})
    assert world.holds() == Counter()
    assert world.journal.live == {}
