"""Growth of the settings deletes and replaces no resource, and changes few.

The stand-ins of the local cloud decide which changes replace a resource.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from components.manifests.content_name import content_name
from localcloud.aws.provider import AwsProvider
from localcloud.kubernetes.difference import compare
from localcloud.protocol.servicer import Change, Target
from localcloud.providers.random_ import RandomProvider
from tests.support.edits import Edit, drop, put, without
from tests.support.recorder import Recorded
from tests.support.services import named
from tests.support.settings_values import is_valid, with_value
from tests.support.worlds import World, recorded

Comparison = Callable[[World, World], Iterator[str]]
"""Return a finding for each resource that violates the comparison of two worlds."""

MUTABLE_KINDS = frozenset({"ConfigMap", "Secret"})  # as the program's provider is configured


def _more_zones(zones: list[str]) -> list[str]:
    """Add two zones, one of them before all others in the alphabet if possible."""
    free = [zone for zone in ascii_lowercase[:8] if zone not in zones]
    return [*zones, *dict.fromkeys([*free[:1], *free[-1:]])]


GROWTH: dict[str, Callable[[Any], Any]] = {
    "network.availabilityZones": _more_zones,
    "network.interfaceEndpoints": lambda endpoints: sorted({*endpoints, "ecr.api", "logs"}),
    "network.peerCidrs": lambda cidrs: ["100.64.0.0/24", *cidrs],
    "cluster.adminRoles": lambda roles: ["one-more", *roles],
    "cluster.privateAccessSecurityGroups": lambda groups: ["sg-0a1b2c3d4e5f60718", *groups],
    "database.instanceClass": lambda _old: "db.m7g.16xlarge",
    "database.allocatedStorageGib": lambda size: size + 20,
    "database.maxAllocatedStorageGib": lambda size: size + 500,
    "database.maxConnections": lambda connections: connections + 1000,
    "database.multiAz": lambda _old: True,
    "database.backupRetentionDays": lambda _old: 35,
    "service.maxReplicas": lambda replicas: replicas + 20,
    "service.minReplicas": lambda replicas: replicas + 3,
    "service.workerReplicas": lambda replicas: replicas + 3,
}
"""Setting -> function that increases it; a result that the settings refuse is not used."""


def grown(world: World) -> World:
    """Return the world with all settings of GROWTH increased."""
    values = world.settings.model_dump(mode="json", by_alias=True)
    values["cluster"]["adminRoles"] = list(world.settings.cluster.admins(world.name))
    for path, more in GROWTH.items():
        group, name = path.split(".")
        if is_valid(changed := with_value(values, path, more(values[group][name]))):
            values = changed
    return recorded(values, world.name)


def _change(before: Recorded, after: Recorded) -> Change:
    """Compare a resource's inputs as its provider does."""
    old, new = dict(before.inputs), dict(after.inputs)
    target = Target(urn=before.urn, type=before.type, name=before.name)
    match before.type.partition(":")[0]:
        case "aws":
            aws = AwsProvider("123456789012", "eu-central-1", None)
            old = aws.check(target, {}, old)
            return aws.diff(target, before.id, old, {}, aws.check(target, old, new))
        case "kubernetes":
            return compare(old, {}, new, mutable_kinds=MUTABLE_KINDS)
        case "random":
            return RandomProvider().diff(target, before.id, old, {}, new)
        case _:
            # A provider with another cluster or region replaces all its resources.
            changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
            return Change(changed=changed, replaces=sorted({"clusterIdentifier", "region"} & set(changed)))


def _changes(before: World, after: World) -> Iterator[tuple[Recorded, Change]]:
    for urn, old in before.recording.resources.items():
        if (new := after.recording.resources.get(urn)) and (dict(old.inputs) != dict(new.inputs)):
            yield old, _change(old, new)


def nothing_goes(before: World, after: World) -> Iterator[str]:
    """No resource is deleted: names come from the purpose of a resource, not from its place in a list."""
    for urn, resource in before.recording.resources.items():
        if urn not in after.recording.resources:
            yield f"{resource.name} ({resource.type}) is deleted"


CONFIG_REF = "spec.template.spec.containers[0].envFrom[0].configMapRef.name"
RENEWED: Mapping[str, set[str]] = {
    "workload-config": {"data.TRUSTED_PROXY_CIDRS", "metadata.name"},  # the subnets of the load balancer
    "workload-migration": {CONFIG_REF},
}
"""Resource without state -> its properties that replace it on purpose: a ConfigMap is not changed but created again
under the name of its new content, and the migration runs with it."""


def nothing_is_replaced(before: World, after: World) -> Iterator[str]:
    """Every change of an existing resource is made in place, except those in `RENEWED`."""
    renewed = {**RENEWED, **{f"workload-schema-{service.app}": {CONFIG_REF} for service in named(before)}}
    for resource, change in _changes(before, after):
        wanted = set(change.replaces) <= renewed.get(resource.name, set())
        if change.replaces and not (wanted and _is_named_by_content(after.recording.resources[resource.urn])):
            yield f"{resource.name} ({resource.type}) is replaced, for {', '.join(change.replaces)}"


def _is_named_by_content(resource: Recorded) -> bool:
    """Return whether a ConfigMap's name has the digest of its content; True for other types."""
    if not resource.type.endswith(":ConfigMap"):
        return True
    name = resource.inputs["metadata"]["name"]
    return bool(name == content_name(name.rpartition("-")[0], resource.inputs["data"]))


