"""`python -m bench.service.choice`: the bare handler with each driver on each server; the figures of decision 0008."""

import tempfile
from contextlib import ExitStack
from functools import partial
from itertools import product
from pathlib import Path

from bench.service.postgres import postgres, reset
from bench.service.process import bare, serving
from bench.service.rounds import HEADER, alternate, loaded, median, row
from bench.service.workload import OPERATIONS

DRIVERS = ("psycopg", "asyncpg")
SERVERS = ("uvicorn", "granian")


def main() -> None:
    """Measure and print."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = {
            f"{driver}, {server}": stack.enter_context(serving(*bare(driver, server, url)))
            for driver, server in product(DRIVERS, SERVERS)
        }
        print(HEADER)
        for operation in OPERATIONS:
            reset(url)
            runs = {name: partial(loaded, server, operation, folder) for name, server in servers.items()}
            alternate(runs, rounds=1)  # connections opened, statements prepared, code warm
            for name, loads in alternate(runs).items():
                print(row(operation.name, name, median(loads)))
        for name, server in servers.items():
            print(f"memory    {name:<21} {server.memory():8.0f} MB")


if __name__ == "__main__":
    main()
