"""What counts as drift in a refresh."""

from typing import Any

from pulumi.automation.events import EngineEvent, OpType, ResOutputsEvent, StepEventMetadata, StepEventStateMetadata

from infra.engine.drift import Drift, drift_from_events

URN = "urn:pulumi:local::drydock::drydock:network:Network$aws:s3/bucket:Bucket::network-flow-logs"
TYPE = "aws:s3/bucket:Bucket"


def state(inputs: dict[str, Any], outputs: dict[str, Any]) -> StepEventStateMetadata:
    """Return a resource as the engine tells it."""
    return StepEventStateMetadata(type=TYPE, urn=URN, id="b", parent="", provider="", inputs=inputs, outputs=outputs)


def refreshed(op: OpType, old: StepEventStateMetadata, new: StepEventStateMetadata | None) -> EngineEvent:
    """Return the event of one refreshed resource."""
    step = StepEventMetadata(op=op, urn=URN, type=TYPE, provider="", old=old, new=new)
    return EngineEvent(sequence=1, timestamp=1, res_outputs_event=ResOutputsEvent(metadata=step, planning=False))


def test_a_resource_that_is_gone_is_drift() -> None:
    """It is named by type and name."""
    (drift,) = drift_from_events([refreshed(OpType.DELETE, state({"acl": "private"}, {}), None)])

    assert str(drift) == f"delete {TYPE} network-flow-logs"


def test_a_changed_input_is_drift() -> None:
    """With the properties that differ, and only those."""
    old, new = state({"acl": "private", "tags": {}}, {}), state({"acl": "public", "tags": {}}, {})

    assert drift_from_events([refreshed(OpType.UPDATE, old, new)]) == [
        Drift(operation="update", type=TYPE, name="network-flow-logs", properties=("acl",))
    ]


def test_a_status_that_controllers_change_is_no_drift() -> None:
    """Outputs move with the world; what was asked for did not change."""
    old, new = state({"acl": "private"}, {"ready": 1}), state({"acl": "private"}, {"ready": 2})

    assert drift_from_events([refreshed(OpType.UPDATE, old, new)]) == []


def test_unchanged_resources_are_no_drift() -> None:
    """Neither are events of other kinds."""
    same = state({"acl": "private"}, {})

    assert drift_from_events([refreshed(OpType.SAME, same, same), EngineEvent(sequence=1, timestamp=1)]) == []
