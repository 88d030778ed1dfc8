"""Database: an encrypted, private PostgreSQL on RDS that only one security group can reach.

Creates the keys, the subnet group, the security group, the parameter group that requires TLS, the log groups and the
instance. RDS keeps the password of its master user in Secrets Manager. It creates no databases or roles inside the
instance: the migrations of the service do.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_random as random
from pulumi_aws import ec2, kms, rds, vpc

from components._log_groups import log_group

PORT = 5432
MAINTENANCE_WINDOW = "sun:03:30-sun:04:30"  # UTC, after the backups
LOG_EXPORTS = ("postgresql", "upgrade")  # all types of RDS for PostgreSQL


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """Arguments of a Database."""

    identifier: str
    """Name of the instance in RDS. It is fixed, so that a replacement fails instead of silently creating an empty
    one."""

    vpc_id: pulumi.Input[str]
    """VPC of the subnets."""

    subnet_ids: pulumi.Input[Sequence[str]]
    """Subnets without a route out, in at least two availability zones."""

    client_security_group_id: pulumi.Input[str]
    """The only security group that may connect."""

    engine_version: str
    """PostgreSQL version with its minor version, such as `18.1`. There are no automatic upgrades."""

    instance_class: str
    """RDS instance class, such as `db.m7g.large`."""

    database_name: str = "app"
    """Name of the first database."""

    username: str = "app"
    """Name of the master user."""

    allocated_storage_gib: int = 100
    """Initial storage in GiB."""

    max_allocated_storage_gib: int = 500
    """Maximum of automatic storage scaling, in GiB."""

    multi_az: bool = True
    """Run a standby in another zone for failover."""

    max_connections: int = 400
    """`max_connections` of the server; a change needs a restart of the instance."""

    backup_retention_days: int = 14
    """Days of point-in-time recovery. 1 to 35."""

    log_retention_days: int = 365
    """Retention of the exported logs in days."""

    existing_log_groups: Collection[str] = ()
    """Names of existing log groups that are not in the state; those of the instance are imported."""

    performance_insights: bool = True
    """Enable Performance Insights with 7 days of history, which is free. The smallest classes do not support it."""

    deletion_protection: bool = True
    """Enable deletion protection in RDS."""

    apply_immediately: bool = False
    """Apply changes that interrupt the service immediately, not in the next maintenance window."""

    allow_major_version_upgrade: bool = False
    """Allow an upgrade to another major version. Requires `apply_immediately`: the parameter group of the old
    version is deleted in the same deployment, which RDS refuses while the upgrade waits for its window."""

    skip_final_snapshot: bool = False
    """Delete without a final snapshot, and delete the automated backups too."""

    protect: bool = True
    """Protect the instance and its keys from deletion by Pulumi."""


class Database(pulumi.ComponentResource):
    """A PostgreSQL instance on RDS. Stateful: protected, with deletion protection and a final snapshot by default."""

    host: pulumi.Output[str]
    """DNS name of the instance."""

    port: pulumi.Output[int]
    """Port it listens on."""

    endpoint: pulumi.Output[str]
    """Host and port, as `host:port`."""

    database_name: pulumi.Output[str]
    """Name of the first database."""

    username: pulumi.Output[str]
    """Name of the master user."""

    resource_id: pulumi.Output[str]
    """Resource id of the instance, `db-...`, for IAM policies; each instance has a new one."""

    master_secret_arn: pulumi.Output[str]
    """ARN of the secret of the master user, a JSON object with `username` and `password`."""

    master_key_arn: pulumi.Output[str]
    """ARN of the key that encrypts that secret."""

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:database:Database", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        stateful = pulumi.ResourceOptions(parent=self, protect=args.protect)

        key = kms.Key(
            f"{name}-storage",
            description=f"Storage, backups and insights of {args.identifier}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            # A snapshot cannot be read without the key that encrypts it, so the key is kept if there is a final
            # snapshot.
            opts=pulumi.ResourceOptions.merge(
                stateful, pulumi.ResourceOptions(retain_on_delete=not args.skip_final_snapshot)
            ),
        )
        # A separate key: readers of the secret need no access to the key of the storage.
        master_key = kms.Key(
            f"{name}-master",
            description=f"Secret of the master user of {args.identifier}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            opts=stateful,
        )
        subnets = rds.SubnetGroup(f"{name}-subnets", subnet_ids=args.subnet_ids, opts=child)
        group = self._security_group(name, args, child)
        parameters = rds.ParameterGroup(
            f"{name}-parameters",
            family=f"postgres{args.engine_version.partition('.')[0]}",
            parameters=[
                {
                    "name": "rds.force_ssl",
                    "value": "1",
                    # RDS always reports this method; another one would be an update in every plan:
                    # https://github.com/hashicorp/terraform-provider-aws/issues/39252. A new instance starts with it.
                    "apply_method": "pending-reboot",
                },
                {"name": "log_min_duration_statement", "value": "500"},
                {
                    "name": "max_connections",
                    "value": str(args.max_connections),
                    "apply_method": "pending-reboot",  # PostgreSQL reads it only when it starts
                },
            ],
            opts=child,
        )
        # Otherwise RDS creates the log groups itself, without an expiry, and keeps them when the instance is deleted.
        logs = [
            log_group(
                f"{name}-{log}",
                f"/aws/rds/instance/{args.identifier}/{log}",
                args.log_retention_days,
                args.existing_log_groups,
                stateful,
            )
            for log in LOG_EXPORTS
        ]
        instance = rds.Instance(
            f"{name}-instance",
            identifier=args.identifier,
            engine="postgres",
            engine_version=args.engine_version,
            allow_major_version_upgrade=args.allow_major_version_upgrade,
            apply_immediately=args.apply_immediately,
            auto_minor_version_upgrade=False,  # a version changes in a pull request, not in a maintenance window
            instance_class=args.instance_class,
            db_name=args.database_name,
            username=args.username,
            # RDS generates the password and keeps it in Secrets Manager: it is not in the state.
            manage_master_user_password=True,
            master_user_secret_kms_key_id=master_key.arn,
            iam_database_authentication_enabled=True,
            port=PORT,
            allocated_storage=args.allocated_storage_gib,
            max_allocated_storage=args.max_allocated_storage_gib,
            storage_type="gp3",
            storage_encrypted=True,
            kms_key_id=key.arn,
            multi_az=args.multi_az,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            parameter_group_name=parameters.name,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            backup_retention_period=args.backup_retention_days,
            backup_window="02:00-03:00",
            maintenance_window=MAINTENANCE_WINDOW,
            copy_tags_to_snapshot=True,
            delete_automated_backups=args.skip_final_snapshot,
            skip_final_snapshot=args.skip_final_snapshot,
            final_snapshot_identifier=self._final_snapshot(name, args, key, child),
            deletion_protection=args.deletion_protection,
            performance_insights_enabled=args.performance_insights,
            performance_insights_kms_key_id=key.arn if args.performance_insights else None,
            performance_insights_retention_period=7 if args.performance_insights else None,
            enabled_cloudwatch_logs_exports=list(LOG_EXPORTS),
            opts=pulumi.ResourceOptions.merge(stateful, pulumi.ResourceOptions(depends_on=logs)),
        )

        self.host = instance.address
        self.port = instance.port
        self.endpoint = pulumi.Output.format("{0}:{1}", instance.address, instance.port)
        self.database_name = instance.db_name
        self.username = instance.username
        self.resource_id = instance.resource_id
        self.master_secret_arn = instance.master_user_secrets.apply(_master_secret)
        self.master_key_arn = master_key.arn
        self.register_outputs(
            {
                "host": self.host,
                "port": self.port,
                "endpoint": self.endpoint,
                "database_name": self.database_name,
                "username": self.username,
                "resource_id": self.resource_id,
                "master_secret_arn": self.master_secret_arn,
                "master_key_arn": self.master_key_arn,
            }
        )

    def _final_snapshot(
        self, name: str, args: DatabaseArgs, key: kms.Key, child: pulumi.ResourceOptions
    ) -> pulumi.Output[str] | None:
        """Name the final snapshot of this instance: RDS refuses the name of the snapshot of an earlier instance."""
        if args.skip_final_snapshot:
            return None
        replacing = {"key": key.arn, "name": args.database_name, "username": args.username}
        life = random.RandomId(f"{name}-life", byte_length=4, keepers=replacing, opts=child)
        return pulumi.Output.format("{0}-final-{1}", args.identifier, life.hex)

    def _security_group(self, name: str, args: DatabaseArgs, child: pulumi.ResourceOptions) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            f"{name}-access",
            description="PostgreSQL from the cluster",
            vpc_id=args.vpc_id,
            tags={"Name": args.identifier},
            opts=child,
        )
        vpc.SecurityGroupIngressRule(
            f"{name}-access-clients",
            security_group_id=group.id,
            description="PostgreSQL from the nodes and pods of the cluster",
            referenced_security_group_id=args.client_security_group_id,
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            opts=child,
        )
        return group


def _master_secret(secrets: Sequence[Any]) -> str:
    if secrets:
        return str(secrets[0].secret_arn)
    # An instance that still has a password set by the program: the update that changes this creates the secret.
    if pulumi.runtime.is_dry_run():
        return "arn:aws:secretsmanager:::secret:rds!db-made-by-this-update"
    raise pulumi.RunError("RDS reports no secret of the master user, although it manages the password")
