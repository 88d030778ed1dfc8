"""The recorded state of a stack: a commit deployed on stand-ins that only record, kept in the user's cache."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache as remembered
from importlib import metadata
from pathlib import Path
from typing import Any

from infra.difference import revision
from infra.difference.revision import Base, key
from infra.engine import checkpoint, command
from infra.engine.places import ROOT
from infra.engine.workspace import ENVIRONMENTS, PASSPHRASE_FILE, Project, prepare
from infra.errors import OperationError
from infra.program_error import shortened
from infra.toolchain import cache
from infra.toolchain.pins import PULUMI
from localcloud.files import make_private, write_private
from localcloud.providers import offline
from stacks.settings import SettingsError

SCRIPT = Path(__file__).with_name("base_program.py")
PASSPHRASE = "a state of made-up values"  # noqa: S105 - protects nothing: no value in such a state is a secret
KEPT_STATES = 40
"""Number of states in the cache; the least recently used ones are deleted."""
STAND_INS = (
    *("localcloud/aws", "localcloud/kubernetes", "localcloud/protocol", "localcloud/providers", "localcloud/images"),
    "buildcontext",
)
DRIVERS = ("infra/difference/base_program.py", "infra/difference/base_state.py", "infra/engine/localized.py")
PACKAGES = ("pulumi", "pulumi-aws", "pulumi-kubernetes", "pulumi-random", "pulumi-docker-build", "pydantic")
# They differ between runs and checkouts.
MOVING = ("created", "modified", "sourcePosition", "stackTrace")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A recorded deployment."""

    checkpoint: dict[str, Any]
    """State file of the engine."""
    options: dict[str, dict[str, Any]]
    """URN -> options that the program registered."""


def folder() -> Path:
    """Return the folder of the states in the user's cache."""
    return cache.root().parent / "states"


def place(base: Base, stack: str) -> Path:
    """Return the path of the recorded state, whether it exists or not."""
    parts = [key(base, stack), stack, _stand_ins()]
    return folder() / f"{hashlib.sha256(' '.join(parts).encode()).hexdigest()}.json"


def read(path: Path) -> Recorded | None:
    """Return a recorded state, or None if there is none."""
    try:
        found = json.loads(path.read_text())
        recorded = Recorded(checkpoint=found["checkpoint"], options=found["options"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    with suppress(OSError):  # the cache may be read-only
        path.touch()
    return recorded


def record(base: Base, stack: str, pulumi: Path, path: Path) -> Recorded:
    """Deploy a stack with the program of the commit, and keep the state.

    Raises:
        OperationError: the program of the commit cannot run.
    """
    with tempfile.TemporaryDirectory(prefix="drydock-base-") as folder:
        checkout = Path(folder).resolve()
        revision.extract(base, checkout)
        found, options, errors = _deployed(stack, checkout, pulumi)
        if errors:
            reasons = "\n".join(f"  {text}" for text in dict.fromkeys(shortened(each, checkout) for each in errors))
            raise OperationError(
                f"{base.described}: its program cannot run for {stack}, so there is nothing to compare with:\n"
                f"{reasons}\n  name another commit with --base, or a state with --state"
            )
    for resource in found["checkpoint"]["latest"]["resources"]:
        for name in MOVING:
            resource.pop(name, None)
    recorded = Recorded(checkpoint=found, options=options)
    with suppress(OSError):  # the cache may be read-only or full; then the next run deploys it again
        _keep(path, recorded)
    return recorded


def _deployed(stack: str, checkout: Path, pulumi: Path) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Return the state file and the options of the resources, or errors."""
    project = Project(name=ENVIRONMENTS.name, folder=checkout, module=ENVIRONMENTS.module)
    where = checkout / "infra"
    with (
        command.throw_away("preview", stack) as state,
        offline.serve_all(state_only=True, folder=where if where.is_dir() else checkout) as ports,
    ):
        write_private(state / PASSPHRASE_FILE, PASSPHRASE)
        try:
            prepared = prepare(stack, pulumi, state, ports, project=project)
        except (SettingsError, FileNotFoundError) as error:
            return {}, {}, [str(error)]
        request = {
            "environment": dict(prepared.environment),
            "folder": str(prepared.folder),
            "home": str(prepared.home),
            "pulumi": str(pulumi),
            "stack": stack,
            "version": list(PULUMI.version),
        }
        answer = _run(request, checkout)
        if answer["errors"]:
            return {}, {}, answer["errors"]
        return json.loads(checkpoint.path(state, stack).read_text()), answer["options"], []


def _run(request: dict[str, Any], checkout: Path) -> dict[str, Any]:
    """Run the program of the checkout in a process of its own, which has other modules of the same names."""
    where = checkout / "infra"
    done = subprocess.run(
        [sys.executable, "-P", str(SCRIPT)],
        input=json.dumps(request),
        cwd=where if where.is_dir() else checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return {"errors": lines[-1:], "options": {}}
    return answer


def _keep(path: Path, recorded: Recorded) -> None:
    make_private(path.parent)
    write_private(path, json.dumps({"checkpoint": recorded.checkpoint, "options": recorded.options}))
    states = sorted(path.parent.glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in states[KEPT_STATES:]:
        old.unlink(missing_ok=True)


@remembered
def _stand_ins() -> str:
    """Return a hash of all that a recorded state depends on besides the program: stand-ins, engine and SDKs."""
    digest = hashlib.sha256()
    for name in (*STAND_INS, *DRIVERS):
        path = ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    versions = {name: metadata.version(name) for name in PACKAGES}
    digest.update(json.dumps([versions, str(PULUMI.version), sys.version_info[:2]]).encode())
    return digest.hexdigest()
