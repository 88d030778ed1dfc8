"""Order of creation, and thus of deletion: by reference or `depends_on`, directly or through other resources.

It holds for each service: its pods wait for its own objects, not for those of another service.
"""

import fnmatch
import re
from collections.abc import Callable, Iterator
from functools import cache

from stacks.bundled import WORKER
from tests.stacks.laws.graph.law import Break
from tests.support.edits import cut, drop, option
from tests.support.recorder import Recorded, texts
from tests.support.services import Service, services_of
from tests.support.worlds import World

PODS = ("Deployment:*", "Job:*")
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
FOLLOWERS = ("HorizontalPodAutoscaler:*", "PodDisruptionBudget:workload-budget")
WHOLE_WORKLOAD = ("Namespace:workload-*", "ServiceAccount:workload-*", "NetworkPolicy:workload-*", *PODS)
ORDER: list[tuple[tuple[str, ...], tuple[str, ...], str]] = [
    (PODS, ("NetworkPolicy:*",), "a pod without a policy may talk to everybody"),
    (PODS, ("ConfigMap:workload-*",), "pods wait for them for ever"),
    (
        ("Deployment:*",),
        ("SecretProviderClass:workload-secrets", "ServiceAccount:workload-account"),
        "pods wait for them for ever",
    ),
    (
        ("Job:*",),
        ("SecretProviderClass:workload-migration-*", "ServiceAccount:workload-migration-*"),
        "pods wait for them for ever",
    ),
    (
        PODS,
        ("Instance:*", "RolePolicy:*-reader", "RolePolicy:jobs-*", "Queue:*", "SecretVersion:*"),
        "the service fails without them",
    ),
    (("SecretProviderClass:*",), ("Addon:mounted-secrets-*",), "the cluster does not know the kind"),
    (("Deployment:*",), ("Job:workload-migration",), "its code expects the new tables; the old pods serve until then"),
    (PODS, ("Schema:*",), "the database has neither its user nor its schema before"),
    (FOLLOWERS, ("Deployment:workload-deployment",), "they are about these pods"),
    (
        ("Deployment:workload-deployment",),
        ("TargetGroupBinding:*", "Service:workload-*", "Listener:*", "TargetGroup:*"),
        "a pod that is made before has no readiness gate, and one that ends after is not deregistered",
    ),
    (("TargetGroupBinding:*",), ("Service:workload-*", "Listener:*"), "the target group is of no use before"),
    (("LoadBalancer:*",), ("BucketPolicy:edge-*",), "the bucket refuses the first logs"),
    (("LoadBalancer:*",), ("RouteTableAssociation:network-public-*",), "its clients have no way to it"),
    (("PodDisruptionBudget:workload-worker-budget",), ("Deployment:workload-worker",), "it counts these pods"),
    (
        WHOLE_WORKLOAD,
        ("ConfigMap:network-policy-switch", "PodIdentityAssociation:*-reader"),
        "policies are not enforced, and pods have no role, before",
    ),
    (
        (
            "kubernetes:kubernetes",
            "Namespace:*",
            "Service:*",
            "NetworkPolicy:*",
            "ConfigMap:*",
            "SecretProviderClass:workload-*",
        ),
        ("AccessEntry:*", "AccessPolicyAssociation:*", "Cluster:*"),
        "nobody may change or delete an object without access",
    ),
    (
        ("Cluster:*",),
        ("RolePolicyAttachment:cluster-*",),
        "without its rights EKS cannot delete what it has in the account, such as load balancers",
    ),
    (("Cluster:*",), ("LogGroup:cluster-*",), "EKS would make the group itself, without an end, and it is in the way"),
    (
        ("Addon:pod-logs-*",),
        ("PodIdentityAssociation:pod-logs-*", "LogGroup:pod-logs-*"),
        "its first pods have no role and no group to write to",
    ),
    (("Addon:pod-logs-*",), ("NodePool:nodes-*",), "it is ready when its pods are, which need a node"),
    (("Instance:*",), ("LogGroup:database-*",), "RDS would make the group itself, without an end"),
    (
        ("Cluster:*",),
        ("Route:*", "RouteTableAssociation:*", "NatGateway:*", "VpcEndpoint:*", "*IngressRule:network-*"),
        "nodes need a way to what they start from, and EKS one to delete them",
    ),
    (("SubnetGroup:*",), ("RouteTableAssociation:network-database-*",), "a database has no other way out before"),
    (("NatGateway:*",), ("Route:network-public",), "EC2 wants a way out of its subnet, and it goes before that way"),
    (("NatGateway:*",), ("RouteTableAssociation:network-public-*",), "and that way is in the subnet's table"),
    (("FlowLog:*",), ("BucketPolicy:network-*",), "the bucket refuses the first logs"),
    *(
        ((f"BucketPolicy:{name}",), (f"BucketPublicAccessBlock:{name}",), "S3 refuses two changes of access at once")
        for name in ("network-flow-logs", "edge-access-logs")
    ),
]
"""Later resources, earlier resources, and what would happen otherwise."""
MAY_BE_MISSING = (
    "Schema:",
    "NatGateway:",
    "PodDisruptionBudget:",
    "SecretProviderClass:workload-secrets",
    "SecretVersion:",
    *(() if WORKER else ("Deployment:workload-worker",)),
)
NAMES = {
    "clusterName": "aws:eks/cluster:Cluster",
    "repository": "aws:ecr/repository:Repository",
    "metadata.namespace": "kubernetes:core/v1:Namespace",
}
"""Input with the name of another resource, chosen by the program -> type of that resource."""


