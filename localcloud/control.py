"""Start, find and stop the supervisor of a local cloud, from another process."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from localcloud.cloud import CLOUD_FILE, Cloud
from localcloud.errors import CloudError
from localcloud.files import read_json, write_json
from localcloud.supervisor import LOCK_FILE, STATUS_FILE

REQUEST_FILE = "request.json"
START_SECONDS = 120
STOP_SECONDS = 60
POLL_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class PartStatus:
    """How one part of a local cloud is."""

    name: str
    pid: int | None
    ready: bool
    restarts: int


def running(state: Path) -> Cloud | None:
    """The local cloud of a state folder where it is up and ready, else None."""
    if _holder(state) is None:
        return None
    return Cloud.read(state)


def status(state: Path) -> list[PartStatus]:
    """How each part is, as its supervisor last wrote it; empty where none runs."""
    if _holder(state) is None:
        return []
    record = read_json(state / STATUS_FILE) or {"parts": {}}
    return [PartStatus(name=name, **values) for name, values in record["parts"].items()]


def start(state: Path, *, name: str, region: str, binaries: dict[str, str], progress: Callable[[str], None]) -> Cloud:
    """Start a local cloud, or find the one that runs, and wait until every part is ready.

    Args:
        state: its folder; made where it is not there. What it holds from an earlier run is taken up again.
        name: `local`, or the name of a rehearsal.
        region: the AWS region that it plays.
        binaries: paths of etcd, kube-apiserver, kube-controller-manager and kube-scheduler.
        progress: told what is being waited for.

    Raises:
        CloudError: a part does not start; the message ends with what its log says.
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    (state / "logs").mkdir(exist_ok=True, mode=0o700)
    if _holder(state) is None:
        (state / CLOUD_FILE).unlink(missing_ok=True)
        (state / STATUS_FILE).unlink(missing_ok=True)
        write_json(state / REQUEST_FILE, {"name": name, "region": region, "binaries": binaries})
        log_path = state / "logs" / "supervisor.log"
        with os.fdopen(os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "localcloud", str(state)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    else:
        process = None
    return _await_ready(state, process, progress)


def stop(state: Path) -> None:
    """Stop the supervisor and all parts; nothing to do where none runs. Data stays.

    Raises:
        CloudError: it does not end within a minute.
    """
    holder = _holder(state)
    if holder is None:
        return
    with suppress(ProcessLookupError):
        os.kill(holder, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _holder(state) is not None:
        if time.monotonic() > deadline:
            raise CloudError(f"the supervisor (pid {holder}) did not end within {STOP_SECONDS} s; see {state / 'logs'}")
        time.sleep(POLL_SECONDS)


def remove(state: Path) -> None:
    """Stop a local cloud and delete its folder with all its data."""
    stop(state)
    if state.exists():
        shutil.rmtree(state)


def _await_ready(state: Path, process: subprocess.Popen[bytes] | None, progress: Callable[[str], None]) -> Cloud:
    deadline = time.monotonic() + START_SECONDS
    shown = ""
    while True:
        waiting = ", ".join(part.name for part in status(state) if not part.ready)
        cloud = running(state)
        if cloud and not waiting:
            return cloud
        if process is not None and process.poll() is not None and _holder(state) is None:
            raise CloudError(f"the local cloud did not start: {_reason(state)}")
        if waiting != shown:
            progress(f"waiting for {waiting}" if waiting else "starting")
            shown = waiting
        if time.monotonic() > deadline:
            raise CloudError(f"after {START_SECONDS} s still waiting for {waiting}; see {state / 'logs'}")
        time.sleep(POLL_SECONDS)


def _reason(state: Path) -> str:
    record = read_json(state / STATUS_FILE) or {}
    log = state / "logs" / "supervisor.log"
    failed: str = record.get("failed", "")
    part_log = state / "logs" / f"{failed.partition(' ')[0]}.log"
    last = part_log if failed and part_log.exists() else log
    lines = last.read_text(errors="replace").strip().splitlines()[-5:] if last.exists() else []
    return "\n  ".join([failed or f"see {log}", *lines])


def _holder(state: Path) -> int | None:
    """The pid of the supervisor that holds the lock; a pid in a file alone could be anybody's by now."""
    try:
        with (state / LOCK_FILE).open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0) or None
    except FileNotFoundError:
        pass
    return None
