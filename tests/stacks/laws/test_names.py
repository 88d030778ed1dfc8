"""A resource is named after what it is for, not after its place in a list: a change beside it must not replace it."""

from typing import Any

from tests.support.recorder import Recording
from tests.support.worlds import recorded

ZONES, ENDPOINTS = ["a", "b"], ["ecr.api", "logs", "sqs"]
ROLES, PEERS = ["deploy", "oncall"], ["10.1.0.0/16", "10.2.0.0/16"]


def _recording(zones: list[str], endpoints: list[str], roles: list[str], peers: list[str]) -> Recording:
    return recorded(
        {
            "region": "eu-central-1",
            "network": {"availabilityZones": zones, "interfaceEndpoints": endpoints, "peerCidrs": peers},
            "cluster": {"adminRoles": roles},
        }
    ).recording


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(inner) for key, inner in value.items()}
    return sorted(map(_sorted, value), key=str) if isinstance(value, list) else value


def test_order_of_a_list_changes_nothing() -> None:
    """Zones, endpoints, roles and peers are sets: each URN stays, with its inputs but for the order of a list."""
    one = _recording(ZONES, ENDPOINTS, ROLES, PEERS)
    other = _recording(ZONES[::-1], ENDPOINTS[::-1], ROLES[::-1], PEERS[::-1])

    inputs = [{urn: _sorted(resource.inputs) for urn, resource in each.resources.items()} for each in (one, other)]
    assert inputs[0] == inputs[1]


def test_environments_differ_in_their_name_only() -> None:
    """Nothing else depends on what an environment is called."""
    values = {"region": "eu-central-1"}
    one, other = recorded(values, "blue").recording, recorded(values, "green").recording

    def renamed(recording: Recording, name: str) -> list[str]:
        return sorted(str(resource.inputs).replace(name, "NAME") for resource in recording.resources.values())

    assert [str(r.inputs) for r in one.resources.values()] != [str(r.inputs) for r in other.resources.values()]
    blue, green = renamed(one, "blue"), renamed(other, "green")
    assert [text for text in blue if "api-config-" not in text] == [t for t in green if "api-config-" not in t]
