"""Cluster: an EKS cluster in Auto Mode, with private access, explicit access entries and encrypted secrets.

Creates the keys, the log group, the roles, the cluster, the access entries of its administrators, and the metrics
server. EKS creates nodes, storage and load balancers when pods and services need them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_aws import eks, iam, kms

from components._addons import METRICS_SERVER
from components._api_access import make_api_access
from components._iam import assume_role, assume_role_for_cluster, make_nodes
from components._kubeconfig import kubeconfig
from components._log_groups import log_group
from components.order import after

# All types of EKS, as CIS EKS 2.1.1 requires; nearly all of their volume, and so of their cost, is the audit log.
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
CLUSTER_POLICIES = (
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
NODE_POLICIES = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")
CLUSTER_ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """Arguments of a Cluster."""

    region: str
    """AWS region, for the kubeconfig."""

    cluster_name: str
    """Name of the cluster in EKS. It is not generated, because people and kubeconfigs use it."""

    version: str
    """Kubernetes version, such as `1.35`. EKS upgrades one minor version at a time."""

    subnet_ids: pulumi.Input[Sequence[str]]
    """Private subnets of at least two availability zones."""

    service_cidr: IPv4Network
    """Addresses of Kubernetes Services. It cannot be changed, and must not overlap the VPC or its peers."""

    vpc_id: pulumi.Input[str]
    """VPC of the subnets."""

    admin_roles: Sequence[str]
    """IAM roles that administer the cluster, including the deploy role; no others have access. Each is a name, a path
    and a name (`ops/admin`), or an ARN."""

    account_id: pulumi.Input[str]
    """AWS account of those roles."""

    deploy_role_arn: str | None = None
    """ARN of the role that the kubeconfig uses. None: the identity that runs the deployment."""

    private_access_cidrs: Sequence[str] = ()
    """CIDR blocks inside the VPC, or of networks connected to it, that may reach the API server."""

    private_access_security_groups: Sequence[str] = ()
    """Ids of security groups whose members may reach the API server."""

    public_access_cidrs: Sequence[str] = ()
    """CIDR blocks that may reach the API server over the internet. Empty: it has no public endpoint."""

    log_retention_days: int = 365
    """Days that control plane logs are kept."""

    existing_log_groups: Collection[str] = ()
    """Names of existing log groups that are not in the state; the cluster's own is imported."""

    extended_support: bool = False
    """Keep the version for a year after its standard support, for an extra charge. Otherwise EKS upgrades
    automatically."""

    metrics_server_version: str = "v0.8.1-eksbuild.6"
    """Version of the metrics-server add-on; pinned, so that an unrelated deployment does not change it."""

    deletion_protection: bool = True
    """Enable deletion protection in EKS."""

    protect: bool = True
    """Protect the cluster, its key and its logs from deletion by Pulumi."""


