"""The hosted zone of a stack's domain: on AWS it exists before the program runs, so a local cloud needs one too."""

from localcloud.aws.account import Account
from localcloud.aws.inventory import GIVEN_ZONE
from localcloud.cloud import Cloud
from stacks.settings import Settings


def ensure(cloud: Cloud, settings: Settings) -> None:
    """Create the zone in the account of a local cloud if the stack has a domain and the zone is missing."""
    name = settings.edge.hosted_zone
    if not name:
        return
    account = Account(cloud.account_id, cloud.region, cloud.aws_endpoint)
    if not account.call("route53", "ListHostedZonesByName", DNSName=name)["HostedZones"]:
        given = {"Comment": GIVEN_ZONE, "PrivateZone": False}
        account.call("route53", "CreateHostedZone", Name=name, CallerReference=name, HostedZoneConfig=given)
