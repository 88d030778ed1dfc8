"""The tools: which versions are accepted, why these, and how to get one."""

from dataclasses import dataclass
from functools import cache

from infra.toolchain.pins import KUBERNETES, PULUMI, GoModule
from infra.toolchain.versions import Version, show


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One executable."""

    name: str
    """Its file name."""
    purpose: str
    """What Drydock does with it."""
    version_args: tuple[str, ...] = ("--version",)
    """Arguments that make it print its version."""
    minimum: Version = (0, 0, 0)
    """The oldest version accepted."""
    below: Version | None = None
    """The first version no longer accepted; None accepts every later one."""
    module: GoModule | None = None
    """What it is built from where PATH has none; None for a tool that Drydock does without."""
    remedy: str = ""
    """How to get it."""

    def accepts(self, version: Version) -> bool:
        """Return whether a version will do."""
        return self.minimum <= version and (self.below is None or version < self.below)

    @property
    def accepted(self) -> str:
        """The accepted versions, for people."""
        if self.minimum == (0, 0, 0):
            return "any"
        return f">= {show(self.minimum)}" + (f", < {show(self.below)}" if self.below else "")


BUILT = "nothing to do: the first `make up` builds it"


@cache
def required() -> tuple[Tool, ...]:
    """Return the tools that a deployment needs, each found or built."""
    major, minor, _ = KUBERNETES.version
    return (
        Tool(
            name="pulumi",
            purpose="the deployment engine",
            version_args=("version",),
            # What the tests ran with: an older engine may not speak to the providers that debuggers attach.
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
            purpose="looking into Kubernetes",
            version_args=("version", "--client"),
            # Supported within one minor version of the API server.
            minimum=(major, minor - 1, 0),
            below=(major, minor + 2, 0),
            module=KUBERNETES,
            remedy=BUILT,
        ),
    )


def _control_plane(name: str, purpose: str) -> Tool:
    # No part may be newer than the API server, and a part that is missing is built at the pinned minor version: so all
    # are of that one.
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
    Tool(name="git", purpose="the changes that a review is about", remedy="apt install git"),
    Tool(name="psql", purpose="looking into the database", remedy="apt install postgresql-client"),
    Tool(name="aws", purpose="looking into AWS, and signing in to EKS", remedy="pip install awscli"),
    Tool(name="buildah", purpose="real images without a daemon", remedy="apt install buildah"),
    Tool(name="docker", purpose="images for a stack on AWS", remedy="apt install docker.io docker-buildx"),
)
"""What Drydock uses where it is there, and does without elsewhere."""
