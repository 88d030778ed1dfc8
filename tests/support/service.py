"""The service as a real process."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import httpx

from tests.support import plain_http


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m app ARGUMENTS` until it exits."""
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(
        command, env=_environment(environment), capture_output=True, text=True, check=False, timeout=60
    )


class Service:
    """`python -m app ARGUMENTS` on a free port, by default `serve`; its log is read while it runs."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.log: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", *arguments],
            env=_environment({"PORT": "0", **environment}),
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def url(self) -> str:
        """The URL of the service."""
        until(lambda: self.events("listening"))
        return f"http://127.0.0.1:{self.events('listening')[0]['port']}"

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the log lines of an event so far."""
        return [line for line in self.log if line["event"] == name]

    def status(self, path: str) -> int | None:
        """Return the status of a GET on a new connection; None if it cannot connect."""
        try:
            return plain_http.get(self.url + path, timeout=10).status_code
        except httpx.TransportError:
            return None

    def await_status(self, path: str, status: int | None, seconds: float = 20) -> None:
        """Wait until a GET has this status."""
        until(lambda: self.status(path) == status, seconds)

    def stop(self) -> None:
        """End the process in any state."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.log.append(json.loads(line))


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    """Wait until the condition is true."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, f"not within {seconds} s"
        sleep(0.02)


def _environment(changes: dict[str, str]) -> dict[str, str]:
    known = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG")
    return {**{name: os.environ[name] for name in known if name in os.environ}, **changes}
