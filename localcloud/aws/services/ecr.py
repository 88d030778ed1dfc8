"""ECR repositories and their policies."""

from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.protocol.values import Properties


class Repository(Resource):
    """A private repository. Its id is its name."""

    type = "aws:ecr/repository:Repository"
    gone = {"RepositoryNotFoundException": ("id",)}
    service = "ecr"
    autoname = "name"
    replaces = ("encryptionConfigurations",)
    renames = {"name": "repositoryName", "encryptionConfigurations": "encryptionConfiguration"}
    defaults = {"imageTagMutability": "MUTABLE"}
    create_operation = "CreateRepository"
    created_id = "repository.repositoryName"
    describe_operation = "DescribeRepositories"
    found = "repositories.0"
    id_parameter = "repositoryNames"
    tagging = Tagging(add="TagResource", remove="UntagResource", target="resourceArn", tags="tags", keys="tagKeys")

    def legal_name(self, name: str) -> str:
        """Return the name in lower case, as ECR requires."""
        return name.lower()

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with Pulumi's names of properties."""
        state = super().state(aws, id_, item)
        return {
            **state,
            "name": id_,
            "arn": item["repositoryArn"],
            "repositoryUrl": item["repositoryUri"],
            "encryptionConfigurations": [state["encryptionConfigurations"]],
        }

    def tags(self, aws: Account, id_: str, item: Any) -> Any:
        """Read the tags with a separate request."""
        return aws.call("ecr", "ListTagsForResource", resourceArn=item["repositoryArn"])["tags"]

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return the ARN."""
        return aws.arn("ecr", f"repository/{id_}")

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Change each setting with its own request."""
        if changed & {"imageTagMutability", "imageTagMutabilityExclusionFilters"}:
            aws.mapped("ecr", "PutImageTagMutability", new, repositoryName=id_)
        if "imageScanningConfiguration" in changed:
            scan = bool((new.get("imageScanningConfiguration") or {}).get("scanOnPush"))
            aws.call(
                "ecr",
                "PutImageScanningConfiguration",
                repositoryName=id_,
                imageScanningConfiguration={"scanOnPush": scan},
            )

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the repository. Delete its images only if `forceDelete` is set."""
        aws.call("ecr", "DeleteRepository", repositoryName=id_, force=bool(inputs.get("forceDelete")))


class LifecyclePolicy(Resource):
    """The lifecycle policy of a repository. Its id is the name of the repository."""

    type = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
    gone = {"LifecyclePolicyNotFoundException": ("id",), "RepositoryNotFoundException": ("id",)}
    service = "ecr"
    replaces = ("repository",)
    text = "lifecyclePolicyText"
    put, get, drop = "PutLifecyclePolicy", "GetLifecyclePolicy", "DeleteLifecyclePolicy"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Set the policy."""
        self.update(aws, inputs["repository"], {}, inputs, {"policy"})
        return str(inputs["repository"])

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the policy."""
        answer = aws.call("ecr", self.get, repositoryName=id_)
        return {"repository": id_, "registryId": answer.get("registryId", aws.id), "policy": answer[self.text]}

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace the policy."""
        if "policy" in changed:
            aws.call("ecr", self.put, **{"repositoryName": id_, self.text: new["policy"]})

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the policy."""
        aws.call("ecr", self.drop, repositoryName=id_)


class RepositoryPolicy(LifecyclePolicy):
    """The resource-based policy of a repository. Its id is the name of the repository."""

    type = "aws:ecr/repositoryPolicy:RepositoryPolicy"
    gone = {"RepositoryPolicyNotFoundException": ("id",), "RepositoryNotFoundException": ("id",)}
    text = "policyText"
    put, get, drop = "SetRepositoryPolicy", "GetRepositoryPolicy", "DeleteRepositoryPolicy"


TYPES: tuple[type[Resource], ...] = (Repository, LifecyclePolicy, RepositoryPolicy)
