"""Kill one process at a random moment while a command runs; the next command must recover from it."""

import json
import os
import random
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from tests.e2e.checkout import Checkout
from tests.support.processes import Belonging, belonging

TOKEN = "DRYDOCK_KILLS"
# Command -> latest moment of the kill in seconds: a little longer than the command takes on an idle machine of 2 cores.
COMMANDS: dict[tuple[str, ...], float] = {
    ("preview", "local"): 5,
    ("preview", "dev"): 5,
    ("up", "local"): 18,
    ("rehearse", "dev"): 40,
    ("down", "local"): 8,
}
COMMAND_SECONDS = 600  # a command that takes longer hangs, even on a busy machine
READY_SECONDS = 60
# What the folder of all state folders may contain in addition to that of `local`.
KEPT = {"local", "throw-away.lock", "last-rehearsal-dev"}


class RoundError(AssertionError):
    """A round ended in a wrong state; the message names it."""


@dataclass
class Round:
    """Command, victim, signal and duration of one round."""

    number: int
    command: str = ""
    victim: str = "nothing was left to kill"
    signal: str = ""
    moment: float = 0.0
    then: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        what = f"{self.signal:<7} {self.victim:<24} {self.moment:5.1f} s into `{self.command}`"
        return f"round {self.number:3}  {what:<70} then `{self.then}`  {self.seconds:5.1f} s"


@dataclass
class Rounds:
    """Rounds on one checkout. The same seed kills at the same moments; which process is hit may differ."""

    checkout: Checkout
    seed: int
    fresh: list[str] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    current: Round | None = None
    """The last round that was begun."""

    def __post_init__(self) -> None:
        self._token = f"{TOKEN}={self.seed}-{os.getpid()}"
        self._temporary = self.checkout.root / "temporary"
        self._temporary.mkdir()
        self._log = self.checkout.root / "kills.log"

    def prepare(self) -> None:
        """Deploy once, and record the inventory of a fresh deployment."""
        self._run("up", "local")
        self.fresh = self._inventory()

    def play(self, number: int) -> Round:
        """Run one round and return it.

        Raises:
            RoundError: the next command did not recover.
        """
        chance = random.Random(f"{self.seed}/{number}")
        began = time.monotonic()
        command = chance.choice(list(COMMANDS))
        this = Round(number, command=" ".join(command), moment=chance.uniform(0.1, COMMANDS[command]))
        self.current = this
        if command == ("up", "local"):
            self.checkout.set("local", "service", "targetCpuPercent", chance.randint(40, 90))
        self._disturb(this, chance, command)
        this.then = "up local" if number % 2 else "down local"
        self._run(*this.then.split())
        if number % 2:
            self._require_deployed()
        else:
            self._require_nothing()
        this.seconds = time.monotonic() - began
        return this

    def close(self) -> None:
        """Kill the processes that are left, each by its id."""
        for left in self._belonging():
            with suppress(psutil.NoSuchProcess):
                left.process.kill()

    def _disturb(self, this: Round, chance: random.Random, command: tuple[str, ...]) -> None:
        process = self._start(*command)
        with suppress(subprocess.TimeoutExpired):
            process.wait(this.moment)
        found = self._belonging()
        number = chance.choice((signal.SIGTERM, signal.SIGKILL))
        # The kind is drawn first, so that the many processes of PostgreSQL are not killed more often than the others.
        kinds = sorted({one.kind for one in found})
        if kinds:
            kind = chance.choice(kinds)
            victim = chance.choice([one for one in found if one.kind == kind])
            with suppress(psutil.NoSuchProcess):
                victim.process.send_signal(number)
            this.victim, this.signal = f"{kind} ({victim.process.pid})", number.name
            self.killed[kind] += 1
        self._await(process, command)

    def _start(self, *command: str) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            log.write(f"\n$ drydock {' '.join(command)}\n".encode())
            log.flush()
            name, _, value = self._token.partition("=")
            return self.checkout.begin(*command, output=log, **{name: value, "TMPDIR": str(self._temporary)})

    def _run(self, *command: str) -> None:
        code = self._await(self._start(*command), command)
        if code:
            raise RoundError(f"`drydock {' '.join(command)}` ended with {code}")

    def _await(self, process: "subprocess.Popen[bytes]", command: tuple[str, ...]) -> int:
        try:
            return process.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            raise RoundError(f"`drydock {' '.join(command)}` did not end within {COMMAND_SECONDS} s") from None

    def _require_deployed(self) -> None:
        """Require an answer of the service, the inventory of a fresh deployment, and no process but the local cloud."""
        self._require_answer()
        self._run("preview", "local")
        if "0 changes" not in self.said().rpartition("\n$ ")[2]:
            raise RoundError("another `up` would change something")
        if (found := self._inventory()) != self.fresh:
            more, less = Counter(found) - Counter(self.fresh), Counter(self.fresh) - Counter(found)
            raise RoundError(f"not as a fresh deployment: more: {dict(more)}; less: {dict(less)}")
        supervisor = self.checkout.cloud().pid
        strangers = [one for one in self._belonging() if supervisor not in _line(one.process)]
        if strangers:
            raise RoundError(f"left over after `up`: {_lines(strangers)}")
        self._require_no_files(KEPT)

    def _require_nothing(self) -> None:
        if left := self._belonging():
            raise RoundError(f"left over after `down`: {_lines(left)}")
        self._require_no_files(KEPT - {"local"})

    def _require_no_files(self, kept: set[str]) -> None:
        state = self.checkout.state
        left = list(self._temporary.rglob("*"))
        left += [path for path in state.parent.iterdir() if path.name not in kept]
        left += (state / "pulumi-state" / ".pulumi" / "locks").rglob("*.json")
        left += (state / "tmp").glob("*")
        if left:
            raise RoundError(f"files left over: {', '.join(map(str, left))}")

    def _require_answer(self) -> None:
        url = f"http://127.0.0.1:{self.checkout.port}/health/ready"
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5):
                    return
            except OSError as error:
                if time.monotonic() > deadline:
                    raise RoundError(f"{url} does not answer within {READY_SECONDS} s: {error}") from error
                time.sleep(0.2)

    def _inventory(self) -> list[str]:
        """Return the resources of the account by kind, and those of the Pulumi state by URN."""
        with urllib.request.urlopen(f"{self.checkout.cloud().aws_endpoint}/drydock/inventory") as response:
            account = [f"{item['service']} {item['kind']}" for item in json.load(response)]
        (state,) = (self.checkout.state / "pulumi-state").rglob("stacks/drydock/local.json")
        resources = json.loads(state.read_text())["checkpoint"]["latest"]["resources"]
        return sorted([*account, *(resource["urn"] for resource in resources)])

    def said(self) -> str:
        """Return the output of all commands."""
        return self._log.read_text(errors="replace")

    def _belonging(self) -> list[Belonging]:
        return belonging(self.checkout.root, self._token)


def _line(process: psutil.Process) -> set[int]:
    """Return a process and all its ancestors."""
    with suppress(psutil.NoSuchProcess):
        return {process.pid, *(parent.pid for parent in process.parents())}
    return set()


def _lines(found: list[Belonging]) -> str:
    return "".join(f"\n  {one}" for one in found)
