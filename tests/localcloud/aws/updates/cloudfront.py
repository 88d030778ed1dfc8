"""Rows for CloudFront: distributions, and deliveries of their access logs."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tests.localcloud.aws.conftest import ACCOUNT_ID, Made
from tests.localcloud.aws.updates.edge import DOMAIN
from tests.localcloud.aws.updates.row import Row, World

ACLS = [f"arn:aws:wafv2:us-east-1:{ACCOUNT_ID}:global/webacl/{name}/1" for name in "ab"]
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT_ID}:certificate"


def _origin(name: str, seconds: int, *headers: Mapping[str, str], port: int = 443) -> dict[str, Any]:
    return {
        "originId": name,
        "domainName": f"{name}.{DOMAIN}",
        "customHeaders": list(headers),
        "customOriginConfig": {
            "httpPort": 80,
            "httpsPort": port,
            "originProtocolPolicy": "https-only",
            "originSslProtocols": ["TLSv1.2"],
            "originKeepaliveTimeout": seconds,
            "originReadTimeout": seconds + 1,
        },
    }


def _distribution(world: World) -> dict[str, Any]:
    return {
        "enabled": True,
        "comment": "row",
        "aliases": [f"a.{DOMAIN}"],
        "httpVersion": "http2and3",
        "isIpv6Enabled": True,
        "origins": [_origin("a", 55, {"name": "X-Key", "value": "a"})],
        "defaultCacheBehavior": {
            "targetOriginId": "a",
            "viewerProtocolPolicy": "redirect-to-https",
            "allowedMethods": ["GET", "HEAD"],
            "cachedMethods": ["GET", "HEAD"],
            "cachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            "originRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3",
            "compress": False,
        },
        "restrictions": {"geoRestriction": {"restrictionType": "none"}},
        "viewerCertificate": {
            "acmCertificateArn": f"{CERTIFICATE}/a",
            "sslSupportMethod": "sni-only",
            "minimumProtocolVersion": "TLSv1.2_2021",
        },
        "webAclId": ACLS[0],
        "priceClass": "PriceClass_100",
        "defaultRootObject": "index.html",
        "customErrorResponses": [{"errorCode": 404, "responseCode": 200, "responsePagePath": "/index.html"}],
    }


def distribution(world: World) -> Row:
    base = _distribution(world)
    behavior, certificate = base["defaultCacheBehavior"], base["viewerCertificate"]
    return Row(
        base=base,
        changes={
            "enabled": [False, True],
            "comment": ["second", "third"],
            "aliases": [[f"b.{DOMAIN}"], [f"a.{DOMAIN}", f"b.{DOMAIN}"]],
            "httpVersion": ["http2", "http3"],
            "isIpv6Enabled": [False, True],
            "origins": [
                [_origin("a", 60, {"name": "X-Key", "value": "b"}, port=8443)],
                [{**_origin("a", 60), "originShield": {"enabled": True, "originShieldRegion": "eu-central-1"}}],
                [_origin("a", 65, {"name": "X-Key", "value": "c"}, {"name": "X-Other", "value": "d"})],
            ],
            "defaultCacheBehavior": [
                {**behavior, "viewerProtocolPolicy": "https-only", "compress": True},
                {**behavior, "allowedMethods": ["GET", "HEAD", "OPTIONS"]},
            ],
            "viewerCertificate": [
                {**certificate, "minimumProtocolVersion": "TLSv1.2_2025"},
                {**certificate, "acmCertificateArn": f"{CERTIFICATE}/b"},
            ],
            "webAclId": [ACLS[1], ACLS[0]],
            "priceClass": ["PriceClass_200", "PriceClass_All"],
            "defaultRootObject": ["start.html", "other.html"],
            "customErrorResponses": [[{"errorCode": 404, "errorCachingMinTtl": 60}], [{"errorCode": 403}]],
            "restrictions": [
                {"geoRestriction": {"restrictionType": "whitelist", "locations": ["AT", "DE"]}},
                {"geoRestriction": {"restrictionType": "blacklist", "locations": ["AQ"]}},
            ],
        },
    )


@cache
def _distributions(world: World) -> list[Made]:
    parts = _distribution(world)
    type_ = "aws:cloudfront/distribution:Distribution"
    return [
        world.stack.create(type_, f"logged{i}", **{**parts, "comment": f"{i}", "aliases": [f"l{i}.{DOMAIN}"]})
        for i in range(3)
    ]


def log_source(world: World) -> Row:
    first, second, _ = world.arns(_distributions(world))
    return Row(
        base={"name": "row", "logType": "ACCESS_LOGS", "resourceArn": first},
        replaces={"name": "other", "resourceArn": second},
    )


def _bucket(name: str) -> dict[str, str]:
    return {"destinationResourceArn": f"arn:aws:s3:::{name}"}


def log_destination(world: World) -> Row:
    del world
    return Row(
        base={"name": "row", "outputFormat": "json", "deliveryDestinationConfiguration": _bucket("a")},
        changes={"deliveryDestinationConfiguration": [_bucket("b"), _bucket("c")]},
        replaces={"name": "other", "outputFormat": "w3c"},
    )


def log_delivery(world: World) -> Row:
    *_, logged = world.arns(_distributions(world))
    make, kind = world.stack.create, "aws:cloudwatch/logDelivery"
    source = make(f"{kind}Source:LogDeliverySource", "of-delivery", logType="ACCESS_LOGS", resourceArn=logged)
    first, second = (
        make(
            f"{kind}Destination:LogDeliveryDestination",
            f"of-delivery-{name}",
            outputFormat="json",
            deliveryDestinationConfiguration=_bucket(name),
        ).outputs["arn"]
        for name in "ab"
    )
    return Row(
        base={
            "deliverySourceName": source.outputs["name"],
            "deliveryDestinationArn": first,
            "recordFields": ["date", "time"],
        },
        replaces={"deliveryDestinationArn": second, "recordFields": ["time"]},
    )


ROWS: Mapping[str, Mapping[str, Callable[[World], Row]]] = {
    "aws:cloudfront/distribution:Distribution": {"": distribution},
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": {"": log_source},
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": {"": log_destination},
    "aws:cloudwatch/logDelivery:LogDelivery": {"": log_delivery},
}
