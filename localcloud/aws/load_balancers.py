"""Pages below `/drydock/` with which the local load balancer reads the account and reports to it.

moto has no data plane. The local one (`localcloud.load_balancing`) runs in another process. It reads its complete
configuration with one request, and reports the health of targets, which `DescribeTargetHealth` returns.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.judge.refusal import error_code
from localcloud.aws.target_health import health

CLUSTER_TAG = "eks:eks-cluster-name"
"""Tag that a target group must have so that EKS Auto Mode may change it. Its value is the name of the cluster.

It is a condition of the managed policy AmazonEKSLoadBalancingPolicy:
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEKSLoadBalancingPolicy.html
"""

PAGES = ("load-balancers", "targets", "target-health")


class Pages:
    """The pages for the data plane.

    Args:
        account: the account, with the key of its services.
        paused: context manager. The account does not change while it is active.
    """

    def __init__(self, account: Account, paused: Callable[[], AbstractContextManager[None]]) -> None:
        self._account = account
        self._paused = paused

    def answer(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the response of a page.

        Args:
            name: `load-balancers`, `targets` or `target-health`.
            body: for `targets` the argument of `change_targets`, for `target-health` the health of targets.
        """
        match name:
            case "targets":
                return {"error": change_targets(self._account, body, self._paused)}
            case "target-health":
                health.update(body)
        with self._paused():
            return snapshot(self._account.id, self._account.region)


def snapshot(account_id: str, region: str) -> dict[str, Any]:
    """Return the Application Load Balancers and target groups of a region. The account must be paused."""
    from moto.elbv2.models import elbv2_backends  # noqa: PLC0415

    backend = elbv2_backends[account_id][region]
    return {
        "loadBalancers": [
            _load_balancer(each, account_id, region)
            for each in backend.load_balancers.values()
            if each.type == "application"
        ],
        "targetGroups": [_target_group(each) for each in backend.target_groups.values()],
    }


def change_targets(
    account: Account, asked: dict[str, Any], paused: Callable[[], AbstractContextManager[None]] = nullcontext
) -> str:
    """Register and deregister targets, with the permissions of a cluster's load balancer controller.

    Args:
        account: the account, with the key of its services.
        asked: `arn` of the target group, and lists of targets (`Id`, `Port`) to `register` and `deregister`.
        paused: context manager. The account does not change while it is active.

    Returns:
        The reason of a refusal, or "" on success. The role of a cluster may only change target groups with its tag.
        All clusters of the account share the local API server, so the tag can name any of them.
    """
    arn = str(asked["arn"])
    with paused():
        value = tags_of(account.id, account.region, arn).get(CLUSTER_TAG)
        clusters = clusters_of(account.id, account.region)
    if value not in clusters:
        has = f"has the value {value!r}" if value else "is missing"
        return (
            f"target group {arn}: the tag {CLUSTER_TAG} {has}, so the role of the cluster may not register targets; "
            f"set it to the cluster's name ({', '.join(clusters) or 'there is no cluster'})"
        )
    try:
        for key, operation in (("register", "RegisterTargets"), ("deregister", "DeregisterTargets")):
            if targets := asked.get(key):
                account.call("elbv2", operation, TargetGroupArn=arn, Targets=targets)
    except Exception as error:
        if not error_code(error):
            raise
        return str(error)
    return ""


def clusters_of(account_id: str, region: str) -> list[str]:
    """Return the names of the EKS clusters."""
    from moto.eks.models import eks_backends  # noqa: PLC0415

    return sorted(eks_backends[account_id][region].clusters)


def tags_of(account_id: str, region: str, arn: str) -> dict[str, str]:
    """Return the tags of a load balancing resource, or {} if it does not exist."""
    from moto.elbv2.models import elbv2_backends  # noqa: PLC0415

    tags: dict[str, str] = elbv2_backends[account_id][region].tagging_service.get_tag_dict_for_resource(arn)
    return tags


def _load_balancer(balancer: Any, account_id: str, region: str) -> dict[str, Any]:
    return {
        "arn": balancer.arn,
        "name": balancer.name,
        "dnsName": balancer.dns_name,
        "subnets": [subnet.cidr_block for subnet in balancer.subnets],
        "attributes": {key: str(value) for key, value in balancer.attrs.items()},
        "listeners": [_listener(each, account_id, region) for each in balancer.listeners.values()],
        "fronts": list(_fronts(balancer.dns_name, account_id)),
    }


def _fronts(dns_name: str, account_id: str) -> Iterator[dict[str, Any]]:
    """Yield the names and added headers of each CloudFront distribution whose origin is the load balancer."""
    from moto.cloudfront.models import cloudfront_backends  # noqa: PLC0415

    for distribution in cloudfront_backends[account_id]["aws"].distributions.values():
        config = distribution.distribution_config
        for origin in config.Origins["Items"]:
            if config.Enabled and origin.domain_name == dns_name:
                fields = origin.custom_headers.get("Items") or ()
                yield {
                    "names": list(config.Aliases.get("Items") or ()),
                    "headers": [[each["HeaderName"], each["HeaderValue"]] for each in fields],
                }


def _listener(listener: Any, account_id: str, region: str) -> dict[str, Any]:
    rules = sorted(
        (rule for rule in listener.rules.values() if not rule.is_default), key=lambda rule: int(rule.priority)
    )
    return {
        "arn": listener.arn,
        "port": int(listener.port),
        "protocol": listener.protocol,
        "policy": listener.ssl_policy or "",
        "names": list(dict.fromkeys(_names(listener.certificates, account_id, region))),
        "rules": [
            *({"conditions": rule.conditions, "actions": [action.data for action in rule.actions]} for rule in rules),
            {"conditions": [], "actions": [action.data for action in listener.default_actions]},
        ],
    }


def _names(arns: list[str], account_id: str, region: str) -> Iterator[str]:
    """Yield the domain names of certificates."""
    from moto.acm.models import acm_backends  # noqa: PLC0415

    known = acm_backends[account_id][region]._certificates
    for arn in arns:
        if found := known.get(arn):
            yield from filter(None, [str(found.common_name), *found.sans])


def _target_group(group: Any) -> dict[str, Any]:
    attributes = {key: str(value) for key, value in group.attributes.items()}
    return {
        "arn": group.arn,
        "targetType": group.target_type,
        "protocol": group.protocol or "",
        "healthCheck": {
            "path": group.health_check_path or "/",
            "port": str(group.health_check_port or "traffic-port"),
            "interval": float(group.health_check_interval_seconds),
            "timeout": float(group.health_check_timeout_seconds),
            "healthy": int(group.healthy_threshold_count),
            "unhealthy": int(group.unhealthy_threshold_count),
            "codes": str((getattr(group, "matcher", None) or {}).get("HttpCode") or "200"),
        },
        "attributes": attributes,
        "targets": [[str(each["Id"]), int(each["Port"])] for each in group.targets.values()],
    }
