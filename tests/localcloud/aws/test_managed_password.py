"""Master passwords managed by RDS, in the local account."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.aws.iam.needs import needs
from localcloud.aws.iam.requests import Call
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases, Made, Stack

INPUTS = {
    "identifier": "db",
    "engine": "postgres",
    "engineVersion": "17.5",
    "instanceClass": "db.m7g.large",
    "allocatedStorage": 30,
    "username": "app",
    "dbName": "app",
    "skipFinalSnapshot": True,
}


def client(service: str, server: AwsServer) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=REGION,
        endpoint_url=server.endpoint,
        aws_access_key_id="drydock",
        aws_secret_access_key="drydock",
    )


def managed(stack: Stack) -> Made:
    key = stack.create("aws:kms/key:Key", "secret").outputs["arn"]
    return stack.create(
        "aws:rds/instance:Instance", "db", **INPUTS, manageMasterUserPassword=True, masterUserSecretKmsKeyId=key
    )


def secret_of(made: Made) -> str:
    (secret,) = made.outputs["masterUserSecrets"]
    return str(secret["secretArn"])


def password(server: AwsServer, arn: str) -> str:
    login = json.loads(client("secretsmanager", server).get_secret_value(SecretId=arn)["SecretString"])
    assert login["username"] == "app"
    return str(login["password"])


def test_the_password_is_in_secret_and_server_and_not_in_the_state(
    stack: Stack, server: AwsServer, databases: Databases
) -> None:
    """It has 28 characters and is encrypted with the requested key; a refresh finds no drift."""
    made = managed(stack)
    arn = secret_of(made)

    found = password(server, arn)
    assert databases.passwords == {"db": found}
    assert len(found) == 28
    assert found not in json.dumps([made.inputs, made.outputs])
    assert arn.startswith(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:rds!db-")
    assert (
        client("secretsmanager", server).describe_secret(SecretId=arn)["KmsKeyId"]
        == made.inputs["masterUserSecretKmsKeyId"]
    )
    assert made.refresh() == []


def test_a_rotated_password_is_set_on_the_server_and_survives_a_restart(
    stack: Stack, server: AwsServer, databases: Databases
) -> None:
    """The old one is the previous version of the secret, and a replay does not restore it."""
    arn = secret_of(managed(stack))
    first = password(server, arn)
    client("secretsmanager", server).rotate_secret(SecretId=arn)
    second = password(server, arn)
    assert databases.passwords == {"db": second}
    assert second != first

    databases.passwords.clear()
    server._rebuild()  # rebuild the account from its journal, as at a start

    assert databases.passwords == {"db": second}
    assert password(server, arn) == second


def test_a_replay_sets_no_old_password(stack: Stack, server: AwsServer) -> None:
    """Otherwise the current password would be refused meanwhile."""
    arn = secret_of(managed(stack))
    client("secretsmanager", server).rotate_secret(SecretId=arn)
    told: list[dict[str, str]] = []
    server.on_master_login, server.on_rebuild = told.append, lambda: None

    server._rebuild()

    assert told == []


def test_changes_to_a_managed_password_in_place(
    stack: Stack, provider: AwsProvider, server: AwsServer, databases: Databases
) -> None:
    """A stack that was deployed with a password keeps its instance; the old password is no longer valid."""
    made = stack.create("aws:rds/instance:Instance", "db", **INPUTS, password="first-password")
    assert databases.passwords == {"db": "first-password"}
    assert made.outputs["masterUserSecrets"] == []
    key = stack.create("aws:kms/key:Key", "secret").outputs["arn"]
    wanted = {**INPUTS, "manageMasterUserPassword": True, "masterUserSecretKmsKeyId": key}
    checked = provider.check(made.target, made.inputs, wanted)

    diff = provider.diff(made.target, made.id, made.inputs, made.outputs, checked)
    provider.update(made.target, made.id, made.inputs, made.outputs, checked, preview=True)
    outputs = provider.update(made.target, made.id, made.inputs, made.outputs, checked, preview=False)

    assert not diff.replaces
    assert databases.passwords == {"db": password(server, outputs["masterUserSecrets"][0]["secretArn"])}
    assert databases.passwords != {"db": "first-password"}
    assert "first-password" not in json.dumps(outputs)


def test_the_secret_is_deleted_with_the_instance(stack: Stack, server: AwsServer, databases: Databases) -> None:
    """It is deleted immediately, and nothing of it is left."""
    before = [item for item in server.left() if item["kind"] != "Key"]
    made = managed(stack)
    arn = secret_of(made)
    made.delete()

    assert databases.passwords == {}
    assert [item for item in server.left() if item["kind"] != "Key"] == before
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        password(server, arn)


@pytest.mark.parametrize("operation", ["CreateDBInstance", "ModifyDBInstance"])
def test_the_caller_needs_permissions_for_secret_and_key(server: AwsServer, operation: str) -> None:
    """RDS acts on its secret and the encryption key with the permissions of the caller."""
    key = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/k"
    given = {"DBInstanceIdentifier": "db", "ManageMasterUserPassword": "true", "MasterUserSecretKmsKeyId": key}

    def needed(**parameters: str) -> set[tuple[str, str]]:
        call = Call(service="rds", operation=operation, parameters=parameters, region=REGION)
        return {(need.action, str(need.resource.arn)) for need in needs(call, ACCOUNT_ID)}

    without = needed(DBInstanceIdentifier="db")
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:rds!db-{'?' * 36}-??????"
    assert needed(**given) - without == {
        ("secretsmanager:CreateSecret", secret),
        ("secretsmanager:TagResource", secret),
        ("kms:DescribeKey", key),
        ("kms:CreateGrant", key),
        ("kms:GenerateDataKey", key),
        ("kms:Decrypt", key),
    }
    assert needed(DBInstanceIdentifier="db", ManageMasterUserPassword="false") == without
    rotating = needed(DBInstanceIdentifier="db", RotateMasterUserPassword="true")
    assert rotating - without == {("secretsmanager:RotateSecret", secret)}
