"""moto keeps the custom responses of a web ACL that an update omits, which WAF removes.

botocore wafv2 UpdateWebACL: the operation "completely replaces the mutable specifications".

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.wafv2.models import FakeWebACL

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def update(self: Any, *settings: Any, **named: Any) -> None:
        self.custom_response_bodies = None
        original(self, *settings, **named)

    original = changes.put(FakeWebACL, "update", update)


PATCH = Patch(name="wafv2_removals", apply=apply)
