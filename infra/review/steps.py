"""The operations of the engine's steps."""

from collections.abc import Mapping

from pulumi.automation.events import StepEventMetadata

UNCHANGED = ("same", "refresh", "discard", "remove-pending-replace")
# The engine tells a replacement in up to three steps, of which one is enough.
OPERATIONS: Mapping[str, str | None] = {
    "create-replacement": "replace",
    "replace": "replace",
    "import-replacement": "replace",
    "delete-replaced": None,
    "discard-replaced": None,
    "read-replacement": None,
}


def operation(step: StepEventMetadata) -> str | None:
    """Return what a step does, as `Change.operation`; None for the other steps of a replacement."""
    kind = str(getattr(step.op, "value", step.op))
    return OPERATIONS.get(kind, kind)
