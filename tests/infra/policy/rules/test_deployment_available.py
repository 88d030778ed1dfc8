"""kubernetes-deployment-available."""

import pytest

from infra.policy.rules.deployment_available import RULE
from tests.infra.policy.judge import ABSENT, Given, violations

SERVER = Given(
    type="kubernetes:apps/v1:Deployment",
    properties={
        "metadata": {"name": "api", "namespace": "api"},
        "spec": {
            "replicas": 2.0,
            "template": {
                "spec": {
                    "containers": [{"name": "a", "ports": [{"containerPort": 80.0}]}],
                    "topologySpreadConstraints": [{"maxSkew": 1.0}],
                }
            },
        },
    },
)
SCALER = Given(
    type="kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    name="scaler",
    properties={
        "metadata": {"name": "api", "namespace": "api"},
        "spec": {"scaleTargetRef": {"name": "api"}, "minReplicas": 1.0},
    },
)


@pytest.mark.parametrize(
    ("resources", "found"),
    [
        ([SERVER.but("spec.replicas", 1.0)], "replicas is 1"),
        ([SERVER.but("spec.replicas", ABSENT)], "replicas is not set, so 1"),
        ([SERVER.but("spec.replicas", ABSENT), SCALER], "minReplicas of its autoscaler is 1"),
        (
            [SERVER.but("spec.replicas", ABSENT), SCALER.but("spec.minReplicas", ABSENT)],
            "minReplicas of its autoscaler is not set, so 1",
        ),
    ],
)
def test_names_the_number_of_pods_and_where_it_is_set(resources: list[Given], found: str) -> None:
    """In the deployment, or in its autoscaler."""
    [message] = violations(RULE, *resources)

    assert found in message
