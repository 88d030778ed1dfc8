"""Values in policy documents: each type of condition accepts its own values, with any operator and prefix."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

MALFORMED = "MalformedPolicyDocument"
COMPARISONS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
OPERATORS = {
    "Date": [f"Date{name}" for name in COMPARISONS],
    "Numeric": [f"Numeric{name}" for name in COMPARISONS],
    "IpAddress": ["IpAddress", "NotIpAddress"],
    "Arn": ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"],
    "Binary": ["BinaryEquals"],
}
moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1))
VALID = {
    "Date": st.one_of(
        moments.map(lambda moment: moment.strftime("%Y-%m-%d")),
        moments.map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")),
        moments.map(lambda moment: moment.isoformat() + "+01:00"),
        moments.map(lambda moment: str(int(moment.replace(tzinfo=UTC).timestamp()))),
    ),
    "Numeric": st.one_of(st.integers(), st.integers().map(str), st.decimals(-99, 99, places=2).map(str)),
    "IpAddress": st.one_of(
        st.ip_addresses().map(str),
        st.tuples(st.ip_addresses(v=4), st.integers(0, 32)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
        st.tuples(st.ip_addresses(v=6), st.integers(0, 128)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    ),
    "Arn": st.one_of(
        st.just("*"), st.from_regex(r"arn:aws:(sqs|sns):[a-z*]{0,9}:[0-9*]{0,12}:[a-z*]{1,9}", fullmatch=True)
    ),
    "Binary": st.binary(min_size=1, max_size=30).map(lambda data: b64encode(data).decode()),
}
WRONG = {
    "Date": st.one_of(
        st.from_regex(r"[a-z]{1,9}", fullmatch=True),
        st.tuples(st.integers(13, 99), st.integers(1, 28)).map(lambda pair: f"2030-{pair[0]}-{pair[1]:02}"),
        st.integers(32, 99).map(lambda day: f"2030-01-{day}"),
        st.integers(24, 99).map(lambda hour: f"2030-01-01T{hour}:00:00Z"),
    ),
    "Numeric": st.from_regex(r"[a-z][a-z0-9]{0,5}|[0-9]+ GB|0x[0-9]", fullmatch=True),
    "IpAddress": st.one_of(
        st.tuples(st.ip_addresses(v=4), st.integers(33, 999)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
        st.tuples(st.ip_addresses(v=6), st.integers(129, 999)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
        st.integers(256, 999).map(lambda octet: f"10.0.0.{octet}"),
        st.from_regex(r"[g-z]{1,9}\.com", fullmatch=True),
    ),
    "Arn": st.from_regex(r"[b-z]{1,9}|arn:aws(:[a-z]{0,5}){0,3}", fullmatch=True),
    "Binary": st.from_regex(r"[A-Za-z]{4}!|([A-Za-z]{4}){0,3}[A-Za-z]", fullmatch=True),
}
prefixes, endings = st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]), st.sampled_from(["", "IfExists"])


def code(**changes: Any) -> str:
    """Return the code for an inline policy with a valid statement and these changes."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **changes}
    return verdict("iam", "PutRolePolicy", {"PolicyDocument": json.dumps({"Statement": [statement]})})


@pytest.mark.parametrize("type_", OPERATORS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_condition_accepts_values_of_its_type(type_: str, data: st.DataObject) -> None:
    """Tested are one value and several, one of which is wrong."""
    operator = data.draw(prefixes) + data.draw(st.sampled_from(OPERATORS[type_])) + data.draw(endings)
    right = data.draw(st.lists(VALID[type_], min_size=1, max_size=3))
    wrong = data.draw(WRONG[type_])

    assert code(Condition={operator: {"aws:Key": right}}) == ""
    assert code(Condition={operator: {"aws:Key": right[0]}}) == ""
    assert code(Condition={operator: {"aws:Key": wrong}}) == MALFORMED
    assert code(Condition={operator: {"aws:Key": [*right, wrong]}}) == MALFORMED


@pytest.mark.parametrize("type_", OPERATORS)
def test_accepts_an_unknown_value(type_: str) -> None:
    """It is unknown in a preview, or a policy variable, which has a value only in a request."""
    for value in (UNKNOWN, f"arn:{UNKNOWN}", "${aws:PrincipalTag/limit}", [UNKNOWN]):
        assert code(Condition={OPERATORS[type_][0]: {"aws:Key": value}}) == ""
    assert (
        code(Condition=UNKNOWN) == code(Condition={"DateEquals": UNKNOWN}) == code(Resource=f"arn:{UNKNOWN}:x*") == ""
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"aws:Key": True}, ""),
        ({"aws:Key": "false"}, ""),
        ({"aws:Key": "maybe"}, MALFORMED),
        ({"aws:Key": None}, MALFORMED),
        ({"aws:Key": [["true"]]}, MALFORMED),
        ({"Key": "true"}, MALFORMED),
        ("true", MALFORMED),
        (["true"], MALFORMED),
    ],
    ids=str,
)
def test_validates_the_form_of_a_condition(values: Any, expected: str) -> None:
    assert code(Condition={"Null": values}) == expected


services = st.sampled_from(["sqs", "rds", "secretsmanager", "kms"])


@settings(deadline=None, max_examples=60)
@given(services, st.sampled_from(["*", "?"]), st.integers(0, 4))
def test_refuses_a_wildcard_in_the_name_of_a_service(service: str, wildcard: str, place: int) -> None:
    """It is refused in actions and resources, at any position."""
    place = min(place, len(service))
    pattern = service[:place] + wildcard + service[place:]

    assert code(Action=f"{service}:{wildcard}") == code(Resource=f"arn:aws:{service}:*:*:{wildcard}") == ""
    assert code(Action=f"{pattern}:Get*") == code(NotResource=f"arn:aws:{pattern}:*:*:x") == MALFORMED


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:sqs:eu-central-1:*", ""),
        ("arn:aws:sqs:*", ""),
        ("arn:*:sqs:*:*:jobs*", ""),
        ("arn:aws-cn:s3:::bucket", ""),
        ("arn:aws:s3:*:*:bucket", ""),
        ("arn:aws:iam::123456789012:role/a", ""),
        ("arn:aws:iam:eu-central-1:123456789012:role/a", MALFORMED),
        ("arn:aws:s3:::", MALFORMED),
        ("arn:aws::::bucket", MALFORMED),
        ("arn:aws", MALFORMED),
        ("arn:*", MALFORMED),
        ("arn", MALFORMED),
        ("", MALFORMED),
    ],
)
def test_validates_the_form_of_a_resource(resource: str, expected: str) -> None:
    assert code(Resource=resource) == code(Resource=["*", resource]) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}',
        '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Action": "s3:*", "Resource": "*"}]}',
        '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*", '
        '"Condition": {"Bool": {"aws:A": "true", "aws:A": "true"}}}}',
    ],
)
def test_refuses_duplicate_keys(text: str) -> None:
    """They are refused in the document, a statement and a condition, even with equal values."""
    assert verdict("iam", "CreatePolicy", {"PolicyDocument": text}) == MALFORMED
