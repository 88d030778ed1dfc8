"""Rules of Route 53 for records. The zone exists: the program does not create one."""

from typing import Any

import pytest

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

BATCH = "InvalidChangeBatch"


def in_zone(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """Answer for an account with the zone `example.com`."""
    assert (service, operation, parameters) == ("route53", "GetHostedZone", {"Id": "Z1"})
    return {"HostedZone": {"Id": "Z1", "Name": "example.com."}}


def change(action: str = "CREATE", **record: Any) -> dict[str, Any]:
    return {"HostedZoneId": "Z1", "ChangeBatch": {"Changes": [{"Action": action, "ResourceRecordSet": record}]}}


@pytest.mark.parametrize(
    ("name", "type_", "code"),
    [
        ("example.com", "A", ""),
        ("example.com", "CNAME", BATCH),
        ("EXAMPLE.com.", "CNAME", BATCH),
        ("api.example.com", "CNAME", ""),
        ("a.b.Example.com.", "A", ""),
        ("api.example.org", "A", BATCH),
        ("myexample.com", "A", BATCH),
        ("com", "A", BATCH),
        (UNKNOWN, "CNAME", ""),
    ],
)
def test_a_record_is_in_its_zone_and_a_cname_is_not_at_the_apex(name: str, type_: str, code: str) -> None:
    value = "192.0.2.1" if type_ == "A" else "lb.example.net"
    record = {"Name": name, "Type": type_, "TTL": 60, "ResourceRecords": [{"Value": value}]}

    assert verdict("route53", "ChangeResourceRecordSets", change(**record), in_zone) == code
    assert verdict("route53", "ChangeResourceRecordSets", change("UPSERT", **record), in_zone) == code
    assert verdict("route53", "ChangeResourceRecordSets", change("DELETE", **record), in_zone) == ""


ALIAS = {"HostedZoneId": "Z2", "DNSName": "lb.example.net", "EvaluateTargetHealth": False}
VALUES = [{"Value": "192.0.2.1"}]


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ({"AliasTarget": ALIAS}, ""),
        ({"TTL": 60, "ResourceRecords": VALUES}, ""),
        ({"TTL": UNKNOWN, "ResourceRecords": VALUES}, ""),
        ({"AliasTarget": ALIAS, "TTL": 60}, "InvalidInput"),
        ({"AliasTarget": ALIAS, "ResourceRecords": VALUES}, "InvalidInput"),
        ({"AliasTarget": ALIAS, "TTL": 60, "ResourceRecords": VALUES}, "InvalidInput"),
        ({"ResourceRecords": VALUES}, "InvalidInput"),
        ({"TTL": 60}, "InvalidInput"),
        ({}, "InvalidInput"),
    ],
)
def test_a_record_is_either_an_alias_or_has_a_ttl_and_values(kinds: dict[str, Any], code: str) -> None:
    """A deletion is not checked, because it must match the record exactly."""
    record = {"Name": "api.example.com", "Type": "A", **kinds}

    assert verdict("route53", "ChangeResourceRecordSets", change(**record), in_zone) == code
    assert verdict("route53", "ChangeResourceRecordSets", change("DELETE", **record), in_zone) == ""


@pytest.mark.parametrize(
    ("type_", "value", "code"),
    [
        ("A", "192.0.2.1", ""),
        ("A", "192.0.2.256", BATCH),
        ("A", "192.0.2", BATCH),
        ("A", "2001:db8::1", BATCH),
        ("A", "lb.example.net", BATCH),
        ("A", UNKNOWN, ""),
        ("CNAME", "lb.example.net", ""),
        ("AAAA", "2001:db8::1", ""),
    ],
)
def test_an_a_record_has_ipv4_addresses(type_: str, value: str, code: str) -> None:
    record = change(Name="api.example.com", Type=type_, TTL=60, ResourceRecords=[{"Value": value}])

    assert verdict("route53", "ChangeResourceRecordSets", record, in_zone) == code


@pytest.mark.parametrize(
    ("zone", "evaluated", "code"),
    [
        ("Z2FDTNDATAQYW2", True, BATCH),
        ("Z2FDTNDATAQYW2", False, ""),
        ("Z215JYRZR1TBD5", True, ""),
        (UNKNOWN, True, ""),
    ],
)
def test_an_alias_of_cloudfront_does_not_evaluate_its_health(zone: str, evaluated: bool, code: str) -> None:
    """The zone `Z2FDTNDATAQYW2` is that of all distributions; a load balancer's is another."""
    alias = {"HostedZoneId": zone, "DNSName": "d1.cloudfront.net", "EvaluateTargetHealth": evaluated}

    record = change(Name="api.example.com", Type="AAAA", AliasTarget=alias)
    assert verdict("route53", "ChangeResourceRecordSets", record, in_zone) == code
