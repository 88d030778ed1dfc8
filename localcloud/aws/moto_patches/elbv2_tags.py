"""moto refuses AddTags for a resource with ten tags. Elastic Load Balancing accepts fifty.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.elbv2 import models

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto. The rules of `judge` check the number of tags."""

    def add_tags(self: Any, resource_arns: list[str], tags: list[dict[str, str]]) -> None:
        for arn in resource_arns:
            self._get_resource_by_arn(arn)
            self.tagging_service.tag_resource(arn, tags)

    changes.put(models.ELBv2Backend, "add_tags", add_tags)


PATCH = Patch(name="elbv2_tags", apply=apply)
