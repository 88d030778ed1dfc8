"""The database of an environment, which the services share."""

import base64
import re

import pulumi

from components._iam import connect_database
from components.database import Database, DatabaseArgs
from components.image import BuildContext
from stacks.deferred import deferred
from stacks.deployed import Deployed
from stacks.foundation import Foundation
from stacks.names import Names
from stacks.settings import Settings

AUTHORITIES_FILE = "rds-ca.pem"
"""RDS's root certificates of every region, in the folder of the bundled service."""
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)-----END CERTIFICATE-----\n")


def build_database(settings: Settings, names: Names, base: Foundation, deployed: Deployed) -> Database:
    """Create the database, and warn about changes that RDS defers. `deployed` are the resources in the state."""
    database = Database("database", _database_args(settings, names, base), base.on_aws)
    for line in deferred(settings.database, names.database, deployed):
        pulumi.log.warn(line, resource=database)
    return database


def database_policy(settings: Settings, base: Foundation, database: Database, user: str) -> pulumi.Output[str]:
    """Return the policy that allows pods to sign in to the database as a PostgreSQL role."""
    return pulumi.Output.all(base.account_id, database.resource_id).apply(
        lambda known: connect_database(settings.region, known[0], known[1], user)
    )


def database_authorities(context: BuildContext, region: str) -> str:
    """Return RDS's root certificates of a region, as PEM, from the file of the bundled service.

    Raises:
        pulumi.RunError: the file is missing, or has no certificate of the region.
    """
    path = context.folder / AUTHORITIES_FILE
    text = path.read_text() if path.is_file() else ""
    # The name of the authority is plain text in the certificate: `Amazon RDS eu-central-1 Root CA RSA2048 G1`.
    name = f"Amazon RDS {region} Root CA ".encode()
    found = [each[0] for each in _CERTIFICATE.finditer(text) if name in base64.b64decode(each[1])]
    if not found:
        raise pulumi.RunError(
            f"{path}: must contain the root certificates of RDS in {region}, which services with a database trust; get "
            f"them from https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem"
        )
    return "".join(found)


def _database_args(settings: Settings, names: Names, base: Foundation) -> DatabaseArgs:
    wanted = settings.database
    return DatabaseArgs(
        identifier=names.database,
        vpc_id=base.network.vpc_id,
        subnet_ids=base.network.database_subnet_ids,
        client_security_group_id=base.cluster.security_group_id,
        engine_version=wanted.engine_version,
        instance_class=wanted.instance_class,
        allocated_storage_gib=wanted.allocated_storage_gib,
        max_allocated_storage_gib=wanted.max_allocated_storage_gib,
        multi_az=wanted.multi_az,
        max_connections=wanted.max_connections,
        backup_retention_days=wanted.backup_retention_days,
        log_retention_days=wanted.log_retention_days,
        existing_log_groups=base.log_groups,
        performance_insights=wanted.performance_insights,
        apply_immediately=wanted.apply_immediately,
        allow_major_version_upgrade=wanted.allow_major_version_upgrade,
        deletion_protection=wanted.deletion_protection,
        skip_final_snapshot=wanted.skip_final_snapshot,
        protect=settings.protect,
    )
