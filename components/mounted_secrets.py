"""MountedSecrets: secrets of Secrets Manager that the pods of a service mount as files.

Creates the secrets whose values are generated, looks up existing ones, installs the EKS
add-on that mounts and refreshes them, unless another MountedSecrets does, and allows one role to read them. The volume
belongs to the Workload.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter

import pulumi
import pulumi_random as random
from pulumi_aws import eks, iam, kms, secretsmanager

from components._addons import SECRETS_STORE
from components._iam import read_secrets
from components.order import after

GENERATED_LENGTH = 40  # letters and digits: 238 bits
# Pods have a new value after two to three minutes: the kubelet calls the driver about once a minute, and the driver
# calls Secrets Manager when this time has passed.
# https://secrets-store-csi-driver.sigs.k8s.io/topics/secret-auto-rotation
ROTATION_POLL = "2m"
MAX_FILTER_VALUES = 10  # of one filter of ListSecrets
_ARN = re.compile(r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:(.+)-[A-Za-z0-9]{6}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class MountedSecretsArgs:
    """Arguments of MountedSecrets. Files have the names of the service's settings, such as `API_KEY`."""

    description: str
    """Description of the secrets in Secrets Manager."""

    region: str
    """AWS region of the cluster and of the secrets."""

    account_id: pulumi.Input[str]
    """AWS account of both."""

    cluster_name: pulumi.Input[str]
    """Cluster that gets the add-on."""

    addon_version: str | None
    """Version of the add-on `aws-secrets-store-csi-driver-provider`, such as `v3.1.2-eksbuild.1`. None: another
    MountedSecrets of the cluster installs it."""

    role_name: pulumi.Input[str]
    """Role of the pods, by Pod Identity. It may read only these secrets."""

    generated: Sequence[str] = ()
    """Files whose value is generated here."""

    existing: Mapping[str, str] = field(default_factory=dict)
    """Names of existing secrets in this account and region, by file."""

    recovery_window_days: int = 30
    """Recovery window of a deleted secret in days: 7 to 30, or 0 for none."""

    protect: bool = True
    """Protect the generated secrets and their key from deletion by Pulumi."""


class MountedSecrets(pulumi.ComponentResource):
    """Secrets as files of pods. Stateful: protected, and restorable for some days after deletion."""

    arns: Mapping[str, pulumi.Output[str]]
    """ARN of each secret by file, known once the secret has a value and can be read and mounted."""

    def __init__(self, name: str, args: MountedSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:secrets:MountedSecrets", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        readable = [_driver(name, args, args.addon_version, child)] if args.addon_version else []
        made, key = self._make(name, args)
        found = self._find(args)
        arns = {**made, **found}
        if arns:
            policy = pulumi.Output.all(
                made=pulumi.Output.all(*made.values()),
                found=pulumi.Output.all(*found.values()),
                key=key.arn if key else None,
                account=args.account_id,
            ).apply(lambda known: _policy(args.region, **known))
            readable.append(iam.RolePolicy(f"{name}-reader", role=args.role_name, policy=policy, opts=child))
        self.arns = {file: after(arn, *readable) for file, arn in sorted(arns.items())}
        self.register_outputs({"arns": self.arns})

    def _make(self, name: str, args: MountedSecretsArgs) -> tuple[dict[str, pulumi.Output[str]], kms.Key | None]:
        """Create the generated secrets, and return their ARNs, known once they have a value, and their key."""
        child = pulumi.ResourceOptions(parent=self)
        stateful = pulumi.ResourceOptions(parent=self, protect=args.protect)
        if not args.generated:
            return {}, None
        values: dict[str, pulumi.Input[str]] = {
            file: random.RandomPassword(
                f"{name}-{_slug(file)}", length=GENERATED_LENGTH, special=False, opts=child
            ).result
            for file in args.generated
        }
        key = kms.Key(
            f"{name}-key",
            description=args.description,
            enable_key_rotation=True,
            deletion_window_in_days=30,
            opts=stateful,
        )
        arns = {}
        for file, value in values.items():
            secret = secretsmanager.Secret(
                f"{name}-{_slug(file)}",
                description=f"{args.description}: {file}",
                kms_key_id=key.arn,
                recovery_window_in_days=args.recovery_window_days,
                opts=stateful,
            )
            version = secretsmanager.SecretVersion(
                f"{name}-{_slug(file)}",
                secret_id=secret.id,
                secret_string=pulumi.Output.secret(value),
                opts=child,
            )
            arns[file] = version.secret_arn
        return arns, key

    def _find(self, args: MountedSecretsArgs) -> dict[str, pulumi.Output[str]]:
        """Look up the existing secrets; one error lists all that are missing, also in a preview."""
        if not args.existing:
            return {}
        names = sorted(set(args.existing.values()))
        answers = [
            secretsmanager.get_secrets_output(
                filters=[{"name": "name", "values": names[first : first + MAX_FILTER_VALUES]}],
                opts=pulumi.InvokeOutputOptions(parent=self),
            ).arns
            for first in range(0, len(names), MAX_FILTER_VALUES)
        ]
        arns = pulumi.Output.all(args.account_id, *answers).apply(
            lambda known: matched(
                args.existing,
                list(chain.from_iterable(known[1:])),
                f"account {known[0]} in {args.region}",
                args.description,
            )
        )
        return {file: arns.apply(itemgetter(file)) for file in args.existing}


def _driver(name: str, args: MountedSecretsArgs, version: str, child: pulumi.ResourceOptions) -> eks.Addon:
    return eks.Addon(
        f"{name}-driver",
        cluster_name=args.cluster_name,
        addon_name=SECRETS_STORE,
        addon_version=version,
        # No copies in Kubernetes Secrets: a secret is only in a file of its pod.
        configuration_values=pulumi.Output.json_dumps(
            {"secrets-store-csi-driver": {"enableSecretRotation": True, "rotationPollInterval": ROTATION_POLL}}
        ),
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        opts=child,
    )


def matched(existing: Mapping[str, str], arns: Sequence[str], where: str, description: str) -> dict[str, str]:
    """Return the ARN of each secret by file.

    Args:
        existing: name by file.
        arns: existing secrets. Secrets Manager lists no secret that is scheduled for deletion, and all whose name
            starts with the requested text.
        where: account and region, for the message.
        description: description of the secrets, which names their service.

    Raises:
        pulumi.RunError: secrets are missing; the message names all of them.
    """
    by_name = {match[1]: arn for arn in arns if (match := _ARN.fullmatch(arn))}
    missing = [f"  {file}: {name}" for file, name in sorted(existing.items()) if name not in by_name]
    if missing:
        raise pulumi.RunError(
            f"{description}: missing in Secrets Manager of {where}, or scheduled for deletion:\n"
            + "\n".join(missing)
            + "\ncreate them, for example with `aws secretsmanager create-secret`, or correct their names in `secrets` "
            "of the service in the stack file"
        )
    return {file: by_name[name] for file, name in existing.items()}


def _policy(region: str, *, made: Sequence[str], found: Sequence[str], key: str | None, account: str) -> str:
    return read_secrets([*made, *found], key, region=region, account_id=account, foreign=list(found))


def _slug(file: str) -> str:
    return file.lower().replace("_", "-")
