"""Messages about pods that are not ready."""

from typing import Any

import pytest

from localcloud.kubernetes.pods import Trouble, trouble, worst


def pod(*containers: dict[str, Any], name: str = "p", **status: Any) -> dict[str, Any]:
    states = [{"name": "app", "restartCount": 0, "ready": False, **one} for one in containers]
    return {"metadata": {"name": name}, "status": {"containerStatuses": states, **status}}


ERROR = {"terminated": {"exitCode": 1, "reason": "Error"}}
CRASHING = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": ERROR}


@pytest.mark.parametrize(
    ("found", "reason", "container", "final"),
    [
        (pod({"state": {"waiting": {"reason": "ErrImagePull"}}}), "container app: ErrImagePull", "", False),
        (pod({"state": {"waiting": {"reason": "ImagePullBackOff"}}}), "container app: ImagePullBackOff", "", True),
        (
            pod({"state": {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "a" not found'}}}),
            'container app: CreateContainerConfigError; secret "a" not found',
            "",
            True,
        ),
        (
            pod({**CRASHING, "restartCount": 1}),
            "container app: CrashLoopBackOff; it ended with exit code 1 (Error); restarts: 1",
            "app",
            False,
        ),
        (
            pod({**CRASHING, "restartCount": 3}),
            "container app: CrashLoopBackOff; it ended with exit code 1 (Error); restarts: 3",
            "app",
            True,
        ),
        (
            pod({"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "message": "out of memory\n"}}}),
            "container app ended with exit code 137 (OOMKilled): out of memory",
            "app",
            False,
        ),
        (
            pod({"state": {"running": {}}, "started": True}),
            "container app runs, and its readiness probe fails",
            "app",
            False,
        ),
        (
            pod({"state": {"running": {}}, "started": False}),
            "container app runs, and has not started up",
            "app",
            False,
        ),
        (
            pod(conditions=[{"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}]),
            "not scheduled: 0/1 nodes are available",
            "",
            False,
        ),
        (pod(phase="Failed", reason="Evicted", message="low on disk"), "Evicted: low on disk", "", False),
    ],
)
def test_describes_container_state_and_exit_code(
    found: dict[str, Any], reason: str, container: str, final: bool
) -> None:
    """The result also says whether waiting can help."""
    assert trouble(found) == Trouble(pod="p", reason=reason, container=container, final=final)


@pytest.mark.parametrize(
    "found",
    [
        pod(),
        pod({"state": {"waiting": {"reason": "ContainerCreating"}}}),
        pod({"state": {"running": {}}, "ready": True}),
        pod({"state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}),
    ],
)
def test_does_not_describe_a_pod_in_progress(found: dict[str, Any]) -> None:
    """The pod is being created, ready, or completed."""
    assert trouble(found) is None


def test_describes_an_init_container_first() -> None:
    """The other containers wait for it."""
    found = pod({"state": {"waiting": {"reason": "PodInitializing"}}})
    found["status"]["initContainerStatuses"] = [{"name": "setup", "state": ERROR}]

    assert trouble(found) == Trouble(
        pod="p", reason="container setup ended with exit code 1 (Error)", container="setup"
    )


def test_chooses_the_pod_with_the_most_information() -> None:
    """It is one that has finally failed, or else one with a log."""
    running = pod({"state": {"running": {}}}, name="running")
    final = pod({"state": {"waiting": {"reason": "InvalidImageName"}}}, name="final")
    pending = pod(name="pending", conditions=[{"type": "PodScheduled", "status": "False"}])

    assert [getattr(worst(some), "pod", None) for some in ([pending, running, final], [pending, running], [])] == [
        "final",
        "running",
        None,
    ]
