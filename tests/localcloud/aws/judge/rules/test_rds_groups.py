"""Rules of RDS about parameter groups and subnet groups: kinds that the corpus does not show, and unknown values."""

import pytest

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

VALUE = "InvalidParameterValue"
FAMILIES = [
    ("postgres18", ""),
    ("postgres11", ""),
    ("postgres9.6", VALUE),  # no version of it can be created any more
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
def test_a_family(family: str, code: str) -> None:
    """An engine and its major version."""
    assert verdict("rds", "CreateDBParameterGroup", {"DBParameterGroupFamily": family}) == code


@pytest.mark.parametrize(("text", "code"), [("for app", ""), ("für app", VALUE), ("a\nb", VALUE), (UNKNOWN, "")])
def test_a_description_is_printable(text: str, code: str) -> None:
    """Of both kinds of group."""
    assert verdict("rds", "CreateDBParameterGroup", {"Description": text}) == code
    assert verdict("rds", "ModifyDBSubnetGroup", {"DBSubnetGroupDescription": text}) == code
