"""Rules of EKS for Pod Identity associations, and for the key of a cluster's secrets."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

PARAMETER = "InvalidParameterException"
ROLE = "arn:aws:iam::123456789012:role/cluster"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]})
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,9}[a-z0-9])?", fullmatch=True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"policy": POLICY, "disableSessionTags": True}, ""),
        ({"policy": POLICY, "disableSessionTags": False}, PARAMETER),
        ({"policy": POLICY}, PARAMETER),
        ({"policy": "{", "disableSessionTags": True}, PARAMETER),
        ({"policy": POLICY.replace('"Resource": "*"', '"Principal": "*"'), "disableSessionTags": True}, PARAMETER),
        ({"policy": UNKNOWN, "disableSessionTags": UNKNOWN}, ""),
        ({"disableSessionTags": False}, ""),
    ],
    ids=str,
)
def test_validates_the_policy_of_an_association(change: dict[str, Any], code: str) -> None:
    """A policy requires that session tags are disabled, for a new and for an existing association."""
    assert verdict("eks", "CreatePodIdentityAssociation", {"namespace": "a", "serviceAccount": "a", **change}) == code
    assert verdict("eks", "UpdatePodIdentityAssociation", change) == code


@settings(deadline=None, max_examples=80)
@given(LABEL, LABEL, st.sampled_from("_A .-/:") | st.characters())
def test_names_have_the_form_of_kubernetes(first: str, second: str, mark: str) -> None:
    """A namespace is a label; a service account is labels joined with dots."""
    joined = f"{first}{mark}{second}"
    letter = mark in "abcdefghijklmnopqrstuvwxyz0123456789-"
    names = {"namespace": joined, "serviceAccount": first}, {"namespace": first, "serviceAccount": joined}

    assert verdict("eks", "CreatePodIdentityAssociation", names[0]) == ("" if letter else PARAMETER)
    assert verdict("eks", "CreatePodIdentityAssociation", names[1]) == ("" if letter or mark == "." else PARAMETER)


KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"


@pytest.mark.parametrize(
    ("arn", "key", "code"),
    [
        (KEY, {"KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT"}, ""),
        (KEY, {"KeyState": "Disabled", "KeySpec": "SYMMETRIC_DEFAULT"}, PARAMETER),
        (KEY, {"KeyState": "Enabled", "KeySpec": "RSA_2048"}, PARAMETER),
        (KEY, None, PARAMETER),
        (KEY.replace("eu-central-1", "us-east-1"), {"KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT"}, PARAMETER),
    ],
)
def test_validates_the_key_of_secrets(arn: str, key: dict[str, str] | None, code: str) -> None:
    """It is symmetric, enabled, and in the cluster's region."""
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:*", "Principal": {"Service": "eks.amazonaws.com"}}]}
    role = {"Arn": ROLE, "AssumeRolePolicyDocument": trust}

    def ask(service: str, operation: str, **_: Any) -> dict[str, Any]:
        zones = [{"RegionName": "eu-central-1"}]
        return {"kms": {"KeyMetadata": key}, "ec2": {"AvailabilityZones": zones}}.get(
            service, {"Role": role} if operation == "GetRole" else {"Account": "123456789012"}
        )

    request = {
        "name": "c",
        "roleArn": ROLE,
        "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": arn}}],
    }
    assert verdict("eks", "CreateCluster", request, ask) == code
