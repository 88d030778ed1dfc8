"""A plan of the engine as a reviewer reads it: what is lost, replaced or opened up comes first."""

from infra.review.as_json import to_json
from infra.review.comment import one_comment
from infra.review.events import plan_from_events
from infra.review.markdown import to_markdown
from infra.review.plan import Change, Finding, Plan, PropertyChange, Risk, failed_plan

__all__ = [
    "Change",
    "Finding",
    "Plan",
    "PropertyChange",
    "Risk",
    "failed_plan",
    "one_comment",
    "plan_from_events",
    "to_json",
    "to_markdown",
]
