"""What the service stands on: network, cluster, registry."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components.cluster import Cluster, ClusterArgs
from components.network import Network, NetworkArgs
from components.network_policy_engine import NetworkPolicyEngine, NetworkPolicyEngineArgs
from components.registry import Registry, RegistryArgs
from stacks.names import Names
from stacks.settings import AssumedRole, Settings


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What a service is built on."""

    account_id: pulumi.Output[str]
    aws: aws.Provider
    kubernetes: kubernetes.Provider
    network: Network
    cluster: Cluster
    policy_engine: NetworkPolicyEngine
    registry: Registry


def build_foundation(settings: Settings, names: Names, roles: Sequence[AssumedRole] = ()) -> Foundation:
    """Make network, cluster and registry, and the two providers everything else is made through.

    `roles` are taken one after the other; the last one deploys.
    """
    provider = aws.Provider(
        "aws",
        region=settings.region,
        allowed_account_ids=[settings.account_id] if settings.account_id else None,
        default_tags={"tags": {**settings.tags, **names.tags}},
        assume_roles=[aws.ProviderAssumeRoleArgs(**role.model_dump(exclude_none=True)) for role in roles] or None,
    )
    if not settings.cluster.has_way_in:
        pulumi.log.warn(
            "cluster: nothing outside of the cluster reaches its API server, so the first Kubernetes object would time "
            "out; set cluster.privateAccessCidrs or cluster.privateAccessSecurityGroups for a runner in the VPC, a VPN "
            "or a peer, or cluster.publicAccessCidrs for named addresses of the internet"
        )
    opts = pulumi.ResourceOptions(provider=provider)
    account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=provider)).account_id

    network = Network("network", _network_args(settings, account_id), opts)
    cluster = Cluster("cluster", _cluster_args(settings, names, account_id, network, roles), opts)
    kube = kubernetes.Provider(
        "kubernetes",
        kubeconfig=cluster.kubeconfig,
        # Only another cluster is another provider: a new token or certificate must not replace all that is in it.
        cluster_identifier=names.cluster,
        enable_server_side_apply=True,
        # What somebody edited by hand is drift: the next `up` takes the fields back that the program owns.
        enable_patch_force=True,
        # The service reads a changed secret by itself, so it changes in place. Configuration is immutable by its name.
        enable_secret_mutable=True,
        enable_config_map_mutable=True,
    )
    engine = NetworkPolicyEngine("network-policy", NetworkPolicyEngineArgs(), pulumi.ResourceOptions(provider=kube))
    registry = Registry("registry", RegistryArgs(repository_name=names.repository, protect=settings.protect), opts)
    return Foundation(
        account_id=account_id,
        aws=provider,
        kubernetes=kube,
        network=network,
        cluster=cluster,
        policy_engine=engine,
        registry=registry,
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
    settings: Settings, names: Names, account_id: pulumi.Output[str], network: Network, roles: Sequence[AssumedRole]
) -> ClusterArgs:
    return ClusterArgs(
        region=settings.region,
        cluster_name=names.cluster,
        version=settings.cluster.version,
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
        metrics_server_version=settings.cluster.metrics_server_version,
        deletion_protection=settings.cluster.deletion_protection,
        protect=settings.protect,
    )
