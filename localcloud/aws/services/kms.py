"""KMS keys and their aliases."""

from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.protocol.values import Properties


class Key(Resource):
    """A key. KMS deletes it after a waiting period, but for Pulumi it is deleted immediately."""

    type = "aws:kms/key:Key"
    gone = {"NotFoundException": ("id",)}
    service = "kms"
    replaces = ("customerMasterKeySpec", "keyUsage", "multiRegion")
    renames = {"customerMasterKeySpec": "KeySpec"}
    defaults = {"isEnabled": True, "enableKeyRotation": False}
    create_operation = "CreateKey"
    created_id = "KeyMetadata.KeyId"
    describe_operation = "DescribeKey"
    found = "KeyMetadata"
    described = ("customerMasterKeySpec",)
    id_parameter = "KeyId"
    tagging = Tagging(add="TagResource", remove="UntagResource", target="KeyId", form="TagKey")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the key, then set the properties that CreateKey does not accept."""
        id_ = super().create(aws, inputs)
        off = set() if inputs.get("isEnabled") in (None, True) else {"isEnabled"}
        on = {"enableKeyRotation"} if inputs.get("enableKeyRotation") else set()
        self.update(aws, id_, {}, inputs, off | on)
        return id_

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state, or None if the key is pending deletion."""
        item = self.describe(aws, id_)
        if item["KeyState"] in ("PendingDeletion", "PendingReplicaDeletion"):
            return None
        rotation = aws.call("kms", "GetKeyRotationStatus", KeyId=id_)
        return {
            **self.state(aws, id_, item),
            "isEnabled": item["Enabled"],
            "enableKeyRotation": rotation["KeyRotationEnabled"],
            "rotationPeriodInDays": rotation.get("RotationPeriodInDays"),
            "policy": aws.call("kms", "GetKeyPolicy", KeyId=id_, PolicyName="default")["Policy"],
        }

    def tags(self, aws: Account, id_: str, item: Any) -> Any:
        """Read the tags with a separate request."""
        return aws.call("kms", "ListResourceTags", KeyId=id_)["Tags"]

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Change each property with its own request."""
        if "description" in changed:
            aws.call("kms", "UpdateKeyDescription", KeyId=id_, Description=new.get("description", ""))
        if "policy" in changed and new.get("policy"):
            aws.call("kms", "PutKeyPolicy", KeyId=id_, PolicyName="default", Policy=new["policy"])
        if changed & {"enableKeyRotation", "rotationPeriodInDays"}:
            if new.get("enableKeyRotation"):
                days = (
                    {"RotationPeriodInDays": int(new["rotationPeriodInDays"])} if "rotationPeriodInDays" in new else {}
                )
                aws.call("kms", "EnableKeyRotation", KeyId=id_, **days)
            else:
                aws.call("kms", "DisableKeyRotation", KeyId=id_)
        if "isEnabled" in changed:
            aws.call("kms", "EnableKey" if new.get("isEnabled") else "DisableKey", KeyId=id_)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Schedule the deletion of the key."""
        days = int(inputs.get("deletionWindowInDays") or 30)
        aws.call("kms", "ScheduleKeyDeletion", KeyId=id_, PendingWindowInDays=days)


class Alias(Resource):
    """An alias of a key. Its id is its name."""

    type = "aws:kms/alias:Alias"
    gone = {"NotFoundException": ("id",)}
    service = "kms"
    autoname = "name"
    replaces = ("namePrefix",)

    def legal_name(self, name: str) -> str:
        """Return the name with the prefix `alias/`, as KMS requires."""
        return name if name.startswith("alias/") else f"alias/{name}"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the alias."""
        aws.call("kms", "CreateAlias", AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
        return str(inputs["name"])

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Find the alias in the list of all aliases. KMS has no operation that describes one."""
        for item in aws.call("kms", "ListAliases")["Aliases"]:
            if item["AliasName"] == id_:
                key = item["TargetKeyId"]
                wanted = str(inputs.get("targetKeyId", ""))
                same = wanted if wanted.endswith(key) else key  # the input can be the ARN of the key
                return {"name": id_, "arn": item["AliasArn"], "targetKeyId": same, "targetKeyArn": self._arn(aws, key)}
        return None

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Set the key of the alias."""
        if "targetKeyId" in changed:
            aws.call("kms", "UpdateAlias", AliasName=id_, TargetKeyId=new["targetKeyId"])

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the alias."""
        aws.call("kms", "DeleteAlias", AliasName=id_)

    def _arn(self, aws: Account, key: str) -> str:
        return aws.arn("kms", f"key/{key}")


TYPES: tuple[type[Resource], ...] = (Key, Alias)
