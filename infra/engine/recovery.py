"""Set right what an engine that was killed left behind: its lock, its unfinished operations, its orphans."""

import fcntl
import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from pulumi import automation

from infra.errors import OperationError
from localcloud.cloud import Cloud

COMMAND_LOCK = "command.lock"
ENGINE_END_SECONDS = 30


@contextmanager
def command_lock(state: Path) -> Iterator[None]:
    """One command at a time on a local cloud.

    Raises:
        OperationError: another one is at work.
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (state / COMMAND_LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise OperationError(
                f"another drydock command (pid {file.read().strip() or 'unknown'}) works on {state.name}; "
                "wait until it is done"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def release_stale_locks(state: Path) -> int:
    """Remove the engine locks of processes that no longer live, and wait for those that still end; their number.

    Our own lock is held, so a living engine here has lost the command that drove it and ends by itself.
    """
    removed = 0
    for lock in (state / "pulumi-state" / ".pulumi" / "locks").rglob("*.json"):
        try:
            pid = int(json.loads(lock.read_text())["pid"])
        except (ValueError, KeyError, FileNotFoundError):
            pid = 0
        if pid and psutil.pid_exists(pid) and "pulumi" in psutil.Process(pid).name():
            try:
                psutil.Process(pid).wait(ENGINE_END_SECONDS)
            except psutil.TimeoutExpired:
                raise OperationError(f"a Pulumi engine (pid {pid}) still works on {state.name}; wait for it") from None
        lock.unlink(missing_ok=True)
        removed += 1
    return removed


def require_sound_state(state: Path, stack: str) -> None:
    """Check that the state file can be read.

    Raises:
        OperationError: it is not JSON; the message says how to get the last good one back.
    """
    for path in (state / "pulumi-state" / ".pulumi" / "stacks").rglob(f"{stack}.json"):
        try:
            json.loads(path.read_text())
        except ValueError as error:
            backup = path.with_name(f"{path.name}.bak")
            remedy = f"restore the engine's last backup: cp {backup} {path}" if backup.exists() else "it has no backup"
            raise OperationError(
                f"the state file {path} is corrupt ({error}); {remedy}; "
                f"or give the stack up with its data: drydock down {stack}"
            ) from error


def reconcile(stack: automation.Stack, cloud: Cloud) -> list[str]:
    """Delete what a killed engine made but never recorded, and drop its unfinished operations; what was deleted."""
    exported = stack.export_stack()
    deployment: dict[str, Any] = dict(exported.deployment or {})
    keep = [
        {"urn": resource["urn"], "id": resource["id"]}
        for resource in deployment.get("resources", [])
        if resource.get("id")
    ]
    request = urllib.request.Request(  # noqa: S310 - the local cloud's own loopback URL
        f"{cloud.aws_endpoint}/drydock/reap",
        data=json.dumps({"keep": keep}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        reaped: list[dict[str, str]] = json.load(response)
    if deployment.get("pending_operations"):
        deployment["pending_operations"] = []
        stack.import_stack(automation.Deployment(version=exported.version, deployment=deployment))
    return [f"{item['type']} {item['id']}" for item in reaped]
