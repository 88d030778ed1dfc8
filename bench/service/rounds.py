"""Contenders in turn, several times over, so that a change of the machine's pace meets them all."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from bench.service.load import Load, attack
from bench.service.process import Server
from bench.service.workload import Operation

ROUNDS = 3
SECONDS = 3
CLIENTS = 32


def alternate(contenders: Mapping[str, Callable[[], Load]], rounds: int = ROUNDS) -> dict[str, list[Load]]:
    """Run each contender once a round: A B C, A B C, A B C."""
    seen: dict[str, list[Load]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            seen[name].append(run())
    return seen


def loaded(server: Server, operation: Operation, folder: Path, *, seconds: float = SECONDS, rate: float = 0) -> Load:
    """Return one run of load on a server, with what the server's processor time for a request was."""
    before = server.work()
    load = attack(operation.targets(server.url), seconds=seconds, clients=CLIENTS, rate=rate, folder=folder)
    return replace(load, work=1000 * (server.work() - before) / load.requests)


def median(loads: Sequence[Load]) -> Load:
    """Return the middle of each figure."""
    return Load(**{name: statistics.median(getattr(load, name) for load in loads) for name in asdict(loads[0])})


def row(operation: str, contender: str, load: Load, note: str = "") -> str:
    """Return one line of the table."""
    times = f"{load.p50:8.1f} {load.p95:8.1f} {load.p99:8.1f}"
    work = f"{load.work:8.2f}" if load.work else f"{'':>8}"
    return f"{operation:<9} {contender:<21} {load.rate:8.0f} {times} {work}   {note}".rstrip()


HEADER = f"{'':<9} {'':<21} {'req/s':>8} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'CPU ms':>8}"
"""CPU is the server's processor time for one request: it does not change with what else the machine does."""
