"""A contender as a process of its own: started, timed, weighed, ended."""

import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep

import psutil

MEGABYTE = 1024 * 1024
START_SECONDS = 60
POOL = 10


@dataclass(frozen=True, kw_only=True)
class Server:
    """A process that answers HTTP."""

    url: str
    process: subprocess.Popen[bytes]
    started_in: float
    """Seconds from its start until it was ready."""

    def memory(self) -> float:
        """Resident set size of the process and its children in MB: also what it shares with others of this machine."""
        return float(sum(one.memory_info().rss for one in self._all()) / MEGABYTE)

    def work(self) -> float:
        """Seconds of processor time that it took so far."""
        times = [one.cpu_times() for one in self._all()]
        return float(sum(time.user + time.system for time in times))

    def _all(self) -> list[psutil.Process]:
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def kept_environment() -> dict[str, str]:
    """Return what every process is given: none of this shell's settings."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


@contextmanager
def serving(arguments: list[str], environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start `python ARGUMENTS`, where {port} is replaced, and yield when `/health/ready` answers 200."""
    port = free_port()
    env = {**kept_environment(), "POOL": str(POOL), "PORT": str(port), **(environment or {})}
    with tempfile.TemporaryFile() as log:
        began = monotonic()
        argv = [argument.replace("{port}", str(port)) for argument in arguments]
        process = subprocess.Popen([sys.executable, *argv], env=env, stdout=log, stderr=log)
        try:
            while not _ready(port):
                if process.poll() is not None or monotonic() > began + START_SECONDS:
                    log.seek(0)
                    raise RuntimeError(log.read().decode()[-2000:])
                sleep(0.005)
            yield Server(url=f"http://127.0.0.1:{port}", process=process, started_in=monotonic() - began)
        finally:
            process.terminate()
            process.wait(60)


def service(database_url: str, sink_port: int) -> tuple[list[str], dict[str, str]]:
    """Return the service as in production, all telemetry on: logs to a file, metrics, a tenth of the traces sent on."""
    return ["-m", "app", "serve"], {
        "DATABASE_URL": database_url,
        "MAX_CONNECTIONS": str(POOL),
        "LOG_LEVEL": "INFO",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sink_port}",
        # What refuses requests is not what is measured.
        "RATE_LIMIT_PER_SECOND": "0",
        "MAX_IN_FLIGHT": "10000",
        "DRAIN_SECONDS": "0",
    }


def bare(driver: str, server: str, database_url: str) -> tuple[list[str], dict[str, str]]:
    """Return the bare handler with psycopg or asyncpg, on uvicorn or granian."""
    app = ["--factory", f"bench.service.bare:create_{driver}", "--host", "127.0.0.1", "--port", "{port}"]
    options = {
        "uvicorn": ["--loop", "uvloop", "--http", "httptools", "--no-access-log"],
        "granian": ["--interface", "asgi", "--loop", "uvloop", "--no-access-log"],
    }
    # asyncpg takes no parameters of libpq in the URL but this one.
    return ["-m", server, *app, *options[server]], {"DATABASE_URL": database_url}


@contextmanager
def trace_sink() -> Iterator[int]:
    """Yield the port of something that takes traces."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.service.sink", str(port)])
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
