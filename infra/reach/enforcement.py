"""Determines whether a cluster enforces NetworkPolicies: by a ConfigMap in Auto Mode, else by a CNI add-on setting.

https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html,
https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html
"""

from typing import Any

from infra.reach.graph import Graph
from infra.reach.values import known_bool, text
from infra.reach.verdict import Verdict, any_of
from infra.resources.properties import UNKNOWN, mapping
from infra.resources.resource import Resource

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
ADDON = "aws:eks/addon:Addon"
SWITCH = "enable-network-policy-controller"


def enforced(graph: Graph) -> Verdict:
    """Return whether the NetworkPolicies of a plan are enforced."""
    switches = [_switched(each) for each in graph.all(CONFIG_MAP)]
    addons = [_addon(each) for each in graph.all(ADDON)]
    return any_of([*switches, *addons])


def _switched(config_map: Resource) -> Verdict:
    """Return whether a ConfigMap is the one that EKS reads, and enables the enforcement."""
    metadata, data = config_map.properties.get("metadata"), config_map.properties.get("data")
    wanted = {"name": "amazon-vpc-cni", "namespace": "kube-system"}
    found = {key: UNKNOWN if metadata is UNKNOWN else mapping(metadata).get(key) for key in wanted}
    if any(found[key] not in (wanted[key], UNKNOWN) for key in wanted):
        return Verdict.NO
    known = known_bool(UNKNOWN if data is UNKNOWN else mapping(data).get(SWITCH), default=False)
    if known is False:
        return Verdict.NO
    return Verdict.YES if known and found == wanted else Verdict.UNKNOWN


def _addon(addon: Resource) -> Verdict:
    name: Any = addon.properties.get("addonName")
    values = addon.properties.get("configurationValues")
    if name not in ("vpc-cni", UNKNOWN):
        return Verdict.NO
    if UNKNOWN in (name, values):
        return Verdict.UNKNOWN
    return Verdict.YES if '"enableNetworkPolicy":"true"' in text(values).replace(" ", "") else Verdict.NO
