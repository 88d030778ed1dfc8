"""One environment, whole. Environments differ in their settings and in nothing else."""

from collections.abc import Mapping, Sequence

import pulumi

from components.image import BuildContext
from stacks.deployed import read_deployed
from stacks.foundation import Admitted, build_foundation
from stacks.names import Names
from stacks.service import build_service
from stacks.settings import AssumedRole, Settings


def build(
    settings: Settings,
    environment: str,
    context: BuildContext,
    roles: Sequence[AssumedRole] = (),
    admitted: Admitted | None = None,
) -> Mapping[str, pulumi.Input[str]]:
    """Make all resources of an environment and give its outputs, none of them secret.

    `environment` is the stack's name; `context` what the service's image is built from; `roles` are
    taken one after the other to deploy it; `admitted` waits until the new cluster lets the deployment in.
    """
    names = Names(environment)
    deployed = read_deployed()
    base = build_foundation(settings, names, deployed, roles, admitted)
    service = build_service(settings, names, base, context, deployed)
    return {
        "url": service.edge.url,
        "region": settings.region,
        "vpc_id": base.network.vpc_id,
        "flow_logs_bucket": base.network.flow_logs_bucket,
        "cluster_name": base.cluster.cluster_name,
        "namespace": service.workload.namespace,
        "repository_url": base.registry.repository_url,
        "image": service.image.ref,
        "database_endpoint": service.database.endpoint,
        "database_secret_arn": service.database.master_secret_arn,
        "database_url": service.database_url,
    }
