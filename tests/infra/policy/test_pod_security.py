"""The two rules about pods agree with the Pod Security admission of a real API server."""

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from infra.policy.rules import pod_no_host_access, pod_security_restricted
from tests.infra.policy.judge import Given, violations
from tests.localcloud.kubernetes.validation.comparison import Server
from tests.localcloud.kubernetes.validation.comparison import server as running_server

SEED = 7
PODS = 250
NAMESPACE = "restricted-pods"
SAFE: dict[str, Any] = {
    "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
    "volumes": [{"name": "tmp", "emptyDir": {}}],
    "containers": [
        {
            "name": "a",
            "image": "example.com/a",
            "ports": [{"containerPort": 80}],
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
    ],
}
OWN = "containers.0.securityContext."
HANDLERS = [
    ("containers.0.livenessProbe", {}),
    ("containers.0.readinessProbe", {}),
    ("containers.0.startupProbe", {}),
    ("containers.0.lifecycle", {"under": "preStop"}),
    ("containers.0.lifecycle", {"under": "postStart"}),
]
CHANGES: list[tuple[str, list[Any]]] = [
    ("hostPID", [True, False]),
    ("hostIPC", [True]),
    ("hostNetwork", [True]),
    ("hostUsers", [False, False, True]),
    ("securityContext.runAsNonRoot", [False, None]),
    ("securityContext.runAsUser", [0, 1000, None]),
    ("securityContext.seccompProfile", [{"type": "Unconfined"}, {"type": "Localhost", "localhostProfile": "a"}, None]),
    ("securityContext.appArmorProfile", [{"type": "Unconfined"}, {"type": "RuntimeDefault"}]),
    ("securityContext.seLinuxOptions", [{"type": "spc_t"}, {"type": "container_t"}, {"user": "u"}, {"role": "r"}, {}]),
    *[
        ("securityContext.sysctls", [[{"name": name, "value": "1"}]])
        for name in ("net.ipv4.tcp_rmem", "net.ipv4.tcp_mem", "kernel.msgmax", "kernel.shm_rmid_forced")
    ],
    ("securityContext.windowsOptions", [{"runAsUserName": "x"}]),
    (OWN + "runAsNonRoot", [False, True]),
    (OWN + "runAsUser", [0, 7]),
    (OWN + "allowPrivilegeEscalation", [True, None]),
    (OWN + "seccompProfile", [{"type": "Unconfined"}, {"type": "RuntimeDefault"}]),
    (OWN + "appArmorProfile", [{"type": "Unconfined"}, {"type": "RuntimeDefault"}]),
    (OWN + "seLinuxOptions", [{"type": "spc_t"}, {"type": "container_engine_t"}, {"level": "s0"}]),
    (OWN + "capabilities", [None, {"drop": ["all"]}, {"drop": ["NET_RAW"]}, {"drop": ["ALL"], "add": ["CHOWN"]}]),
    (OWN + "capabilities.add", [["NET_BIND_SERVICE"], ["NET_ADMIN"]]),
    (OWN + "procMount", ["Unmasked", "Default"]),
    ("containers.0.ports.0.hostPort", [0, 80]),
    ("volumes.0", [{"name": "tmp", "hostPath": {"path": "/"}}, {"name": "tmp"}]),
    ("volumes.0", [{"name": "tmp", "nfs": {"server": "a", "path": "/"}}]),
    ("volumes.0", [{"name": "tmp", "secret": {"secretName": "a"}}]),
    ("initContainers", [[{"name": "i", "image": "example.com/i"}]]),
    *[
        (path, [_handler | {"httpGet": {"port": 80, "host": host}} for host in ("", "10.0.0.1")])
        for path, _handler in HANDLERS
    ],
    ("containers.0.livenessProbe", [{"tcpSocket": {"port": 80, "host": "db"}}, {"tcpSocket": {"port": 80}}]),
    *[
        ("annotations", [{"container.apparmor.security.beta.kubernetes.io/a": profile}])
        for profile in ("unconfined", "runtime/default", "localhost/a")
    ],
]  # fmt: skip


def _changed(spec: dict[str, Any], path: str, value: Any) -> None:
    place: Any = spec
    *steps, last = path.split(".")
    for step in steps:
        place = place[int(step)] if step.isdigit() else place.get(step)
        if place is None:
            return
    if isinstance(value, dict) and "under" in value:
        value = {value["under"]: {key: each for key, each in value.items() if key != "under"}}
    if isinstance(place, list):
        place[int(last)] = deepcopy(value)
    elif value is None:
        place.pop(last, None)
    else:
        place[last] = deepcopy(value)


def _pods() -> Iterator[dict[str, Any]]:
    """Yield every change by itself, and random combinations of several."""
    single = [[(path, value)] for path, values in CHANGES for value in values]
    random = Random(SEED)
    several = [random.choices([each for [each] in single], k=random.randint(2, 5)) for _ in range(PODS)]
    for number, changes in enumerate([*single, *several]):
        spec = deepcopy(SAFE)
        for path, value in changes:
            _changed(spec, path, value)
        annotations = spec.pop("annotations", {})
        metadata = {"name": f"pod-{number}", "namespace": NAMESPACE, "annotations": annotations}
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _found(pod: dict[str, Any]) -> list[str]:
    seen = json.loads(json.dumps(pod), parse_int=float)
    given = Given(type="kubernetes:core/v1:Pod", properties={"metadata": seen["metadata"], "spec": seen["spec"]})
    return violations(pod_no_host_access.RULE, given) + violations(pod_security_restricted.RULE, given)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run an API server with a namespace that enforces the standard."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}
    with running_server() as running:
        running.create(namespace)
        yield running


def test_agree_with_the_api_server(server: Server) -> None:
    """Each refuses the same pods, unless the API server refuses a pod for another reason."""
    pods = list(_pods())
    answers = server.refusals(pods)
    judged = [(pod, answer) for pod, answer in zip(pods, answers, strict=True) if not answer or "PodSecurity" in answer]

    assert [(pod["spec"], answer) for pod, answer in judged if bool(_found(pod)) != bool(answer)] == []
    assert len(judged) > len(pods) / 2
    assert any(answer for _, answer in judged)
    assert not all(answer for _, answer in judged)
