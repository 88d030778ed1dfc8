"""Neither the order of a list in the settings nor the name of the environment affects the resources."""

from typing import Any

from tests.stacks.laws.graph.naming import FIXED, NOT_ITS_OWN, PHYSICAL
from tests.support.recorder import Recording
from tests.support.sdk import inputs_of
from tests.support.worlds import recorded, world_of

SETS = ["availabilityZones", "interfaceEndpoints", "peerCidrs"]


def _values() -> dict[str, Any]:
    return world_of("prod").settings.model_dump(mode="json", by_alias=True)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(inner) for key, inner in value.items()}
    return sorted(map(_sorted, value), key=str) if isinstance(value, list) else value


def test_order_of_a_list_changes_nothing() -> None:
    """Zones, endpoints, roles and peers are sets: URNs and inputs stay, except for the order of lists."""
    values = _values()
    values["cluster"]["adminRoles"] = ["drydock-prod-deploy", "drydock-prod-admin"]
    for group, name in (*(("network", name) for name in SETS), ("cluster", "adminRoles")):
        assert len(values[group][name]) > 1
        values[group][name].reverse()

    one, other = world_of("prod").recording, recorded(values, "prod").recording
    inputs = [{urn: _sorted(resource.inputs) for urn, resource in each.resources.items()} for each in (one, other)]
    assert inputs[0] == inputs[1]


def test_environments_differ_only_in_their_name() -> None:
    """With the same settings, only texts with the environment's name differ."""
    values = _values() | {"permissionsBoundary": None}  # a setting that contains "prod"
    one, other = (recorded(values, name).recording for name in ("prod", "green"))

    def renamed(recording: Recording, name: str) -> list[str]:
        texts = [str(resource.inputs).replace(name, "NAME") for resource in recording.resources.values()]
        return sorted(text for text in texts if "api-config-" not in text)  # has a digest of its content

    assert [str(r.inputs) for r in one.resources.values()] != [str(r.inputs) for r in other.resources.values()]
    # The tag CostCenter of prod begins with the same letters.
    assert renamed(one, "prod") == [text.replace("production", "NAMEuction") for text in renamed(other, "green")]


def test_the_laws_see_the_name_of_each_type_with_a_fixed_one() -> None:
    """Otherwise nobody would check that the name contains the stack."""
    unseen = [type_ for type_ in FIXED if not any(map(PHYSICAL.fullmatch, inputs_of(type_) - NOT_ITS_OWN))]

    assert unseen == [], "add the property with the name to PHYSICAL in tests/stacks/laws/graph/naming.py"
