"""What is built from source, how, and the key under which the result is cached.

The versions stand once, in tools/<name>/go.mod; everything here reads them from there.
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
"""The folder of the pins."""
GO_LOCK = TOOLS / "go.lock"
"""The Go distribution used where the machine has none, with its hashes."""
COMMON_FLAGS = ("-trimpath",)


@dataclass(frozen=True, kw_only=True)
class GoModule:
    """A folder in tools/ whose go.mod and go.sum pin everything that goes into its binaries."""

    name: str
    """Folder in tools/."""
    packages: tuple[tuple[str, str], ...]
    """(binary, Go package), what is needed first standing first."""
    flags: tuple[str, ...] = ()
    """More flags of `go build`."""
    variables: tuple[tuple[str, str], ...] = ()
    """String variables that the linker sets; {version} stands for the version of the module `versioned_by`."""
    versioned_by: str
    """Path of the module whose version the binaries report."""
    embedded: tuple[tuple[str, str], ...] = ()
    """(file that its main package embeds, path of that file in the module `versioned_by`)."""

    @property
    def folder(self) -> Path:
        """Where its go.mod is."""
        return TOOLS / self.name

    @property
    def version(self) -> Version:
        """The pinned version."""
        return pinned(self.folder / "go.mod", self.versioned_by)

    @property
    def build_flags(self) -> tuple[str, ...]:
        """Every flag of `go build` but the output."""
        major, minor, _ = self.version
        values = {"version": show(self.version), "major": major, "minor": minor}
        variables = [f"-X {name}={value.format(**values)}" for name, value in self.variables]
        return (*COMMON_FLAGS, *self.flags, "-ldflags", " ".join(["-s", "-w", *variables]))

    @property
    def key(self) -> str:
        """Changes with anything that changes the binaries, but the version of Go."""
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
    # Optimised: 40 s more to build, once, and a third off every deployment.
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
    # Not optimised: the build is what a new user waits for, and one node asks little of a control plane.
    flags=("-gcflags=all=-N -l",),
    variables=(
        *_kubernetes_version("k8s.io/component-base/version"),
        *_kubernetes_version("k8s.io/client-go/pkg/version"),
    ),
    versioned_by="k8s.io/kubernetes",
)

MODULES = (PULUMI, KUBERNETES)
"""What a deployment needs."""

KUBERNETES_PROVIDER = GoModule(
    name="kubernetes-provider",
    packages=(("pulumi-resource-kubernetes", "drydock.dev/tools/kubernetes-provider"),),
    # The engine warns of a provider that is older than the SDK, and the module has no released version to compare.
    variables=(("github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version", version("pulumi-kubernetes")),),
    versioned_by="github.com/pulumi/pulumi-kubernetes/provider/v4",
    embedded=(
        ("schema.json", "cmd/pulumi-resource-kubernetes/schema.json"),
        ("terraform-mapping.json", "cmd/pulumi-resource-kubernetes/terraform-mapping.json"),
    ),
)
"""Built only when asked for (`make providers`): it takes 10 minutes of CPU and 4.1 GB of memory."""


@cache
def pinned(go_mod: Path, module: str) -> Version:
    """Return the version of a module that a go.mod requires."""
    return _read(go_mod, rf"^\s*(?:require\s+)?{re.escape(module)} (v\S+)", f"no version of {module}")


@cache
def go_needed() -> Version:
    """Return the oldest Go that builds every module: the highest `go` line."""
    return max(_read(module.folder / "go.mod", r"^go (\S+)", "no go line") for module in MODULES)


def _read(go_mod: Path, pattern: str, missing: str) -> Version:
    match = re.search(pattern, go_mod.read_text(), re.MULTILINE)
    version = parse(match[1]) if match else None
    if version is None:
        raise OperationError(f"{go_mod}: {missing}; take the committed file back: git checkout -- tools")
    return version
