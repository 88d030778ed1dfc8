"""Where each binary is, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Source(StrEnum):
    """Where a tool came from."""

    PATH = "PATH"
    BUILT = "built"


@dataclass(frozen=True, kw_only=True)
class Found:
    """A tool that can be used."""

    path: Path
    """The executable, absolute."""
    source: Source


@dataclass(frozen=True)
class Toolchain:
    """The tools that `ensure` was asked for; asking for another one raises KeyError."""

    found: Mapping[str, Found]
    """By the tool's name."""

    @property
    def pulumi(self) -> Path:
        """The Pulumi CLI, which is the engine."""
        return self.found["pulumi"].path

    @property
    def etcd(self) -> Path:
        """The store of the Kubernetes API."""
        return self.found["etcd"].path

    @property
    def kube_apiserver(self) -> Path:
        """The Kubernetes API server."""
        return self.found["kube-apiserver"].path

    @property
    def kube_controller_manager(self) -> Path:
        """The Kubernetes controllers."""
        return self.found["kube-controller-manager"].path

    @property
    def kube_scheduler(self) -> Path:
        """The Kubernetes scheduler."""
        return self.found["kube-scheduler"].path

    @property
    def kubectl(self) -> Path:
        """The Kubernetes command line."""
        return self.found["kubectl"].path
