"""A pod's status, derived from its containers."""

from typing import Any

import pytest

from localcloud.node.status import ContainerStatus, phase_of, pod_status, waiting

RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}


def ended(code: int) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed"}}


def container(state: dict[str, Any], **fields: Any) -> ContainerStatus:
    return ContainerStatus(name="app", image="i", state=state, **fields)


@pytest.mark.parametrize(
    ("policy", "init", "main", "phase"),
    [
        ("Always", [], [waiting("ContainerCreating")], "Pending"),
        ("Always", [], [RUNNING], "Running"),
        ("Always", [], [ended(1)], "Running"),
        ("Never", [], [ended(0)], "Succeeded"),
        ("Never", [], [ended(0), ended(1)], "Failed"),
        ("Never", [], [ended(0), RUNNING], "Running"),
        ("OnFailure", [], [ended(0)], "Succeeded"),
        ("OnFailure", [], [ended(1)], "Running"),
        ("Always", [RUNNING], [waiting("PodInitializing")], "Pending"),
        ("Never", [ended(1)], [waiting("PodInitializing")], "Failed"),
        ("Always", [ended(0)], [RUNNING], "Running"),
    ],
)
def test_the_phase_depends_on_the_restart_policy(policy: str, init: list[Any], main: list[Any], phase: str) -> None:
    """The rules are those of the kubelet."""
    assert phase_of(policy, [container(state) for state in init], [container(state) for state in main]) == phase


def test_a_pod_in_a_crash_loop_has_the_phase_running() -> None:
    """A container that waits for its restart was created before."""
    crashed = container(waiting("CrashLoopBackOff"), last_state=ended(1))

    assert phase_of("Always", [], [crashed]) == "Running"


def status_of(main: ContainerStatus, conditions: list[Any]) -> Any:
    pod = {"metadata": {"generation": 2}, "spec": {}, "status": {"conditions": conditions}}
    return pod_status(pod, [], [main], address="10.244.0.1", host_address="127.0.0.1", started_at="t")


def test_names_containers_that_are_not_ready() -> None:
    """The condition's message has the container."""
    status = status_of(container(RUNNING), [])
    ready = next(item for item in status["conditions"] if item["type"] == "Ready")

    assert (ready["status"], ready["reason"]) == ("False", "ContainersNotReady")
    assert ready["message"] == "containers with unready status: [app]"
    assert status["observedGeneration"] == 2


def test_keeps_the_time_of_an_unchanged_condition() -> None:
    """lastTransitionTime changes with the status only; disruption budgets and minReadySeconds count from it."""
    old = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}

    kept = status_of(container(RUNNING, ready=True), [old])["conditions"][2]
    moved = status_of(container(RUNNING), [old])["conditions"][2]

    assert kept["lastTransitionTime"] == "2026-01-01T00:00:00Z"
    assert moved["lastTransitionTime"] != "2026-01-01T00:00:00Z"


def test_a_container_that_ran_before_a_restart_has_ended() -> None:
    """Processes end with the node; the number of restarts and the last state are kept."""
    status = ContainerStatus.recovered("app", "i", {"state": RUNNING, "restartCount": 3})
    status.restarting("ContainerCreating")

    assert status.last_state["terminated"]["exitCode"] == 137
    assert status.restart_count == 3
