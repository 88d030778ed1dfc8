"""What the local load balancer reads of the account and reports to it, by pages below `/drydock/`.

moto has no data plane. The one of this machine (`localcloud.load_balancing`) lives in another process, so it gets all
that it serves in one answer, and reports the health of targets, which `DescribeTargetHealth` then answers with.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.judge.refusal import error_code
from localcloud.aws.target_health import health

CLUSTER_TAG = "eks:eks-cluster-name"
"""The tag without which EKS Auto Mode may not change a target group; its value is the cluster's name.

The condition of the managed policy AmazonEKSLoadBalancingPolicy:
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEKSLoadBalancingPolicy.html
"""

PAGES = ("load-balancers", "targets", "target-health")


class Pages:
    """The pages of the data plane.

    Args:
        account: signs as a service of the account.
        paused: within it, the account does not change.
    """

    def __init__(self, account: Account, paused: Callable[[], AbstractContextManager[None]]) -> None:
        self._account = account
        self._paused = paused

    def answer(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Answer a page: `load-balancers`, `targets` with a body for `change_targets`, or `target-health`."""
        match name:
            case "targets":
                return {"error": change_targets(self._account, body, self._paused)}
            case "target-health":
                health.update(body)
        with self._paused():
            return snapshot(self._account.id, self._account.region)


def snapshot(account_id: str, region: str) -> dict[str, Any]:
    """The Application Load Balancers and the target groups of a region; the account must not change meanwhile."""
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
    """Register and deregister targets as the controller of a cluster may.

    Args:
        account: signs as a service of the account.
        asked: `arn` of the target group, and lists of targets (`Id`, `Port`) to `register` and to `deregister`.
        paused: within it, the account does not change.

    Returns:
        Why nothing was done; "" where it was. The role of the cluster may only change target groups with its tag; all
        clusters of the account are the local API server.
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
    """Return the tags of a load balancing resource; none where it does not exist."""
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
    """The CloudFront distributions whose origin a load balancer is: their names, and the header fields they add."""
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
    """Yield the names that certificates are for."""
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
