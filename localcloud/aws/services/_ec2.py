"""Base class of EC2's resource types."""

from typing import Any, ClassVar

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.protocol.values import Properties


class Ec2Resource(Resource):
    """A resource of EC2. It is tagged by its id, and at creation through a tag specification."""

    service = "ec2"
    kind: ClassVar[str]
    """EC2's name of the resource type in tag specifications and ARNs."""
    tagging = Tagging(add="CreateTags", remove="DeleteTags", target="Resources", keys="Tags", many=True)

    def create_tags(self, inputs: Properties) -> dict[str, Any]:
        """Return the tag specification of a create request."""
        tags = inputs.get("tagsAll")
        if not tags or self.tagging is None or not self.tags_in_create:
            return {}
        return {"TagSpecifications": [{"ResourceType": self.kind, "Tags": self.tagging.encode(tags)}]}

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with the ARN and the id of the owner."""
        return {**super().state(aws, id_, item), "arn": aws.arn("ec2", f"{self.kind}/{id_}"), "ownerId": aws.id}
