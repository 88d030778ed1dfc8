"""Names and values between Pulumi and AWS."""

import pytest

from localcloud.aws.shapes import from_api, lower_camel, observed, pick, same


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


def test_a_path_that_leads_nowhere_is_none() -> None:
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


def test_inputs_are_kept_where_the_state_still_says_so() -> None:
    """A refresh changes only what is different, and keeps what AWS does not tell."""
    inputs = {"port": "5432", "name": "a", "force": True}

    assert observed(inputs, {"port": 5432, "name": "b", "extra": 1}) == {"port": "5432", "name": "b", "force": True}
