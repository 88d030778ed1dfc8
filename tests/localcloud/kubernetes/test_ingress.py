"""Ingresses that EKS Auto Mode does not support, and similar ones that it does. Nothing is deployed."""

from typing import Any

import pytest

from localcloud.kubernetes.ingress import problems
from localcloud.kubernetes.provider import KubernetesProvider
from localcloud.protocol.servicer import ProviderError, Target
from localcloud.protocol.values import UNKNOWN

ALB = "alb.ingress.kubernetes.io/"


def ingress(annotations: Any) -> dict[str, Any]:
    return {"kind": "Ingress", "metadata": {"name": "web", "annotations": annotations}, "spec": {}}


@pytest.mark.parametrize(
    ("annotation", "value", "accepted", "says"),
    [
        ("kubernetes.io/ingress.class", "alb", {"kubernetes.io/ingress.class": "nginx"}, "spec.ingressClassName"),
        (f"{ALB}group.name", "retail", {f"{ALB}group.order": "1"}, "IngressClassParams"),
        (
            f"{ALB}waf-acl-id",
            "a",
            {f"{ALB}wafv2-acl-arn": "none"},
            "WAF v2",
        ),
        (f"{ALB}web-acl-id", "a", {"example.com/web-acl-id": "a"}, "WAF v2"),
        (f"{ALB}shield-advanced-protection", "true", {}, "leave it out"),
        (f"{ALB}auth-type", "oidc", {f"{ALB}auth-type": "cognito"}, "authenticate in the service"),
    ],
)
def test_refuses_an_unsupported_annotation(annotation: str, value: str, accepted: dict[str, str], says: str) -> None:
    """The message names it and the alternative."""
    (found,) = problems(ingress({annotation: value}))

    assert found.startswith(f"annotation {annotation} is not supported by EKS Auto Mode; ")
    assert says in found
    assert list(problems(ingress(accepted))) == []


@pytest.mark.parametrize("metadata", [UNKNOWN, None, {}, {"annotations": UNKNOWN}, {"annotations": None}])
def test_accepts_unknown_values(metadata: Any) -> None:
    assert list(problems({"kind": "Ingress", "metadata": metadata})) == []


def test_check_refuses_an_unsupported_annotation() -> None:
    """Thus previews report it too."""
    type_ = "kubernetes:networking.k8s.io/v1:Ingress"
    target = Target(urn=f"urn:pulumi:test::drydock::{type_}::web", type=type_, name="web")

    with pytest.raises(ProviderError, match=r"Ingress web: .*group\.name is not supported by EKS Auto Mode"):
        KubernetesProvider(None).check(target, {}, ingress({f"{ALB}group.name": "retail"}))
