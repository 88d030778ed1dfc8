"""Names and values between Pulumi and AWS."""

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
    """Acronyms go to lower case as a whole."""
    assert lower_camel(theirs) == ours


def test_names_change_at_every_depth() -> None:
    """Lists and objects inside are renamed too."""
    assert from_api({"A": [{"BcD": 1}], "ResponseMetadata": {}}) == {"a": [{"bcD": 1}]}


def test_a_path_without_a_value_is_none() -> None:
    """Nothing found is no error."""
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
def test_what_means_the_same_to_aws_is_no_difference(wanted: object, found: object) -> None:
    """Layout, order and number formats are no drift."""
    assert same(wanted, found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["a"], ["a", "b"]),
        (["a", "a"], ["a"]),
        ({"enabled": True}, {}),
        (True, False),
        ("a", "b"),
        ('{"a":1}', '{"a":2}'),
    ],
)
def test_what_means_something_else_is_a_difference(wanted: object, found: object) -> None:
    """A missing item or another value is drift."""
    assert not same(wanted, found)


def test_inputs_are_kept_if_the_state_has_them() -> None:
    """A refresh changes only what is different, and keeps what AWS does not tell."""
    inputs = {"port": "5432", "name": "a", "force": True}

    assert observed(inputs, {"port": 5432, "name": "b", "extra": 1}) == {"port": "5432", "name": "b", "force": True}


def test_a_block_is_observed_without_what_aws_adds() -> None:
    """Else the next plan takes what AWS added for something that the program no longer sets."""
    inputs = {"vpcConfig": {"public": False, "cidrs": ["a"]}}

    assert observed(inputs, {"vpcConfig": {"public": True, "vpcId": "vpc-1"}}) == {"vpcConfig": {"public": True}}


@settings(deadline=None)
@given(old=BLOCKS, outputs=BLOCKS)
def test_repeated_inputs_keep_their_value(old: dict[str, Any], outputs: dict[str, Any]) -> None:
    """An update that changes nothing changes no output, whatever AWS made of the inputs."""
    assert planned(old, outputs, old) == outputs


@settings(deadline=None)
@given(old=BLOCKS, new=BLOCKS)
def test_a_preview_has_each_new_value_where_aws_tells_what_was_asked_for(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    """And nothing of the old: what is no longer set is unknown, at any depth."""
    outputs = planned(old, old, new)

    assert _known(outputs) == _known(new)
    assert all(is_unknown(outputs[key]) for key in outputs.keys() - new.keys())


@settings(deadline=None)
@given(old=BLOCKS, new=BLOCKS, told=VALUES)
def test_what_aws_adds_stays_known(old: dict[str, Any], new: dict[str, Any], told: object) -> None:
    """Beside any change, and in a block as well as on top."""
    assert planned(old, {**old, "arn": told}, new)["arn"] == told
    nested = planned({"block": old}, {"block": {**old, "arn": told}}, {"block": new})
    assert nested["block"]["arn"] == told


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(item) for key, item in value.items() if item != UNKNOWN}
    return [_known(item) for item in value] if isinstance(value, list) else value
