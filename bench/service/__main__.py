"""`python -m bench.service`: the service's part of `make bench`."""

import statistics
import tempfile
from functools import partial
from pathlib import Path

from bench.service.limit import pgbench
from bench.service.postgres import postgres, reset
from bench.service.process import Server, bare, service, serving, trace_sink
from bench.service.rounds import CLIENTS, HEADER, SECONDS, alternate, loaded, median, row
from bench.service.workload import OPERATIONS, Operation

STARTS = 5
HALF_SECONDS = 5


def main() -> None:
    """Measure and print."""
    with postgres() as url, trace_sink() as sink, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        starts = [_start(url, sink) for _ in range(STARTS)]
        print(f"service: start to ready                       {_spread(starts)}   (aim: under 1.5 s)")
        with (
            serving(*service(url, sink)) as ours,
            serving(*bare("psycopg", "uvicorn", url)) as plain,
        ):
            print(f"{CLIENTS} clients, medians of rounds that alternated\n{HEADER}")
            shares, halves = [], []
            for operation in OPERATIONS:
                best, used = _compare(operation, ours, plain, url, folder)
                shares.append(used)
                halves.append((operation, best / 2))
            for operation, rate in halves:
                reset(url)
                half = loaded(ours, operation, folder, seconds=HALF_SECONDS, rate=rate)
                print(row(operation.name, "service, half the rate", half, "(aim: p99 under 200 ms)"))
            print(f"load generator: at most {max(shares):.2f} of a core")
            print(f"service: memory after all of it               {ours.memory():6.0f} MB   (aim: under 120 MB)")


def _compare(operation: Operation, ours: Server, plain: Server, url: str, folder: Path) -> tuple[float, float]:
    """Print an operation's lines; return the service's rate and the load generator's share of a core."""
    reset(url)
    for server in (ours, plain):  # connections opened, statements prepared, code warm
        loaded(server, operation, folder, seconds=1)
    seen = alternate(
        {
            "service": partial(loaded, ours, operation, folder),
            "bare FastAPI": partial(loaded, plain, operation, folder),
            "pgbench": partial(pgbench, operation.script, url=url, seconds=SECONDS, clients=CLIENTS, folder=folder),
        }
    )
    middle = {name: median(loads) for name, loads in seen.items()}
    for name, load in middle.items():
        against = load.rate / middle["bare FastAPI"].rate
        print(row(operation.name, name, load, f"{against:.2f} of bare (aim: 0.8)" if name == "service" else ""))
    return middle["service"].rate, max(load.share for load in middle.values())


def _start(url: str, sink: int) -> float:
    with serving(*service(url, sink)) as server:
        return server.started_in


def _spread(seconds: list[float]) -> str:
    few = f"(of {len(seconds)} runs {min(seconds):.2f} to {max(seconds):.2f})"
    return f"{statistics.median(seconds):6.2f} s   {few}"


if __name__ == "__main__":
    main()
