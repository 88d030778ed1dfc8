"""Identities, resource policies and access of the cluster that allow more than before."""

from collections.abc import Iterator, Mapping

from infra.policy.documents import texts
from infra.policy.rules import iam_no_wildcard_admin, no_public_principal
from infra.resources.properties import UNKNOWN
from infra.review.allowances import trusts_services_only
from infra.review.hazards.alteration import Alteration
from infra.review.widening import BLOCK, widenings

POD_ROLE = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ACCESS = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
TYPES = frozenset(
    (
        *iam_no_wildcard_admin.TYPES,
        *no_public_principal.POLICY_PROPERTY,
        ACCESS,
        "aws:eks/accessEntry:AccessEntry",
        BLOCK,
    )
)
HOLDERS: Mapping[str, tuple[str, ...]] = {
    "aws:iam/rolePolicy:RolePolicy": ("role",),
    "aws:iam/userPolicy:UserPolicy": ("user",),
    "aws:iam/groupPolicy:GroupPolicy": ("group",),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("role",),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": ("user",),
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": ("group",),
    "aws:iam/policyAttachment:PolicyAttachment": ("roles", "users", "groups"),
    ACCESS: ("principalArn", "clusterName"),
    POD_ROLE: ("namespace", "serviceAccount", "clusterName"),
}
"""Type -> properties with the identities that get what it allows, and with the cluster."""


def widened(alteration: Alteration) -> Iterator[str]:
    """Yield what is allowed that was not. A new role that only services of AWS may take allows nothing by itself."""
    old, new = None if _moves(alteration) else alteration.old, alteration.new
    if old is None and new and trusts_services_only(new.get("assumeRolePolicy")):
        new = {key: value for key, value in new.items() if key != "assumeRolePolicy"}
    if alteration.type in TYPES:
        yield from widenings(alteration.type, old, new)
    if (pair := alteration.pair("permissionsBoundary")) and pair[1] is None:
        yield "it has no permissions boundary any more"
    if alteration.type == POD_ROLE:
        yield from _pod_role(alteration)


def _moves(alteration: Alteration) -> bool:
    """Return whether another identity than before gets what a resource allows."""
    pairs = map(alteration.pair, HOLDERS.get(alteration.type, ()))
    return any(set(texts(new)) - set(texts(old)) for old, new in filter(None, pairs))


def _pod_role(alteration: Alteration) -> Iterator[str]:
    new = alteration.new or {}
    if (alteration.pair("roleArn") or alteration.old is None or _moves(alteration)) and new.get(
        "roleArn"
    ) is not UNKNOWN:
        account = f"{new.get('namespace')}/{new.get('serviceAccount')}"
        yield f"pods of the service account {account} get the role {new.get('roleArn')}"
