"""A permissions boundary on every role of an environment."""

import pulumi
from pulumi_aws import iam


def bounded(account_id: pulumi.Output[str], policy: str | None) -> list[pulumi.ResourceTransformation]:
    """Return the options' `transformations` with which every role below gets a boundary; none where there is none.

    Whoever deploys under a boundary may make no role without it, whichever component makes the role.

    Args:
        account_id: account of the policy.
        policy: its name, with its path if it has one.
    """
    if policy is None:
        return []
    arn = account_id.apply(lambda known: f"arn:aws:iam::{known}:policy/{policy}")

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not isinstance(args.resource, iam.Role):
            return None
        return pulumi.ResourceTransformationResult({**args.props, "permissions_boundary": arn}, args.opts)

    return [transform]
