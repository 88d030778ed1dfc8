"""Every field of a pod's specification is supported, documented as ignored, or refused."""

import re
from pathlib import Path
from typing import Any

import pytest

from infra.engine.places import ROOT
from localcloud.node import support
from tests.support.node import NodeStage, eventually

CONTAINER = {"name": "app", "image": "registry.test/app@sha256:00"}
# Fields that the API server adds to a pod.
DEFAULTS = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "enableServiceLinks": True,
    "schedulerName": "default-scheduler",
    "securityContext": {},
    "terminationGracePeriodSeconds": 30,
    "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}],
}
REFUSED_OF_A_POD = [
    ("automountServiceAccountToken", True),
    ("dnsConfig", {"nameservers": ["10.0.0.2"]}),
    ("ephemeralContainers", [{"name": "debug"}]),
    ("hostAliases", [{"ip": "10.0.0.1", "hostnames": ["db"]}]),
    ("hostNetwork", True),
    ("hostnameOverride", "db.internal"),
    ("os", {"name": "windows"}),
    ("resourceClaims", [{"name": "gpu"}]),
    ("runtimeClassName", "gvisor"),
    ("setHostnameAsFQDN", True),
    ("aFieldOfKubernetes2", 1),
]
REFUSED_OF_A_CONTAINER: list[tuple[dict[str, Any], str]] = [
    ({"restartPolicy": "Always"}, "restartPolicy"),
    ({"restartPolicyRules": [{"action": "Restart"}]}, "restartPolicyRules"),
    ({"stdin": True}, "stdin"),
    ({"stdinOnce": True}, "stdinOnce"),
    ({"tty": True}, "tty"),
    ({"volumeDevices": [{"name": "disk", "devicePath": "/dev/xvdb"}]}, "volumeDevices"),
    ({"ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}]}, "ports[1].hostPort"),
    ({"ports": [{"containerPort": 80, "hostIP": "10.0.0.1"}]}, "ports[0].hostIP"),
    ({"lifecycle": {"postStart": {"sleep": {"seconds": 1}}}}, "lifecycle.postStart"),
    ({"lifecycle": {"preStop": {"tcpSocket": {"port": 1}}}}, "lifecycle.preStop.tcpSocket"),
    ({"livenessProbe": {"grpc": {"port": 1}}}, "livenessProbe.grpc"),
    ({"readinessProbe": {"grpc": {"port": 1}}}, "readinessProbe.grpc"),
    ({"startupProbe": {"grpc": {"port": 1}}}, "startupProbe.grpc"),
    ({"volumeMounts": [{"name": "a", "mountPath": "/a", "subPathExpr": "$(X)"}]}, "volumeMounts[0].subPathExpr"),
    (
        {"volumeMounts": [{"name": "a", "mountPath": "/a", "mountPropagation": "HostToContainer"}]},
        "volumeMounts[0].mountPropagation",
    ),
    (
        {"volumeMounts": [{"name": "a", "mountPath": "/a", "recursiveReadOnly": "Enabled"}]},
        "volumeMounts[0].recursiveReadOnly",
    ),
    ({"aFieldOfKubernetes2": 1}, "aFieldOfKubernetes2"),
]


def test_every_field_of_the_api_server_is_in_one_table(stage: NodeStage) -> None:
    """The list is the schema of the real API server; a field of a new version fails here."""
    schemas = stage.call("GET", "/openapi/v3/api/v1")["components"]["schemas"]
    for kind in ("PodSpec", "Container", "ContainerPort", "Lifecycle", "LifecycleHandler", "Probe", "VolumeMount"):
        known = set(schemas[f"io.k8s.api.core.v1.{kind}"]["properties"])
        tables = [set(support.DONE[kind]), set(support.LISTED[kind]), set(support.REFUSED[kind])]
        assert set.union(*tables) == known, kind
        assert sum(map(len, tables)) == len(known), f"{kind}: a field is in two tables"


def test_accepts_an_ordinary_pod() -> None:
    """It has the fields that the API server adds, and values without an effect."""
    container = {
        **CONTAINER,
        "imagePullPolicy": "IfNotPresent",
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "resources": {},
        "stdin": False,
        "ports": [{"containerPort": 80, "protocol": "TCP"}],
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}, "stopSignal": "SIGUSR1"},
        "volumeMounts": [{"name": "a", "mountPath": "/a", "readOnly": True, "mountPropagation": "None"}],
    }
    spec = {**DEFAULTS, "hostNetwork": False, "os": {"name": "linux"}, "containers": [container]}
    assert support.refusals(spec) == []


@pytest.mark.parametrize(("name", "value"), REFUSED_OF_A_POD)
def test_refuses_an_unsupported_field_of_a_pod(name: str, value: Any) -> None:
    """The message has the path of the field."""
    (said,) = support.refusals({**DEFAULTS, "containers": [CONTAINER], name: value})
    assert said.startswith(f"spec.{name} is not ")


@pytest.mark.parametrize("place", ["containers", "initContainers"])
@pytest.mark.parametrize(("fields", "path"), REFUSED_OF_A_CONTAINER)
def test_refuses_an_unsupported_field_of_a_container(place: str, fields: dict[str, Any], path: str) -> None:
    """All containers are checked, including init containers."""
    spec = {"containers": [CONTAINER], **{place: [CONTAINER, {**CONTAINER, **fields}]}}
    (said,) = support.refusals(spec)
    assert said.startswith(f"spec.{place}[1].{path} is not ")


def test_the_documentation_lists_every_unsupported_field() -> None:
    """Each is listed by name with a reason."""
    page = Path(ROOT / "docs" / "local-cloud-node.md").read_text()
    rows = [line for line in page.splitlines() if re.match(r"\| `.*\| \w", line)]
    for kind in support.DONE:
        for name in [*support.LISTED[kind], *support.REFUSED[kind]]:
            assert any(re.search(rf"`{name}\b", row) for row in rows), f"{kind}.{name} is not on the page"


def test_a_refused_pod_has_an_event_with_the_reason(stage: NodeStage) -> None:
    """It stays Pending with a waiting reason at which a deployment fails, and an event names the field."""
    namespace = stage.namespace("refused")
    container = {**CONTAINER, "image": stage.images["one"], "tty": True}
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": {"containers": [container]}})

    def waiting() -> Any:
        statuses = stage.call("GET", f"{namespace}/pods/web")["status"].get("containerStatuses") or [{}]
        return statuses[0].get("state", {}).get("waiting", {})

    eventually(lambda: waiting().get("reason") == "CreateContainerConfigError")
    assert "spec.containers[0].tty is not supported by the local cloud" in waiting()["message"]
    eventually(lambda: stage.call("GET", f"{namespace}/events?fieldSelector=reason%3DUnsupported")["items"])
    stage.call("DELETE", f"{namespace}/pods/web")
    eventually(lambda: stage.call("GET", f"{namespace}/pods/web") is None)
