"""The tools that Drydock uses: their accepted versions with the reasons, and how to install them."""

from dataclasses import dataclass
from functools import cache

from infra.toolchain.pins import KUBERNETES, PULUMI, GoModule
from infra.toolchain.versions import Version, show


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One executable."""

    name: str
    """File name of the executable."""
    purpose: str
    """What Drydock uses it for."""
    version_args: tuple[str, ...] = ("--version",)
    """Arguments to print its version."""
    minimum: Version = (0, 0, 0)
    """The minimum version."""
    below: Version | None = None
    """The first version that is no longer accepted; None accepts all later versions."""
    module: GoModule | None = None
    """The module to build it from if it is not on PATH; None for a tool that Drydock does not build."""
    remedy: str = ""
    """How to install it."""

    def accepts(self, version: Version) -> bool:
        """Return whether a version is accepted."""
        return self.minimum <= version and (self.below is None or version < self.below)

    @property
    def accepted(self) -> str:
        """The accepted versions as a text for the user."""
        if self.minimum == (0, 0, 0):
            return "any"
        return f">= {show(self.minimum)}" + (f", < {show(self.below)}" if self.below else "")


BUILT = "nothing to do: the first `make up` builds it"


@cache
def required() -> tuple[Tool, ...]:
    """Return the tools that a deployment needs, which are found on PATH or built."""
    major, minor, _ = KUBERNETES.version
    return (
        Tool(
            name="pulumi",
            purpose="the deployment engine",
            version_args=("version",),
            # The version used in the tests: an older engine may not support attaching to running providers.
            minimum=PULUMI.version,
            below=(PULUMI.version[0] + 1, 0, 0),
            module=PULUMI,
            remedy=BUILT,
        ),
        Tool(
            name="etcd",
            purpose="store of the local Kubernetes API",
            # Kubernetes supports 3.5 and 3.6.
            minimum=(3, 5, 0),
            below=(4, 0, 0),
            module=KUBERNETES,
            remedy=BUILT,
        ),
        _control_plane("kube-apiserver", "local Kubernetes API"),
        _control_plane("kube-controller-manager", "local Kubernetes controllers"),
        _control_plane("kube-scheduler", "local Kubernetes scheduler"),
        Tool(
            name="kubectl",
            purpose="inspecting Kubernetes",
            version_args=("version", "--client"),
            # Supported within one minor version of the API server.
            minimum=(major, minor - 1, 0),
            below=(major, minor + 2, 0),
            module=KUBERNETES,
            remedy=BUILT,
        ),
    )


def _control_plane(name: str, purpose: str) -> Tool:
    # No component may be newer than the API server, and missing components are built at the pinned minor version, so
    # all of them must have that version.
    major, minor, _ = KUBERNETES.version
    return Tool(
        name=name,
        purpose=purpose,
        minimum=(major, minor, 0),
        below=(major, minor + 1, 0),
        module=KUBERNETES,
        remedy=BUILT,
    )


OPTIONAL = (
    Tool(name="git", purpose="comparing with a commit in drydock diff and guard", remedy="apt install git"),
    Tool(name="psql", purpose="inspecting the database", remedy="apt install postgresql-client"),
    Tool(name="aws", purpose="inspecting AWS, and signing in to EKS", remedy="pip install awscli"),
    Tool(name="buildah", purpose="building images from any Dockerfile", remedy="apt install buildah"),
    Tool(name="docker", purpose="images for a stack on AWS", remedy="apt install docker.io docker-buildx"),
)
"""Tools that Drydock uses if they are available, but does not require."""
