"""Adds access entries, add-ons and pod identity associations of EKS, which moto lacks.

They are recorded, not emulated: the API returns what was requested, in AWS's format. Because they are part of moto,
boto3 and the AWS CLI can use them, and they are journaled like all other resources.

Upstream in 2026-11: not reported.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.eks import responses, urls
from moto.eks.exceptions import ResourceInUseException, ResourceNotFoundException
from moto.moto_api._internal import mock_random

from localcloud.aws.moto_patches.patch import Changes, Patch
from localcloud.aws.shapes import lower_camel


@dataclass(frozen=True)
class Kind:
    """A kind of resource in a cluster."""

    name: str
    """Name of the kind in AWS's operations, such as `AccessEntry`."""
    plural: str
    member: str
    """Member of responses that contains a resource."""
    listed: str
    """Member of list responses that contains the names or summaries."""
    key: str
    """Parameter with the name of the resource, which is also a member of the resource."""
    path: str
    """Last part of the URL."""
    arn_member: str
    made: Callable[[dict[str, Any]], dict[str, Any]] = lambda _asked: {}
    """Returns the members that AWS adds to a new resource."""
    summary: bool = False
    """Whether list responses contain objects instead of names."""


def _association(_asked: dict[str, Any]) -> dict[str, Any]:
    return {"associationId": f"a-{mock_random.get_random_hex(17)}"}


def _entry(asked: dict[str, Any]) -> dict[str, Any]:
    role = asked["principalArn"].rpartition("/")[2]
    name = f"arn:aws:sts::{asked['principalArn'].split(':')[4]}:assumed-role/{role}/{{{{SessionName}}}}"
    return {"username": asked.get("username") or name, "kubernetesGroups": asked.get("kubernetesGroups") or []}


def _addon(asked: dict[str, Any]) -> dict[str, Any]:
    return {"status": "ACTIVE", "addonVersion": asked.get("addonVersion") or "v0.0.0-local", "health": {"issues": []}}


KINDS = (
    Kind(
        "AccessEntry",
        "AccessEntries",
        "accessEntry",
        "accessEntries",
        "principalArn",
        "access-entries",
        "accessEntryArn",
        _entry,
    ),
    Kind("Addon", "Addons", "addon", "addons", "addonName", "addons", "addonArn", _addon),
    Kind(
        "PodIdentityAssociation",
        "PodIdentityAssociations",
        "association",
        "associations",
        "associationId",
        "pod-identity-associations",
        "associationArn",
        _association,
        summary=True,
    ),
)
_IGNORED = {"clientRequestToken", "resolveConflicts", "clusterName", "name"}


def apply(changes: Changes) -> None:
    """Patch moto."""
    for kind in KINDS:
        path = f"{{0}}/clusters/(?P<name>[^/]+)/{kind.path}"
        changes.put_item(urls.url_paths, f"{path}$", urls.response.dispatch)
        changes.put_item(urls.url_paths, f"{path}/(?P<part>.+)$", urls.response.dispatch)
        for operation, method in _operations(kind).items():
            changes.put(responses.EKSResponse, operation, method)
    for method in (
        associate_access_policy,
        disassociate_access_policy,
        list_associated_access_policies,
        tag_resource,
        untag_resource,
        list_tags_for_resource,
    ):
        changes.put(responses.EKSResponse, method.__name__, method)


def parts(backend: Any) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return the recorded resources of a region's clusters, by cluster, kind and name."""
    found: dict[tuple[str, str, str], dict[str, Any]] = backend.__dict__.setdefault("recorded_parts", {})
    return found


def _resource(kind: Kind, cluster: str, key: str) -> str:
    """Return the last part of an ARN.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
    """
    if kind.name == "PodIdentityAssociation":
        return f"podidentityassociation/{cluster}/{key}"
    if kind.name == "Addon":
        return f"addon/{cluster}/{key}/{mock_random.uuid4()}"
    account, principal = key.split(":", 5)[4:]
    name = f"{principal.partition('/')[0]}/{account}/{principal.rpartition('/')[2]}"
    return f"access-entry/{cluster}/{name}/{mock_random.uuid4()}"


