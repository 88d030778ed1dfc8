"""Conversion of names and values between Pulumi and AWS."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.shapes import from_api, lower_camel, observed, pick, planned, same
from localcloud.protocol.values import UNKNOWN, is_unknown

SCALARS = st.sampled_from(["a", "b", 1, 2, True])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)),
    max_leaves=8,
)
BLOCKS = st.dictionaries(st.sampled_from("xyz"), VALUES, max_size=3)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("VpcId", "vpcId"),
        ("DBInstanceClass", "dbInstanceClass"),
        ("ARN", "arn"),
        ("KmsKeyId", "kmsKeyId"),
        ("IAMDatabaseAuthenticationEnabled", "iamDatabaseAuthenticationEnabled"),
        ("repositoryUri", "repositoryUri"),
    ],
)
def test_aws_names_become_pulumi_names(theirs: str, ours: str) -> None:
    """Acronyms become lower case as a whole."""
    assert lower_camel(theirs) == ours


def test_names_are_converted_at_any_depth() -> None:
    """Nested lists and objects are converted too."""
    assert from_api({"A": [{"BcD": 1}], "ResponseMetadata": {}}) == {"a": [{"bcD": 1}]}


def test_a_path_without_a_value_is_none() -> None:
    """A missing value is no error."""
    assert pick({"Vpcs": [{"VpcId": "vpc-1"}]}, "Vpcs.0.VpcId") == "vpc-1"
    assert pick({"Vpcs": []}, "Vpcs.0.VpcId") is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (5432, "5432"),
        (["a", "b"], ["b", "a"]),
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}'),
        ({"enabled": False}, {}),
        ({"days": 1}, {"days": 1, "more": 2}),
        ([], None),
        (True, "true"),
    ],
)
def test_equivalent_values_are_no_difference(wanted: object, found: object) -> None:
    """Layout, order and formats of numbers make no difference to AWS."""
    assert same(wanted, found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["a"], ["a", "b"]),
        (["a", "a"], ["a"]),
        ({"enabled": True}, {}),
        (True, False),
        ("a", "b"),
        ({"block": {}}, {"allow": {}}),
        ('{"a":1}', '{"a":2}'),
    ],
)
def test_other_values_are_a_difference(wanted: object, found: object) -> None:
    """A missing item and another value are drift."""
    assert not same(wanted, found)


def test_a_refresh_keeps_equivalent_inputs() -> None:
    """Only different values change, and values that AWS does not return are kept."""
    inputs = {"port": "5432", "name": "a", "force": True}

    assert observed(inputs, {"port": 5432, "name": "b", "extra": 1}) == {"port": "5432", "name": "b", "force": True}


def test_a_refresh_ignores_values_that_aws_adds_to_a_block() -> None:
    """Otherwise the next plan would treat them as values that the program removed."""
    inputs = {"vpcConfig": {"public": False, "cidrs": ["a"]}}

    assert observed(inputs, {"vpcConfig": {"public": True, "vpcId": "vpc-1"}}) == {"vpcConfig": {"public": True}}


@settings(deadline=None)
@given(old=BLOCKS, outputs=BLOCKS)
def test_equal_inputs_keep_the_outputs(old: dict[str, Any], outputs: dict[str, Any]) -> None:
    """An update without a change changes no output, whatever AWS returned for the inputs."""
    assert planned(old, outputs, old) == outputs


@settings(deadline=None)
@given(old=BLOCKS, new=BLOCKS)
def test_a_preview_has_the_new_inputs_as_outputs(old: dict[str, Any], new: dict[str, Any]) -> None:
    """AWS returns them unchanged here. Values that are no longer set are unknown, at any depth."""
    outputs = planned(old, old, new)

    assert _known(outputs) == _known(new)
    assert all(is_unknown(outputs[key]) for key in outputs.keys() - new.keys())


@settings(deadline=None)
@given(old=BLOCKS, new=BLOCKS, told=VALUES)
def test_values_that_aws_adds_stay_known(old: dict[str, Any], new: dict[str, Any], told: object) -> None:
    """They are known with any other change, at the top level and in a block."""
    assert planned(old, {**old, "arn": told}, new)["arn"] == told
    nested = planned({"block": old}, {"block": {**old, "arn": told}}, {"block": new})
    assert nested["block"]["arn"] == told


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(item) for key, item in value.items() if item != UNKNOWN}
    return [_known(item) for item in value] if isinstance(value, list) else value
