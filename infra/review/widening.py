"""What a change opens up: who may reach or do more once it is deployed than before."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.policy.cidrs import is_world
from infra.policy.documents import texts
from infra.policy.rules import (
    iam_no_wildcard_admin,
    no_public_principal,
    no_world_admin_ingress,
    s3_no_public_acl,
)
from infra.resources.properties import UNKNOWN, at, is_known, items, mapping
from infra.resources.resource import Properties, Resource
from infra.review import rbac
from infra.review.allowances import gained

Grants = set[str]
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"


def widenings(
    resource_type: str, old: Properties | None, new: Properties | None, *, fresh: bool = False
) -> tuple[str, ...]:
    """Return what is granted after the change and was not before, one text each.

    Args:
        resource_type: Pulumi type token.
        old: Clean inputs before; None for a creation.
        new: Clean inputs after; None for a deletion.
        fresh: Whether nothing of the stack exists yet. A first deployment grants all that it needs, so then only
    grants to everybody or on everything are returned.
    """
    if new is None:
        return (*_lost(resource_type), *sorted(set(_documents(resource_type, old or {}, {}))))
    before: Grants = set()
    after = set(_documents(resource_type, old or {}, new))
    if read := _READERS.get(resource_type):
        before = read(resource_type, old) if old is not None else set()
        after |= read(resource_type, new)
    new_ones = {each for each in after - before if not _in_cluster(each) & before}
    return tuple(sorted(filter(_beyond, new_ones) if fresh else new_ones))


def _resource(resource_type: str, inputs: Properties) -> Resource:
    return Resource(type=resource_type, name="", urn="", properties=inputs)


def _beyond(grant: str) -> bool:
    words = grant.replace(",", " ").split()
    return "everybody" in words or "*" in words or any(map(is_world, words))


def _lost(resource_type: str) -> tuple[str, ...]:
    if resource_type == NETWORK_POLICY:
        return ("its pods are no longer confined by it",)
    return ("the bucket may be made public",) if resource_type == BLOCK else ()


def _ingress(resource_type: str, inputs: Properties) -> Grants:
    return {
        f"ingress {_ports(entry)} from {source}"
        for entry in no_world_admin_ingress.ingress(_resource(resource_type, inputs))
        for source in [*no_world_admin_ingress.sources(entry), *_groups(entry)]
    }


def _groups(entry: Properties) -> list[str]:
    keys = ("securityGroups", "sourceSecurityGroupId", "referencedSecurityGroupId", "prefixListId", "prefixListIds")
    return texts([each for key in keys for each in items(entry.get(key))])


def _ports(entry: Properties) -> str:
    protocol = str(entry.get("protocol", entry.get("ipProtocol", "")))
    first, last = entry.get("fromPort"), entry.get("toPort")
    if protocol == "-1" or first is None:
        return "on all ports"
    return f"{protocol} {_port(first)}" if first == last else f"{protocol} {_port(first)}-{_port(last)}"


def _port(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _documents(resource_type: str, old: Properties, new: Properties) -> Iterator[str]:
    """Yield what the policies of an identity, a resource or the trust in a role allow that they did not."""
    if resource_type in iam_no_wildcard_admin.TYPES:
        pairs = [[iam_no_wildcard_admin.documents(_resource(resource_type, each)) for each in (old, new)]]
        pairs.append([[each.get("assumeRolePolicy")] for each in (old, new)])
    elif resource_type in rbac.ROLES:
        yield from rbac.gained(old, new)
        return
    elif name := no_public_principal.POLICY_PROPERTY.get(resource_type):
        pairs = [[[each.get(name)] for each in (old, new)]]
    else:
        return
    for before, after in pairs:
        yield from gained(before, after)


def _attached(_: str, inputs: Properties) -> Grants:
    arns = [*texts(inputs.get("policyArn")), *texts(inputs.get("managedPolicyArns"))]
    return {f"attaches {arn}" for arn in arns}


def _cluster(_: str, inputs: Properties) -> Grants:
    return {f"the Kubernetes API answers {cidr}" for cidr in public_ranges(inputs)}


def public_ranges(inputs: Properties) -> list[str]:
    """Return the public addresses that the Kubernetes API of a cluster answers; none if its endpoint is unknown."""
    access = inputs.get("vpcConfig")
    if access is UNKNOWN or mapping(access).get("endpointPublicAccess", True) is not True:
        return []
    return texts(mapping(access).get("publicAccessCidrs", "0.0.0.0/0"))


def _database(_: str, inputs: Properties) -> Grants:
    return (
        {"it gets a public address, so everybody can send requests to it"}
        if inputs.get("publiclyAccessible") is True
        else set()
    )


def _cluster_access(_: str, inputs: Properties) -> Grants:
    places = [f"namespace {each}" for each in texts(at(inputs, "accessScope.namespaces"))]
    return {
        grant
        for each in texts(inputs.get("policyArn"))
        for place in places or ["cluster"]
        for grant in _known(f"attaches {each} in the {place} to", inputs.get("principalArn"))
    }


def _in_cluster(grant: str) -> Grants:
    """Return the grant for one namespace rewritten as a grant for the whole cluster."""
    return {re.sub(r" in the namespace \S+ to ", " in the cluster to ", grant)}


def _cluster_groups(_: str, inputs: Properties) -> Grants:
    return {
        grant
        for each in texts(inputs.get("kubernetesGroups"))
        for grant in _known("adds", inputs.get("principalArn"), f"to the group {each} of the cluster")
    }


def _binding(_: str, inputs: Properties) -> Grants:
    return rbac.bound(inputs)


def _acl(resource_type: str, inputs: Properties) -> Grants:
    return {f"{each}: everybody may get access" for each in s3_no_public_acl.check(_resource(resource_type, inputs))}


def _function(_: str, inputs: Properties) -> Grants:
    limits = [f"if {key} is {inputs[key]}" for key in ("sourceArn", "sourceAccount") if inputs.get(key)]
    return _known("lets", inputs.get("principal"), "do", inputs.get("action"), "on", inputs.get("function"), *limits)


def _key_grant(_: str, inputs: Properties) -> Grants:
    who, key = inputs.get("granteePrincipal"), inputs.get("keyId")
    return {
        grant
        for each in texts(inputs.get("operations"))
        for grant in _known("lets", who, "do", f"kms:{each}", "with", key)
    }


def _known(*parts: Any) -> Grants:
    """Return one grant, or none if a part of it is unknown."""
    return {" ".join(map(str, parts))} if is_known(list(parts)) else set()


def _block(_: str, inputs: Properties) -> Grants:
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    # Without a value a switch is off: schema of pulumi-aws.
    off = [each for each in switches if inputs.get(each) in (None, False)]
    return {f"{switch} is off: everybody may get access" for switch in off}


def _service(_: str, inputs: Properties) -> Grants:
    annotations = mapping(mapping(inputs.get("metadata")).get("annotations"))
    scheme = annotations.get("service.beta.kubernetes.io/aws-load-balancer-scheme")
    public = mapping(inputs.get("spec")).get("type") == "LoadBalancer" and scheme == "internet-facing"
    return {"its load balancer is open to everybody"} if public else set()


def _namespace(_: str, inputs: Properties) -> Grants:
    metadata = inputs.get("metadata")
    labels = mapping(metadata).get("labels")
    level = mapping(labels).get("pod-security.kubernetes.io/enforce", "privileged")
    known = UNKNOWN not in (metadata, labels, level)
    return {f"admits pods at the {level} level"} if known and level != "restricted" else set()


_READERS: Mapping[str, Callable[[str, Properties], Grants]] = {
    **dict.fromkeys(iam_no_wildcard_admin.TYPES, _attached),
    **dict.fromkeys([*no_world_admin_ingress.GROUPS, *no_world_admin_ingress.RULE_TYPES], _ingress),
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _cluster_access,
    "aws:eks/accessEntry:AccessEntry": _cluster_groups,
    "aws:rds/instance:Instance": _database,
    "aws:rds/clusterInstance:ClusterInstance": _database,
    BLOCK: _block,
    **dict.fromkeys(s3_no_public_acl.TYPES, _acl),
    **dict.fromkeys(rbac.BINDINGS, _binding),
    "aws:lambda/permission:Permission": _function,
    "aws:kms/grant:Grant": _key_grant,
    "kubernetes:core/v1:Service": _service,
    "kubernetes:core/v1:Namespace": _namespace,
}
