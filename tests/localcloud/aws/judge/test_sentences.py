"""Constraints in AWS's documentation: the characters that are taken, spelled out here, and every other one refused."""

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.judge.sentences import Sentence, read
from localcloud.aws.specifications.models import service_model

ASCII = string.ascii_letters + string.digits
RULE_MARKS = " ._-:/()#,@[]+=;{}!$*"
# Service, shape, member; the marks beside letters and digits; the length.
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
def test_the_documented_characters_and_no_others(
    service: str, shape: str, member: str, marks: str, low: int | None, high: int
) -> None:
    """Each printable character between two letters."""
    said = sentence(service, shape, member)
    assert said.pattern is not None
    taken = {mark for mark in string.printable if re.fullmatch(said.pattern, f"a{mark}b")}

    assert taken == {*ASCII, *marks}
    assert (said.minimum, said.maximum) == (low, high)


@each_member
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_text_of_these_characters_passes(
    service: str, shape: str, member: str, marks: str, low: int | None, high: int, data: st.DataObject
) -> None:
    """And the same text with a character beyond them does not."""
    said = sentence(service, shape, member)
    assert said.pattern is not None
    letters = st.text(ASCII, min_size=1, max_size=10)
    text = data.draw(st.builds("a{}{}{}z".format, letters, st.sampled_from(marks), letters))
    wrong = data.draw(st.characters(codec="utf-8").filter(lambda mark: mark not in ASCII + marks))

    assert re.fullmatch(said.pattern, text)
    assert not re.fullmatch(said.pattern, f"{text}{wrong}z")


@pytest.mark.parametrize("name", ["1db", "-db", "db-", "d--b", "", "d_b", "d.b"])
def test_an_identifier_of_rds_has_a_form(name: str) -> None:
    """A letter first, no hyphen last, no two hyphens together."""
    said = sentence("rds", "CreateDBInstanceMessage", "DBInstanceIdentifier")
    assert said.pattern is not None
    assert said.minimum == 1
    assert not (re.fullmatch(said.pattern, name) and len(name) >= said.minimum)
    assert re.fullmatch(said.pattern, "d-b1")


def test_the_prefix_of_a_groups_id_is_no_name() -> None:
    """`sg-` at the start, and nowhere else."""
    said = sentence("ec2", "CreateSecurityGroupRequest", "GroupName")
    assert said.pattern is not None
    assert not re.fullmatch(said.pattern, "sg-data")
    assert re.fullmatch(said.pattern, "data-sg-1")


def test_other_documentation_constrains_nothing() -> None:
    """A description that only explains, and one that has a rule for each engine."""
    assert read("<p>The name of the role.</p>") == Sentence()
    for member in ("DBName", "MasterUsername", "MasterUserPassword", "DBParameterGroupName"):
        assert sentence("rds", "CreateDBInstanceMessage", member) == Sentence()