CHANGED: dict[str, set[str]] = {
    "alarms-database-connections": {"threshold"},
    "alarms-database-storage": {"threshold"},
    "cluster-eks": {"vpcConfig"},
    "database-instance": {
        "allocatedStorage",
        "backupRetentionPeriod",
        "instanceClass",
        "maxAllocatedStorage",
        "multiAz",
    },
    "database-parameters": {"parameters"},
    "database-subnets": {"subnetIds"},
    "cloudfront-firewall": {"rules"},
    "edge-firewall": {"rules"},  # the rate that this number of replicas can serve
    "edge-load-balancer": {"subnets"},
    "nodes-class": {"spec.subnetSelectorTerms"},
    "nodes-interruptible": {"spec.limits"},
    "nodes-on-demand": {"spec.limits"},
    "workload-app-egress": {"spec.egress"},  # the addresses of the database
    "workload-autoscaler": {"spec.minReplicas", "spec.maxReplicas"},
    "workload-deployment": {CONFIG_REF},
    "workload-server-ingress": {"spec.ingress"},  # the addresses of the load balancer
    "workload-worker": {"spec.replicas", CONFIG_REF},
    "workload-worker-budget": {"spec.minAvailable"},
}
"""Resource -> its properties that grow with the settings. Endpoints also change their subnets or route tables."""
OF_NAMED = {"app-egress", "server-ingress"}
"""The only objects of a service of `drydock:services` that grow with the settings of the stack."""


def little_is_changed(before: World, after: World) -> Iterator[str]:
    """Only properties that depend on the increased settings change."""
    of_named = {f"{each.workload}-{part}": CHANGED[f"workload-{part}"] for each in named(before) for part in OF_NAMED}
    for resource, change in _changes(before, after):
        endpoint = resource.type == "aws:ec2/vpcEndpoint:VpcEndpoint"
        allowed = {"subnetIds", "routeTableIds"} if endpoint else (CHANGED | of_named).get(resource.name, set())
        surplus = [path for path in change.changed if not _is_below(path, allowed)]
        if surplus and not change.replaces:
            yield f"{resource.name} ({resource.type}) is changed in {', '.join(sorted(surplus))}"


def _is_below(path: str, properties: set[str]) -> bool:
    """Return whether a path such as `spec.egress[1].to` is one of the properties, or below one."""
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in properties)


COMPARISONS: list[Comparison] = [nothing_goes, nothing_is_replaced, little_is_changed]


@dataclass(frozen=True, kw_only=True)
class Slip:
    """A mistake in the grown program of `prod` that exactly one comparison finds."""

    name: str
    edit: Edit
    comparison: Comparison
    says: str


SLIPS = [
    *(
        Slip(name=f"{key} has another name", edit=drop(key), comparison=nothing_goes, says="is deleted")
        for key in (
            "Subnet:network-private-a",
            "NatGateway:network-nat-a",
            "AccessEntry:cluster-admin-drydock-prod-deploy",
        )
    ),
    *(
        Slip(
            name=f"{key} has another {path[-1]}",
            edit=put(key, *path, value=value),
            comparison=nothing_is_replaced,
            says=f"{key.partition(':')[2]} (",
        )
        for key, path, value in [
            ("Subnet:network-private-a", ["cidrBlock"], "10.30.224.0/20"),
            ("Subnet:network-public-b", ["availabilityZone"], "eu-central-1d"),
            ("NatGateway:network-nat-a", ["subnetId"], "Subnet:network-public-d"),
            ("Vpc:network-vpc", ["cidrBlock"], "10.30.0.0/15"),
            ("SecurityGroup:database-access", ["description"], "PostgreSQL from 4 zones"),
            ("Repository:registry-repository", ["name"], "drydock-prod-4"),
            ("Cluster:cluster-eks", ["kubernetesNetworkConfig", "serviceIpv4Cidr"], "172.16.0.0/12"),
            ("Instance:database-instance", ["identifier"], "drydock-prod-4"),
            ("Instance:database-instance", ["kmsKeyId"], "arn:aws:kms:eu-central-1:123456789012:key/jobs-key"),
            ("RandomId:database-life", ["keepers", "zones"], "4"),
            ("Deployment:workload-deployment", ["spec", "selector", "matchLabels", "replicas"], "6"),
            ("ConfigMap:workload-config", ["metadata", "name"], "api-config-0000000000"),
            ("Job:workload-migration", ["spec", "completions"], 2),
            ("Namespace:workload-namespace", ["metadata", "name"], "drydock-4"),
            ("kubernetes:kubernetes", ["clusterIdentifier"], "drydock-prod-4"),
            ("aws:aws", ["region"], "eu-central-2"),
        ]
    ),
    Slip(
        name="the servers have a number of replicas, beside the autoscaler",
        edit=put("Deployment:workload-deployment", "spec", "replicas", value=6),
        comparison=little_is_changed,
        says="workload-deployment (kubernetes:apps/v1:Deployment) is changed in spec",
    ),
    Slip(
        name="a subnet has another tag",
        edit=put("Subnet:network-private-a", "tags", "Zones", value="4"),
        comparison=little_is_changed,
        says="network-private-a (aws:ec2/subnet:Subnet) is changed in tags",
    ),
    Slip(
        name="the queue keeps messages as long as it likes",
        edit=without("Queue:jobs-queue", "messageRetentionSeconds"),
        comparison=little_is_changed,
        says="jobs-queue (aws:sqs/queue:Queue) is changed in messageRetentionSeconds",
    ),
]
