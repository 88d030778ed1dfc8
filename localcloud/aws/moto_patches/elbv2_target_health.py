"""DescribeTargetHealth returns the health that the local load balancer reports. In moto every target is healthy.

States and reasons: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html. A target
without a report has the state `initial`. Target groups of network load balancers keep moto's response.

Upstream in 2026-11: no defect.
"""

from typing import Any

from moto.elbv2 import models

from localcloud.aws.moto_patches.patch import Changes, Patch
from localcloud.aws.target_health import health


def apply(changes: Changes) -> None:
    """Patch moto."""

    def describe(self: Any, target_group_arn: str, targets: list[dict[str, Any]]) -> list[Any]:
        found = original(self, target_group_arn, targets)
        if self.target_groups[target_group_arn].protocol not in {"HTTP", "HTTPS"}:
            return list(found)
        reported = health.get(target_group_arn, [])
        known = {(each["id"], int(each["port"])): each for each in reported}
        if not targets:  # draining targets are also listed
            listed = {(each.instance_id, int(each.port)) for each in found}
            port = self.target_groups[target_group_arn].health_check_port
            gone = [each for where, each in known.items() if where not in listed and each["state"] == "draining"]
            found = [*found, *(models.FakeHealthStatus(each["id"], each["port"], port, "draining") for each in gone)]
        return [_as_reported(each, known) for each in found]

    original = changes.put(models.ELBv2Backend, "describe_target_health", describe)


def _as_reported(health: Any, known: dict[tuple[str, int], dict[str, Any]]) -> Any:
    reported = known.get((health.instance_id, int(health.port)))
    if reported is not None:
        health.status = reported["state"]
        health.reason, health.description = reported.get("reason"), reported.get("description")
    elif health.status == "healthy":
        health.status, health.reason = "initial", "Elb.RegistrationInProgress"
        health.description = "Target registration is in progress"
    return health


PATCH = Patch(name="elbv2_target_health", apply=apply)
