"""Resources with the names of this environment that an earlier deployment left."""

from collections.abc import Iterator

import pulumi
from pulumi_aws import Provider, cloudwatch

from stacks.deployed import Deployed
from stacks.names import Names

LOG_GROUP_TYPE = "aws:cloudwatch/logGroup:LogGroup"


def left_over_log_groups(names: Names, provider: Provider, deployed: Deployed) -> frozenset[str]:
    """Return the names of the environment's log groups that exist but are not in the state.

    Groups in the state are not queried. The others are, even if the state has some of the same service: an interrupted
    deployment leaves such a state.

    Args:
        names: names of the environment.
        provider: provider for the calls to CloudWatch Logs.
        deployed: resources in the state.
    """
    known = {str(group.get("name")) for group in deployed.of_type(LOG_GROUP_TYPE)}
    missing = [group for group in names.log_groups if group not in known]
    prefixes = dict.fromkeys(f"{group.rpartition('/')[0]}/" for group in missing)
    found = (group for prefix in prefixes for group in _groups(prefix, provider))
    return frozenset(group for group in found if group in missing)


def _groups(prefix: str, provider: Provider) -> Iterator[str]:
    found = cloudwatch.get_log_groups(log_group_name_prefix=prefix, opts=pulumi.InvokeOptions(provider=provider))
    yield from found.log_group_names
