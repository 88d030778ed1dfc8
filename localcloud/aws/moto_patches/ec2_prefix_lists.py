"""moto gives CloudFront's prefix list a random id, which a preview cannot know. The patch uses the id on AWS.

Upstream in 2026-11: no defect.
"""

from typing import Any

from moto.ec2.models import EC2Backend

from localcloud.aws.moto_patches.patch import Changes, Patch
from localcloud.aws.prefix_lists import ORIGIN_FACING, origin_facing_id


def apply(changes: Changes) -> None:
    """Patch moto."""

    def create_default_pls(self: Any) -> None:
        original(self)
        for found in list(self.managed_prefix_lists.values()):
            if found.prefix_list_name == ORIGIN_FACING:
                del self.managed_prefix_lists[found.id]
                found.id = origin_facing_id(self.region_name)
                self.managed_prefix_lists[found.id] = found

    original = changes.put(EC2Backend, "create_default_pls", create_default_pls)


PATCH = Patch(name="ec2_prefix_lists", apply=apply)
