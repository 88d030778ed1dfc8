"""PodRole: the IAM role of the pods of one Kubernetes ServiceAccount, by EKS Pod Identity."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import eks, iam

from components._iam import assume_role_for_cluster


@dataclass(frozen=True, kw_only=True)
class PodRoleArgs:
    """Arguments of a PodRole."""

    account_id: pulumi.Input[str]
    """AWS account of the cluster."""

    cluster_name: pulumi.Input[str]
    """Cluster of the pods."""

    cluster_arn: pulumi.Input[str]
    """ARN of that cluster, the only one that the role trusts."""

    namespace: str
    """Kubernetes namespace of the pods."""

    service_account: str
    """Kubernetes ServiceAccount of the pods."""

    policy: pulumi.Input[str] | None
    """Policy document of the pods' permissions; None: it is attached elsewhere."""

    use: str = "reader"
    """Suffix of the role's name: the role of the pods for the resource of the policy."""


class PodRole(pulumi.ComponentResource):
    """A role for the pods of one ServiceAccount."""

    role_arn: pulumi.Output[str]
    """ARN of the role."""

    role_name: pulumi.Output[str]
    """Name of the role, to attach further policies."""

    def __init__(self, name: str, args: PodRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:roles:PodRole", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            f"{name}-{args.use}",
            assume_role_policy=pulumi.Output.all(args.account_id, args.cluster_arn).apply(
                lambda known: assume_role_for_cluster("pods.eks.amazonaws.com", *known)
            ),
            opts=child,
        )
        if args.policy is not None:
            iam.RolePolicy(f"{name}-{args.use}", role=role.id, policy=args.policy, opts=child)
        eks.PodIdentityAssociation(
            f"{name}-{args.use}",
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=args.service_account,
            role_arn=role.arn,
            opts=child,
        )

        self.role_arn = role.arn
        self.role_name = role.name
        self.register_outputs({"role_arn": self.role_arn, "role_name": self.role_name})
