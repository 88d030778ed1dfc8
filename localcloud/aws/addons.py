"""Reads EKS add-ons of the local account, for the parts of the local cloud that implement an add-on."""

from typing import Any

import yaml

from localcloud.aws.account import Account


def configuration(account: Account, name: str) -> dict[str, Any] | None:
    """Return the configuration values of an add-on: {} if it has none, None if no cluster has the add-on."""
    for cluster in sorted(account.call("eks", "ListClusters")["clusters"]):
        if name in account.call("eks", "ListAddons", clusterName=cluster)["addons"]:
            found = account.call("eks", "DescribeAddon", clusterName=cluster, addonName=name)["addon"]
            values: dict[str, Any] = yaml.safe_load(found.get("configurationValues") or "{}") or {}
            return values
    return None
