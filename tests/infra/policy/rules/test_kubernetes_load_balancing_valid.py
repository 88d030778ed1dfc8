"""kubernetes-load-balancing-valid."""

import pytest

from infra.policy.rules.kubernetes_load_balancing_valid import RULE
from localcloud.protocol import values
from tests.infra.policy.judge import Given, violations
from tests.localcloud.kubernetes.test_load_balancer import PREFIX as NLB
from tests.support.stacks import whole_stack

ALB = "alb.ingress.kubernetes.io/"
SERVICE, INGRESS = "kubernetes:core/v1:Service", "kubernetes:networking.k8s.io/v1:Ingress"


def annotated(type_: str, annotations: object) -> Given:
    spec = {"type": "LoadBalancer", "ports": [{"port": 80.0}]} if type_ == SERVICE else {"ingressClassName": "alb"}
    return Given(type=type_, properties={"metadata": {"name": "api", "annotations": annotations}, "spec": spec})


@pytest.mark.parametrize("stack", ["local", "dev", "staging", "prod"])
def test_accepts_every_stack(stack: str) -> None:
    services = [each for each in whole_stack(stack).resources.values() if each.type in (SERVICE, INGRESS)]

    assert services
    assert violations(RULE, *(Given(type=each.type, properties=each.inputs, name=each.name) for each in services)) == []


@pytest.mark.parametrize(
    ("type_", "key", "refused", "accepted"),
    [
        (SERVICE, f"{NLB}scheme", "public", "internet-facing"),
        (SERVICE, f"{NLB}healthcheck-interval", "301", "300"),
        (INGRESS, f"{ALB}scheme", "public", "internet-facing"),
        (INGRESS, f"{ALB}target-type", "pod", "ip"),
    ],
)
def test_rejects_a_value_that_the_controller_refuses(type_: str, key: str, refused: str, accepted: str) -> None:
    """The message names the annotation. The nearest valid value and an unknown one are accepted."""
    [message] = violations(RULE, annotated(type_, {key: refused}))

    assert key in message
    assert repr(refused) in message
    assert violations(RULE, annotated(type_, {key: accepted})) == []
    for unknown in ({key: values.UNKNOWN}, values.UNKNOWN, None):
        assert violations(RULE, annotated(type_, unknown)) == []


def test_rejects_an_annotation_that_auto_mode_does_not_support() -> None:
    [message] = violations(RULE, annotated(INGRESS, {f"{ALB}group.name": "a"}))

    assert "group.name is not supported by EKS Auto Mode; set group.name in the IngressClassParams" in message
