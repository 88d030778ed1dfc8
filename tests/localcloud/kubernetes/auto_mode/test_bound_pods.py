"""Which pods of a TargetGroupBinding are registered, and the condition of their readiness gate."""

from typing import Any

import pytest

from localcloud.kubernetes.auto_mode import bound_pods
from localcloud.kubernetes.auto_mode.bound_pods import Endpoint
from localcloud.load_balancing.health import State

GATE = "target-health.eks.amazonaws.com/api"


def binding(name: str = "api", service: str = "api", kind: str = "ip") -> dict[str, Any]:
    spec = {"serviceRef": {"name": service, "port": 80}, "targetGroupARN": "arn", "targetType": kind}
    return {"metadata": {"name": name, "namespace": "a"}, "spec": spec}


def service(**selector: str) -> dict[str, Any]:
    return {"spec": {"selector": selector, "ports": [{"name": "http", "port": 80}, {"name": "admin", "port": 81}]}}


def pod(*, gates: tuple[str, ...] = (), **conditions: str) -> dict[str, Any]:
    return {
        "metadata": {"labels": {"app": "api", "tier": "web"}},
        "spec": {"readinessGates": [{"conditionType": gate} for gate in gates]} if gates else {},
        "status": {"conditions": [{"type": kind, "status": value} for kind, value in conditions.items()]},
    }


@pytest.mark.parametrize(
    ("ready", "terminating", "found", "expected"),
    [
        (True, False, pod(), True),
        (True, False, None, True),
        (False, False, pod(gates=(GATE,), ContainersReady="True"), True),
        (False, False, pod(gates=(GATE,), ContainersReady="False"), False),
        (False, False, pod(ContainersReady="True"), False),
        (False, False, pod(gates=("other/gate",), ContainersReady="True"), False),
        (False, False, None, False),
        (True, True, pod(gates=(GATE,), ContainersReady="True"), False),
    ],
)
def test_registers_pods_that_are_ready_but_for_the_gate(
    ready: bool, terminating: bool, found: dict[str, Any] | None, expected: bool
) -> None:
    """Otherwise no target would become healthy. A terminating pod is deregistered."""
    endpoint = Endpoint(target=("10.1.0.1", 8080), pod="api-1", ready=ready, terminating=terminating)

    assert bound_pods.belongs(endpoint, found, GATE) is expected


def test_finds_the_endpoints_of_the_port() -> None:
    """The port is found by name in all slices; an endpoint without conditions is ready."""
    slices = [
        {
            "ports": [{"name": "http", "port": 8080}, {"name": "admin", "port": 9000}],
            "endpoints": [
                {"addresses": ["10.1.0.1"], "targetRef": {"name": "api-1"}, "conditions": {"ready": False}},
                {"addresses": ["10.1.0.2"], "conditions": {"ready": None, "terminating": True}},
            ],
        },
        {"ports": [{"name": "http", "port": 8081}], "endpoints": [{"addresses": ["10.1.0.3"]}]},
        {"ports": None, "endpoints": None},
    ]
    found = bound_pods.endpoints(slices, "http")

    assert [each.target for each in found] == [("10.1.0.1", 8080), ("10.1.0.2", 8080), ("10.1.0.3", 8081)]
    assert [each.pod for each in found] == ["api-1", "", ""]
    assert [bool(each.ready) for each in found] == [False, False, True]
    assert [each.terminating for each in found] == [False, True, False]


@pytest.mark.parametrize(("port", "expected"), [(80, "http"), ("admin", "admin"), (82, None), ("x", None)])
def test_a_port_is_a_number_or_a_name(port: int | str, expected: str | None) -> None:
    """A TargetGroupBinding refers to a port of its Service by number or name."""
    assert bound_pods.port_name(service(app="api"), port) == expected


@pytest.mark.parametrize(
    ("bindings", "services", "expected"),
    [
        ([binding()], {"api": service(app="api")}, [GATE]),
        ([binding()], {"api": service(app="other")}, []),
        ([binding()], {"api": service()}, []),
        ([binding()], {}, []),
        ([binding(kind="instance")], {"api": service(app="api")}, []),
        (
            [binding("b"), binding("a"), binding("c", "web")],
            {"api": service(app="api"), "web": service(app="api", tier="db")},
            ["target-health.eks.amazonaws.com/a", "target-health.eks.amazonaws.com/b"],
        ),
    ],
)
def test_a_new_pod_gets_a_gate_of_each_binding_that_selects_it(
    bindings: list[Any], services: dict[str, Any], expected: list[str]
) -> None:
    """A gate that the pod has already is not added again."""
    assert bound_pods.gates_for(pod(), bindings, services) == expected
    assert bound_pods.gates_for(pod(gates=tuple(expected)), bindings, services) == []


def test_the_condition_follows_the_target_until_it_was_healthy() -> None:
    """The transition time changes with the status only, and an unchanged condition is not written."""
    initial = State(state="initial", reason="Elb.InitialHealthChecking", description="Initial health checks")
    failing = State(state="unhealthy", reason="Target.Timeout", description="Request timed out")
    found = pod(gates=(GATE,))

    first = bound_pods.condition(found, GATE, initial, "t1")
    assert first == {
        "type": GATE,
        "status": "False",
        "reason": "Elb.InitialHealthChecking",
        "message": "Initial health checks",
        "lastTransitionTime": "t1",
    }
    found["status"]["conditions"] = [first]
    assert bound_pods.condition(found, GATE, initial, "t2") is None
    second = bound_pods.condition(found, GATE, failing, "t3")
    assert second is not None
    assert (second["reason"], second["lastTransitionTime"]) == ("Target.Timeout", "t1")
    third = bound_pods.condition(found, GATE, State(state="healthy"), "t4")
    assert third is not None
    assert (third["status"], third["lastTransitionTime"]) == ("True", "t4")
    found["status"]["conditions"] = [third]
    assert bound_pods.condition(found, GATE, failing, "t5") is None