def _operations(kind: Kind) -> dict[str, Callable[[Any], ActionResult]]:
    def create(self: Any) -> ActionResult:
        asked = _asked(self)
        cluster = self.eks_backend.describe_cluster(requested_cluster(self))
        item = {**asked, "clusterName": cluster.name, **kind.made(asked), "createdAt": utcnow(), "modifiedAt": utcnow()}
        key = (cluster.name, kind.path, item[kind.key])
        if key in parts(self.eks_backend):
            raise in_use(cluster.name, f"{kind.name} {item[kind.key]} already exists in cluster {cluster.name}")
        resource = _resource(kind, cluster.name, item[kind.key])
        item[kind.arn_member] = f"arn:aws:eks:{self.region}:{self.current_account}:{resource}"
        item.setdefault("tags", {})
        parts(self.eks_backend)[key] = item
        return ActionResult({kind.member: item})

    def describe(self: Any) -> ActionResult:
        return ActionResult({kind.member: _find(self, kind)[1]})

    def update(self: Any) -> ActionResult:
        _, item = _find(self, kind)
        item.update({**_asked(self), "modifiedAt": utcnow()})
        if kind.name == "Addon":
            update_ = {"id": str(mock_random.uuid4()), "status": "Successful", "type": "AddonUpdate", "params": []}
            return ActionResult({"update": update_})
        return ActionResult({kind.member: item})

    def delete(self: Any) -> ActionResult:
        key, item = _find(self, kind)
        del parts(self.eks_backend)[key]
        return ActionResult({kind.member: item})

    def list_(self: Any) -> ActionResult:
        cluster = self.eks_backend.describe_cluster(requested_cluster(self)).name
        found = {key[2]: item for key, item in parts(self.eks_backend).items() if key[:2] == (cluster, kind.path)}
        return ActionResult({kind.listed: list(found.values()) if kind.summary else list(found)})

    singular, plural = _snake(kind.name), _snake(kind.plural)
    return {
        f"create_{singular}": create,
        f"describe_{singular}": describe,
        f"update_{singular}": update,
        f"delete_{singular}": delete,
        f"list_{plural}": list_,
    }


def associate_access_policy(self: Any) -> ActionResult:
    """Implement AssociateAccessPolicy."""
    _, entry = _find(self, KINDS[0])
    policies = entry.setdefault("policies", {})
    arn = self._get_param("policyArn")
    item = {
        "policyArn": arn,
        "accessScope": dict(self._get_param("accessScope")),
        "associatedAt": policies.get(arn, {}).get("associatedAt", utcnow()),
        "modifiedAt": utcnow(),
    }
    policies[arn] = item
    answer = {
        "clusterName": entry["clusterName"],
        "principalArn": entry["principalArn"],
        "associatedAccessPolicy": item,
    }
    return ActionResult(answer)


def disassociate_access_policy(self: Any) -> ActionResult:
    """Implement DisassociateAccessPolicy."""
    _, entry = _find(self, KINDS[0])
    arn = unquote(self._get_param("policyArn"))
    if entry.get("policies", {}).pop(arn, None) is None:
        raise _not_found(entry["clusterName"], f"policy {arn} is not associated with {entry['principalArn']}")
    return ActionResult({})


def list_associated_access_policies(self: Any) -> ActionResult:
    """Implement ListAssociatedAccessPolicies."""
    _, entry = _find(self, KINDS[0])
    return ActionResult(
        {
            "clusterName": entry["clusterName"],
            "principalArn": entry["principalArn"],
            "associatedAccessPolicies": list(entry.get("policies", {}).values()),
        }
    )


def tag_resource(self: Any) -> ActionResult:
    """Implement TagResource."""
    _tags(self).update(self._get_param("tags"))
    return ActionResult({})


def untag_resource(self: Any) -> ActionResult:
    """Implement UntagResource."""
    for key in self.querystring["tagKeys"]:  # _get_param returns only the first key
        _tags(self).pop(key, None)
    return ActionResult({})


def list_tags_for_resource(self: Any) -> ActionResult:
    """Implement ListTagsForResource."""
    return ActionResult({"tags": _tags(self)})


def requested_cluster(self: Any) -> str:
    """Return the name of the cluster in a request."""
    return str(self._get_param("clusterName") or self._get_param("name"))


def _asked(self: Any) -> dict[str, Any]:
    return {key: value for key, value in json.loads(self.body).items() if key not in _IGNORED and value is not None}


def _find(self: Any, kind: Kind) -> tuple[tuple[str, str, str], dict[str, Any]]:
    cluster = self.eks_backend.describe_cluster(requested_cluster(self)).name
    key = (cluster, kind.path, unquote(self._get_param(kind.key)))
    item = parts(self.eks_backend).get(key)
    if item is None:
        raise _not_found(cluster, f"no {kind.name} {key[2]} in cluster {cluster}")
    return key, item


def _tags(self: Any) -> dict[str, str]:
    arn = self._extract_arn_from_path()
    tags: dict[str, str] | None = next(
        (cluster.tags for cluster in self.eks_backend.clusters.values() if cluster.arn == arn), None
    )
    for (_, path, _), item in parts(self.eks_backend).items():
        if arn in (item.get(kind.arn_member) for kind in KINDS if kind.path == path):
            tags = item["tags"]
    if tags is None:
        raise _not_found(None, f"no resource {arn}")
    return tags


def in_use(cluster: str | None, message: str) -> Exception:
    """Return EKS's error for a resource that exists already or cannot be deleted."""
    error: Exception = ResourceInUseException(clusterName=cluster, nodegroupName=None, addonName=None, message=message)
    return error


def _not_found(cluster: str | None, message: str) -> Exception:
    error: Exception = ResourceNotFoundException(
        clusterName=cluster, nodegroupName=None, fargateProfileName=None, addonName=None, message=message
    )
    return error


def _snake(name: str) -> str:
    first = lower_camel(name)
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in first)


PATCH = Patch(name="eks_parts", apply=apply)
