"""The rules of a pack get the same properties as from pulumi_policy, converted once for each resource."""

from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.rpc import UNKNOWN
from pulumi_policy import deserialize, policy, proxy
from pulumi_policy.proxy import UnknownValueError

from infra.policy import shared_properties
from infra.resources.properties import plain

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(-1e6, 1e6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(st.text(max_size=5), VALUES, max_size=4)


@pytest.fixture(autouse=True, scope="module")
def installed() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("json_format", "deserialize_properties", "unknown_checking_proxy"):
            patch.setattr(policy, name, getattr(policy, name))
        shared_properties.install()
        yield


def message(properties: dict[str, Any]) -> Struct:
    made = Struct()
    made.update(properties)
    return made


def converted(properties: Struct, *options: bool) -> Any:
    """Do what pulumi_policy does for each rule and resource."""
    used: Any = policy
    return used.unknown_checking_proxy(
        used.deserialize_properties(used.json_format.MessageToDict(properties), *options)
    )


@given(st.lists(PROPERTIES, min_size=1, max_size=4))
def test_the_properties_are_those_of_the_sdk(resources: list[dict[str, Any]]) -> None:
    """For each of several resources, however often they are read."""
    for properties in [*resources, *resources]:
        sent = message(properties)
        expected = proxy.unknown_checking_proxy(deserialize.deserialize_properties(json_format.MessageToDict(sent)))

        assert plain(converted(sent)) == plain(expected)


def test_properties_are_converted_once() -> None:
    """Also if the engine sends them again for the rules about the whole stack."""
    first, second = (converted(message({"name": "one", "tags": {"a": "b"}})) for _ in range(2))

    assert first is second
    assert converted(message({"name": "other"}))["name"] == "other"


def test_an_unknown_value_still_raises() -> None:
    """As in the SDK, with the path of the property."""
    spec = converted(message({"spec": {"port": UNKNOWN}}))["spec"]

    with pytest.raises(UnknownValueError) as caught:
        spec["port"]
    assert caught.value.props == ["spec", "port"]


def test_the_properties_for_a_remediation_are_others() -> None:
    """They keep which values are secret, so they are a type of their own."""
    sent = message({"name": "one"})

    assert type(deserialize.deserialize_properties({}, True)) is not dict
    assert converted(sent, True) is converted(sent, True)
    assert converted(sent, True) is not converted(sent)
