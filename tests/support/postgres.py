"""A real PostgreSQL server for tests, that of the local cloud. Tests may kill it."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import monotonic, sleep

import psutil
import psycopg

from localcloud.parts import Part
from localcloud.postgres import server
from localcloud.postgres.endpoint import Backend, serve, tls_context
from tests.support.ports import free_port

START_SECONDS = 30


@contextmanager
def running(folder: Path) -> "Iterator[PostgresServer]":
    """Run a new server until the end of the block."""
    server = PostgresServer(folder)
    server.create()
    server.start()
    try:
        yield server
    finally:
        server.stop()


class PostgresServer:
    """A server on 127.0.0.1 without TLS; its user is the superuser."""

    user = server.SUPERUSER
    password = "secret"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Create the data folder of the server."""
        self.folder.mkdir(parents=True, exist_ok=True)
        server.prepare(self.folder / "data", self.password)

    @property
    def _part(self) -> Part:
        return server.part(self.folder / "data", self.port, self.password)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        deadline = monotonic() + START_SECONDS
        self._spawn()
        while not self._part.ready():
            if monotonic() > deadline:
                raise AssertionError((self.folder / "log").read_text()[-2000:])
            assert self._process is not None
            if self._process.poll() is not None:
                self._spawn()  # after SIGKILL the former backends use the shared memory for a moment
            sleep(0.1)

    def _spawn(self) -> None:
        # A test may start the server from a thread; the end of the thread must not end the server.
        argv = [argument for argument in self._part.argv if not argument.startswith("--pdeathsig")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True)

    def answers(self) -> bool:
        """Return whether the server accepts connections."""
        return self._part.ready()

    def kill(self) -> None:
        """End the server like a crash: with SIGKILL; its backends then end by themselves."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all its processes for the block, so it accepts connections and bytes without a response."""
        assert self._process is not None
        first = psutil.Process(self._process.pid)
        first.suspend()  # before its children, so it starts no more of them
        stopped = [first, *first.children(recursive=True)]
        for process in stopped[1:]:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                process.resume()

    def stop(self) -> None:
        """Stop the server."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self._part.stop_signal)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def url(self, database: str = "postgres", password: str | None = None) -> str:
        """Return the URL of a database."""
        return f"postgresql://{self.user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def waiting_for_a_lock(self) -> int:
        """Return the number of locks that are not granted, in all databases."""
        with psycopg.connect(self.url()) as connection:
            row = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
        assert row is not None
        return int(row[0])

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run a statement as the superuser."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]


@asynccontextmanager
async def tls_front(postgres_port: int, folder: Path, latency: Path | None = None) -> AsyncIterator[int]:
    """Yield the port of an emulated RDS endpoint with TLS in front of a server."""
    front: asyncio.Server = await serve(0, Backend(port=postgres_port, latency=latency), tls_context(folder))
    async with front:
        yield front.sockets[0].getsockname()[1]
