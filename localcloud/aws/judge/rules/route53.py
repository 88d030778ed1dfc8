"""Rules of Route 53: names of records in a zone, and values of A records."""

from collections.abc import Iterator, Mapping
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup

# AWS's messages, recorded from real requests.
_OUTSIDE = "https://github.com/meltwater/terraform-aws-asg-dns-handler/issues/38"
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat
_APEX = "https://github.com/cloudfoundry/bosh-bootloader/issues/310"
# The zone of all distributions: botocore route53 AliasTarget.HostedZoneId
_CLOUDFRONT = "Z2FDTNDATAQYW2"
_VALUES = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#AFormat"


def _in_zone(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a record outside of the zone, and a CNAME record at its apex."""
    zone = lookup(ask, "route53", "GetHostedZone", Id=parameters.get("HostedZoneId")).get("HostedZone", {}).get("Name")
    for record in _written(parameters) if zone else ():
        name, apex = _dotted(str(record["Name"])), _dotted(str(zone))
        if name != apex and not name.endswith(f".{apex}"):
            yield _refused(f"RRSet with DNS name {name} is not permitted in zone {apex}", record["Name"], _OUTSIDE)
        elif name == apex and record.get("Type") == "CNAME":
            words = f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {apex}"
            yield _refused(words, record["Name"], _APEX)


def _addresses(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse values of an A record that are not IPv4 addresses."""
    for record in _written(parameters):
        for each in (record.get("ResourceRecords") or ()) if record.get("Type") == "A" else ():
            value = each.get("Value") if isinstance(each, Mapping) else None
            if isinstance(value, str) and known(value) and not _is_ipv4(value):
                words = (
                    "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address "
                    f"(Value is not a valid IPv4 address) encountered with '{value}''"
                )
                yield _refused(words, value, _VALUES, "ResourceRecords")


def _one_kind(parameters: Parameters) -> Iterator[RefusedError]:
    """Require either an alias or a TTL with values."""
    for change in (parameters.get("ChangeBatch") or {}).get("Changes") or ():
        record = change.get("ResourceRecordSet") or {}
        alias, values, ttl = (record.get(name) for name in ("AliasTarget", "ResourceRecords", "TTL"))
        both = alias is not None and (values is not None or ttl is not None)
        if change.get("Action") == "DELETE" or not (both or (alias is None and (values is None or ttl is None))):
            continue
        kinds = "[AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]"
        what = ", ".join(
            f"{name}={value}"
            for name, value in (("Action", change.get("Action")), *((key, record.get(key)) for key in ("Name", "Type")))
        )
        words = (
            f"Invalid request: Expected exactly one of {kinds}, but found {'more than one' if both else 'none'} in "
            f"Change with [{what}, SetIdentifier=null]"
        )
        name = "TTL" if ttl is not None and both else "ResourceRecords"
        source = "https://github.com/ansible-collections/community.aws/issues/545"
        yield RefusedError("InvalidInput", words, path=(name,), value=ttl if name == "TTL" else None, source=source)


def _health(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an alias of a distribution that evaluates the health of its target. AWS's words are not known."""
    for record in _written(parameters):
        alias = record.get("AliasTarget")
        if (
            isinstance(alias, Mapping)
            and alias.get("HostedZoneId") == _CLOUDFRONT
            and alias.get("EvaluateTargetHealth")
        ):
            words = "EvaluateTargetHealth cannot be true for an alias of a CloudFront distribution"
            source = "botocore route53 AliasTarget.EvaluateTargetHealth"
            yield RefusedError(
                "InvalidChangeBatch",
                f"[{words}]",
                path=("AliasTarget", "EvaluateTargetHealth"),
                value=True,
                source=source,
            )


def _written(parameters: Parameters) -> Iterator[Mapping[str, Any]]:
    """Yield the records that a change batch creates or changes."""
    for change in (parameters.get("ChangeBatch") or {}).get("Changes") or ():
        if change.get("Action") != "DELETE" and known(change.get("ResourceRecordSet", {}).get("Name")):
            yield change["ResourceRecordSet"]


def _dotted(name: str) -> str:
    """Return a name in lower case with a trailing dot: `Example.com` -> `example.com.`."""
    return f"{name.rstrip('.').lower()}."


def _is_ipv4(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _refused(words: str, value: Any, source: str, name: str = "Name") -> RefusedError:
    return RefusedError("InvalidChangeBatch", f"[{words}]", path=(name,), value=value, source=source)


REQUEST_RULES: RequestRules = {("route53", "ChangeResourceRecordSets"): (_one_kind, _addresses, _health)}
STATE_RULES: StateRules = {("route53", "ChangeResourceRecordSets"): (_in_zone,)}
