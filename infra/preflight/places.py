"""Checks of the region and its availability zones."""

from collections.abc import Iterator

from infra.preflight.finding import Ask, Finding, Wanted, judged, listed

USABLE = ("opt-in-not-required", "opted-in")
# Zones that EKS does not support, by zone id, which is the same in every account:
# https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
NOT_FOR_EKS = {"us-east-1": ("use1-az3",), "us-west-1": ("usw1-az2",), "ca-central-1": ("cac1-az3",)}


def region(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that the region exists and is enabled in the account."""
    name = wanted.settings.region
    found = {each["RegionName"]: each.get("OptInStatus", "") for each in _regions(ask)}
    yield judged(
        "region",
        f"{name}: {found.get(name, 'not offered')}",
        "a region that is enabled in the account",
        f"enable {name} in the account's settings, or set another region",
        ok=found.get(name) in USABLE,
    )


def zones(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that each availability zone is available to the account and is supported by EKS."""
    name = wanted.settings.region
    offered = {
        each["ZoneName"]: each
        for each in listed(ask("ec2", "DescribeAvailabilityZones"), "AvailabilityZones")
        if each.get("ZoneType", "availability-zone") == "availability-zone" and each.get("State") == "available"
    }
    refused = NOT_FOR_EKS.get(name, ())
    usable = sorted(zone for zone, each in offered.items() if each.get("ZoneId") not in refused)
    for letter in wanted.settings.network.availability_zones:
        zone = f"{name}{letter}"
        known = offered.get(zone)
        found = f"{zone}: {known.get('ZoneId', '')}" if known else f"{zone}: not offered to this account"
        yield judged(
            "availability zone",
            found,
            f"one of {', '.join(usable) or 'none'}",
            "choose other letters in network.availabilityZones; the letters of zones differ between accounts",
            ok=zone in usable,
        )


def _regions(ask: Ask) -> list[dict[str, str]]:
    return listed(ask("ec2", "DescribeRegions", AllRegions=True), "Regions")
