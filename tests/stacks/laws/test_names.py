"""What a setting says, and not how it is written or what the environment is called, decides what is made."""

from typing import Any

from tests.support.recorder import Recording
from tests.support.worlds import recorded, world_of

SETS = ["availabilityZones", "interfaceEndpoints", "peerCidrs"]


def _values() -> dict[str, Any]:
    return world_of("prod").settings.model_dump(mode="json", by_alias=True)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(inner) for key, inner in value.items()}
    return sorted(map(_sorted, value), key=str) if isinstance(value, list) else value


def test_order_of_a_list_changes_nothing() -> None:
    """Zones, endpoints, roles and peers are sets: each URN stays, with its inputs but for the order of a list."""
    values = _values()
    values["cluster"]["adminRoles"] = ["drydock-prod-deploy", "drydock-prod-admin"]
    for group, name in (*(("network", name) for name in SETS), ("cluster", "adminRoles")):
        assert len(values[group][name]) > 1
        values[group][name].reverse()

    one, other = world_of("prod").recording, recorded(values, "prod").recording
    inputs = [{urn: _sorted(resource.inputs) for urn, resource in each.resources.items()} for each in (one, other)]
    assert inputs[0] == inputs[1]


def test_environments_differ_in_their_name_only() -> None:
    """Nothing else depends on what an environment is called."""
    values = _values() | {"permissionsBoundary": None}  # its name is a setting, and has prod's in it
    one, other = (recorded(values, name).recording for name in ("prod", "green"))

    def renamed(recording: Recording, name: str) -> list[str]:
        texts = [str(resource.inputs).replace(name, "NAME") for resource in recording.resources.values()]
        return sorted(text for text in texts if "api-config-" not in text)  # a digest of what is in it

    assert [str(r.inputs) for r in one.resources.values()] != [str(r.inputs) for r in other.resources.values()]
    # The tag CostCenter of prod begins with the same letters.
    assert renamed(one, "prod") == [text.replace("production", "NAMEuction") for text in renamed(other, "green")]
