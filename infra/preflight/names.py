"""Checks for resource names that are already in use or are left over from an earlier deployment."""

from collections.abc import Callable, Iterator

from infra.preflight.finding import Ask, Finding, Wanted, judged, listed


def names(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that the names of new resources are free; names in the state of the stack belong to the stack."""
    for kind, name, look, remedy in _named(wanted):
        if name in wanted.existing:
            continue
        taken = look(ask)
        yield judged(
            "name",
            f"{kind} {name}: {taken or 'free'}",
            "free",
            remedy,
            ok=not taken,
        )


Look = Callable[[Ask], str]


def _named(wanted: Wanted) -> Iterator[tuple[str, str, Look, str]]:
    cluster, database, repository = wanted.names.cluster, wanted.names.database, wanted.names.repository
    state = "if it belongs to this stack, its state is lost: import it; otherwise delete it, or rename the stack"
    yield "EKS cluster", cluster, _taken("eks", "DescribeCluster", "cluster", name=cluster), state
    yield (
        "RDS instance",
        database,
        _taken("rds", "DescribeDBInstances", "DBInstances", DBInstanceIdentifier=database),
        state,
    )
    yield (
        "ECR repository",
        repository,
        _taken("ecr", "DescribeRepositories", "repositories", repositoryNames=[repository]),
        state,
    )
    groups = [
        f"/aws/eks/{cluster}/cluster",
        *(f"/aws/rds/instance/{database}/{log}" for log in ("postgresql", "upgrade")),
    ]
    for group in groups:
        yield (
            "log group",
            group,
            _log_group(group),
            f"EKS and RDS write last logs after a destroy and create the group again; delete it with: "
            f"aws logs delete-log-group --log-group-name {group}",
        )


def _taken(service: str, operation: str, key: str, **parameters: object) -> Look:
    return lambda ask: "taken" if ask(service, operation, **parameters).get(key) else ""


def _log_group(name: str) -> Look:
    def look(ask: Ask) -> str:
        found = listed(ask("logs", "DescribeLogGroups", logGroupNamePrefix=name), "logGroups")
        return "left over" if any(each["logGroupName"] == name for each in found) else ""

    return look
