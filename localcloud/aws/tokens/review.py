"""Handles the API server's TokenReviews: authenticates the principal, and binds its access policies to cluster roles.

EKS has an authorizer for access policies. Here each principal has its own group, which is bound to the cluster role
with the rules of the policy. Each review updates the bindings.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from localcloud.aws.iam.principals import ExpiredError, UnknownKeyError, holder_of
from localcloud.aws.tokens import access, presigned
from localcloud.aws.tokens.access import Binding, Principal
from localcloud.aws.tokens.presigned import TokenError
from localcloud.cloud import ACCESS_KEY

log = logging.getLogger(__name__)

MANAGER = "eks-access-policies"
GROUP_LABEL = "drydock/access-group"
_RBAC = "rbac.authorization.k8s.io"


class Bind(Protocol):
    """Sets the bindings of a group, and deletes all others."""

    def __call__(self, group: str, wanted: Iterable[Binding]) -> None:
        """Apply the wanted bindings, and delete all others of the group."""


def review(asked: Mapping[str, Any], account_id: str, bind: Bind) -> dict[str, Any]:
    """Return the response to a TokenReview.

    Args:
        asked: the TokenReview, with the token in its spec.
        account_id: id of the account.
        bind: sets the bindings of a principal's group.
    """
    try:
        token = presigned.parse(str(asked.get("spec", {}).get("token", "")), datetime.now(UTC))
        status = _status(token, account_id, bind)
    except TokenError as error:
        log.warning("a token is refused: %s", error)
        status = {"authenticated": False, "error": str(error)}
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status}


def _status(token: presigned.Presigned, account_id: str, bind: Bind) -> dict[str, Any]:
    principal, secret = _signer(token, account_id)
    cluster = next((name for name in _clusters(account_id) if presigned.is_signed_by(token, secret, name)), None)
    if cluster is None:
        raise TokenError("it is not signed by its key for a cluster of this account")
    entries = _entries(account_id, cluster)
    user = access.user(principal, entries)
    if user is None:
        raise TokenError(f"{principal.arn} has no access entry in cluster {cluster}")
    if not principal.is_owner:
        policies = list(entries[principal.arn].get("policies", {}).values())
        bind(access.group(principal.arn), access.bindings(principal, policies))
    return {"authenticated": True, "user": user}


def _signer(token: presigned.Presigned, account_id: str) -> tuple[Principal, str]:
    """Return the principal and the secret key of a token's access key."""
    if token.access_key_id == ACCESS_KEY:
        return Principal(arn=f"arn:aws:iam::{account_id}:root", is_owner=True), ACCESS_KEY
    try:
        holder = holder_of(account_id, token.access_key_id, token.session_token)
    except UnknownKeyError:
        raise TokenError("its access key is not in this account") from None
    except ExpiredError:
        raise TokenError("the session that signed it has expired") from None
    if holder.session is None:
        return Principal(arn=holder.user.arn, session=holder.user.name), holder.secret
    return Principal(arn=holder.session.role_arn, session=holder.session.session_name), holder.secret


def _clusters(account_id: str) -> Iterator[str]:
    from moto.eks.models import eks_backends  # noqa: PLC0415

    for backend in eks_backends[account_id].values():
        yield from backend.clusters


def _entries(account_id: str, cluster: str) -> dict[str, dict[str, Any]]:
    from moto.eks.models import eks_backends  # noqa: PLC0415

    from localcloud.aws.moto_patches.eks_parts import parts  # noqa: PLC0415

    return {
        name: item
        for backend in eks_backends[account_id].values()
        for (owner, path, name), item in parts(backend).items()
        if (owner, path) == (cluster, "access-entries")
    }


def binder(kubeconfig: str) -> Bind:
    """Return a Bind that uses the API server of a kubeconfig."""
    from localcloud.kubernetes.client import KubernetesClient  # noqa: PLC0415 - before the first token nobody needs it
    from localcloud.kubernetes.reference import Query, Reference  # noqa: PLC0415

    client = KubernetesClient(kubeconfig, field_manager=MANAGER)

    def bind(group: str, wanted: Iterable[Binding]) -> None:
        kept = set()
        for manifest in map(_manifest, wanted):
            client.apply(manifest, force=True)
            kept.add((manifest["kind"], manifest["metadata"].get("namespace"), manifest["metadata"]["name"]))
        for kind in ("ClusterRoleBinding", "RoleBinding"):
            query = Query(api_version=f"{_RBAC}/v1", kind=kind, labels={GROUP_LABEL: _label(group)})
            for metadata in (found["metadata"] for found in client.find(query)):
                namespace, name = metadata.get("namespace"), metadata["name"]
                if (kind, namespace, name) not in kept:
                    client.delete(Reference(api_version=query.api_version, kind=kind, namespace=namespace, name=name))

    return bind


def lazily(make: Callable[[], Bind]) -> Bind:
    """Return a Bind that is created when it is first used."""
    made: list[Bind] = []

    def bind(group: str, wanted: Iterable[Binding]) -> None:
        if not made:
            made.append(make())
        made[0](group, wanted)

    return bind


def _manifest(binding: Binding) -> dict[str, Any]:
    metadata = {"name": binding.name, "labels": {GROUP_LABEL: _label(binding.group)}}
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding" if binding.namespace else "ClusterRoleBinding",
        "metadata": {**metadata, **({"namespace": binding.namespace} if binding.namespace else {})},
        "subjects": [{"kind": "Group", "apiGroup": _RBAC, "name": binding.group}],
        "roleRef": {"kind": "ClusterRole", "apiGroup": _RBAC, "name": binding.cluster_role},
    }


def _label(group: str) -> str:
    return group.removeprefix(access.GROUP_PREFIX)
