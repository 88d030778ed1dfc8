"""Registry: a private ECR repository with immutable tags, scanned on push and encrypted with its own key."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import ecr, kms

from components._lifecycle import lifecycle_policy


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    """Arguments of a Registry."""

    repository_name: str
    """Name of the repository, such as `drydock-prod`. It is not generated, because people and image references use
    it."""

    untagged_days: int = 14
    """Days until an image without a tag is deleted."""

    kept_builds: int = 100
    """Number of the newest builds to keep, in addition to the running one."""

    protect: bool = True
    """Protect the repository and its key from deletion by Pulumi, and from deletion by ECR while it has images."""


class Registry(pulumi.ComponentResource):
    """A private image repository. Stateful: images of running and earlier releases."""

    repository_name: pulumi.Output[str]
    """Name of the repository."""

    repository_url: pulumi.Output[str]
    """URL of the repository, without a tag."""

    registry_id: pulumi.Output[str]
    """Id of the registry, which is an AWS account id."""

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:registry:Registry", name, None, opts)
        stateful = pulumi.ResourceOptions(parent=self, protect=args.protect)

        key = kms.Key(
            f"{name}-images",
            description=f"Images of {args.repository_name}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            opts=stateful,
        )
        repository = ecr.Repository(
            f"{name}-repository",
            name=args.repository_name,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": key.arn}],
            force_delete=not args.protect,
            opts=stateful,
        )

        self._prefix, self._args = name, args
        self.repository_name = repository.name
        self.repository_url = repository.repository_url
        self.registry_id = repository.registry_id
        self.register_outputs(
            {
                "repository_name": self.repository_name,
                "repository_url": self.repository_url,
                "registry_id": self.registry_id,
            }
        )

    def add_lifecycle(self, live_tag: pulumi.Input[str]) -> None:
        """Delete old images, except the running one. Call it once.

        Args:
            live_tag: tag of the running image. Pass an output of the resource that runs it: until it is deployed, the
                policy names the previous image.
        """
        wanted = self._args
        ecr.LifecyclePolicy(
            f"{self._prefix}-lifecycle",
            repository=self.repository_name,
            policy=pulumi.Output.from_input(live_tag).apply(
                lambda tag: lifecycle_policy(tag, wanted.untagged_days, wanted.kept_builds)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
