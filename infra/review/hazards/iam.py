"""Identities, resource policies and access of the cluster that allow more than before."""

from collections.abc import Iterator

from infra.policy.rules import iam_no_wildcard_admin, no_public_principal
from infra.resources.properties import UNKNOWN
from infra.review.allowances import trusts_services_only
from infra.review.hazards.alteration import Alteration
from infra.review.widening import BLOCK, widenings

POD_ROLE = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
TYPES = frozenset(
    (
        *iam_no_wildcard_admin.TYPES,
        *no_public_principal.POLICY_PROPERTY,
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        BLOCK,
    )
)


def widened(alteration: Alteration) -> Iterator[str]:
    """Yield what is allowed that was not. A new role that only services of AWS may take allows nothing by itself."""
    new = alteration.new
    if alteration.old is None and new and trusts_services_only(new.get("assumeRolePolicy")):
        new = {key: value for key, value in new.items() if key != "assumeRolePolicy"}
    if alteration.type in TYPES:
        yield from widenings(alteration.type, alteration.old, new)
    if (pair := alteration.pair("permissionsBoundary")) and pair[1] is None:
        yield "it has no permissions boundary any more"
    if alteration.type == POD_ROLE:
        yield from _pod_role(alteration)


def _pod_role(alteration: Alteration) -> Iterator[str]:
    new = alteration.new or {}
    if (alteration.pair("roleArn") or alteration.old is None) and new.get("roleArn") is not UNKNOWN:
        account = f"{new.get('namespace')}/{new.get('serviceAccount')}"
        yield f"pods of the service account {account} get the role {new.get('roleArn')}"
