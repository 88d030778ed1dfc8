"""Policies of VPC endpoints: which requests an endpoint allows."""

import json
from typing import Any

import pytest

from infra.reach.endpoint_policies import passing
from infra.reach.verdict import Verdict
from infra.resources.properties import UNKNOWN
from tests.infra.reach.wiring import made


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect: str, **changes: Any) -> dict[str, Any]:
    """Return a statement for all principals, actions and resources, with these changes."""
    return {"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*"} | changes


ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (policy(statement("Allow")), Verdict.YES),
        (policy(statement("Allow", Principal={"AWS": "*"}, Action=["*"], Resource=["*"])), Verdict.YES),
        (policy(statement("Deny")), Verdict.NO),
        (policy(statement("Allow"), statement("Deny")), Verdict.NO),
        (policy(), Verdict.NO),
        ("{", Verdict.NO),
        (policy(statement("Allow", Action="sqs:SendMessage")), Verdict.UNKNOWN),
        (policy(statement("Allow", Condition=ORGANIZATION)), Verdict.UNKNOWN),
        (policy(statement("Allow"), statement("Deny", Condition=ORGANIZATION)), Verdict.UNKNOWN),
        (policy(statement("Allow"), statement("Deny", Action="sqs:PurgeQueue")), Verdict.UNKNOWN),
        (UNKNOWN, Verdict.UNKNOWN),
    ],
)
def test_a_policy_allows_all_or_nothing_or_is_unknown(given: Any, verdict: Verdict) -> None:
    """A policy for some requests only is UNKNOWN, because IAM decides on each request."""
    endpoint = made("aws:ec2/vpcEndpoint:VpcEndpoint", "sqs", {"policy": given})

    assert [hop.verdict for hop in passing(endpoint)] == [verdict]


def test_without_a_policy_everything_passes() -> None:
    """As without an endpoint, the path has no hop for it."""
    assert not list(passing(made("aws:ec2/vpcEndpoint:VpcEndpoint", "sqs", {})))
    assert not list(passing(None))
