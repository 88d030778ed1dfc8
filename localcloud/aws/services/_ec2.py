"""What EC2's resource types have in common."""

from typing import Any, ClassVar

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.protocol.values import Properties


class Ec2Resource(Resource):
    """A resource of EC2: tagged by its id, at creation through a tag specification."""

    service = "ec2"
    kind: ClassVar[str]
    """EC2's name of the type, in tag specifications and ARNs."""
    tagging = Tagging(add="CreateTags", remove="DeleteTags", target="Resources", keys="Tags", many=True)

    def create_tags(self, inputs: Properties) -> dict[str, Any]:
        """Return the tag specification."""
        tags = inputs.get("tagsAll")
        if not tags or self.tagging is None or not self.tags_in_create:
            return {}
        return {"TagSpecifications": [{"ResourceType": self.kind, "Tags": self.tagging.encode(tags)}]}

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Add the ARN, and what EC2 answers for something that it deleted a moment ago."""
        return {**super().state(aws, id_, item), "arn": aws.arn("ec2", f"{self.kind}/{id_}"), "ownerId": aws.id}
