"""The autoscaler, and the disruption budget for evictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.manifests.labels import selector

if TYPE_CHECKING:
    from pulumi_kubernetes.autoscaling import v2 as autoscaling
    from pulumi_kubernetes.policy import v1 as policy


def autoscaler_spec(
    app: str, minimum: int, maximum: int, cpu_percent: int
) -> autoscaling.HorizontalPodAutoscalerSpecArgsDict:
    """Keep average CPU near a percentage of the request: scale up immediately, down after five minutes below it."""
    return {
        "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": app},
        "min_replicas": minimum,
        "max_replicas": maximum,
        "metrics": [
            {
                "type": "Resource",
                "resource": {
                    "name": "cpu",
                    "target": {"type": "Utilization", "average_utilization": cpu_percent},
                },
            }
        ],
        "behavior": {
            "scale_up": {"stabilization_window_seconds": 0},
            "scale_down": {
                "stabilization_window_seconds": 300,
                "policies": [{"type": "Percent", "value": 50, "period_seconds": 60}],
            },
        },
    }


def disruption_budget_spec(
    app: str, min_available: int, role: str = "server"
) -> policy.PodDisruptionBudgetSpecArgsDict:
    """Require evictions to leave `min_available` pods of a role ready. Unready pods may always be evicted."""
    return {
        "min_available": min_available,
        "selector": {"match_labels": selector(app, role)},
        "unhealthy_pod_eviction_policy": "AlwaysAllow",
    }
