"""Settings of a stack on AWS that a local cloud replaces."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.engine.localized import differences, localized

HERE = "123456789012"
accounts = st.from_regex("[0-9]{12}", fullmatch=True)


@settings(deadline=None, max_examples=50)
@given(accounts)
def test_replaces_the_account_in_all_settings(account: str) -> None:
    """It is replaced in each ARN of the stack's own account, and not in ARNs of another account."""
    other = "000000000000" if account != "000000000000" else "999999999999"

    def config(own: str) -> dict[str, Any]:
        return {
            "drydock:accountId": own,
            "drydock:cluster": {"adminRoles": [f"arn:aws:iam::{own}:role/ops/a", f"arn:aws:iam::{other}:role/b"]},
            "aws:assumeRoles": [{"roleArn": f"arn:aws:iam::{own}:role/ops/a"}],
            "drydock:tags": {"Number": f"1{own}", "Region": "eu-central-1"},
        }

    expected = {**config(HERE), "drydock:tags": config(account)["drydock:tags"]}
    assert localized(config(account)) == expected
    assert list(differences(config(account))) == ([] if account == HERE else [f"account {HERE} replaces {account}"])


@pytest.mark.parametrize("as_json", [False, True])
def test_removes_security_groups_outside_of_the_stack(as_json: bool) -> None:
    """They are removed from an object and from its JSON text; other settings stay."""
    cluster: Any = {"logRetentionDays": 7, "privateAccessSecurityGroups": ["sg-0123456789abcdef0"]}
    config = {"drydock:cluster": json.dumps(cluster) if as_json else cluster}

    assert localized(config) == {"drydock:cluster": {"logRetentionDays": 7}}
    (line,) = differences(config)
    assert line == (
        "cluster.privateAccessSecurityGroups is ignored here: sg-0123456789abcdef0 exist only on AWS; "
        "there they may reach the API server, so ignore the warning that nothing may reach it"
    )


def test_does_not_change_other_settings() -> None:
    config = {"drydock:region": "eu-central-1", "drydock:cluster": '{"version": "1.35"}', "drydock:protect": False}

    assert localized(config) == config
    assert list(differences(config)) == []
