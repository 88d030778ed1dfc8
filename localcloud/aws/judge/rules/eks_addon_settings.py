"""The configuration values of the add-ons that the program installs.

EKS returns their schema only to an account, by `aws eks describe-addon-configuration`. Providers of add-ons publish it
with their Helm chart (https://github.com/eksctl-io/eksctl/issues/5693), so these are the keys of the charts' values. A
key that the chart has and the schema omits is not refused.

The charts, with the date of the commit that was read:
- metrics-server: https://github.com/kubernetes-sigs/metrics-server/tree/master/charts/metrics-server, 2026-08-04
- amazon-cloudwatch-observability:
  https://github.com/aws-observability/helm-charts/tree/main/charts/amazon-cloudwatch-observability, 2026-08-07
- aws-secrets-store-csi-driver-provider:
  https://github.com/aws/secrets-store-csi-driver-provider-aws/tree/main/charts, 2026-06-04, with its dependency
  https://github.com/kubernetes-sigs/secrets-store-csi-driver/tree/main/charts/secrets-store-csi-driver, 2026-04-30
"""

from collections.abc import Mapping
from typing import Union

Settings = Mapping[str, Union["Settings", None]]
"""Key -> the keys of its object. None if they are not checked."""


def _any(names: str) -> dict[str, Settings | None]:
    """Return keys whose values are not checked."""
    return dict.fromkeys(names.split())


# Keys that Helm itself defines for a chart that is a dependency, and `install`, the condition of this one.
_DEPENDENCY = "global install"
_DRIVER: Settings = {
    **_any(
        f"""{_DEPENDENCY} automountServiceAccountToken commonLabels enableSecretRotation fullnameOverride
        imagePullSecrets linux logFormatJSON logVerbosity maxCallRecvMsgSize nameOverride providerHealthCheck
        providerHealthCheckInterval rotationPollInterval tokenRequests windows"""
    ),
    "livenessProbe": _any("logLevel port"),
    "rbac": _any("install pspEnabled"),
    "syncSecret": _any("enabled"),
}
SETTINGS: Mapping[str, Settings] = {
    "metrics-server": {
        **_any(
            """affinity apiService args commonLabels containerPort defaultArgs deploymentAnnotations dnsConfig
            extraVolumeMounts extraVolumes fullnameOverride hostUsers image imagePullSecrets livenessProbe nameOverride
            namespaceOverride nodeSelector podAnnotations podLabels podSecurityContext priorityClassName rbac
            readinessProbe replicas resources revisionHistoryLimit schedulerName securityContext service serviceAccount
            tls tmpVolume tolerations topologySpreadConstraints updateStrategy"""
        ),
        "addonResizer": _any("enabled image nanny resources securityContext"),
        "hostNetwork": _any("enabled"),
        "metrics": _any("enabled"),
        "podDisruptionBudget": _any("enabled maxUnavailable minAvailable unhealthyPodEvictionPolicy"),
        "serviceMonitor": _any("additionalLabels enabled interval metricRelabelings relabelings scrapeTimeout"),
    },
    "amazon-cloudwatch-observability": {
        **_any(
            """adcEndpointOverrides admissionWebhooks agent agents clusterName dcgmExporter k8sMode kubeStateMetrics
            manager nameOverride neuronMonitor nodeExporter region replicaCount roleArn tolerations
            useDualstackEndpoint"""
        ),
        "applicationSignals": _any("enabled targetAgent"),
        "containerInsights": _any("enabled targetAgent"),
        "containerLogs": _any("enabled fluentBit"),
        "otelContainerInsights": _any(
            """cloudwatchLogsEndpoint cloudwatchMetricsEndpoint clusterScraperAgent enabled logs metricResolution
            solutions targetAgent"""
        ),
    },
    "aws-secrets-store-csi-driver-provider": {
        **_any(
            """affinity awsRegion commonLabels dnsConfig dnsPolicy driverWritesSecrets eksAddonVersion fullnameOverride
            image imagePullSecrets k8sThrottlingParams kubeletPath nameOverride nodeSelector podAnnotations
            podIdentityHttpTimeout podLabels port priorityClassName providerVolume rbac resources securityContext
            tolerations updateStrategy useFipsEndpoint"""
        ),
        "secrets-store-csi-driver": _DRIVER,
    },
}
"""Add-on -> its configuration values. Those of other add-ons are not checked."""
