"""The paths of the binaries and their origins."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Source(StrEnum):
    """The origin of a tool."""

    PATH = "PATH"
    BUILT = "built"


@dataclass(frozen=True, kw_only=True)
class Found:
    """A tool that is available."""

    path: Path
    """Absolute path of the executable."""
    source: Source


@dataclass(frozen=True)
class Toolchain:
    """The tools that were requested from `ensure`; access to another tool raises KeyError."""

    found: Mapping[str, Found]
    """The available tools by name."""

    @property
    def pulumi(self) -> Path:
        """The Pulumi CLI, which is the engine."""
        return self.found["pulumi"].path

    @property
    def etcd(self) -> Path:
        """etcd, the data store of the Kubernetes API."""
        return self.found["etcd"].path

    @property
    def kube_apiserver(self) -> Path:
        """The Kubernetes API server."""
        return self.found["kube-apiserver"].path

    @property
    def kube_controller_manager(self) -> Path:
        """The Kubernetes controller manager."""
        return self.found["kube-controller-manager"].path

    @property
    def kube_scheduler(self) -> Path:
        """The Kubernetes scheduler."""
        return self.found["kube-scheduler"].path

    @property
    def kubectl(self) -> Path:
        """The Kubernetes command-line tool."""
        return self.found["kubectl"].path
