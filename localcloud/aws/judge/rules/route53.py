"""Rules of Route 53: where a record may be in a zone, and addresses that are addresses."""

from collections.abc import Iterator, Mapping
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup

# AWS's words, as it answered who tried.
_OUTSIDE = "https://github.com/meltwater/terraform-aws-asg-dns-handler/issues/38"
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat
_APEX = "https://github.com/cloudfoundry/bosh-bootloader/issues/310"
_VALUES = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#AFormat"


def _in_zone(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """A record is in the zone, and a CNAME below its apex."""
    zone = lookup(ask, "route53", "GetHostedZone", Id=parameters.get("HostedZoneId")).get("HostedZone", {}).get("Name")
    for record in _written(parameters) if zone else ():
        name, apex = _dotted(str(record["Name"])), _dotted(str(zone))
        if name != apex and not name.endswith(f".{apex}"):
            yield _refused(f"RRSet with DNS name {name} is not permitted in zone {apex}", record["Name"], _OUTSIDE)
        elif name == apex and record.get("Type") == "CNAME":
            words = f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {apex}"
            yield _refused(words, record["Name"], _APEX)


def _addresses(parameters: Parameters) -> Iterator[RefusedError]:
    """A record of type A has IPv4 addresses."""
    for record in _written(parameters):
        for each in (record.get("ResourceRecords") or ()) if record.get("Type") == "A" else ():
            value = each.get("Value") if isinstance(each, Mapping) else None
            if isinstance(value, str) and known(value) and not _is_ipv4(value):
                words = (
                    "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address "
                    f"(Value is not a valid IPv4 address) encountered with '{value}''"
                )
                yield _refused(words, value, _VALUES, "ResourceRecords")


def _written(parameters: Parameters) -> Iterator[Mapping[str, Any]]:
    """The records that a batch makes or changes."""
    for change in (parameters.get("ChangeBatch") or {}).get("Changes") or ():
        if change.get("Action") != "DELETE" and known(change.get("ResourceRecordSet", {}).get("Name")):
            yield change["ResourceRecordSet"]


def _dotted(name: str) -> str:
    """A name in full, in lower case: `Example.com` -> `example.com.`."""
    return f"{name.rstrip('.').lower()}."


def _is_ipv4(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _refused(words: str, value: Any, source: str, name: str = "Name") -> RefusedError:
    return RefusedError("InvalidChangeBatch", f"[{words}]", path=(name,), value=value, source=source)


REQUEST_RULES: RequestRules = {("route53", "ChangeResourceRecordSets"): (_addresses,)}
STATE_RULES: StateRules = {("route53", "ChangeResourceRecordSets"): (_in_zone,)}
