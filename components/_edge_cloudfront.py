"""How the load balancer of an Edge authenticates its CloudFront distribution: by source address and a secret header.

The addresses are those of all distributions, also of other accounts, so the distribution adds a header with a key that
nobody else knows: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_random as random
from pulumi_aws import ec2, lb

KEY_HEADER = "X-Origin-Key"
"""Header with the key. CloudFront replaces one that a client sends:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html"""
# Header conditions ignore case, which reduces the entropy by about one bit per character:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#http-header-conditions
KEY_LENGTH = 48
# It counts as 55 of the 60 rules that a security group may have, so no more than one rule can name it:
# https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
ORIGIN_FACING = "com.amazonaws.global.cloudfront.origin-facing"
"""Name of AWS's prefix list of the addresses that CloudFront calls origins from."""


def make_keys(name: str, number: int, child: pulumi.ResourceOptions) -> list[pulumi.Output[str]]:
    """Create the key with a number and the one before it, which is accepted too while the key is rotated.

    When the number is raised by one, the older of the two keys, which is no longer sent, is replaced.
    """
    return [
        pulumi.Output.secret(
            random.RandomPassword(
                f"{name}-origin-key-{'odd' if each % 2 else 'even'}",
                length=KEY_LENGTH,
                special=False,
                keepers={"number": str(each)},
                opts=child,
            ).result
        )
        for each in (number, number - 1)
    ]


def find_origin_facing(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Return the id of the prefix list of CloudFront in the region."""
    options = pulumi.InvokeOutputOptions(parent=parent)
    found: pulumi.Output[str] = ec2.get_managed_prefix_list_output(name=ORIGIN_FACING, opts=options).id
    return found


def with_key(keys: Sequence[pulumi.Input[str]]) -> lb.ListenerRuleConditionArgsDict:
    """Return the condition that a request has one of the keys."""
    return {"http_header": {"http_header_name": KEY_HEADER, "values": list(keys)}}
