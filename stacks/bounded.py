"""A permissions boundary on every role of an environment."""

import pulumi
from pulumi_aws import iam


def bounded(account_id: pulumi.Output[str], policy: str | None) -> list[pulumi.ResourceTransformation]:
    """Return `transformations` that set a boundary on every role below; empty without a policy.

    A deploy role with a boundary may not create roles without it.

    Args:
        account_id: account of the policy.
        policy: name of the policy, with its path if it has one.
    """
    if policy is None:
        return []
    arn = account_id.apply(lambda known: f"arn:aws:iam::{known}:policy/{policy}")

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not isinstance(args.resource, iam.Role):
            return None
        return pulumi.ResourceTransformationResult({**args.props, "permissions_boundary": arn}, args.opts)

    return [transform]