class Cluster(pulumi.ComponentResource):
    """An EKS cluster in Auto Mode. Stateful: Kubernetes objects, the key of their secrets, and logs."""

    cluster_name: pulumi.Output[str]
    """Name of the cluster."""

    cluster_arn: pulumi.Output[str]
    """ARN of the cluster."""

    endpoint: pulumi.Output[str]
    """URL of the API server."""

    kubeconfig: pulumi.Output[str]
    """Kubeconfig as JSON, known once its user has access. It contains no credential: `aws eks get-token` creates
    one."""

    node_role_name: pulumi.Output[str]
    """Role of the nodes, known once it has access to the cluster."""

    node_key_arn: pulumi.Output[str]
    """Key of the nodes' volumes, known once the cluster's role may use it."""

    security_group_id: pulumi.Output[str]
    """Security group of nodes and pods."""

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:cluster:Cluster", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        stateful = pulumi.ResourceOptions(parent=self, protect=args.protect)

        key = kms.Key(
            f"{name}-secrets",
            description=f"Kubernetes secrets of {args.cluster_name}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            opts=stateful,
        )
        node_key = kms.Key(
            f"{name}-nodes",
            description=f"Volumes of the nodes of {args.cluster_name}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            opts=stateful,
        )
        # Otherwise EKS creates the log group itself, without an expiry, and keeps it when the cluster is deleted.
        logs = log_group(
            f"{name}-logs",
            f"/aws/eks/{args.cluster_name}/cluster",
            args.log_retention_days,
            args.existing_log_groups,
            stateful,
        )
        arn = pulumi.Output.format("arn:aws:eks:{0}:{1}:cluster/{2}", args.region, args.account_id, args.cluster_name)
        trust = pulumi.Output.all("eks.amazonaws.com", args.account_id, arn).apply(
            lambda known: assume_role_for_cluster(*known)
        )
        api, rules = make_api_access(
            name, args.vpc_id, args.private_access_cidrs, args.private_access_security_groups, child
        )
        role, role_policies = _role(f"{name}-control-plane", trust, CLUSTER_POLICIES, child)
        own_policy = iam.RolePolicy(
            f"{name}-control-plane-nodes",
            role=role.name,
            policy=pulumi.Output.all(args.region, args.account_id, node_key.arn).apply(
                lambda known: make_nodes(*known)
            ),
            opts=child,
        )
        # EC2 sets no source when it assumes the role of an instance, so there is no condition.
        node_role, node_policies = _role(f"{name}-node", assume_role("ec2.amazonaws.com"), NODE_POLICIES, child)
        cluster = eks.Cluster(
            f"{name}-eks",
            name=args.cluster_name,
            version=args.version,
            role_arn=role.arn,
            bootstrap_self_managed_addons=False,
            deletion_protection=args.deletion_protection,
            enabled_cluster_log_types=list(LOG_TYPES),
            access_config={
                "authentication_mode": "API",
                "bootstrap_cluster_creator_admin_permissions": False,
            },
            compute_config={
                "enabled": True,
                # For EKS's own pods; NodePools has the nodes of all others. With this pool EKS also gives the node role
                # access.
                # https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html#auto-node-access-entry
                "node_pools": ["system"],
                "node_role_arn": node_role.arn,
            },
            storage_config={"block_storage": {"enabled": True}},
            kubernetes_network_config={
                "service_ipv4_cidr": str(args.service_cidr),
                "elastic_load_balancing": {"enabled": True},
            },
            encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
            upgrade_policy={"support_type": "EXTENDED" if args.extended_support else "STANDARD"},
            vpc_config={
                "subnet_ids": args.subnet_ids,
                "security_group_ids": [api.id],
                "endpoint_private_access": True,
                "endpoint_public_access": bool(args.public_access_cidrs),
                "public_access_cidrs": list(args.public_access_cidrs) or None,
            },
            opts=pulumi.ResourceOptions.merge(
                stateful, pulumi.ResourceOptions(depends_on=[logs, *role_policies, *node_policies])
            ),
        )
        access = [_admin(name, admin, args.account_id, cluster, child) for admin in args.admin_roles]
        eks.Addon(
            f"{name}-metrics-server",
            cluster_name=cluster.name,
            addon_name=METRICS_SERVER,
            addon_version=args.metrics_server_version,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="PRESERVE",
            opts=child,
        )

        self.cluster_name = cluster.name
        self.cluster_arn = cluster.arn
        self.endpoint = cluster.endpoint
        certificate = cluster.certificate_authority.apply(lambda authority: authority.data)
        self.kubeconfig = after(
            pulumi.Output.all(cluster.endpoint, certificate).apply(
                lambda known: kubeconfig(args.region, args.cluster_name, *known, role_arn=args.deploy_role_arn)
            ),
            *access,
            *rules,
        )
        self.node_role_name = after(node_role.name, cluster, *node_policies)
        self.node_key_arn = after(node_key.arn, own_policy)
        self.security_group_id = cluster.vpc_config.apply(lambda vpc: vpc.cluster_security_group_id or "")
        self.register_outputs(
            {
                "cluster_name": self.cluster_name,
                "cluster_arn": self.cluster_arn,
                "endpoint": self.endpoint,
                "kubeconfig": self.kubeconfig,
                "node_role_name": self.node_role_name,
                "node_key_arn": self.node_key_arn,
                "security_group_id": self.security_group_id,
            }
        )


def _role(
    name: str, trust: pulumi.Input[str], policies: Sequence[str], child: pulumi.ResourceOptions
) -> tuple[iam.Role, list[pulumi.Resource]]:
    role = iam.Role(name, assume_role_policy=trust, opts=child)
    return role, [
        iam.RolePolicyAttachment(
            f"{name}-{policy}", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}", opts=child
        )
        for policy in policies
    ]


def _admin(
    name: str, role: str, account_id: pulumi.Input[str], cluster: eks.Cluster, child: pulumi.ResourceOptions
) -> pulumi.Resource:
    role = role.partition(":role/")[2] or role
    entry = eks.AccessEntry(
        f"{name}-admin-{role}",
        cluster_name=cluster.name,
        # With its path: EKS compares the complete ARN. https://github.com/aws/containers-roadmap/issues/185
        principal_arn=pulumi.Output.concat("arn:aws:iam::", account_id, ":role/", role),
        opts=child,
    )
    association: pulumi.Resource = eks.AccessPolicyAssociation(
        f"{name}-admin-{role}",
        cluster_name=cluster.name,
        principal_arn=entry.principal_arn,
        policy_arn=CLUSTER_ADMIN,
        access_scope={"type": "cluster"},
        opts=child,
    )
    return association
