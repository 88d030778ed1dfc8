"""AppSecrets: the service's credentials in Secrets Manager, and the role by which its pods alone read them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import eks, iam, kms, secretsmanager

from components._iam import assume_role_for_cluster, read_secret


@dataclass(frozen=True, kw_only=True)
class AppSecretsArgs:
    """What AppSecrets are made from."""

    values: Mapping[str, pulumi.Input[str] | pulumi.Input[int]]
    """What the secret holds: one JSON object with these keys."""

    description: str
    """What the secret is for, shown in Secrets Manager."""

    account_id: pulumi.Input[str]
    """AWS account of the cluster."""

    cluster_name: pulumi.Input[str]
    """Cluster whose pods read the secret."""

    cluster_arn: pulumi.Input[str]
    """ARN of that cluster; the role trusts no other."""

    namespace: str
    """Kubernetes namespace of the pods."""

    service_account: str
    """Kubernetes ServiceAccount of the pods."""

    recovery_window_days: int = 30
    """Days in which a deleted secret can be restored: 7 to 30, or 0 for none."""

    protect: bool = True
    """Have Pulumi refuse to delete the secret and its key."""


class AppSecrets(pulumi.ComponentResource):
    """The service's credentials. Holds state: protected, and restorable for a while after deletion."""

    secret_arn: pulumi.Output[str]
    """ARN of the secret, known once it has a value."""

    role_arn: pulumi.Output[str]
    """ARN of the role that the service's pods take, by Pod Identity."""

    role_name: pulumi.Output[str]
    """Name of that role, for what else the pods may do."""

    def __init__(self, name: str, args: AppSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:secrets:AppSecrets", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        stateful = pulumi.ResourceOptions(parent=self, protect=args.protect)

        key = kms.Key(
            f"{name}-key",
            description=args.description,
            enable_key_rotation=True,
            deletion_window_in_days=30,
            opts=stateful,
        )
        secret = secretsmanager.Secret(
            f"{name}-secret",
            description=args.description,
            kms_key_id=key.arn,
            recovery_window_in_days=args.recovery_window_days,
            opts=stateful,
        )
        version = secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps(pulumi.Output.secret(dict(args.values))),
            opts=child,
        )
        role = iam.Role(
            f"{name}-reader",
            assume_role_policy=pulumi.Output.all(args.account_id, args.cluster_arn).apply(
                lambda known: assume_role_for_cluster("pods.eks.amazonaws.com", *known)
            ),
            opts=child,
        )
        iam.RolePolicy(
            f"{name}-reader",
            role=role.id,
            policy=pulumi.Output.all(secret.arn, key.arn).apply(lambda known: read_secret(*known)),
            opts=child,
        )
        eks.PodIdentityAssociation(
            f"{name}-reader",
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=args.service_account,
            role_arn=role.arn,
            opts=child,
        )

        self.secret_arn = version.secret_arn
        self.role_arn = role.arn
        self.role_name = role.name
        self.register_outputs({"secret_arn": self.secret_arn, "role_arn": self.role_arn, "role_name": self.role_name})
