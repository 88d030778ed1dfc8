"""PodLogs: the output of the pods of a cluster in CloudWatch Logs.

Creates the log groups, and the EKS add-on whose Fluent Bit runs on each node and sends the output there. The role of
its pods is a PodRole.

Known, and from where:
- The add-on runs in Auto Mode: its `computeTypes` have `auto`
  (https://docs.aws.amazon.com/eks/latest/userguide/addon-compat.html), and v6.3.0-eksbuild.1 ran on Auto Mode 1.34
  (https://github.com/aws-samples/sample-aws-eks-auto-mode/pull/21).
- It gets its role by Pod Identity, of the ServiceAccount `cloudwatch-agent`, since 3.1.0
  (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-setup-EKS-addon.html). Fluent Bit
  uses the same one, with the network of its node, so no NetworkPolicy applies to it
  (https://github.com/aws-observability/helm-charts/tree/amazon-cloudwatch-observability-6.3.0).
- The options are those of that chart, since 6.2.0. Without the agent (`agent.enabled`) there would be neither the
  ServiceAccount nor the Secrets that Fluent Bit mounts. With nothing to collect the agent idles
  (https://github.com/aws/amazon-cloudwatch-agent/blob/main/translator/translate/otel/translate_otel.go, `nop`).
- Fluent Bit creates streams and puts events; it creates a group only if there is none
  (https://docs.fluentbit.io/manual/pipeline/outputs/cloudwatch).

Not verified: that EKS offers this build for each Kubernetes version of `stacks/versions.py`, which `drydock doctor`
checks in the account, and which `dataplane` and `host` logs an Auto Mode node exposes. Output that a pod writes before
the Fluent Bit of its node runs is not collected.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import eks

from components._addons import POD_LOGS
from components._log_groups import log_group
from components.order import after

NAMESPACE, SERVICE_ACCOUNT = "amazon-cloudwatch", "cloudwatch-agent"
"""Suffix of the name of the role of Fluent Bit's pods."""
KINDS = ("application", "dataplane", "host")
# Metrics and traces are charged for each observation and each request, and are not used here.
SWITCHES = {
    "containerLogs": {"enabled": True},
    "containerInsights": {"enabled": False},
    "applicationSignals": {"enabled": False},
}


@dataclass(frozen=True, kw_only=True)
class PodLogsArgs:
    """Arguments of PodLogs."""

    cluster_name: str
    """Name of the cluster, which is part of the names of the log groups."""

    ready_cluster_name: pulumi.Input[str]
    """The same name, known once the cluster can create nodes and the role of the add-on's pods exists: a pod that
    starts earlier never gets the role, and the add-on is ready when its pods are."""

    addon_version: str
    """Version of the add-on `amazon-cloudwatch-observability`, such as `v6.3.0-eksbuild.1`; 6.2 or later."""

    log_retention_days: int = 365
    """Retention of the output in days."""

    existing_log_groups: Collection[str] = ()
    """Names of existing log groups that are not in the state; those of the pods are imported."""

    protect: bool = True
    """Protect the log groups from deletion by Pulumi."""


class PodLogs(pulumi.ComponentResource):
    """The output of pods in CloudWatch Logs. Stateful: the log groups."""

    application_log_group: pulumi.Output[str]
    """Name of the log group of the pods' output, known once it is sent there."""

    def __init__(self, name: str, args: PodLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:logs:PodLogs", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # Otherwise Fluent Bit would create them itself, without an expiry, if its role allowed it.
        groups = {
            kind: log_group(
                f"{name}-{kind}",
                group,
                args.log_retention_days,
                args.existing_log_groups,
                pulumi.ResourceOptions(parent=self, protect=args.protect),
            )
            for kind, group in zip(KINDS, log_group_names(args.cluster_name), strict=True)
        }
        addon = eks.Addon(
            f"{name}-addon",
            cluster_name=args.ready_cluster_name,
            addon_name=POD_LOGS,
            addon_version=args.addon_version,
            configuration_values=pulumi.Output.json_dumps(SWITCHES),
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=list(groups.values()))),
        )

        self.application_log_group = after(groups["application"].name, addon)
        self.register_outputs({"application_log_group": self.application_log_group})


def log_group_names(cluster_name: str) -> Sequence[str]:
    """Return the names of the log groups, which are fixed in the add-on."""
    return [f"/aws/containerinsights/{cluster_name}/{kind}" for kind in KINDS]
