"""Derives the status of a pod from its containers, as the kubelet does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from localcloud.cluster.api import Manifest
from localcloud.cluster.events import now
from localcloud.node.backoff import restarts


def waiting(reason: str, message: str = "") -> Manifest:
    """Return a `waiting` container state."""
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


@dataclass
class ContainerStatus:
    """The status of one container, with the fields of containerStatuses in the Kubernetes API."""

    name: str
    image: str
    image_id: str = ""
    state: Manifest = field(default_factory=lambda: waiting("ContainerCreating"))
    last_state: Manifest = field(default_factory=dict)
    restart_count: int = 0
    started: bool = False
    ready: bool = False
    container_id: str = ""

    @property
    def exit_code(self) -> int | None:
        """The exit code, or None if the container has not terminated."""
        ended = self.state.get("terminated")
        return ended["exitCode"] if ended else None

    def begin(self, container_id: str, image_id: str) -> None:
        """Record that the container's process has started."""
        self.container_id, self.image_id = container_id, image_id
        self.state = {"running": {"startedAt": now()}}

    def end(self, exit_code: int, reason: str = "", message: str = "") -> None:
        """Record that the container's process has ended or could not be started."""
        started = self.state.get("running", {}).get("startedAt") or now()
        self.started = self.ready = False
        self.state = {
            "terminated": {
                "exitCode": exit_code,
                "reason": reason or ("Error" if exit_code else "Completed"),
                "startedAt": started,
                "finishedAt": now(),
                **({"message": message} if message else {}),
                **({"containerID": self.container_id} if self.container_id else {}),
            }
        }

    def restarting(self, reason: str, message: str = "") -> None:
        """Record that the container waits to be started again; a terminated state becomes the last state."""
        if "terminated" in self.state:
            self.last_state = self.state
        self.state = waiting(reason, message)

    def render(self) -> Manifest:
        """Return the status in the form of the Kubernetes API."""
        return {
            "name": self.name,
            "image": self.image,
            "imageID": self.image_id,
            "state": self.state,
            "lastState": self.last_state,
            "restartCount": self.restart_count,
            "started": self.started,
            "ready": self.ready,
            **({"containerID": self.container_id} if self.container_id else {}),
        }

    @classmethod
    def recovered(cls, name: str, image: str, previous: Manifest) -> "ContainerStatus":
        """Restore the status that an earlier run of the node agent published; its processes ended with that run."""
        status = cls(
            name=name,
            image=image,
            state=previous.get("state") or waiting("ContainerCreating"),
            last_state=previous.get("lastState") or {},
            restart_count=previous.get("restartCount", 0),
            container_id=previous.get("containerID", ""),
        )
        if "running" in status.state:
            status.end(137, "Error", "the node restarted")
        return status


def pod_status(
    pod: Manifest,
    init: Sequence[ContainerStatus],
    main: Sequence[ContainerStatus],
    *,
    address: str,
    host_address: str,
    started_at: str,
    failure: tuple[str, str] | None = None,
) -> Manifest:
    """Return the complete pod status; a condition that has not changed keeps its transition time.

    A `failure` (reason, message) makes the pod Failed regardless of its containers.
    """
    phase = "Failed" if failure else phase_of(pod["spec"].get("restartPolicy", "Always"), init, main)
    ended = phase in {"Succeeded", "Failed"}
    initialized = all(status.exit_code == 0 for status in init)
    unready = [status.name for status in main if not status.ready]
    ready = not unready and initialized
    reason = "PodCompleted" if phase == "Succeeded" else "ContainersNotReady"
    message = f"containers with unready status: [{' '.join(unready)}]" if unready and not ended else ""
    gates = _closed_gates(pod) if ready else []
    gate_message = f"corresponding condition of pod readiness gate {', '.join(gates)} is not True" if gates else ""
    conditions = [
        _condition(pod, "Initialized", initialized, "ContainersNotInitialized", ""),
        _condition(pod, "ContainersReady", ready, "PodFailed" if phase == "Failed" else reason, message),
        _condition(
            pod,
            "Ready",
            ready and not gates,
            "PodFailed" if phase == "Failed" else "ReadinessGatesNotReady" if gates else reason,
            message or gate_message,
        ),
    ]
    addresses: Manifest = {"hostIP": host_address, "hostIPs": [{"ip": host_address}], "startTime": started_at}
    if address:
        addresses |= {"podIP": address, "podIPs": [{"ip": address}, {"$patch": "replace"}]}
    return {
        "phase": phase,
        **({"reason": failure[0], "message": failure[1]} if failure else {}),
        "conditions": conditions,
        **addresses,
        **({"initContainerStatuses": [status.render() for status in init]} if init else {}),
        "containerStatuses": [status.render() for status in main],
        **({"observedGeneration": pod["metadata"]["generation"]} if "generation" in pod["metadata"] else {}),
    }


def phase_of(policy: str, init: Sequence[ContainerStatus], main: Sequence[ContainerStatus]) -> str:
    """Return the phase of a pod: Pending, Running, Succeeded or Failed."""
    if policy == "Never" and any(status.exit_code for status in init):
        return "Failed"
    if not all(status.exit_code == 0 for status in init):
        return "Pending"
    codes = [status.exit_code for status in main]
    if all(code is not None and not restarts(policy, code) for code in codes):
        return "Failed" if any(codes) else "Succeeded"
    created = [status for status in main if "waiting" not in status.state or status.last_state]
    return "Running" if len(created) == len(main) else "Pending"


def _closed_gates(pod: Manifest) -> list[str]:
    """Return the readiness gates of a pod whose condition is not True yet."""
    known: list[Manifest] = pod.get("status", {}).get("conditions") or []
    true = {item["type"] for item in known if item["status"] == "True"}
    gates = [gate["conditionType"] for gate in pod["spec"].get("readinessGates") or []]
    return [gate for gate in gates if gate not in true]


def _condition(pod: Manifest, kind: str, holds: bool, reason: str, message: str) -> Manifest:
    value = "True" if holds else "False"
    known: list[dict[str, Any]] = pod.get("status", {}).get("conditions") or []
    previous = next((item for item in known if item["type"] == kind), None)
    same = previous is not None and previous["status"] == value
    return {
        "type": kind,
        "status": value,
        "lastProbeTime": None,
        "lastTransitionTime": previous["lastTransitionTime"] if same and previous else now(),
        "reason": None if holds else reason,
        "message": None if holds else message or None,
    }
