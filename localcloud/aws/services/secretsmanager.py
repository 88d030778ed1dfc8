"""Secrets and their versions."""

from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.protocol.values import Properties


class Secret(Resource):
    """A secret without its value. Its id is its ARN."""

    type = "aws:secretsmanager/secret:Secret"
    gone = {"ResourceNotFoundException": ()}
    service = "secretsmanager"
    autoname = "name"
    replaces = ("namePrefix",)
    defaults = {"recoveryWindowInDays": 30, "forceOverwriteReplicaSecret": False}
    create_operation = "CreateSecret"
    created_id = "ARN"
    describe_operation = "DescribeSecret"
    id_parameter = "SecretId"
    update_operation = "UpdateSecret"
    tagging = Tagging(add="TagResource", remove="UntagResource", target="SecretId")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the secret, then set its policy."""
        # As Pulumi's provider does. AWS itself refuses the window when the secret is deleted.
        aws.check("secretsmanager", "DeleteSecret", SecretId=inputs["name"], **_deletion(inputs))
        id_ = super().create(aws, inputs)
        if inputs.get("policy"):
            aws.call("secretsmanager", "PutResourcePolicy", SecretId=id_, ResourcePolicy=inputs["policy"])
        return id_

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state, or None if the secret is scheduled for deletion."""
        item = self.describe(aws, id_)
        if item.get("DeletedDate"):
            return None
        state = {"description": None, "kmsKeyId": None, **self.state(aws, id_, item)}
        if "policy" in inputs:
            policy = aws.call("secretsmanager", "GetResourcePolicy", SecretId=id_)
            state["policy"] = policy.get("ResourcePolicy")
        return state

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state without the times of the last access and change, which are not drift."""
        hidden = {"lastAccessedDate", "lastChangedDate", "versionIdsToStages"}
        return {key: value for key, value in super().state(aws, id_, item).items() if key not in hidden}

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Change the description, the KMS key and the policy."""
        if "recoveryWindowInDays" in changed:
            aws.check("secretsmanager", "DeleteSecret", SecretId=id_, **_deletion(new))
        super().update(aws, id_, old, {"description": "", **new}, changed & {"description", "kmsKeyId"})
        if "policy" in changed:
            if new.get("policy"):
                aws.call("secretsmanager", "PutResourcePolicy", SecretId=id_, ResourcePolicy=new["policy"])
            else:
                aws.call("secretsmanager", "DeleteResourcePolicy", SecretId=id_)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the secret. It can be restored during its recovery window."""
        aws.call("secretsmanager", "DeleteSecret", SecretId=id_, **_deletion(inputs))


def _deletion(inputs: Properties) -> dict[str, Any]:
    """Return how a secret is deleted."""
    days = int(inputs.get("recoveryWindowInDays", 30))
    return {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}


class SecretVersion(Resource):
    """A version of a secret's value. Its id is `arn|version`."""

    type = "aws:secretsmanager/secretVersion:SecretVersion"
    gone = {"ResourceNotFoundException": ()}
    service = "secretsmanager"
    replaces = ("secretId", "secretString")
    create_operation = "PutSecretValue"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Set the value, which becomes the current version."""
        answer = aws.mapped("secretsmanager", "PutSecretValue", inputs)
        return f"{answer['ARN']}|{answer['VersionId']}"

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the value of this version, or None if the secret is scheduled for deletion."""
        arn, _, version = id_.rpartition("|")
        if aws.call("secretsmanager", "DescribeSecret", SecretId=arn).get("DeletedDate"):
            return None
        answer = aws.call("secretsmanager", "GetSecretValue", SecretId=arn, VersionId=version)
        return {
            "arn": answer["ARN"],
            "secretArn": answer["ARN"],
            "versionId": version,
            "versionStages": answer["VersionStages"],
            "secretId": inputs.get("secretId", arn),  # the name or the ARN of the secret
            "secretString": answer.get("SecretString"),
            "hasSecretStringWo": False,
        }

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Do nothing: Secrets Manager deletes a version without stages, and all versions of a deleted secret."""


TYPES: tuple[type[Resource], ...] = (Secret, SecretVersion)
