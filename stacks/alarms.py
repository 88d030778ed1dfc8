"""The alarms of an environment."""

from components.alarms import Alarms, AlarmsArgs
from components.database import Database
from components.edge import Edge
from components.job_queue import JobQueue
from components.order import after
from components.route import Route
from stacks.foundation import Foundation
from stacks.names import Names
from stacks.settings import Settings


def build_alarms(
    settings: Settings, names: Names, base: Foundation, *, edge: Edge, database: Database, queue: JobQueue
) -> Alarms:
    """Create the alarms of the bundled service and of the shared resources."""
    args = AlarmsArgs(
        environment=names.cluster,
        load_balancer=edge.load_balancer_suffix,
        target_group=edge.target_group_suffix,
        database=after(names.database, database),
        allocated_storage_gib=settings.database.allocated_storage_gib,
        max_connections=settings.database.max_connections,
        queue=queue.queue_name,
        dead_letters=queue.dead_letter_queue_name,
        topics=settings.alarms.topics,
    )
    return Alarms("alarms", args, base.on_aws)


def build_alarms_of(
    name: str, settings: Settings, names: Names, base: Foundation, *, edge: Edge, route: Route, queue: JobQueue | None
) -> Alarms:
    """Create the alarms of a service of `drydock:services`, without the shared resources."""
    args = AlarmsArgs(
        environment=f"{names.cluster}, {name}",
        load_balancer=edge.load_balancer_suffix,
        target_group=route.target_group_suffix,
        queue=queue.queue_name if queue else None,
        dead_letters=queue.dead_letter_queue_name if queue else None,
        topics=settings.alarms.topics,
    )
    return Alarms(f"{name}-alarms", args, base.on_aws)
