"""The services of `drydock:services`, in addition to the bundled one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import pulumi

from components.database import Database
from components.edge import Edge
from components.image import BuildContext
from components.manifests.process import Probes, Process
from components.order import after
from components.pod_role import PodRole
from components.registry import Registry, RegistryArgs
from components.route import Route, RouteArgs
from stacks.alarms import build_alarms_of
from stacks.database import database_authorities, database_policy
from stacks.deployed import Deployed
from stacks.foundation import Foundation
from stacks.image import PLATFORMS, build_image
from stacks.names import NAMESPACE, Names, database_role, migration_role
from stacks.routes import priorities
from stacks.service import Service, build_service, role_args
from stacks.settings import Settings
from stacks.settings.services import NamedServiceSettings, RouteSettings
from stacks.spec import Logical, Migration, ServiceSpec, Worker


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What the services of a stack share."""

    context: BuildContext
    """Folder of the bundled service; the folders of others are relative to its parent."""
    deployed: Deployed
    edge: Edge
    database: Database
    bundled: Service


@dataclass(frozen=True, kw_only=True)
class NamedServices:
    """The services as built."""

    urls: Mapping[str, pulumi.Output[str]]
    """By name."""
    routes: Sequence[Route]


def build_named_services(settings: Settings, names: Names, base: Foundation, shared: Shared) -> NamedServices:
    """Create all of them."""
    urls, routes = {}, []
    priority = priorities({name: wanted.route for name, wanted in settings.services.items()})
    for name, wanted in sorted(settings.services.items()):
        args = _route_args(wanted, settings, names, base, shared.edge, priority=priority[name])
        route = Route(name, args, base.on_aws)
        access = _access(name, wanted, settings, base, shared) if wanted.database else None
        spec = _spec(name, wanted, route, shared.bundled, access)
        if wanted.folder is None:
            service = build_service(spec, settings, names, base, image=wanted.image, database=shared.database)
        else:
            service = _build_from_folder(spec, wanted.folder, settings, names, base, shared=shared)
        build_alarms_of(name, settings, names, base, edge=shared.edge, route=route, queue=service.queue)
        routes.append(route)
        urls[name] = shared.edge.url.apply(partial(url_of, wanted.route))
    return NamedServices(urls=urls, routes=routes)


def _build_from_folder(
    spec: ServiceSpec, folder: str, settings: Settings, names: Names, base: Foundation, *, shared: Shared
) -> Service:
    """Create a service from a folder with a Dockerfile, with its own image repository."""
    args = RegistryArgs(repository_name=names.repository_of(spec.app), protect=settings.protect)
    registry = Registry(f"{spec.app}-registry", args, base.on_aws)
    image = build_image(
        args.repository_name,
        registry,
        base.aws,
        beside(shared.context, folder),
        shared.deployed,
        platform=PLATFORMS[settings.cluster.architecture],
        logical=f"{spec.app}-image",
    )
    service = build_service(spec, settings, names, base, image=image.ref, database=shared.database)
    registry.add_lifecycle(after(image.tag, service.workload))
    return service


def beside(context: BuildContext, folder: str) -> BuildContext:
    """Return the build context of a folder that is relative to the parent of `context`."""
    location = PurePosixPath(context.location).parent / folder
    return BuildContext(folder=context.folder.parent / folder, location=str(location))


def url_of(route: RouteSettings, url: str) -> str:
    """Return the URL of a service from that of the load balancer and its route."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    host = f"{route.host}{port}" if route.host else parts.netloc
    return f"{parts.scheme}://{host}{route.path_prefix or ''}"


@dataclass(frozen=True, kw_only=True)
class Access:
    """Access of a service to the database."""

    user: str
    policy: pulumi.Output[str]
    authorities: str
    config: Mapping[str, str]
    migration: Migration | None
    schema: pulumi.Resource
    """The Job that creates its schema."""
    made: Sequence[pulumi.Resource]
    """The role of its migration."""


def _access(name: str, wanted: NamedServiceSettings, settings: Settings, base: Foundation, shared: Shared) -> Access:
    made, migration = [], None
    if wanted.migration:
        account, user = f"{name}-migration", migration_role(name)
        migration = Migration(
            process=Process(command=wanted.migration.command), service_account=account, config={"DB_USER": user}
        )
        policy = database_policy(settings, base, shared.database, user)
        # Two hyphens: no service has such a name.
        made.append(
            PodRole(f"service-{name}--migration", role_args(base, _namespace(name), account, policy), base.on_aws)
        )
    user = database_role(name)
    return Access(
        user=user,
        policy=database_policy(settings, base, shared.database, user),
        authorities=database_authorities(shared.context, settings.region),
        config={"DB_MAX_CONNECTIONS": str(wanted.database.max_connections)} if wanted.database else {},
        migration=migration,
        schema=shared.bundled.workload.schemas[name],
        made=made,
    )


def _namespace(name: str) -> str:
    return f"{NAMESPACE}-{name}"


def _spec(
    name: str, wanted: NamedServiceSettings, route: Route, bundled: Service, access: Access | None
) -> ServiceSpec:
    worker = wanted.worker
    return ServiceSpec(
        app=name,
        namespace=_namespace(name),
        # Its secrets are mounted by the driver that the bundled service installs.
        waits_for=[bundled.mounted, *(access.made if access else [])],
        pods_wait_for=[access.schema] if access else [],
        logical=Logical(
            role=f"service-{name}",
            secrets=f"{name}-mounted-secrets",
            queue=f"jobs-{name}",
            workload=f"{name}-workload",
        ),
        policy=access.policy if access else None,
        config={**(access.config if access else {}), **wanted.environment},
        pods=wanted,
        server=Process(
            command=wanted.command or (),
            probes=Probes(startup=wanted.liveness_path, readiness=wanted.readiness_path, liveness=wanted.liveness_path),
        ),
        port=wanted.port,
        target_group_arn=route.target_group_arn,
        database_user=access.user if access else None,
        database_authorities=access.authorities if access else None,
        queue=wanted.queue,
        worker=Worker(process=Process(command=worker.command), replicas=worker.replicas) if worker else None,
        migration=access.migration if access else None,
        existing=wanted.secrets,
        driver=False,
        dependency_ports=wanted.dependency_ports,
    )


def _route_args(
    wanted: NamedServiceSettings, settings: Settings, names: Names, base: Foundation, edge: Edge, *, priority: int
) -> RouteArgs:
    domain = settings.edge.domain
    has_record = domain is not None and wanted.route.host not in (None, domain)
    return RouteArgs(
        vpc_id=base.network.vpc_id,
        cluster_name=names.cluster,
        pod_port=wanted.port,
        health_path=wanted.readiness_path,
        deregistration_seconds=wanted.pre_stop_seconds + wanted.shutdown_seconds,
        listeners=edge.listener_arns,
        priority=priority,
        keys=edge.origin_keys,
        host=wanted.route.host,
        path_prefix=wanted.route.path_prefix,
        zone=settings.edge.hosted_zone if has_record else None,
        dns_name=edge.dns_name,
        dns_zone_id=edge.dns_zone_id,
    )
