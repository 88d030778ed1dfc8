"""The Go modules that are built from source, their build settings, and the keys of the results in the cache.

The only place of the versions is tools/<name>/go.mod, from which they are read.
"""

import hashlib
import platform
import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from infra.errors import OperationError
from infra.toolchain.versions import Version, parse, show

TOOLS = Path(__file__).resolve().parents[2] / "tools"
"""The folder of the pinned Go modules."""
GO_LOCK = TOOLS / "go.lock"
"""Requirements file with hashes of the Go distribution that is installed if the machine has none."""
COMMON_FLAGS = ("-trimpath",)


@dataclass(frozen=True, kw_only=True)
class GoModule:
    """A folder in tools/ whose go.mod and go.sum pin all dependencies of its binaries."""

    name: str
    """Name of the folder in tools/."""
    packages: tuple[tuple[str, str], ...]
    """Pairs (binary, Go package), in the order in which they are needed."""
    flags: tuple[str, ...] = ()
    """Additional flags of `go build`."""
    variables: tuple[tuple[str, str], ...] = ()
    """String variables that the linker sets; {version} is replaced by the version of the module `versioned_by`."""
    versioned_by: str
    """Path of the module whose version the binaries report."""
    embedded: tuple[tuple[str, str], ...] = ()
    """Pairs (file that the main package embeds, path of that file in the module `versioned_by`)."""

    @property
    def folder(self) -> Path:
        """The folder with its go.mod."""
        return TOOLS / self.name

    @property
    def version(self) -> Version:
        """The pinned version."""
        return pinned(self.folder / "go.mod", self.versioned_by)

    @property
    def build_flags(self) -> tuple[str, ...]:
        """All flags of `go build` except the output path."""
        major, minor, _ = self.version
        values = {"version": show(self.version), "major": major, "minor": minor}
        variables = [f"-X {name}={value.format(**values)}" for name, value in self.variables]
        return (*COMMON_FLAGS, *self.flags, "-ldflags", " ".join(["-s", "-w", *variables]))

    @property
    def key(self) -> str:
        """The cache key, which depends on everything that affects the binaries except the version of Go."""
        digest = hashlib.sha256()
        sources = sorted(path.name for path in self.folder.glob("*.go"))
        for name in ("go.mod", "go.sum", *sources):
            digest.update((self.folder / name).read_bytes())
        digest.update("\0".join((*self.build_flags, platform.system(), platform.machine())).encode())
        return f"{self.name}-{show(self.version)}-{digest.hexdigest()[:12]}"


def _kubernetes_version(package: str) -> tuple[tuple[str, str], ...]:
    values = {
        "gitVersion": "v{version}",
        "gitMajor": "{major}",
        "gitMinor": "{minor}",
        "gitTreeState": "clean",
    }
    return tuple((f"{package}.{name}", value) for name, value in values.items())


PULUMI = GoModule(
    name="pulumi",
    packages=(("pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"),),
    # Optimized: the build takes 40 s longer, once, and every deployment takes a third less time.
    variables=(("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version", "{version}"),),
    versioned_by="github.com/pulumi/pulumi/pkg/v3",
)

KUBERNETES = GoModule(
    name="kubernetes",
    packages=(
        ("etcd", "go.etcd.io/etcd/server/v3"),
        ("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
        ("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"),
        ("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
        ("kubectl", "k8s.io/kubernetes/cmd/kubectl"),
    ),
    # Not optimized, except Go's standard library, which the build of pulumi has compiled: new users wait for the build.
    flags=("-gcflags=all=-N -l", "-gcflags=std="),
    variables=(
        *_kubernetes_version("k8s.io/component-base/version"),
        *_kubernetes_version("k8s.io/client-go/pkg/version"),
    ),
    versioned_by="k8s.io/kubernetes",
)

MODULES = (PULUMI, KUBERNETES)
"""The modules that a deployment needs."""

KUBERNETES_PROVIDER = GoModule(
    name="kubernetes-provider",
    packages=(("pulumi-resource-kubernetes", "drydock.dev/tools/kubernetes-provider"),),
    # The engine warns about a provider that is older than the SDK, and the module has no released version.
    variables=(("github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version", version("pulumi-kubernetes")),),
    versioned_by="github.com/pulumi/pulumi-kubernetes/provider/v4",
    embedded=(
        ("schema.json", "cmd/pulumi-resource-kubernetes/schema.json"),
        ("terraform-mapping.json", "cmd/pulumi-resource-kubernetes/terraform-mapping.json"),
    ),
)
"""Built on request only (`make providers`), because it takes 10 minutes of CPU time and 4.1 GB of memory."""


@cache
def pinned(go_mod: Path, module: str) -> Version:
    """Return the version of a module that a go.mod requires."""
    return _read(go_mod, rf"^\s*(?:require\s+)?{re.escape(module)} (v\S+)", f"no version of {module}")


@cache
def go_needed() -> Version:
    """Return the minimum version of Go that can build all modules: the highest version in a `go` line."""
    return max(_read(module.folder / "go.mod", r"^go (\S+)", "no go line") for module in MODULES)


def _read(go_mod: Path, pattern: str, missing: str) -> Version:
    match = re.search(pattern, go_mod.read_text(), re.MULTILINE)
    version = parse(match[1]) if match else None
    if version is None:
        raise OperationError(f"{go_mod}: {missing}; restore the committed file: git checkout -- tools")
    return version