def _earlier(world: World) -> Callable[[str], frozenset[str]]:
    """Return a cached function: URN of a resource -> URNs that it waits for, directly or through others."""
    resources = world.recording.resources

    @cache
    def earlier(urn: str) -> frozenset[str]:
        near = resources[urn].depends_on | {resources[urn].provider.rpartition("::")[0]}
        return near.union(*(earlier(each) for each in near if each in resources))

    return earlier


def order_is_kept(world: World) -> Iterator[str]:
    """Later resources wait for all earlier ones, and so are deleted before them."""
    for service in services_of(world):
        yield from _order_of(service, world)


def _order_of(service: Service, world: World) -> Iterator[str]:
    earlier_than, made = _earlier(world), _concerning(service, world)

    @cache
    def matching(pattern: str) -> list[Recorded]:
        return [made[key] for key in fnmatch.filter(made, pattern)]

    for later, earlier, otherwise in ORDER:
        for pattern in (*later, *earlier):
            if service.bundled and not matching(pattern) and not pattern.startswith(MAY_BE_MISSING):
                yield f"no resource is {pattern}: correct or remove the row of ORDER that has it"
        first = {each.urn: each.name for pattern in earlier for each in matching(pattern)}
        for resource in (each for pattern in later for each in matching(pattern)):
            for urn in sorted(first.keys() - earlier_than(resource.urn)):
                yield f"{resource.name} does not wait for {first[urn]}: {otherwise}"


def _concerning(service: Service, world: World) -> dict[str, Recorded]:
    """Return the resources that are not of other services, with names as if the service was the bundled one."""
    others = [each for each in services_of(world) if each != service]
    components = {name for each in others for name in each.components}
    roles = {role for each in others for role in (each.role, each.migration_role)}
    found = {}
    for resource in world.recording.resources.values():
        kind, parent = resource.type.rpartition(":")[2], resource.parent.rpartition("::")[2]
        if resource.name == f"workload-schema-{service.app}":
            found["Schema:workload-schema"] = resource  # a Job of the bundled service
            continue
        without_database = kind == "Instance" and service.user is None
        # The driver of the bundled service's secrets mounts those of all services.
        if not resource.custom or without_database or (parent in components and kind != "Addon"):
            continue
        role = resource.inputs.get("role")
        if role and world.owner(role).name in roles:
            continue
        like = service.components.get(parent)
        name = f"{like}{resource.name.removeprefix(parent)}" if like else resource.name
        found[f"{kind}:{name}"] = resource
    return found


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\s\"',\[\]{}]+", text))  # the text may hold JSON


def references_imply_dependencies(world: World) -> Iterator[str]:
    """An id, ARN, URL or name of a resource in an input is a reference to it, not a literal copy."""
    resources, earlier_than = world.recording.resources, _earlier(world)
    # Ids, ARNs and URLs have a colon; in a recording, a name chosen by the provider equals that of the resource.
    owners = {text: each for each in resources.values() for text in each.identities if ":" in text or text == each.name}
    named = {
        (each.type, each.inputs["metadata"]["name"] if "metadata" in each.inputs else each.inputs["name"]): each
        for each in resources.values()
        if each.type in NAMES.values()
    }
    for resource in resources.values():
        if not resource.custom:
            continue
        given = {**resource.inputs, "metadata.namespace": resource.inputs.get("metadata", {}).get("namespace")}
        own = {key: value for key, value in resource.inputs.items() if key != "tags"}
        words = {word for text in texts(own) for word in _words(text)}
        found = [owners[word] for word in sorted(words) if word in owners]
        found += [named[NAMES[key], str(name)] for key, name in given.items() if (NAMES.get(key), str(name)) in named]
        waits_for = {resource.urn, *earlier_than(resource.urn)}
        for owner in {each.urn: each for each in found if each.urn not in waits_for}.values():
            # The role of the cluster names the cluster, which depends on the role.
            if resource.urn not in earlier_than(owner.urn):
                yield f"{resource.name} ({resource.type}) refers to {owner.name} and does not wait for it"


def a_replaced_job_takes_nothing_along(world: World) -> Iterator[str]:
    """No property of another resource is known only after a resource that is deleted before its replacement.

    Pulumi would delete that resource too: the namespace of a service, with its pods. `depends_on` does not have this
    effect.
    """
    resources = world.recording.resources
    deleted_first = {urn: each.name for urn, each in resources.items() if each.delete_before_replace}
    for resource in resources.values():
        if resource.type == LIFECYCLE:  # each release replaces it, because it contains the tag of the image
            continue
        for property_, urns in resource.property_dependencies.items():
            for urn in sorted(deleted_first.keys() & {*urns}):
                yield f"{resource.name}: {property_} waits for {deleted_first[urn]}, and is replaced with it"


