"""Checks for resource names that are already in use."""

from collections.abc import Callable, Iterator

from infra.preflight.finding import Ask, Finding, Wanted, judged, listed

_STATE_LOST = "if it belongs to this stack, its state is lost: import it; otherwise delete it, or rename the stack"


def names(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that the names of new resources are free; names in the state of the stack belong to the stack.

    A log group that an earlier deployment left is not a failure, because the deployment imports it: see
    `stacks.left_over`.
    """
    for kind, name, is_taken in _unique(wanted):
        if name not in wanted.existing:
            taken = is_taken(ask)
            yield judged("name", f"{kind} {name}: {'taken' if taken else 'free'}", "free", _STATE_LOST, ok=not taken)
    for group in wanted.names.log_groups:
        if group not in wanted.existing:
            state = "left over; this deployment imports it" if _exists(group, ask) else "free"
            yield judged("name", f"log group {group}: {state}", "free or left over", "", ok=True)


IsTaken = Callable[[Ask], bool]


def _unique(wanted: Wanted) -> Iterator[tuple[str, str, IsTaken]]:
    """Yield kind and name of the resources that cannot be created if they exist, and how to find out."""
    cluster, database = wanted.names.cluster, wanted.names.database
    yield "EKS cluster", cluster, _taken("eks", "DescribeCluster", "cluster", name=cluster)
    yield (
        "RDS instance",
        database,
        _taken("rds", "DescribeDBInstances", "DBInstances", DBInstanceIdentifier=database),
    )
    built = [name for name, service in sorted(wanted.settings.services.items()) if service.folder is not None]
    for repository in (wanted.names.repository, *map(wanted.names.repository_of, built)):
        yield (
            "ECR repository",
            repository,
            _taken("ecr", "DescribeRepositories", "repositories", repositoryNames=[repository]),
        )


def _taken(service: str, operation: str, key: str, **parameters: object) -> IsTaken:
    return lambda ask: bool(ask(service, operation, **parameters).get(key))


def _exists(group: str, ask: Ask) -> bool:
    found = listed(ask("logs", "DescribeLogGroups", logGroupNamePrefix=group), "logGroups")
    return any(each["logGroupName"] == group for each in found)
