"""Rules of RDS for parameter and subnet groups: cases that the corpus does not cover, and unknown values."""

import pytest

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

VALUE = "InvalidParameterValue"
FAMILIES = [
    ("postgres18", ""),
    ("postgres11", ""),
    ("postgres9.6", VALUE),  # no version of it can be created anymore
    ("postgres19", VALUE),
    ("postgres", VALUE),
    ("postgresql17", VALUE),
    ("pg17", VALUE),
    ("mysql8.4", ""),
    ("mysql8", VALUE),
    ("aurora-postgresql17", ""),
    ("oracle-ee-19", ""),
    (UNKNOWN, ""),
]


@pytest.mark.parametrize(("family", "code"), FAMILIES)
def test_validates_the_family_of_a_parameter_group(family: str, code: str) -> None:
    """It is an engine with its major version."""
    assert verdict("rds", "CreateDBParameterGroup", {"DBParameterGroupFamily": family}) == code


@pytest.mark.parametrize(("text", "code"), [("for app", ""), ("für app", VALUE), ("a\nb", VALUE), (UNKNOWN, "")])
def test_a_description_has_printable_characters_only(text: str, code: str) -> None:
    """This holds for both kinds of groups."""
    assert verdict("rds", "CreateDBParameterGroup", {"Description": text}) == code
    assert verdict("rds", "ModifyDBSubnetGroup", {"DBSubnetGroupDescription": text}) == code
