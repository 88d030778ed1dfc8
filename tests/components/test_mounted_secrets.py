"""The component MountedSecrets: its resources, permissions, and missing secrets."""

import json
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.mounted_secrets import MountedSecrets, matched
from tests.support.builders import SECRET, mounted_secrets_args
from tests.support.fake_outputs import ACCOUNT_ID, REGION, answer_of, random_result
from tests.support.recorder import Recording, record

SECRETS, VERSION = "aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretVersion:SecretVersion"
names = st.text("abcDEF0189/_+=.@!-", min_size=1, max_size=12)


def _mounted(**changes: object) -> Recording:
    return record(lambda: MountedSecrets("mounted", mounted_secrets_args(**changes)).arns)


def _arn(name: str) -> str:
    return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:{name}"


def test_each_file_has_one_secret() -> None:
    """Generated values are stored in new secrets and marked as secret; existing ones are found by name."""
    recording = _mounted()

    assert recording.result == {
        "API_KEY": SECRET,
        "FAULT_TOKEN": _arn("mounted-fault-token"),
        "SIGNING_KEY": _arn("mounted-signing-key"),
    }
    values = {each.name: each.inputs["secretString"] for each in recording.all(VERSION)}
    assert values == {
        "mounted-fault-token": random_result("mounted-fault-token"),
        "mounted-signing-key": random_result("mounted-signing-key"),
    }
    assert {each.secret_inputs for each in recording.all(VERSION)} == {frozenset({"secretString"})}
    passwords = recording.all("random:index/randomPassword:RandomPassword")
    assert [(each.inputs["length"], each.inputs["special"]) for each in passwords] == [(40, False)] * 2


def test_users_of_a_secret_depend_on_value_permission_and_driver() -> None:
    """Without all three the secret cannot be mounted."""

    def program() -> None:
        mounted = MountedSecrets("mounted", mounted_secrets_args())
        for file, arn in mounted.arns.items():
            pulumi.Output.from_input(arn)
            pulumi.CustomResource("test:index:User", file.lower(), {"arn": arn})

    recording = record(program)
    driver, reader = recording.only("aws:eks/addon:Addon"), recording.only("aws:iam/rolePolicy:RolePolicy")
    for user in recording.all("test:index:User"):
        assert {driver.urn, reader.urn} <= recording.waits_for(user)
    token = recording.only("test:index:User", "fault_token")
    assert recording.only(VERSION, "mounted-fault-token").urn in recording.waits_for(token)


def test_the_role_may_read_and_decrypt_these_secrets_only() -> None:
    """For existing secrets with unknown keys, decryption is restricted by Secrets Manager's encryption context."""
    recording = _mounted()

    policy = recording.only("aws:iam/rolePolicy:RolePolicy").inputs
    read, own, foreign = json.loads(policy["policy"])["Statement"]
    assert policy["role"] == "api-role"
    assert sorted(read["Resource"]) == sorted(recording.result.values())
    assert read["Action"] == ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    assert (own["Action"], own["Resource"]) == (["kms:Decrypt"], f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/mounted-key")
    assert foreign["Action"] == ["kms:Decrypt"]
    assert foreign["Condition"] == {
        "StringEquals": {
            "kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com",
            "kms:EncryptionContext:SecretARN": [SECRET],
        }
    }


def test_without_secrets_there_is_only_the_driver() -> None:
    """The driver stays, because running pods with its volumes need it to end."""
    recording = _mounted(generated=[], existing={})

    assert recording.result == {}
    assert {each.type for each in recording.resources.values() if each.custom} == {"aws:eks/addon:Addon"}


@pytest.mark.parametrize(("protect", "days"), [(True, 30), (False, 0)])
def test_protection_and_recovery(protect: bool, days: int) -> None:
    recording = _mounted(protect=protect, recovery_window_days=days)

    assert {each.protect for each in (*recording.all(SECRETS), recording.only("aws:kms/key:Key"))} == {protect}
    assert {each.inputs["recoveryWindowInDays"] for each in recording.all(SECRETS)} == {days}


def test_one_message_names_all_missing_secrets() -> None:
    """It appears in a preview too, because a function reads the account, in requests of 10 names."""
    wanted = {f"KEY_{i:02}": f"team/key-{i:02}" for i in range(23)}
    asked: list[int] = []

    def answer(request: Any) -> dict[str, Any]:
        if "getSecrets" not in request.tok:
            return answer_of(request.tok)
        values = [str(value) for value in request.args["filters"][0]["values"]]
        asked.append(len(values))
        there = [value for value in values if value.endswith("7")]
        return answer_of(request.tok, {"filters": [{"values": there}]})

    with pytest.raises(pulumi.RunError) as refused:
        record(lambda: MountedSecrets("mounted", mounted_secrets_args(existing=wanted)).arns, answer=answer)

    assert all(f"  KEY_{i:02}: team/key-{i:02}" in str(refused.value) for i in range(23) if i % 10 != 7)
    assert "team/key-07" not in str(refused.value)
    assert f"account {ACCOUNT_ID} in {REGION}" in str(refused.value)
    assert asked == [10, 10, 3], "more than ListSecrets takes"


@given(
    existing=st.dictionaries(st.sampled_from(["A", "B", "C", "D"]), names, min_size=1),
    others=st.lists(names, max_size=6),
    suffix=st.text("abcDEF019", min_size=6, max_size=6),
    gone=st.integers(0, 4),
)
def test_finds_a_secret_by_its_full_name_only(
    existing: dict[str, str], others: list[str], suffix: str, gone: int
) -> None:
    """Secrets Manager also lists secrets whose names begin with it."""
    kept = sorted(set(existing.values()))[gone:]
    arns = [_arn(f"{name}-{suffix}") for name in {*kept, *(name + more for name in kept for more in others)}]
    there = {arn.removeprefix(_arn(""))[:-7] for arn in arns}
    missing = {file for file, name in existing.items() if name not in there}

    described = "Secrets of shop in dev"
    if missing:
        with pytest.raises(pulumi.RunError, match=described) as refused:
            matched(existing, arns, "the account", described)
        named = {line.split(":")[0].strip() for line in str(refused.value).splitlines() if line.startswith("  ")}
        assert named == missing
    else:
        assert matched(existing, arns, "the account", described) == {
            f: _arn(f"{n}-{suffix}") for f, n in existing.items()
        }
