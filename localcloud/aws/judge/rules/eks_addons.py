"""Rules of EKS about add-ons: their names, versions and configuration values."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.eks_addon_settings import SETTINGS, Settings
from localcloud.aws.judge.rules.eks_state import in_use, invalid
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/eks/pf-eks"
_ADDONS = "https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html"
# Add-ons of AWS and of the community. Names of Marketplace add-ons have the form vendor_product.
_ADDON_NAMES = frozenset(
    """adot amazon-cloudwatch-observability amazon-sagemaker-hyperpod-observability
    amazon-sagemaker-hyperpod-taskgovernance amazon-sagemaker-hyperpod-training-operator aws-ebs-csi-driver
    aws-efs-csi-driver aws-fsx-csi-driver aws-guardduty-agent aws-mountpoint-s3-csi-driver
    aws-network-flow-monitoring-agent aws-privateca-connector-for-kubernetes aws-secrets-store-csi-driver-provider
    cert-manager coredns eks-node-monitoring-agent eks-pod-identity-agent external-dns fluent-bit kube-proxy
    kube-state-metrics metrics-server prometheus-node-exporter snapshot-controller vpc-cni""".split()  # noqa: SIM905
)
# The first versions that EKS offers: https://docs.aws.amazon.com/eks/latest/userguide/community-addons.html.
_FIRST_VERSIONS = {"metrics-server": (0, 7, 2)}
_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)-eksbuild\.\d+")
_UNSUPPORTED = "ConfigurationValue provided in request is not supported: Json schema validation failed with error: "
# AWS's message about an unknown key.
_UNKNOWN_KEY = "https://github.com/aws/containers-roadmap/issues/2216"


def _addon(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an unknown add-on, and a version that is not in EKS's format or not offered."""
    name, version = parameters.get("addonName"), parameters.get("addonVersion")
    if not isinstance(name, str) or not known(name):
        return
    if name not in _ADDON_NAMES and "_" not in name:
        yield invalid(("addonName",), name, "Addon specified is not supported", _ADDONS)
    elif isinstance(version, str) and known(version):
        found = _VERSION.fullmatch(version)
        numbers = tuple(map(int, found.groups())) if found else None
        own = "_" not in name
        if own and (numbers is None or numbers < _FIRST_VERSIONS.get(name, (0,))):
            yield invalid(("addonVersion",), version, "Addon version specified is not supported", _ADDONS)


def _settings(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse configuration values that are not a JSON or YAML object, or have a key that the add-on does not have."""
    text, name = parameters.get("configurationValues"), parameters.get("addonName")
    if not isinstance(text, str) or not known(text) or not text:
        return
    try:
        settings = yaml.safe_load(text)
    except yaml.YAMLError:
        settings = text
    if not isinstance(settings, dict):
        words = "The ConfigurationValues provided is not in valid YAML or JSON format."
        yield invalid(("configurationValues",), text, words, f"{_MEASURED}-addon-configuration-values-json")
        return
    for path in _unknown(settings, SETTINGS.get(str(name)), "$"):
        words = (
            f"{_UNSUPPORTED}[{path}: is not defined in the schema and the schema does not allow additional properties]"
        )
        yield invalid(("configurationValues",), text, words, _UNKNOWN_KEY)


def _unknown(settings: Mapping[Any, Any], accepted: Settings | None, path: str) -> Iterator[str]:
    """Yield the path of each key that the settings of an add-on do not have."""
    if accepted is None:
        return
    for key, value in settings.items():
        if str(key) not in accepted:
            yield f"{path}.{key}"
        elif isinstance(value, Mapping):
            yield from _unknown(value, accepted[str(key)], f"{path}.{key}")


def _taken(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse an add-on that the cluster already has."""
    name = parameters["addonName"]
    if lookup(ask, "eks", "DescribeAddon", clusterName=parameters["clusterName"], addonName=name):
        yield in_use(("addonName",), name, "Addon already exists.", f"{_MEASURED}-addon-duplicate-per-cluster")


def _conflicts(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse `PRESERVE` at the creation, as Pulumi's provider does. EKS treats it like `NONE`."""
    if parameters.get("resolveConflicts") == "PRESERVE":
        words = 'expected resolve_conflicts_on_create to be one of ["NONE" "OVERWRITE"], got PRESERVE'
        source = "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/eks/addon.go"
        yield invalid(("resolveConflicts",), "PRESERVE", words, source)


REQUEST_RULES: RequestRules = {
    ("eks", "CreateAddon"): (_addon, _settings, _conflicts),
    ("eks", "UpdateAddon"): (_addon, _settings),
}
STATE_RULES: StateRules = {("eks", "CreateAddon"): (_taken,)}
