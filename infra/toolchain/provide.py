"""Provides the tools: each from PATH if recent enough, else from the cache, into which it is built if necessary."""

from collections.abc import Collection, Sequence
from pathlib import Path

from infra.errors import OperationError
from infra.toolchain import cache
from infra.toolchain.build import build
from infra.toolchain.find import find
from infra.toolchain.golang import executable
from infra.toolchain.pins import KUBERNETES_PROVIDER, MODULES, GoModule
from infra.toolchain.report import Report
from infra.toolchain.toolchain import Found, Source, Toolchain
from infra.toolchain.tools import required


def ensure(names: Collection[str] | None = None, *, progress: bool = True) -> Toolchain:
    """Find or build tools, and return their paths.

    Args:
        names: names of tools in `tools.required()`; None for all. A preview needs only {"pulumi"}.
        progress: whether to show the progress of a build on stderr.

    Raises:
        OperationError: a tool is not available and could not be built; the message states why and what to do.
    """
    wanted = [tool for tool in required() if names is None or tool.name in names]
    found: dict[str, Found] = {}
    for tool in wanted:
        candidate = find(tool)
        if candidate and candidate.accepted:
            found[tool.name] = Found(path=candidate.path, source=Source.PATH)
    report = Report(enabled=progress)
    for module in MODULES:
        missing = [tool.name for tool in wanted if tool.module is module and tool.name not in found]
        found |= {path.name: Found(path=path, source=Source.BUILT) for path in _built(module, missing, report)}
    return Toolchain(found)


def ensure_providers(*, progress: bool = True) -> Toolchain:
    """Build Pulumi's own Kubernetes provider unless it is in the cache; a local cloud then uses it.

    Raises:
        OperationError: the provider could not be built; the message states why and what to do.
    """
    names = [name for name, _ in KUBERNETES_PROVIDER.packages]
    paths = _built(KUBERNETES_PROVIDER, names, Report(enabled=progress))
    return Toolchain({path.name: Found(path=path, source=Source.BUILT) for path in paths})


def _built(module: GoModule, names: Sequence[str], report: Report) -> list[Path]:
    """Return the paths of built binaries; build those that are not in the cache."""
    paths = [binary(module, name) for name in names]
    if all(path.exists() for path in paths):
        return paths
    folder = cache.root() / module.key
    try:
        with cache.locked(folder, lambda who: report.say(f"building {module.name}: {who}")):
            missing = [path.name for path in paths if not path.exists()]
            if missing:
                build(module, missing, folder, executable(report), report)
    except OSError as error:
        raise OperationError(
            f"building {module.name} failed: {error.filename or cache.root()}: {error.strerror}; "
            "it must be a writable folder with 1 GB free: set XDG_CACHE_HOME to another one"
        ) from error
    return paths


def binary(module: GoModule, name: str) -> Path:
    """Return the path of a binary in the cache, which may not be built yet."""
    return cache.root() / module.key / "bin" / name
