"""Set right what an engine that was killed left behind: its lock, its unfinished operations, its orphans."""

import json
from pathlib import Path
from typing import Any

import psutil
from pulumi import automation

from infra.engine.loopback import ask
from infra.errors import CorruptStateError, OperationError
from localcloud.cloud import Cloud

ENGINE_END_SECONDS = 30


def release_stale_locks(state: Path) -> int:
    """Remove the engine locks of processes that no longer live, and wait for those that still end; their number.

    Our own lock is held, so a living engine here has lost the command that drove it and ends by itself.
    """
    removed = 0
    for lock in (state / "pulumi-state" / ".pulumi" / "locks").rglob("*.json"):
        try:
            engine = _engine(int(json.loads(lock.read_text())["pid"]), state)
        except (ValueError, KeyError, FileNotFoundError):
            engine = None
        if engine:
            try:
                engine.wait(ENGINE_END_SECONDS)
            except psutil.TimeoutExpired:
                raise OperationError(
                    f"a Pulumi engine (pid {engine.pid}) still works on {state.name}; wait for it"
                ) from None
        lock.unlink(missing_ok=True)
        removed += 1
    return removed


def _engine(pid: int, state: Path) -> psutil.Process | None:
    """The engine that holds a lock of this folder; a pid alone may be anybody's by now."""
    try:
        process = psutil.Process(pid)
        if process.name() == "pulumi" and Path(process.cwd()).is_relative_to(state):
            return process
    except psutil.Error:
        pass
    return None


def require_sound_state(state: Path, stack: str) -> None:
    """Check that the state file is what an engine writes.

    Raises:
        CorruptStateError: it is not; the message says how to get the last good one back.
    """
    for path in (state / "pulumi-state" / ".pulumi" / "stacks").rglob(f"{stack}.json"):
        try:
            record = json.loads(path.read_text())
            problem = "" if isinstance(record, dict) and "checkpoint" in record else "it holds no checkpoint"
        except ValueError as error:
            problem = str(error)
        if problem:
            backup = path.with_name(f"{path.name}.bak")
            remedy = f"restore the engine's last backup: cp {backup} {path}" if backup.exists() else "it has no backup"
            raise CorruptStateError(
                f"the state file {path} is corrupt ({problem}); {remedy}; "
                f"or give the stack up with its data: drydock down {stack}"
            )


def reconcile(stack: automation.Stack, cloud: Cloud) -> list[str]:
    """Delete what a killed engine made but never recorded, and drop its unfinished operations; what was done.

    Only what the engine had begun is looked at, so a state that lost its memory deletes nothing.

    Raises:
        CorruptStateError: the state knows nothing, and yet the account holds what was deployed.
    """
    exported = stack.export_stack()
    deployment: dict[str, Any] = dict(exported.deployment or {})
    known = {(resource["urn"], resource.get("id")) for resource in deployment.get("resources", [])}
    begun = {operation["resource"]["urn"] for operation in deployment.get("pending_operations", [])}
    if known and not begun:
        return []
    ledger: list[dict[str, str]] = ask(f"{cloud.aws_endpoint}/drydock/ledger")
    if ledger and not begun:
        raise CorruptStateError(
            f"the state of {stack.name} is empty, and yet its account holds {len(ledger)} resources; restore the state "
            f"file, or give the stack up with its data: drydock down {stack.name}"
        )
    if not begun:
        return []
    keep = [entry for entry in ledger if entry["urn"] not in begun or (entry["urn"], entry["id"]) in known]
    reaped: list[dict[str, str]] = ask(f"{cloud.aws_endpoint}/drydock/reap", {"keep": keep})
    deployment["pending_operations"] = []
    stack.import_stack(automation.Deployment(version=exported.version, deployment=deployment))
    return [_told(entry) for entry in reaped]


def _told(entry: dict[str, str]) -> str:
    what = f"{entry['type']} {entry['id']}, which a killed engine made and never recorded"
    return f"could not delete {what}: {entry['error']}" if "error" in entry else f"deleted {what}"
