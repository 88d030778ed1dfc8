"""Changes of one resource that are a hazard, and similar ones that are none."""

from tests.infra.review.hazards.cases import downgrades, exposure, grants, iam, losses, nodes, protection
from tests.infra.review.hazards.cases.made import Case

CASES: dict[str, Case] = {
    **losses.CASES,
    **nodes.CASES,
    **iam.CASES,
    **grants.CASES,
    **exposure.CASES,
    **downgrades.CASES,
    **protection.CASES,
}
"""Description -> change."""
