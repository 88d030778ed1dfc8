"""Identities, resource policies and access of the cluster that allow more than before."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from infra.policy.documents import texts
from infra.policy.rules import iam_no_wildcard_admin, no_public_principal, s3_no_public_acl
from infra.resources.properties import UNKNOWN, document, is_known
from infra.resources.resource import Properties
from infra.review import rbac
from infra.review.allowances import gained, trusts_services_only
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
        *rbac.ROLES,
        *rbac.BINDINGS,
        *s3_no_public_acl.TYPES,
        "aws:lambda/permission:Permission",
        "aws:kms/grant:Grant",
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
INLINE = ("aws:iam/rolePolicy:RolePolicy", "aws:iam/userPolicy:UserPolicy", "aws:iam/groupPolicy:GroupPolicy")


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


def redistributed(alterations: Sequence[Alteration]) -> set[tuple[str, str]]:
    """Return URN and text of permissions that an inline policy gains while its identity as a whole does not.

    Another inline policy of the identity allowed them before, or still denies them.
    """
    groups: dict[tuple[str, str], list[Alteration]] = defaultdict(list)
    for each in alterations:
        if each.type in INLINE:
            for identity in {*_identities(each.type, each.old), *_identities(each.type, each.new)}:
                groups[each.type, identity].append(each)
    changed = ((identity, group) for (_, identity), group in groups.items() if any(each.changes for each in group))
    return {found for identity, group in changed for found in _not_gained(identity, group)}


def _not_gained(identity: str, group: Sequence[Alteration]) -> Iterator[tuple[str, str]]:
    pairs = [[_policy(identity, each.type, inputs) for inputs in (each.old, each.new)] for each in group]
    old, new = zip(*pairs, strict=True)
    if not all(is_known(document(each)) for each in [*old, *new]):
        return
    together = set(gained(old, new))
    for alteration, (before, after) in zip(group, pairs, strict=True):
        yield from ((alteration.urn, text) for text in gained([before], [after]) if text not in together)


def _identities(resource_type: str, inputs: Properties | None) -> list[str]:
    return [identity for key in HOLDERS[resource_type] for identity in texts((inputs or {}).get(key))]


def _policy(identity: str, resource_type: str, inputs: Properties | None) -> object:
    return (inputs or {}).get("policy") if identity in _identities(resource_type, inputs) else None


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
