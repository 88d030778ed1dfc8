"""Records of Route 53. The hosted zone is there before the program."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource
from localcloud.protocol.values import Properties


class Record(Resource):
    """A set of records; its id is zone, name and type."""

    type = "aws:route53/record:Record"
    gone = {"NoSuchHostedZone": ()}
    service = "route53"
    regional = False
    replaces = ("name", "type", "zoneId")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Make it: Route 53 refuses a name and type that the zone has already."""
        _change(aws, "CREATE", inputs)
        return f"{inputs['zoneId']}_{inputs['name'].rstrip('.')}_{inputs['type']}"

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Look for name and type in the zone."""
        zone, name, type_ = id_.split("_", 1)[0], id_.split("_", 1)[1].rpartition("_")[0], id_.rpartition("_")[2]
        answer = aws.call(
            "route53", "ListResourceRecordSets", HostedZoneId=zone, StartRecordName=name, StartRecordType=type_
        )
        for found in answer["ResourceRecordSets"]:
            if (found["Name"].rstrip("."), found["Type"]) == (name, type_):
                return _state(zone, found, inputs)
        return None

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Put it in place of the old one."""
        if changed:
            _change(aws, "UPSERT", new)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete it, if it is there: Route 53 refuses what is not exactly what is there."""
        if self.read(aws, id_, inputs) is not None:
            _change(aws, "DELETE", inputs)


def _change(aws: Account, action: str, inputs: Properties) -> None:
    wanted: dict[str, Any] = {"Name": inputs["name"], "Type": inputs["type"]}
    if inputs.get("records"):
        wanted |= {
            "TTL": int(inputs["ttl"]),
            "ResourceRecords": [{"Value": record} for record in inputs["records"]],
        }
    for alias in inputs.get("aliases") or ():
        wanted["AliasTarget"] = {
            "DNSName": alias["name"],
            "HostedZoneId": alias["zoneId"],
            "EvaluateTargetHealth": bool(alias["evaluateTargetHealth"]),
        }
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": wanted}]}
    aws.call("route53", "ChangeResourceRecordSets", HostedZoneId=inputs["zoneId"], ChangeBatch=batch)


def _state(zone: str, found: Mapping[str, Any], inputs: Properties) -> Properties:
    """Return names without a trailing dot where they were given without one."""
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
