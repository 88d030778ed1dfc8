"""The services of a world: the bundled one and those of `drydock:services`, with the names of their resources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.bundled import WORKER
from stacks.settings.pods import PodSettings
from tests.support.recorder import Recorded
from tests.support.worlds import World

DEPLOYMENT, JOB = "kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job"
CONFIG = "kubernetes:core/v1:ConfigMap"
BUNDLED = "api"


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service, as its settings describe it. The names of components are logical names of Pulumi."""

    app: str
    """`api`, or its name in `drydock:services`."""
    namespace: str
    workload: str
    """Component of its Kubernetes objects."""
    targets: str
    """Its target group."""
    role: str
    migration_role: str | None
    """Role of its migration; None: it has no migration."""
    mounted: str
    """Component of its secrets."""
    queue: str | None
    """Component of its queue; None: it has no queue."""
    registry: str | None
    image: str | None
    """Components of its repository and its image; None: the stack file has the image by digest."""
    digest: str | None
    """Its image by digest; None: the program builds it."""
    port: int
    pods: PodSettings
    drain_seconds: int
    workers: int
    """Number of worker pods."""
    user: str | None
    """Database user of its pods; None: it has no database."""
    connections: str
    """Environment variable with the maximum of database connections of a pod."""
    existing: Mapping[str, str]
    """Mounted secrets that the program does not create: file -> secret."""

    @property
    def components(self) -> dict[str, str]:
        """Return its components, each with the name of the bundled service's component of the same kind."""
        own = {
            self.workload: "workload",
            self.role.removesuffix("-reader"): "app-secrets",
            (self.migration_role or "").removesuffix("-reader"): "migration",
            self.mounted: "mounted-secrets",
            self.queue: "jobs",
            self.registry: "registry",
            self.image: "image",
            **({} if self.bundled else {self.app: "route"}),
        }
        return {name: kind for name, kind in own.items() if name}

    @property
    def bundled(self) -> bool:
        """Whether it is the bundled service."""
        return self.app == BUNDLED

    def all(self, world: World, type_: str) -> list[Recorded]:
        """Return its Kubernetes objects of a type."""
        return [each for each in world.all(type_) if each.parent.rpartition("::")[2] == self.workload]

    def only(self, world: World, type_: str, part: str) -> Recorded:
        """Return its Kubernetes object with the name of a part, such as `deployment` or `worker`."""
        return world.only(type_, f"{self.workload}-{part}")

    def config(self, world: World) -> Mapping[str, str]:
        """Return the environment variables of its pods."""
        data: Mapping[str, str] = self.only(world, CONFIG, "config").inputs["data"]
        return data

    def templates(self, world: World) -> dict[str, dict[str, Any]]:
        """Return the pod templates of its Deployments and Jobs by part, such as `deployment` or `migration`."""
        return {
            each.name.removeprefix(f"{self.workload}-"): each.inputs["spec"]["template"]
            for type_ in (DEPLOYMENT, JOB)
            for each in self.all(world, type_)
        }


def services_of(world: World) -> list[Service]:
    """Return the services of a world. Fails if pods belong to none of them."""
    found = [bundled(world), *named(world)]
    pods = {each.urn for type_ in (DEPLOYMENT, JOB) for each in world.all(type_)}
    assert pods == {each.urn for service in found for type_ in (DEPLOYMENT, JOB) for each in service.all(world, type_)}
    return found


def bundled(world: World) -> Service:
    """Return the bundled service."""
    wanted = world.settings.service
    return Service(
        app=BUNDLED,
        namespace="drydock",
        workload="workload",
        targets="edge-pods",
        role="app-secrets-reader",
        migration_role="migration-reader",
        mounted="mounted-secrets",
        queue="jobs",
        registry="registry",
        image="image",
        digest=None,
        port=8080,
        pods=wanted,
        drain_seconds=wanted.drain_seconds,
        workers=wanted.worker_replicas if WORKER else 0,
        user="service",
        connections="MAX_CONNECTIONS",
        existing=wanted.secrets,
    )


def named(world: World) -> Iterator[Service]:
    """Yield the services of `drydock:services`."""
    for name, wanted in sorted(world.settings.services.items()):
        built = "@sha256:" not in wanted.image
        yield Service(
            app=name,
            namespace=f"drydock-{name}",
            workload=f"{name}-workload",
            targets=f"{name}-pods",
            role=f"service-{name}-reader",
            migration_role=f"service-{name}--migration-reader" if wanted.migration else None,
            mounted=f"{name}-mounted-secrets",
            queue=f"jobs-{name}" if wanted.queue else None,
            registry=f"{name}-registry" if built else None,
            image=f"{name}-image" if built else None,
            digest=None if built else wanted.image,
            port=wanted.port,
            pods=wanted,
            drain_seconds=0,
            workers=wanted.worker.replicas if wanted.worker else 0,
            user=name.replace("-", "_") if wanted.database else None,
            connections="DB_MAX_CONNECTIONS",
            existing=wanted.secrets,
        )
