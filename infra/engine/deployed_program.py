"""The program that a local cloud was deployed with.

The plan of the engine omits some of the options in the state, such as `retainOnDelete` and `deletedWith`:
https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/apitype/plan.go
The same program has the same options, so only an `up` of a changed program can change them.
"""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from infra.engine.places import ROOT, stack_file
from localcloud.files import write_private

PROGRAM = ("buildcontext", "components", "infra", "stacks")
"""The packages that create resources, and those that they import."""


def digest(stack: str, root: Path = ROOT) -> str:
    """Return the SHA-256 of a stack's program, in hexadecimal: its modules, its settings and its locked packages."""
    modules = [path for package in PROGRAM for path in (root / package).rglob("*.py")]
    found = sha256()
    for path in [*sorted(modules), stack_file(stack, root), root / "requirements.lock"]:
        content = path.read_bytes()
        found.update(f"{path.relative_to(root)}\n{len(content)}\n".encode() + content)
    return found.hexdigest()


def record(state: Path, program: str) -> None:
    """Store the digest of a completely deployed program that the policy pack has judged."""
    write_private(_path(state), program)


def forget(state: Path) -> None:
    """Record that no program is completely deployed, for the case that the deployment is interrupted."""
    _path(state).unlink(missing_ok=True)


def recorded(state: Path) -> str | None:
    """Return the digest of the completely deployed program, if there is one."""
    path = _path(state)
    return path.read_text() if path.exists() else None


def was_judged(state: Path, program: str) -> bool:
    """Return whether the policy pack has judged this program today. Exemptions from its rules expire with a day."""
    path = _path(state)
    if recorded(state) != program:
        return False
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date() == datetime.now(UTC).date()


def _path(state: Path) -> Path:
    return state / "deployed-program"
