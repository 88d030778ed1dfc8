"""kubernetes-pod-no-host-access."""

from typing import Any

import pytest
from pulumi_policy.proxy import UNKNOWN_NUMBER_VALUE

from infra.policy.rules.pod_no_host_access import RULE
from tests.infra.policy.compliant import CONTAINER, DEPLOYMENT, POD
from tests.infra.policy.judge import Given, violations


def test_accepts_a_confined_pod() -> None:
    """The compliant Deployment is accepted."""
    assert violations(RULE, DEPLOYMENT) == []


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        (POD + "hostPID", True, "hostPID is true"),
        (POD + "hostIPC", True, "hostIPC is true"),
        (POD + "hostNetwork", True, "hostNetwork is true"),
        (
            POD + "volumes.0",
            {"name": "docker", "hostPath": {"path": "/var/run/docker.sock"}},
            "volume docker is hostPath /var/run/docker.sock",
        ),
        (CONTAINER + "securityContext.privileged", True, "container server is privileged"),
        (CONTAINER + "ports.0.hostPort", 80.0, "container server takes the node's port 80"),
    ],
)
def test_rejects_each_access_to_the_host(path: str, value: Any, found: str) -> None:
    """Examples are namespaces, files, privileges and ports of the host."""
    [message] = violations(RULE, DEPLOYMENT.but(path, value))

    assert found in message


def test_rejects_a_privileged_init_container() -> None:
    """Init containers are checked too."""
    container = {"name": "setup", "securityContext": {"privileged": True}}

    assert len(violations(RULE, DEPLOYMENT.but(POD + "initContainers", [container]))) == 1


@pytest.mark.parametrize(
    ("kind", "wrap"),
    [
        ("kubernetes:core/v1:Pod", lambda spec: {"spec": spec}),
        ("kubernetes:batch/v1:Job", lambda spec: {"spec": {"template": {"spec": spec}}}),
        ("kubernetes:apps/v1:DaemonSet", lambda spec: {"spec": {"template": {"spec": spec}}}),
        (
            "kubernetes:batch/v1:CronJob",
            lambda spec: {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}},
        ),
    ],
)
def test_finds_the_pod_in_every_kind_of_workload(kind: str, wrap: Any) -> None:
    """Each kind has the pod's specification at another path."""
    assert len(violations(RULE, Given(type=kind, properties=wrap({"hostPID": True})))) == 1


def test_accepts_an_unknown_port_of_the_host() -> None:
    """It is judged again by `up`."""
    assert violations(RULE, DEPLOYMENT.but(CONTAINER + "ports.0.hostPort", UNKNOWN_NUMBER_VALUE)) == []
