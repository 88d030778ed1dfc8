"""The target group of a service's pods."""

import pulumi
from pulumi_aws import lb

HEALTH_INTERVAL_SECONDS = 5
HEALTH_TIMEOUT_SECONDS = 3  # ELB requires it to be less than the interval
HEALTHY_THRESHOLD = UNHEALTHY_THRESHOLD = 2
CLUSTER_TAG = "eks:eks-cluster-name"  # EKS Auto Mode registers targets only in groups with this tag


def make_target_group(
    name: str,
    *,
    vpc_id: pulumi.Input[str],
    cluster_name: str,
    port: int,
    health_path: str,
    deregistration_seconds: int,
    child: pulumi.ResourceOptions,
) -> lb.TargetGroup:
    """Create a target group of addresses with a health check at `health_path` that expects status 200.

    Args:
        name: logical name.
        vpc_id: VPC of the pods.
        cluster_name: cluster whose controller registers them.
        port: port of the pods.
        health_path: HTTP path.
        deregistration_seconds: seconds that requests in flight may take when their pod stops.
        child: options.
    """
    return lb.TargetGroup(
        name,
        vpc_id=vpc_id,
        target_type="ip",
        protocol="HTTP",
        port=port,
        deregistration_delay=deregistration_seconds,
        health_check={
            "protocol": "HTTP",
            "port": "traffic-port",
            "path": health_path,
            "matcher": "200",
            "interval": HEALTH_INTERVAL_SECONDS,
            "timeout": HEALTH_TIMEOUT_SECONDS,
            "healthy_threshold": HEALTHY_THRESHOLD,
            "unhealthy_threshold": UNHEALTHY_THRESHOLD,
        },
        tags={"Name": name, CLUSTER_TAG: cluster_name},
        opts=child,
    )
