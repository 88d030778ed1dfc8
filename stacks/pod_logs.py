"""The logs of an environment's pods."""

import pulumi

from components._iam import write_logs
from components.order import after
from components.pod_logs import NAMESPACE, SERVICE_ACCOUNT, PodLogs, PodLogsArgs, log_group_names
from components.pod_role import PodRole
from stacks.foundation import Foundation
from stacks.names import Names
from stacks.service import role_args
from stacks.settings import Settings


def build_pod_logs(settings: Settings, names: Names, base: Foundation) -> PodLogs:
    """Send the output of all pods to CloudWatch Logs, with a role that may only write there."""
    groups = log_group_names(names.cluster)
    policy = base.account_id.apply(lambda account: write_logs(groups, region=settings.region, account_id=account))
    role = PodRole("pod-logs", role_args(base, NAMESPACE, SERVICE_ACCOUNT, policy, use="writer"), base.on_aws)
    return PodLogs("pod-logs", _pod_logs_args(settings, names, base, role), base.on_aws)


def _pod_logs_args(settings: Settings, names: Names, base: Foundation, role: pulumi.Resource) -> PodLogsArgs:
    return PodLogsArgs(
        cluster_name=names.cluster,
        ready_cluster_name=after(base.cluster.cluster_name, base.node_pools, role),
        addon_version=settings.cluster.pod_logs_version,
        log_retention_days=settings.cluster.log_retention_days,
        existing_log_groups=base.log_groups,
        protect=settings.protect,
    )
