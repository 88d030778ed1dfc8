"""The TargetGroupBinding: EKS Auto Mode registers the pods of a Service in a target group.

https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html
"""

from __future__ import annotations

import pulumi

API_VERSION = "eks.amazonaws.com/v1"
KIND = "TargetGroupBinding"


def binding_spec(service: str, port: int, target_group_arn: pulumi.Input[str]) -> dict[str, object]:
    """Bind the pods' addresses behind a Service's port to a target group of the type `ip`."""
    return {
        "serviceRef": {"name": service, "port": port},
        "targetGroupARN": target_group_arn,
        "targetType": "ip",
    }
