"""Resources of the AWS provider without their module of the SDK, for modules that take long to import."""

from __future__ import annotations

from typing import Any

import pulumi


class Untyped(pulumi.CustomResource):
    """A resource by its type token, with inputs in the provider's names."""

    arn: pulumi.Output[str]

    def __init__(self, token: str, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(token, name, {**props, "arn": None}, opts)
