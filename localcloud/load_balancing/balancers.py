"""Reconciles load balancers with the account: opens and closes listeners, checks targets and reports their states."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import aiohttp

from localcloud.certificates import Authority
from localcloud.load_balancing.account import AccountPages
from localcloud.load_balancing.group import Group
from localcloud.load_balancing.health import State
from localcloud.load_balancing.listening import Port, session_from, source_in
from localcloud.load_balancing.model import LoadBalancer, Snapshot, Target
from localcloud.load_balancing.proxy import Proxy

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
REPORT_SECONDS = 5.0
"""Interval at which states are reported even if unchanged, in case the account was restarted."""
OPEN_SECONDS = 2.0
"""Interval between attempts to open a port."""
UNREACHABLE = (aiohttp.ClientError, OSError, TimeoutError)


@dataclass
class _Running:
    """A load balancer that is being served."""

    address: str
    session: aiohttp.ClientSession
    ports: dict[str, Port] = field(default_factory=dict)
    """The open ports by listener ARN."""
    again: float = 0.0
    """Time of the next attempt to open ports that could not be opened."""


class LoadBalancers:
    """The Application Load Balancers of a local account.

    Args:
        account: the account from which load balancers are read, and to which the health of targets is reported.
        address: loopback address of the first load balancer; others get the addresses below it.
        authority: issues the certificates of HTTPS listeners.
        changed: called when targets or their states have changed.
    """

    def __init__(
        self, account: AccountPages, address: str, authority: Authority, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.changed = changed
        self._account = account
        self._address = address
        self._authority = authority
        self._running: dict[str, _Running] = {}
        self._groups: dict[str, Group] = {}
        self._checks: aiohttp.ClientSession | None = None
        self._news = asyncio.Event()
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        """Run until cancelled, then close all ports."""
        reported: dict[str, list[dict[str, Any]]] = {}
        report_at = 0.0
        try:
            while True:
                self._news.clear()
                now = asyncio.get_running_loop().time()
                states = self._reportable()
                try:
                    if states != reported or (states and now >= report_at):
                        await self._take(lambda sent=states: self._account.report(sent))  # type: ignore[misc]
                        reported, report_at = states, now + REPORT_SECONDS
                    else:
                        await self._take(self._account.snapshot)
                except UNREACHABLE as error:
                    log.info("the account is unavailable: %r", error)
                try:
                    await asyncio.wait_for(self._news.wait(), POLL_SECONDS)
                except TimeoutError:
                    continue
        finally:
            await self._stop()

    async def refresh(self) -> None:
        """Read the current load balancers and target groups from the account and apply them."""
        await self._take(self._account.snapshot)

    def states(self, arn: str) -> dict[Target, State] | None:
        """Return the states of the targets of a target group, or None if the group is unknown."""
        group = self._groups.get(arn)
        return group.states if group else None

    def registered(self, arn: str) -> list[Target] | None:
        """Return the targets of a target group as last read from the account, or None if the group is unknown."""
        group = self._groups.get(arn)
        return list(group.spec.targets) if group else None

    async def _take(self, ask: Callable[[], Any]) -> None:
        async with self._lock:  # an older response must not be applied after a newer one
            await self._apply(await ask())

    async def _apply(self, found: Snapshot) -> None:
        if self._checks is None:
            if not found.balancers and not found.groups:
                return
            self._checks = session_from(source_in(found.balancers[0].subnets if found.balancers else ()))
        used = found.used_groups
        for arn, spec in found.groups.items():
            group = self._groups.get(arn)
            if group is None:
                group = self._groups[arn] = Group(self._checks, spec, self._changed)
            group.update(spec, used=arn in used)
        for arn in set(self._groups) - set(found.groups):
            self._groups.pop(arn).close()
        for arn in set(self._running) - {each.arn for each in found.balancers}:
            await self._close(self._running.pop(arn))
        for balancer in found.balancers:
            await self._serve(balancer)

    async def _serve(self, balancer: LoadBalancer) -> None:
        running = self._running.get(balancer.arn)
        if running is None:
            running = _Running(self._free_address(), session_from(source_in(balancer.subnets)))
            self._running[balancer.arn] = running
        listeners = {listener.arn: listener for listener in balancer.listeners}
        for arn in set(running.ports) - set(listeners):
            await running.ports.pop(arn).close()
        now = asyncio.get_running_loop().time()
        for arn, listener in listeners.items():
            port = running.ports.get(arn)
            if port is None:
                proxy = Proxy(running.session, balancer, listener, self._groups.get)
                port = running.ports[arn] = Port(running.address, proxy, self._authority)
                running.again = 0.0
            port.proxy.balancer, port.proxy.listener = balancer, listener
            if not port.is_open and now >= running.again:
                await self._open(running, port, now)

    async def _open(self, running: _Running, port: Port, now: float) -> None:
        try:
            await port.open()
        except OSError as error:
            number = port.proxy.listener.port
            log.warning("port %d of %s cannot be opened: %s; set another one", number, running.address, error.strerror)
            running.again = now + OPEN_SECONDS

    def _free_address(self) -> str:
        """Return the highest address that no other load balancer uses."""
        head, _, last = self._address.rpartition(".")
        used = {running.address for running in self._running.values()}
        if self._address not in used:
            return self._address
        numbers = range(int(last) - 1, 0, -1) if int(last) > 1 else range(2, 255)
        return next(address for number in numbers if (address := f"{head}.{number}") not in used)

    def _changed(self) -> None:
        self._news.set()
        self.changed()

    def _reportable(self) -> dict[str, list[dict[str, Any]]]:
        return {
            arn: [{"id": address, "port": port, **asdict(state)} for (address, port), state in group.states.items()]
            for arn, group in self._groups.items()
        }

    async def _close(self, running: _Running) -> None:
        for port in running.ports.values():
            await port.close()
        await running.session.close()

    async def _stop(self) -> None:
        for group in self._groups.values():
            group.close()
        for running in self._running.values():
            await self._close(running)
        if self._checks:
            await self._checks.close()
