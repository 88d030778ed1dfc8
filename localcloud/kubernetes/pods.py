"""Describes why a pod is not ready."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from localcloud.kubernetes.reference import Manifest

# The kubelet has failed, and its retries will fail in the same way.
FINAL_REASONS = frozenset({"CreateContainerConfigError", "ErrImageNeverPull", "ImagePullBackOff", "InvalidImageName"})
# A container may start before its dependencies, so a few restarts are tolerated; three take about a minute.
FINAL_RESTARTS = 3
ON_THE_WAY = frozenset({"ContainerCreating", "PodInitializing"})


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why a pod is not ready."""

    pod: str
    reason: str
    """A description with the container, its state and its exit code."""
    container: str = ""
    """The container whose log has details; empty if no container has run."""
    final: bool = False
    """Whether the pod cannot become ready without a change, so that waiting is useless."""


def trouble(pod: Manifest) -> Trouble | None:
    """Return what is wrong with a pod, or None if it is ready, completed or still starting."""
    name, status = pod["metadata"]["name"], pod.get("status", {})
    for container in [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]:
        found = _trouble_of(name, container)
        if found:
            return found
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return Trouble(pod=name, reason=f"not scheduled: {condition.get('message', condition.get('reason', ''))}")
    if status.get("phase") == "Failed":
        return Trouble(pod=name, reason=f"{status.get('reason', 'Failed')}: {status.get('message', '')}".rstrip(": "))
    return None


def worst(pods: Iterable[Manifest]) -> Trouble | None:
    """Return the most severe trouble: final ones first, then those of a container with a log."""
    found = [found for found in map(trouble, pods) if found]
    return max(found, key=lambda one: (one.final, bool(one.container)), default=None)


def is_ready(pod: Manifest) -> bool:
    """Return whether the pod's Ready condition is True."""
    conditions = pod.get("status", {}).get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def owned_by(objects: Iterable[Manifest], owner: Manifest) -> list[Manifest]:
    """Return the objects that have an owner reference to the owner."""
    uid = owner["metadata"]["uid"]
    return [item for item in objects if any(one["uid"] == uid for one in item["metadata"].get("ownerReferences", []))]


def _trouble_of(pod: str, container: dict[str, Any]) -> Trouble | None:
    name, state = container["name"], container.get("state", {})
    waiting, terminated = state.get("waiting"), state.get("terminated")
    restarts = container.get("restartCount", 0)
    if waiting and waiting.get("reason") not in {None, *ON_THE_WAY}:
        reason = waiting["reason"]
        ended = container.get("lastState", {}).get("terminated")
        text = [f"container {name}: {reason}"]
        if ended:
            text.append(f"it {_ended(ended)}")
        if restarts:
            text.append(f"restarts: {restarts}")
        if waiting.get("message"):
            text.append(waiting["message"])
        crashing = reason == "CrashLoopBackOff" and restarts >= FINAL_RESTARTS
        final = reason in FINAL_REASONS or crashing
        return Trouble(pod=pod, reason="; ".join(text), container=name if ended else "", final=final)
    if terminated and terminated.get("exitCode"):
        return Trouble(pod=pod, reason=f"container {name} {_ended(terminated)}", container=name)
    if "running" in state and not container.get("ready"):
        missing = "its readiness probe fails" if container.get("started") else "has not started up"
        return Trouble(pod=pod, reason=f"container {name} runs, and {missing}", container=name)
    return None


def _ended(terminated: dict[str, Any]) -> str:
    detail = terminated.get("message", "").strip()
    text = f"ended with exit code {terminated.get('exitCode')} ({terminated.get('reason', 'Error')})"
    return f"{text}: {detail}" if detail else text
