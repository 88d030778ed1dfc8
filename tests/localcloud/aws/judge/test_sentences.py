"""Constraints in AWS's documentation texts: the characters listed here are accepted, and all others refused."""

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.judge.sentences import Sentence, read
from localcloud.aws.specifications.models import service_model

ASCII = string.ascii_letters + string.digits
RULE_MARKS = " ._-:/()#,@[]+=;{}!$*"
# Service, shape, member; punctuation in addition to letters and digits; length.
MEMBERS = [
    ("ec2", "UserIdGroupPair", "Description", RULE_MARKS, None, 255),
    ("ec2", "PrefixListId", "Description", RULE_MARKS, None, 255),
    ("ec2", "IpRange", "Description", RULE_MARKS + "&", None, 255),
    ("ec2", "Ipv6Range", "Description", RULE_MARKS + "&", None, 255),
    ("ec2", "CreateSecurityGroupRequest", "Description", RULE_MARKS + "&", None, 255),
    ("ec2", "CreateSecurityGroupRequest", "GroupName", RULE_MARKS + "&", None, 255),
    ("rds", "CreateDBInstanceMessage", "DBInstanceIdentifier", "-", 1, 63),
    ("rds", "CreateDBParameterGroupMessage", "DBParameterGroupName", "-", 1, 255),
    ("rds", "CreateDBSnapshotMessage", "DBSnapshotIdentifier", "-", 1, 255),
    ("rds", "DeleteDBInstanceMessage", "FinalDBSnapshotIdentifier", "-", 1, 255),
    ("sqs", "CreateQueueRequest", "QueueName", "-_", None, 80),
]
each_member = pytest.mark.parametrize(("service", "shape", "member", "marks", "low", "high"), MEMBERS, ids=str)


def sentence(service: str, shape: str, member: str) -> Sentence:
    return read(service_model(service).shape_for(shape).members[member].documentation)


@each_member
def test_accepts_exactly_the_documented_characters(
    service: str, shape: str, member: str, marks: str, low: int | None, high: int
) -> None:
    """Each printable character is tested between two letters."""
    said = sentence(service, shape, member)
    assert said.pattern is not None
    taken = {mark for mark in string.printable if re.fullmatch(said.pattern, f"a{mark}b")}

    assert taken == {*ASCII, *marks}
    assert (said.minimum, said.maximum) == (low, high)


@each_member
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_accepts_text_of_these_characters(
    service: str, shape: str, member: str, marks: str, low: int | None, high: int, data: st.DataObject
) -> None:
    """The same text with another character is refused."""
    said = sentence(service, shape, member)
    assert said.pattern is not None
    letters = st.text(ASCII, min_size=1, max_size=10)
    text = data.draw(st.builds("a{}{}{}z".format, letters, st.sampled_from(marks), letters))
    wrong = data.draw(st.characters(codec="utf-8").filter(lambda mark: mark not in ASCII + marks))

    assert re.fullmatch(said.pattern, text)
    assert not re.fullmatch(said.pattern, f"{text}{wrong}z")


@pytest.mark.parametrize("name", ["1db", "-db", "db-", "d--b", "", "d_b", "d.b"])
def test_validates_the_form_of_an_rds_identifier(name: str) -> None:
    """It begins with a letter, does not end with a hyphen, and has no two consecutive hyphens."""
    said = sentence("rds", "CreateDBInstanceMessage", "DBInstanceIdentifier")
    assert said.pattern is not None
    assert said.minimum == 1
    assert not (re.fullmatch(said.pattern, name) and len(name) >= said.minimum)
    assert re.fullmatch(said.pattern, "d-b1")


def test_a_security_group_name_must_not_begin_with_sg() -> None:
    """`sg-` is refused at the beginning only."""
    said = sentence("ec2", "CreateSecurityGroupRequest", "GroupName")
    assert said.pattern is not None
    assert not re.fullmatch(said.pattern, "sg-data")
    assert re.fullmatch(said.pattern, "data-sg-1")


def test_other_documentation_yields_no_constraint() -> None:
    """Examples are a description that only explains, and one with a rule for each engine."""
    assert read("<p>The name of the role.</p>") == Sentence()
    for member in ("DBName", "MasterUsername", "MasterUserPassword", "DBParameterGroupName"):
        assert sentence("rds", "CreateDBInstanceMessage", member) == Sentence()
