"""Common settings of services: the number and size of pods, and their rollout."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from stacks.settings.model import SettingsModel, repeated

# Two health checks, five seconds apart, which a pod must pass to be ready.
TARGET_SECONDS = 10

Cpu = Annotated[str, Field(pattern=r"^([1-9][0-9]{0,5}m|[1-9][0-9]{0,2})$")]
Memory = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,6}(Mi|Gi)$")]


def millicores(cpu: str) -> int:
    """Return an amount of CPU such as `250m` or `2` in thousandths of a core."""
    return int(cpu[:-1]) if cpu.endswith("m") else int(cpu) * 1000


def mebibytes(memory: str) -> int:
    """Return an amount of memory such as `512Mi` or `2Gi` in MiB."""
    return int(memory[:-2]) * {"Mi": 1, "Gi": 1024}[memory[-2:]]


class PodSettings(SettingsModel):
    """The pods of a service."""

    egress_ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = ()
    """TCP ports that the pods may reach in addition to those of the URLs in these settings: for a URL in a secret,
    which is unknown here."""

    min_replicas: Annotated[int, Field(ge=1, le=1000)] = 3
    """Minimum number of server pods."""

    max_replicas: Annotated[int, Field(ge=1, le=1000)] = 10
    """Maximum number of server pods."""

    min_available: Annotated[int, Field(ge=1, le=999)] = 2
    """Pods that must stay ready during evictions: fewer than minReplicas, so that nodes can be replaced."""

    target_cpu_percent: Annotated[int, Field(ge=10, le=95)] = 60
    """Target of the autoscaler: average CPU in percent of cpuRequest."""

    cpu_request: Cpu = "250m"
    """CPU request of a pod, in cores or thousandths of one (`m`)."""

    memory_request: Memory = "256Mi"
    """Memory request of a pod."""

    memory_limit: Memory = "512Mi"
    """Memory limit of a pod."""

    pre_stop_seconds: Annotated[int, Field(ge=0, le=300)] = 15
    """Seconds that a stopping pod continues to serve, until load balancers have deregistered it."""

    shutdown_seconds: Annotated[int, Field(ge=1, le=300)] = 20
    """Seconds that requests in flight of a stopping pod may take afterwards."""

    min_ready_seconds: Annotated[int, Field(ge=0, le=300)] = 10
    """Seconds that a new pod must be ready before the next one is replaced."""

    progress_deadline_seconds: Annotated[int, Field(ge=30, le=3600)] = 600
    """Seconds without progress after which a release fails."""

    def problems(self) -> Iterator[str]:
        """Find duplicate ports, empty ranges, and settings that prevent drains of nodes or releases."""
        yield from repeated("egressPorts", "port", self.egress_ports)
        if self.max_replicas < self.min_replicas:
            yield f"maxReplicas: must be minReplicas ({self.min_replicas}) or more, got {self.max_replicas}"
        if self.min_replicas > 1 and self.min_available >= self.min_replicas:
            yield (
                f"minAvailable: must be less than minReplicas ({self.min_replicas}), got {self.min_available}; "
                "or nodes could not be drained"
            )
        if mebibytes(self.memory_limit) < mebibytes(self.memory_request):
            yield f"memoryLimit: must be memoryRequest ({self.memory_request}) or more, got {self.memory_limit}"
        if self.progress_deadline_seconds <= self.min_ready_seconds + TARGET_SECONDS:
            yield (
                f"progressDeadlineSeconds: must be more than minReadySeconds ({self.min_ready_seconds}) and the "
                f"{TARGET_SECONDS} seconds until the load balancer marks a new pod healthy, "
                f"got {self.progress_deadline_seconds}"
            )
