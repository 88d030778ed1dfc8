"""What the settings of every service have in common: how many pods there are, how large, and how they are replaced."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from stacks.settings.model import SettingsModel, repeated

# Two health checks, five seconds apart: a pod is ready once it has passed them.
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
    """TCP ports that the pods reach besides those of the URLs in these settings: for a URL in a secret, whose value is
    not known here."""

    min_replicas: Annotated[int, Field(ge=1, le=1000)] = 3
    """Pods of the server there are at least."""

    max_replicas: Annotated[int, Field(ge=1, le=1000)] = 10
    """Pods of the server there are at most."""

    min_available: Annotated[int, Field(ge=1, le=999)] = 2
    """Pods that evictions leave ready: fewer than minReplicas, or no node could ever be replaced."""

    target_cpu_percent: Annotated[int, Field(ge=10, le=95)] = 60
    """Average CPU, in percent of cpuRequest, that the autoscaler aims at."""

    cpu_request: Cpu = "250m"
    """CPU a pod is sure of, in cores or thousandths of one (`m`)."""

    memory_request: Memory = "256Mi"
    """Memory a pod is sure of."""

    memory_limit: Memory = "512Mi"
    """Memory above which a pod is killed."""

    pre_stop_seconds: Annotated[int, Field(ge=0, le=300)] = 15
    """Seconds a stopping pod serves on as before, until load balancers know."""

    shutdown_seconds: Annotated[int, Field(ge=1, le=300)] = 20
    """Seconds that requests in flight then may take."""

    min_ready_seconds: Annotated[int, Field(ge=0, le=300)] = 10
    """Seconds a new pod has to be ready before the next one is replaced."""

    progress_deadline_seconds: Annotated[int, Field(ge=30, le=3600)] = 600
    """Seconds without progress after which a release has failed."""

    def problems(self) -> Iterator[str]:
        """Find repeated ports, empty ranges, and settings under which no node can be drained or no release succeeds."""
        yield from repeated("egressPorts", "port", self.egress_ports)
        if self.max_replicas < self.min_replicas:
            yield f"maxReplicas: must be minReplicas ({self.min_replicas}) or more, got {self.max_replicas}"
        if self.min_replicas > 1 and self.min_available >= self.min_replicas:
            yield (
                f"minAvailable: must be less than minReplicas ({self.min_replicas}), got {self.min_available}; "
                "or no node could ever be drained"
            )
        if mebibytes(self.memory_limit) < mebibytes(self.memory_request):
            yield f"memoryLimit: must be memoryRequest ({self.memory_request}) or more, got {self.memory_limit}"
        if self.progress_deadline_seconds <= self.min_ready_seconds + TARGET_SECONDS:
            yield (
                f"progressDeadlineSeconds: must be more than minReadySeconds ({self.min_ready_seconds}) and the "
                f"{TARGET_SECONDS} seconds until the load balancer finds a new pod healthy, "
                f"got {self.progress_deadline_seconds}"
            )
