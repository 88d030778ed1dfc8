"""Records of Route 53. The hosted zone must exist before the program runs."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource
from localcloud.protocol.values import Properties


class Record(Resource):
    """A record set. Its id consists of the zone, name and type."""

    type = "aws:route53/record:Record"
    gone = {"NoSuchHostedZone": ()}
    service = "route53"
    regional = False
    replaces = ("name", "type", "zoneId")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the record set. Route 53 refuses a name and type that the zone already has."""
        _change(aws, "CREATE", inputs)
        return f"{inputs['zoneId']}_{inputs['name'].rstrip('.')}_{inputs['type']}"

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Find the record set in the zone by its name and type, or return None."""
        zone, name, type_ = id_.split("_", 1)[0], id_.split("_", 1)[1].rpartition("_")[0], id_.rpartition("_")[2]
        answer = aws.call(
            "route53", "ListResourceRecordSets", HostedZoneId=zone, StartRecordName=name, StartRecordType=type_
        )
        for found in answer["ResourceRecordSets"]:
            if (found["Name"].rstrip("."), found["Type"]) == (name, type_):
                return _state(zone, found, inputs)
        return None

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace the record set."""
        if changed:
            _change(aws, "UPSERT", new)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the record set if it exists. Route 53 only deletes a record set that matches exactly."""
        if self.read(aws, id_, inputs) is not None:
            _change(aws, "DELETE", inputs)


def _change(aws: Account, action: str, inputs: Properties) -> None:
    wanted: dict[str, Any] = {"Name": inputs["name"], "Type": inputs["type"]}
    if inputs.get("ttl") is not None:
        wanted["TTL"] = int(inputs["ttl"])
    if inputs.get("records"):
        wanted["ResourceRecords"] = [{"Value": record} for record in inputs["records"]]
    for alias in inputs.get("aliases") or ():
        wanted["AliasTarget"] = {
            "DNSName": alias["name"],
            "HostedZoneId": alias["zoneId"],
            "EvaluateTargetHealth": bool(alias["evaluateTargetHealth"]),
        }
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": wanted}]}
    aws.call("route53", "ChangeResourceRecordSets", HostedZoneId=inputs["zoneId"], ChangeBatch=batch)


def _state(zone: str, found: Mapping[str, Any], inputs: Properties) -> Properties:
    """Return the state of a record set. The name has a trailing dot only if the input has one."""
    alias = found.get("AliasTarget") or {}
    name = str(inputs.get("name", ""))
    return {
        "zoneId": zone,
        "name": name if name.rstrip(".") == found["Name"].rstrip(".") else found["Name"].rstrip("."),
        "fqdn": found["Name"].rstrip("."),
        "type": found["Type"],
        "ttl": found.get("TTL"),
        "records": [each["Value"] for each in found.get("ResourceRecords", [])],
        "aliases": [
            {
                "name": alias["DNSName"].rstrip("."),
                "zoneId": alias["HostedZoneId"],
                "evaluateTargetHealth": alias["EvaluateTargetHealth"],
            }
        ]
        if alias
        else [],
    }


TYPES: tuple[type[Resource], ...] = (Record,)
