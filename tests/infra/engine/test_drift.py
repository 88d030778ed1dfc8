"""Drift, computed from the events of a refresh."""

from typing import Any

from pulumi.automation.events import EngineEvent, OpType, ResOutputsEvent, StepEventMetadata, StepEventStateMetadata

from infra.engine.drift import Drift, drift_from_events

URN = "urn:pulumi:local::drydock::drydock:network:Network$aws:s3/bucket:Bucket::network-flow-logs"
TYPE = "aws:s3/bucket:Bucket"


def state(inputs: dict[str, Any], outputs: dict[str, Any]) -> StepEventStateMetadata:
    """Return the state of a resource as in an event of the engine."""
    return StepEventStateMetadata(type=TYPE, urn=URN, id="b", parent="", provider="", inputs=inputs, outputs=outputs)


def refreshed(op: OpType, old: StepEventStateMetadata, new: StepEventStateMetadata | None) -> EngineEvent:
    """Return the event of one refreshed resource."""
    step = StepEventMetadata(op=op, urn=URN, type=TYPE, provider="", old=old, new=new)
    return EngineEvent(sequence=1, timestamp=1, res_outputs_event=ResOutputsEvent(metadata=step, planning=False))


def test_a_deleted_resource_is_drift() -> None:
    """The line has the type and the name of the resource."""
    (drift,) = drift_from_events([refreshed(OpType.DELETE, state({"acl": "private"}, {}), None)])

    assert str(drift) == f"delete {TYPE} network-flow-logs"


def test_a_changed_input_is_drift() -> None:
    """Only the properties that differ are listed."""
    old, new = state({"acl": "private", "tags": {}}, {}), state({"acl": "public", "tags": {}}, {})

    assert drift_from_events([refreshed(OpType.UPDATE, old, new)]) == [
        Drift(operation="update", type=TYPE, name="network-flow-logs", properties=("acl",))
    ]


def test_a_changed_output_is_no_drift() -> None:
    """Controllers change the status of objects; only inputs count."""
    old, new = state({"acl": "private"}, {"ready": 1}), state({"acl": "private"}, {"ready": 2})

    assert drift_from_events([refreshed(OpType.UPDATE, old, new)]) == []


def test_unchanged_resources_are_no_drift() -> None:
    """Events of other kinds are ignored."""
    same = state({"acl": "private"}, {})

    assert drift_from_events([refreshed(OpType.SAME, same, same), EngineEvent(sequence=1, timestamp=1)]) == []
