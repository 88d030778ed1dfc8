"""The foundation of the services: network, cluster and registry."""

import math
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import cast

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components.cluster import Cluster, ClusterArgs
from components.network import Network, NetworkArgs
from components.network_policy_engine import NetworkPolicyEngine, NetworkPolicyEngineArgs
from components.node_pools import NodePools, NodePoolsArgs
from components.registry import Registry, RegistryArgs
from stacks.administrator import require_administrator
from stacks.api_server_access import api_server_access_problem
from stacks.bounded import bounded
from stacks.deployed import Deployed
from stacks.left_over import left_over_log_groups
from stacks.names import Names
from stacks.settings import AssumedRole, Settings
from stacks.settings.pods import PodSettings, mebibytes, millicores
from stacks.unreachable_urls import unreachable_urls_problem

# Nodes for twice the maximum requests of the services' pods, with rollouts and migration, and for other pods:
# this limits the cost of a mistake.
POD_MARGIN, ROOM, SPARE_CPUS, SPARE_GIB = 3, 2, 16, 64
Admitted = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """The shared resources of services."""

    account_id: pulumi.Output[str]
    aws: aws.Provider
    on_aws: pulumi.ResourceOptions
    """Options of every component on AWS: the provider, and options for all resources."""
    kubernetes: kubernetes.Provider
    network: Network
    cluster: Cluster
    policy_engine: NetworkPolicyEngine
    node_pools: NodePools
    registry: Registry
    log_groups: Collection[str]
    """Names of log groups that an earlier deployment of the environment left."""


def build_foundation(
    settings: Settings,
    names: Names,
    deployed: Deployed,
    roles: Sequence[AssumedRole] = (),
    admitted: Admitted | None = None,
) -> Foundation:
    """Make network, cluster and registry, and the two providers everything else is made through.

    `deployed` are the resources in the state. `roles` are assumed one after the other; the last one deploys. `admitted`
    returns a kubeconfig once its cluster accepts its user; None: do not wait.

    Raises:
        pulumi.RunError: the caller is not an administrator of the cluster, and this is not a preview.
    """
    provider = aws.Provider(
        "aws",
        region=settings.region,
        allowed_account_ids=[settings.account_id] if settings.account_id else None,
        default_tags={"tags": {**settings.tags, **names.tags}},
        assume_roles=[aws.ProviderAssumeRoleArgs(**role.model_dump(exclude_none=True)) for role in roles] or None,
    )
    for problem in (
        api_server_access_problem(settings, names.environment, deployed),
        unreachable_urls_problem(settings),
    ):
        if problem:
            pulumi.log.warn(problem, resource=provider)
    caller = aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=provider))
    admins = settings.cluster.admins(names.environment)
    require_administrator(caller.arn, caller.account_id, admins, names.environment, provider)
    account_id = pulumi.Output.from_input(caller.account_id)
    opts = pulumi.ResourceOptions(provider=provider, transformations=bounded(account_id, settings.permissions_boundary))

    log_groups = left_over_log_groups(names, provider, deployed)
    network = Network("network", _network_args(settings, account_id), opts)
    cluster = Cluster(
        "cluster", _cluster_args(settings, names, account_id, network, roles, log_groups=log_groups), opts
    )
    kube = kubernetes.Provider(
        "kubernetes",
        # An Output awaits its value, which mypy does not see through the union type.
        kubeconfig=cluster.kubeconfig.apply(cast("Callable[[str], str]", admitted)) if admitted else cluster.kubeconfig,
        # Only another cluster is another provider: a new token or certificate must not replace all objects.
        cluster_identifier=names.cluster,
        enable_server_side_apply=True,
        # Manual edits are drift: the next `up` overwrites the fields that the program manages.
        enable_patch_force=True,
        # The service rereads a changed secret, so it changes in place. ConfigMaps are immutable and named by content.
        enable_secret_mutable=True,
        enable_config_map_mutable=True,
    )
    engine = NetworkPolicyEngine("network-policy", NetworkPolicyEngineArgs(), pulumi.ResourceOptions(provider=kube))
    pools = NodePools(
        "nodes", _node_pools_args(settings, names, network, cluster), pulumi.ResourceOptions(provider=kube)
    )
    registry = Registry("registry", RegistryArgs(repository_name=names.repository, protect=settings.protect), opts)
    return Foundation(
        account_id=account_id,
        aws=provider,
        on_aws=opts,
        kubernetes=kube,
        network=network,
        cluster=cluster,
        policy_engine=engine,
        node_pools=pools,
        registry=registry,
        log_groups=log_groups,
    )


def _node_pools_args(settings: Settings, names: Names, network: Network, cluster: Cluster) -> NodePoolsArgs:
    cpus, gib = _at_most(settings.service, settings.service.max_replicas + settings.service.worker_replicas)
    for service in settings.services.values():
        more_cpus, more_gib = _at_most(service, service.most_pods)
        cpus, gib = cpus + more_cpus, gib + more_gib
    return NodePoolsArgs(
        node_role_name=cluster.node_role_name,
        subnet_ids=network.private_subnet_ids,
        security_group_id=cluster.security_group_id,
        key_arn=cluster.node_key_arn,
        architecture=settings.cluster.architecture,
        interruptible=settings.cluster.spot_workers,
        cpu_limit=cpus * ROOM + SPARE_CPUS,
        memory_limit_gib=gib * ROOM + SPARE_GIB,
        tags={**settings.tags, **names.tags},
    )


def _at_most(service: PodSettings, pods: int) -> tuple[int, int]:
    """Return the CPUs and GiB that this number of pods requests, with rollouts and migration."""
    pods += POD_MARGIN
    return (
        math.ceil(pods * millicores(service.cpu_request) / 1000),
        math.ceil(pods * mebibytes(service.memory_limit) / 1024),
    )


def _network_args(settings: Settings, account_id: pulumi.Output[str]) -> NetworkArgs:
    return NetworkArgs(
        region=settings.region,
        account_id=account_id,
        cidr=settings.network.cidr,
        zones=settings.network.availability_zones,
        nat_strategy=settings.network.nat_strategy,
        interface_endpoints=settings.network.interface_endpoints,
        flow_logs_retention_days=settings.network.flow_logs_retention_days,
        protect=settings.protect,
    )


def _cluster_args(
    settings: Settings,
    names: Names,
    account_id: pulumi.Output[str],
    network: Network,
    roles: Sequence[AssumedRole],
    *,
    log_groups: Collection[str],
) -> ClusterArgs:
    return ClusterArgs(
        region=settings.region,
        cluster_name=names.cluster,
        version=settings.cluster.version,
        extended_support=settings.cluster.support == "extended",
        subnet_ids=network.private_subnet_ids,
        service_cidr=settings.cluster.service_cidr,
        admin_roles=settings.cluster.admins(names.environment),
        deploy_role_arn=roles[-1].role_arn if roles else None,
        account_id=account_id,
        vpc_id=network.vpc_id,
        private_access_cidrs=[str(cidr) for cidr in settings.cluster.private_access_cidrs],
        private_access_security_groups=settings.cluster.private_access_security_groups,
        public_access_cidrs=[str(cidr) for cidr in settings.cluster.public_access_cidrs],
        log_retention_days=settings.cluster.log_retention_days,
        existing_log_groups=log_groups,
        metrics_server_version=settings.cluster.metrics_server,
        deletion_protection=settings.cluster.deletion_protection,
        protect=settings.protect,
    )
