"""Checks of versions and instance classes against what AWS offers in the region."""

from collections.abc import Iterator

from infra.preflight.finding import Ask, Finding, Wanted, judged, listed


def kubernetes(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that EKS offers the Kubernetes version."""
    version = wanted.settings.cluster.version
    found = {
        str(each["clusterVersion"]): str(each.get("versionStatus", each.get("status", ""))).lower()
        for each in listed(ask("eks", "DescribeClusterVersions"), "clusterVersions")
    }
    offered = sorted(each for each, status in found.items() if status != "unsupported")
    yield judged(
        "Kubernetes version",
        f"{version}: {found.get(version, 'not offered')}",
        f"one of {', '.join(offered)}",
        "set cluster.version to one that EKS offers",
        ok=version in offered,
    )


def addons(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that EKS offers the add-on versions for that Kubernetes version and for nodes of Auto Mode.

    https://docs.aws.amazon.com/eks/latest/userguide/addon-compat.html
    """
    from components._addons import METRICS_SERVER, POD_LOGS, SECRETS_STORE  # noqa: PLC0415 - it brings the SDKs

    cluster = wanted.settings.cluster
    for name, build, setting in (
        (METRICS_SERVER, cluster.metrics_server, "metricsServerVersion"),
        (SECRETS_STORE, cluster.secrets_store_version, "secretsStoreVersion"),
        (POD_LOGS, cluster.pod_logs_version, "podLogsVersion"),
    ):
        answer = ask("eks", "DescribeAddonVersions", kubernetesVersion=cluster.version, addonName=name)
        builds = [
            each["addonVersion"]
            for addon in listed(answer, "addons")
            for each in listed(addon, "addonVersions")
            if "auto" in each.get("computeTypes", ["auto"])
        ]
        yield judged(
            "add-on",
            f"{name} {build}: {'offered' if build in builds else 'not offered'} for Kubernetes {cluster.version}",
            f"one of {', '.join(builds) or 'none'}",
            f"set cluster.{setting} to one that is offered",
            ok=build in builds,
        )


def postgresql(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that RDS offers the engine version."""
    version = wanted.settings.database.engine_version
    answer = ask("rds", "DescribeDBEngineVersions", Engine="postgres")
    offered = [each["EngineVersion"] for each in listed(answer, "DBEngineVersions")]
    yield judged(
        "PostgreSQL version",
        f"{version}: {'offered' if version in offered else 'not offered'}",
        f"one of {', '.join(offered) or 'none'}",
        "set database.engineVersion to one that RDS offers",
        ok=version in offered,
    )


def instance_class(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that RDS offers the instance class for the engine version, with Multi-AZ if it is enabled."""
    database = wanted.settings.database
    answer = ask(
        "rds",
        "DescribeOrderableDBInstanceOptions",
        Engine="postgres",
        EngineVersion=database.engine_version,
        DBInstanceClass=database.instance_class,
        Vpc=True,
    )
    options = listed(answer, "OrderableDBInstanceOptions")
    capable = [each for each in options if each.get("MultiAZCapable") or not database.multi_az]
    found = "not offered" if not options else "offered" if capable else "offered without Multi-AZ"
    yield judged(
        "instance class",
        f"{database.instance_class} for PostgreSQL {database.engine_version}: {found}",
        "a class that RDS offers" + (" with Multi-AZ" if database.multi_az else ""),
        "set database.instanceClass to one that `aws rds describe-orderable-db-instance-options` lists",
        ok=bool(capable),
    )
