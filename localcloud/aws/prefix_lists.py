"""Ids of AWS's managed prefix lists, which are the same in every account."""

ORIGIN_FACING = "com.amazonaws.global.cloudfront.origin-facing"
"""Name of the list of addresses from which CloudFront connects to origins:
https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html"""
ORIGIN_FACING_WEIGHT = 55
"""Number of rules of a security group that one rule with this list counts as, by the same page."""

# https://aws.amazon.com/blogs/networking-and-content-delivery/limit-access-to-your-origins-using-the-aws-managed-prefix-list-for-amazon-cloudfront/
# has a template with most of these ids.
ORIGIN_FACING_IDS = {
    "ap-northeast-1": "pl-58a04531",
    "ap-northeast-2": "pl-22a6434b",
    "ap-northeast-3": "pl-31a14458",
    "ap-south-1": "pl-9aa247f3",
    "ap-southeast-1": "pl-31a34658",
    "ap-southeast-2": "pl-b8a742d1",
    "ca-central-1": "pl-38a64351",
    "eu-central-1": "pl-a3a144ca",
    "eu-north-1": "pl-fab65393",
    "eu-west-1": "pl-4fa04526",
    "eu-west-2": "pl-93a247fa",
    "eu-west-3": "pl-75b1541c",
    "sa-east-1": "pl-5da64334",
    "us-east-1": "pl-3b927c52",
    "us-east-2": "pl-b6a144df",
    "us-west-1": "pl-4ea04527",
    "us-west-2": "pl-82a045eb",
}
"""Region -> id of the list, for the regions whose id is known."""
OTHER_ORIGIN_FACING = "pl-0000c10d"
"""Placeholder id of the list in all other regions."""


def origin_facing_id(region: str) -> str:
    """Return the id of CloudFront's prefix list in a region."""
    return ORIGIN_FACING_IDS.get(region, OTHER_ORIGIN_FACING)
