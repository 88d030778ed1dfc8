"""kubernetes-pod-security-restricted."""

from typing import Any

import pytest

from infra.policy.rules.pod_security_restricted import RULE
from tests.infra.policy.compliant import CONTAINER, DEPLOYMENT, POD
from tests.infra.policy.judge import ABSENT, violations


def test_accepts_a_restricted_pod() -> None:
    """The compliant Deployment is accepted."""
    assert violations(RULE, DEPLOYMENT) == []


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        (POD + "securityContext.runAsNonRoot", ABSENT, "runAsNonRoot is not true"),
        (CONTAINER + "securityContext.runAsNonRoot", False, "runAsNonRoot is not true"),
        (POD + "securityContext.runAsUser", 0.0, "runAsUser is 0"),
        (CONTAINER + "securityContext.allowPrivilegeEscalation", ABSENT, "allowPrivilegeEscalation is not false"),
        (CONTAINER + "securityContext.allowPrivilegeEscalation", True, "allowPrivilegeEscalation is not false"),
        (POD + "securityContext.seccompProfile", ABSENT, "seccompProfile.type is not"),
        (POD + "securityContext.seccompProfile.type", "Unconfined", "seccompProfile.type is not"),
        (CONTAINER + "securityContext.capabilities", ABSENT, "capabilities.drop does not hold ALL"),
        (CONTAINER + "securityContext.capabilities.drop", ["NET_RAW"], "capabilities.drop does not hold ALL"),
        (CONTAINER + "securityContext.capabilities.add", ["SYS_ADMIN"], "capabilities.add holds SYS_ADMIN"),
        (POD + "volumes.0", {"name": "share", "nfs": {"server": "files"}}, "volume share is of type nfs"),
    ],
)
def test_rejects_each_shortfall(path: str, value: Any, found: str) -> None:
    """Each control of the Pod Security Standard is violated by itself."""
    [message] = violations(RULE, DEPLOYMENT.but(path, value))

    assert found in message


def test_accepts_the_one_capability_that_the_standard_allows() -> None:
    """NET_BIND_SERVICE allows binding ports below 1024."""
    pod = DEPLOYMENT.but(CONTAINER + "securityContext.capabilities.add", ["NET_BIND_SERVICE"])

    assert violations(RULE, pod) == []


def test_accepts_settings_in_the_container_only() -> None:
    """The security context of the container may have what that of the pod leaves out."""
    own = {
        "runAsNonRoot": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "Localhost", "localhostProfile": "api.json"},
    }
    pod = DEPLOYMENT.but(POD + "securityContext", ABSENT).but(CONTAINER + "securityContext", own)

    assert violations(RULE, pod) == []


def test_rejects_a_shortfall_of_an_init_container() -> None:
    """Init containers are checked too; all findings are reported."""
    assert len(violations(RULE, DEPLOYMENT.but(POD + "initContainers", [{"name": "setup"}]))) == 2


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        (CONTAINER + "securityContext.procMount", "Unmasked", "procMount is Unmasked"),
        (POD + "securityContext.sysctls", [{"name": "kernel.msgmax", "value": "1"}], "sysctl kernel.msgmax"),
        (POD + "securityContext.appArmorProfile", {"type": "Unconfined"}, "pod: appArmorProfile.type is Unconfined"),
        (POD + "securityContext.seLinuxOptions", {"type": "spc_t"}, "pod: seLinuxOptions.type is spc_t"),
        (POD + "securityContext.seLinuxOptions", {"user": "root"}, "pod: seLinuxOptions.user is set"),
        (POD + "securityContext.windowsOptions", {"hostProcess": True}, "pod: windowsOptions.hostProcess is true"),
        (POD + "securityContext.runAsNonRoot", False, "pod: runAsNonRoot is false"),
        (CONTAINER + "livenessProbe", {"tcpSocket": {"host": "db", "port": 1.0}}, "livenessProbe.tcpSocket.host"),
        (CONTAINER + "lifecycle.preStop", {"httpGet": {"host": "db", "port": 1.0}}, "lifecycle.preStop.httpGet.host"),
        (
            "spec.template.metadata.annotations",
            {"container.apparmor.security.beta.kubernetes.io/server": "unconfined"},
            "annotation container.apparmor.security.beta.kubernetes.io/server is unconfined",
        ),
    ],
)
def test_rejects_what_no_level_below_privileged_permits(path: str, value: Any, found: str) -> None:
    """These controls belong to the level `baseline`, which `restricted` includes."""
    [message] = violations(RULE, DEPLOYMENT.but(path, value))

    assert found in message


def test_rejects_root_of_the_pod_even_if_a_container_is_another_user() -> None:
    """The API server refuses the explicit value."""
    pod = DEPLOYMENT.but(POD + "securityContext.runAsUser", 0.0).but(CONTAINER + "securityContext.runAsUser", 7.0)

    assert len(violations(RULE, pod)) == 1


def test_accepts_root_in_a_user_namespace() -> None:
    """Root of the pod is an ordinary user of the node then."""
    pod = DEPLOYMENT.but(POD + "securityContext.runAsUser", 0.0).but(POD + "securityContext.runAsNonRoot", ABSENT)

    assert violations(RULE, pod.but(POD + "hostUsers", False)) == []
    assert len(violations(RULE, pod.but(POD + "hostUsers", True))) == 2


def test_accepts_a_windows_pod() -> None:
    """Capabilities and seccomp profiles do not exist there."""
    pod = DEPLOYMENT.but(POD + "os", {"name": "windows"}).but(POD + "securityContext.seccompProfile", ABSENT)

    assert violations(RULE, pod.but(CONTAINER + "securityContext", ABSENT)) == []


def test_accepts_a_volume_whose_other_types_are_null() -> None:
    """A provider does not send them."""
    assert violations(RULE, DEPLOYMENT.but(POD + "volumes.0", {"name": "tmp", "emptyDir": {}, "nfs": None})) == []
