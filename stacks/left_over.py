"""Resources with the names of this environment that an earlier deployment left."""

from collections.abc import Iterator

import pulumi
from pulumi_aws import Provider, cloudwatch

from stacks.deployed import Deployed
from stacks.names import Names

LOG_GROUP_TYPE = "aws:cloudwatch/logGroup:LogGroup"


def left_over_log_groups(names: Names, provider: Provider, deployed: Deployed) -> frozenset[str]:
    """Return the names of existing log groups of the cluster, the pods and the database that are not in the state.

    Groups in the state are not queried.

    Args:
        names: names of the environment.
        provider: provider for the calls to CloudWatch Logs.
        deployed: resources in the state.
    """
    known = [str(group.get("name")) for group in deployed.of_type(LOG_GROUP_TYPE)]
    return frozenset(
        name
        for prefix in (
            f"/aws/eks/{names.cluster}/",
            f"/aws/rds/instance/{names.database}/",
            f"/aws/containerinsights/{names.cluster}/",
        )
        if not any(group.startswith(prefix) for group in known)
        for name in _groups(prefix, provider)
    )


def _groups(prefix: str, provider: Provider) -> Iterator[str]:
    found = cloudwatch.get_log_groups(log_group_name_prefix=prefix, opts=pulumi.InvokeOptions(provider=provider))
    yield from found.log_group_names