LAWS = [order_is_kept, references_imply_dependencies, a_replaced_job_takes_nothing_along]

_MIGRATION = "urn:pulumi:prod::drydock::drydock:workload:Workload$kubernetes:batch/v1:Job::workload-migration"
_ONLY_ORDER = [
    ("Cluster:cluster-eks", "RolePolicyAttachment:cluster-control-plane-AmazonEKSLoadBalancingPolicy"),
    ("Cluster:cluster-eks", "RolePolicyAttachment:cluster-node-AmazonEKSWorkerNodeMinimalPolicy"),
    ("Cluster:cluster-eks", "LogGroup:cluster-logs"),
    ("Cluster:cluster-eks", "Route:network-private-c"),
    ("Cluster:cluster-eks", "VpcEndpoint:network-sqs"),
    ("Cluster:cluster-eks", "SecurityGroupIngressRule:network-endpoints-https"),
    ("Instance:database-instance", "LogGroup:database-upgrade"),
    ("Addon:pod-logs-addon", "PodIdentityAssociation:pod-logs-writer"),
    ("Addon:pod-logs-addon", "LogGroup:pod-logs-application"),
    ("Addon:pod-logs-addon", "NodePool:nodes-on-demand"),
    ("SubnetGroup:database-subnets", "RouteTableAssociation:network-database-b"),
    ("BucketPolicy:network-flow-logs", "BucketPublicAccessBlock:network-flow-logs"),
    ("FlowLog:network-flow-logs", "BucketPolicy:network-flow-logs"),
    ("NatGateway:network-nat-b", "Route:network-public"),
    ("NatGateway:network-nat-c", "RouteTableAssociation:network-public-c"),
    ("kubernetes:kubernetes", "AccessPolicyAssociation:cluster-admin-drydock-prod-deploy"),
    ("Namespace:workload-namespace", "ConfigMap:network-policy-switch"),
    ("Namespace:workload-namespace", "PodIdentityAssociation:app-secrets-reader"),
    ("Namespace:workload-namespace", "PodIdentityAssociation:migration-reader"),
    ("Job:workload-migration", "NetworkPolicy:workload-default-deny"),
    ("Job:workload-migration", "NetworkPolicy:workload-app-egress"),
    ("Deployment:workload-deployment", "Job:workload-migration"),
    ("Deployment:workload-deployment", "TargetGroupBinding:workload-binding"),
    ("HorizontalPodAutoscaler:workload-autoscaler", "Deployment:workload-deployment"),
]
_OF_WORKERS = [
    ("Deployment:workload-worker", "Job:workload-migration"),
    ("PodDisruptionBudget:workload-worker-budget", "Deployment:workload-worker"),
]
_REFERENCES = [
    ("Instance:database-instance", "SubnetGroup:database-subnets"),
    ("Instance:database-instance", "ParameterGroup:database-parameters"),
    ("SecurityGroupIngressRule:database-access-clients", "SecurityGroup:database-access"),
    ("VpcEndpoint:network-s3", "RouteTable:network-private-b"),
    ("Addon:cluster-metrics-server", "Cluster:cluster-eks"),
    ("Queue:jobs-queue", "Queue:jobs-dead-letters"),
    ("RolePolicy:migration-reader", "Role:migration-reader"),
]
BREAKS = [
    *(
        Break(
            name=f"{later} does not wait for {earlier}",
            edit=cut(later, earlier),
            law=law,
            says=says.format(later.partition(":")[2], earlier.partition(":")[2]),
        )
        for law, pairs, says in (
            (order_is_kept, [*_ONLY_ORDER, *(_OF_WORKERS if WORKER else ())], "{} does not wait for {}: "),
            (references_imply_dependencies, _REFERENCES, "refers to {1} and does not wait"),
        )
        for later, earlier in pairs
    ),
    Break(
        name="the namespace is known after a Job",
        edit=option("Namespace:workload-namespace", property_dependencies={"metadata": [_MIGRATION]}),
        law=a_replaced_job_takes_nothing_along,
        says="workload-namespace: metadata waits for workload-migration",
    ),
    Break(
        # It also waits for the repository through the workload, so a single cut does not change the order.
        name="LifecyclePolicy:registry-lifecycle waits for nothing",
        edit=option("LifecyclePolicy:registry-lifecycle", depends_on=frozenset()),
        law=references_imply_dependencies,
        says="refers to registry-repository and does not wait",
    ),
    Break(
        name="a row about resources that are gone",
        edit=drop("BucketPublicAccessBlock:network-flow-logs"),
        law=order_is_kept,
        says="no resource is BucketPublicAccessBlock:network-flow-logs",
    ),
]
