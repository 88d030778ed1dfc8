"""Starts, finds and stops the supervisor of a local cloud from another process."""

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
from typing import Any

from localcloud import ownership
from localcloud.cloud import CLOUD_FILE, Cloud
from localcloud.errors import CloudError
from localcloud.files import make_private, open_log, read_json, write_json
from localcloud.parts import listens
from localcloud.supervisor import DISCARD, LOCK_FILE, STATUS_FILE, holder

REQUEST_FILE = "request.json"
REMOVED = "removed-"
"""Name prefix of a state folder that is being removed."""
TEMPORARY = "cloud-tmp"
START_SECONDS = 120
# Longer than the longest chain of dependent parts takes in the worst case.
STOP_SECONDS = 60
POLL_SECONDS = 0.05
# Processes that end together with the supervisor have ended within this time.
LEFT_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class PartStatus:
    """The status of one part of a local cloud."""

    name: str
    pid: int | None
    ready: bool
    restarts: int


def running(state: Path) -> Cloud | None:
    """Return the local cloud of a state folder if it is running and ready; None otherwise, or if it is stopping."""
    return Cloud.read(state) if holder(state) is not None else None


def status(state: Path) -> list[PartStatus]:
    """Return the status of each part as last written by the supervisor; empty if no supervisor is running."""
    if holder(state) is None:
        return []
    record = read_json(state / STATUS_FILE) or {"parts": {}}
    return [PartStatus(name=name, **values) for name, values in record["parts"].items()]


def start(
    state: Path,
    *,
    name: str,
    region: str,
    engine_version: str,
    binaries: dict[str, str],
    progress: Callable[[str], None],
    owner_pid: int | None = None,
) -> Cloud:
    """Start a local cloud, or find the running one, and wait until every part is ready.

    If a previous run is still stopping, wait until it has stopped and then start again.

    Args:
        state: the state folder, created if necessary. Data of an earlier run is reused.
        name: `local`, or the name of a rehearsal.
        region: the AWS region to simulate.
        engine_version: the RDS engine version, such as `18.1`; determines the major version of a new PostgreSQL.
        binaries: paths of etcd, kube-apiserver, kube-controller-manager and kube-scheduler.
        progress: called with a description of what is being waited for.
        owner_pid: a process whose end stops the cloud started here; None to run until `stop`.

    Raises:
        CloudError: a part does not start (the message ends with its last log lines), or a local cloud of another
            region is running in this folder.
    """
    make_private(state)
    make_private(state / "logs")
    if holder(state) is not None and (read_json(state / STATUS_FILE) or {}).get("stopping"):
        progress("waiting for the last run to stop")
        _await_end(state)
    process = None
    if holder(state) is None:
        request = {"name": name, "region": region, "engine_version": engine_version, "binaries": binaries}
        process = _launch(state, {**request, "owner_pid": owner_pid})
    elif (runs := read_json(state / REQUEST_FILE)["region"]) != region:
        raise CloudError(
            f"the local cloud {name} runs in region {runs}, but {region} was requested; run `drydock down local` first"
        )
    return _await_ready(state, process, progress)


def stop(state: Path, *, discard: bool = False) -> None:
    """Stop the supervisor and all parts; do nothing if no supervisor is running.

    Args:
        state: the state folder.
        discard: kill the parts without saving their data; otherwise the data is kept.

    Raises:
        CloudError: the supervisor does not end within a minute.
    """
    pid = holder(state)
    if pid is None:
        return
    if pid <= 0:  # a process of another pid namespace; kill would interpret the number as a process group
        raise CloudError(f"the local cloud in {state} was started in another container; stop it there")
    with suppress(ProcessLookupError):
        os.kill(pid, DISCARD if discard else signal.SIGTERM)
    _await_end(state)


def remove(state: Path) -> None:
    """Stop a local cloud, kill all processes that belong to it, and delete its folder with all its data.

    The folder is renamed first, because a partially deleted folder would be reused as if it were complete.

    Raises:
        CloudError: a process does not end.
    """
    stop(state, discard=True)
    ownership.end_left_over(state, ownership.ended_or_mine, timeout=LEFT_SECONDS)
    if not state.exists():
        return
    removed = state
    if not state.name.startswith(REMOVED):
        removed = state.with_name(f"{REMOVED}{state.name}-{os.getpid()}")
        state.rename(removed)
    while removed.exists():
        # Another command may delete it at the same time, as the left-over of a killed one.
        with suppress(FileNotFoundError):
            shutil.rmtree(removed)


def _launch(state: Path, request: dict[str, Any]) -> subprocess.Popen[bytes]:
    (state / CLOUD_FILE).unlink(missing_ok=True)
    (state / STATUS_FILE).unlink(missing_ok=True)
    write_json(state / REQUEST_FILE, request)
    temporary = state / TEMPORARY
    shutil.rmtree(temporary, ignore_errors=True)
    make_private(temporary)
    with open_log(state / "logs" / "supervisor.log") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "localcloud", str(state)],
            env={**os.environ, **ownership.mark(state / LOCK_FILE), "TMPDIR": str(temporary)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _await_end(state: Path) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while (pid := holder(state)) is not None:
        if time.monotonic() > deadline:
            raise CloudError(f"the supervisor (pid {pid}) did not end within {STOP_SECONDS} s; see {state / 'logs'}")
        time.sleep(POLL_SECONDS)


def _await_ready(state: Path, process: subprocess.Popen[bytes] | None, progress: Callable[[str], None]) -> Cloud:
    deadline = time.monotonic() + START_SECONDS
    shown = ""
    while True:
        waiting = ", ".join(part.name for part in status(state) if not part.ready)
        cloud = running(state)
        # The status may be outdated if a part has just been asked to stop, so check the ports too.
        if cloud and not waiting and all(listens(port)() for port in cloud.ports):
            return cloud
        if (process is None or process.poll() is not None) and holder(state) is None:
            raise CloudError(f"the local cloud did not start: {_reason(state)}")
        if waiting != shown:
            progress(f"waiting for {waiting}" if waiting else "starting")
            shown = waiting
        if time.monotonic() > deadline:
            raise CloudError(
                f"after {START_SECONDS} s still waiting for {waiting}; if the machine is busy, run the command again; "
                f"see {state / 'logs'}"
            )
        time.sleep(POLL_SECONDS)


def _reason(state: Path) -> str:
    record = read_json(state / STATUS_FILE) or {}
    log = state / "logs" / "supervisor.log"
    failed: str = record.get("failed", "")
    part_log = state / "logs" / f"{failed.partition(' ')[0]}.log"
    last = part_log if failed and part_log.exists() else log
    lines = last.read_text(errors="replace").strip().splitlines()[-5:] if last.exists() else []
    if not failed and lines and lines[-1].startswith("error: "):
        return lines[-1].removeprefix("error: ")
    return "\n  ".join([failed or f"see {log}", *lines])
