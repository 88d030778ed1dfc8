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
