"""The runtime of a target group: runs health checks, selects targets for requests and drains deregistered targets."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from localcloud.load_balancing import health
from localcloud.load_balancing.health import HEALTHY, UNHEALTHY, Health, Result, State
from localcloud.load_balancing.model import Target, TargetGroup

LEAVE_SECONDS = 1.0
"""How long a target still gets new requests after its deregistration, in seconds.

On AWS too, a deregistration takes effect with a delay, so pods wait before they stop:
https://docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html
"""


@dataclass(eq=False)
class Member:
    """A target that is registered or draining."""

    target: Target
    health: Health = field(default_factory=Health)
    requests: set["asyncio.Task[Any]"] = field(default_factory=set)
    """The requests in flight to this target."""
    checks: "asyncio.Task[None] | None" = None
    leaves: "asyncio.TimerHandle | None" = None
    """Timer of the delay after which the target starts draining; set when it is deregistered."""
    drained: "asyncio.TimerHandle | None" = None
    """Timer of the end of draining; set while the target is draining and gets no new requests."""


class Group:
    """The runtime of one target group.

    Args:
        session: HTTP session for health checks.
        spec: the configuration of the target group.
        changed: called when the state of a target has changed.
    """

    def __init__(self, session: aiohttp.ClientSession, spec: TargetGroup, changed: Callable[[], None]) -> None:
        self.spec = spec
        self._session = session
        self._changed = changed
        self._used = False
        self._turn = 0
        self._members: dict[Target, Member] = {}

    def update(self, spec: TargetGroup, *, used: bool) -> None:
        """Apply a new version of the target group; `used` tells whether a listener forwards to it."""
        self.spec = spec
        before = self.states
        self._used = used
        for target in spec.targets:
            member = self._members.get(target)
            if member is None or member.leaves:
                self._forget(target)
                member = self._members[target] = Member(target)
            if used and member.checks is None:
                self._check(member)
            elif not used and member.checks is not None:
                member.checks.cancel()
                member.checks, member.health = None, Health()
        for target, member in self._members.items():
            if target not in spec.targets and member.leaves is None:
                self._leave(member)
        if self.states != before:
            self._changed()

    @property
    def states(self) -> dict[Target, State]:
        """The state of each target, including those that are draining."""
        return {target: self._state(member) for target, member in self._members.items()}

    def choose(self) -> Member | None:
        """Return the target for the next request, or None if no target accepts requests.

        If no target is healthy, requests go to the unhealthy ones, because a load balancer fails open.
        """
        taking = [member for member in self._members.values() if not member.drained]
        for wanted in (HEALTHY, UNHEALTHY):
            if found := [member for member in taking if member.health.state.state == wanted]:
                self._turn += 1
                if self.spec.least_outstanding:
                    return min(found, key=lambda member: len(member.requests))
                return found[self._turn % len(found)]
        return None

    @contextmanager
    def request(self, member: Member) -> Iterator[None]:
        """Track the current task as a request of a target; it is cancelled if it exceeds the deregistration delay."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - requests are served by tasks
        member.requests.add(task)
        try:
            yield
        finally:
            member.requests.discard(task)

    def close(self) -> None:
        """Stop all health checks and remove all targets."""
        for target in list(self._members):
            self._forget(target)

    def _state(self, member: Member) -> State:
        if member.leaves:
            return health.LEAVING
        return member.health.state if self._used else health.NOT_IN_USE

    def _check(self, member: Member) -> None:
        def noted(result: Result) -> None:
            if member.health.note(result, self.spec.check):
                self._changed()

        work = health.watch(self._session, member.target, lambda: self.spec.check, noted)
        member.checks = asyncio.get_running_loop().create_task(work)

    def _leave(self, member: Member) -> None:
        if member.checks:
            member.checks.cancel()
        member.leaves = asyncio.get_running_loop().call_later(LEAVE_SECONDS, self._drain, member)

    def _drain(self, member: Member) -> None:
        delay = max(0.0, self.spec.deregistration_delay - LEAVE_SECONDS)
        member.drained = asyncio.get_running_loop().call_later(delay, self._end, member)

    def _end(self, member: Member) -> None:
        for task in member.requests:
            task.cancel()
        if self._members.get(member.target) is member:
            del self._members[member.target]
            self._changed()

    def _forget(self, target: Target) -> None:
        member = self._members.pop(target, None)
        if member and member.checks:
            member.checks.cancel()
        for timer in (member.leaves, member.drained) if member else ():
            if timer:
                timer.cancel()
