"""The PostgreSQL that everything is measured on: the local cloud's own, with the service's schema and some rows."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import psycopg

from bench.service.process import free_port, kept_environment
from bench.service.workload import SEED
from localcloud.postgres import server

PASSWORD = "measured"  # noqa: S105 (of a server that lives as long as the run)


@contextmanager
def postgres() -> Iterator[str]:
    """Yield the URL of a database at head; the server is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as name:
        # Its user is not root, and must get in.
        Path(name).chmod(0o755)
        data, port = Path(name) / "data", free_port()
        server.prepare(data, PASSWORD)
        part = server.part(data, port, PASSWORD)
        with (Path(name) / "log").open("wb") as log:
            process = subprocess.Popen(part.argv, stdout=log, stderr=log)
        try:
            deadline = monotonic() + 30
            while not part.ready():
                if process.poll() is not None or monotonic() > deadline:
                    raise RuntimeError((Path(name) / "log").read_text()[-2000:])
                sleep(0.1)
            url = f"postgresql://{server.SUPERUSER}:{PASSWORD}@127.0.0.1:{port}/postgres?sslmode=disable"
            command = [sys.executable, "-m", "app", "migrate"]
            subprocess.run(command, env={**kept_environment(), "DATABASE_URL": url}, check=True, capture_output=True)
            reset(url)
            yield url
        finally:
            process.send_signal(part.stop_signal)
            process.wait(30)


def reset(url: str) -> None:
    """The table as it was at the start, so that each contender finds the same."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE items RESTART IDENTITY")
        connection.execute(SEED)
        connection.execute("VACUUM ANALYZE items")
        connection.execute("CHECKPOINT")
