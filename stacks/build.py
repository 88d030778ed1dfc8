"""A complete environment. Environments differ only in their settings."""

from collections.abc import Mapping, Sequence

import pulumi

from components.image import BuildContext
from components.order import after
from stacks.alarms import build_alarms
from stacks.bundled import bundled_spec
from stacks.database import build_database
from stacks.deployed import read_deployed
from stacks.edge import build_distribution, build_edge
from stacks.foundation import Admitted, build_foundation
from stacks.image import PLATFORMS, build_image
from stacks.named_services import Shared, build_named_services
from stacks.names import DATABASE_USER, Names
from stacks.pod_logs import build_pod_logs
from stacks.service import build_service
from stacks.settings import AssumedRole, Settings


def build(
    settings: Settings,
    environment: str,
    context: BuildContext,
    roles: Sequence[AssumedRole] = (),
    admitted: Admitted | None = None,
) -> Mapping[str, pulumi.Input[str] | Mapping[str, pulumi.Input[str]]]:
    """Create all resources of an environment and return its outputs, none of them secret.

    `environment` is the stack's name; `context` the build context of the bundled service; `roles` are
    assumed one after the other for the deployment; `admitted` waits until the new cluster accepts the deployment.
    """
    names = Names(environment)
    deployed = read_deployed()
    base = build_foundation(settings, names, deployed, roles, admitted)
    build_pod_logs(settings, names, base)
    database = build_database(settings, names, base, deployed)
    platform = PLATFORMS[settings.cluster.architecture]
    image = build_image(names.repository, base.registry, base.aws, context, deployed, platform=platform)
    edge = build_edge(settings, names, base)
    spec = bundled_spec(settings, base, database, edge)
    service = build_service(spec, settings, names, base, image=image.ref, database=database)
    base.registry.add_lifecycle(after(image.tag, service.workload))
    if service.queue:
        build_alarms(settings, names, base, edge=edge, database=database, queue=service.queue)
    shared = Shared(context=context, deployed=deployed, edge=edge, database=database, bundled=service)
    named = build_named_services(settings, names, base, shared)
    build_distribution(settings, names, base, edge, named.routes)
    return {
        **({"service_urls": named.urls} if named.urls else {}),
        "url": edge.url,
        "region": settings.region,
        "vpc_id": base.network.vpc_id,
        "flow_logs_bucket": base.network.flow_logs_bucket,
        "cluster_name": base.cluster.cluster_name,
        "namespace": service.workload.namespace,
        "repository_url": base.registry.repository_url,
        "image": image.ref,
        "database_endpoint": database.endpoint,
        "database_secret_arn": database.master_secret_arn,
        # Without a password, because the service has none.
        "database_url": pulumi.Output.format(
            "postgresql://{0}@{1}/{2}", DATABASE_USER, database.endpoint, database.database_name
        ),
    }
