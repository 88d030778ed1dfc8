"""The platform's load balancer and the distribution in front of it, with inputs like those of the components."""

from typing import Any

from localcloud.aws.inventory import GIVEN_ZONE
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Made, Stack


def make_edge(stack: Stack, vpc_id: str, subnet_ids: list[str], group_id: str) -> dict[str, Made]:
    """Create a load balancer with certificate, DNS record and firewall, in an existing zone."""
    made: dict[str, Made] = {}

    def make(key: str, type_: str, /, **inputs: Any) -> Made:
        made[key] = stack.create(type_, key, **inputs)
        return made[key]

    account = stack.provider.owner
    assert account is not None
    given = {"Name": "example.com", "CallerReference": "a", "HostedZoneConfig": {"Comment": GIVEN_ZONE}}
    zone_id = account.call("route53", "CreateHostedZone", **given)["HostedZone"]["Id"].rpartition("/")[2]
    balancer = make("balancer", "aws:lb/loadBalancer:LoadBalancer", subnets=subnet_ids, securityGroups=[group_id])
    target = make("target", "aws:lb/targetGroup:TargetGroup", port=80, protocol="HTTP", targetType="ip", vpcId=vpc_id)
    certificate = make(
        "certificate", "aws:acm/certificate:Certificate", domainName="a.example.com", validationMethod="DNS"
    )
    [option] = certificate.outputs["domainValidationOptions"]
    make(
        "record",
        "aws:route53/record:Record",
        zoneId=zone_id,
        name=option["resourceRecordName"],
        type=option["resourceRecordType"],
        ttl=60,
        records=[option["resourceRecordValue"]],
    )
    make("issued", "aws:acm/certificateValidation:CertificateValidation", certificateArn=certificate.id)
    listener = make(
        "listener",
        "aws:lb/listener:Listener",
        loadBalancerArn=balancer.id,
        port=443,
        protocol="HTTPS",
        certificateArn=certificate.id,
        sslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        defaultActions=[{"type": "forward", "targetGroupArn": target.id}],
    )
    make(
        "listener-rule",
        "aws:lb/listenerRule:ListenerRule",
        listenerArn=listener.id,
        priority=7,
        conditions=[{"pathPattern": {"values": ["/shop", "/shop/*"]}}],
        actions=[{"type": "forward", "targetGroupArn": target.id}],
    )
    seen = {"cloudwatchMetricsEnabled": True, "metricName": "all", "sampledRequestsEnabled": False}
    acl = make("acl", "aws:wafv2/webAcl:WebAcl", scope="REGIONAL", defaultAction={"allow": {}}, visibilityConfig=seen)
    arn = acl.outputs["arn"]
    make("acl-of", "aws:wafv2/webAclAssociation:WebAclAssociation", webAclArn=arn, resourceArn=balancer.id)
    make(
        "acl-log",
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        resourceArn=arn,
        logDestinationConfigs=[f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:aws-waf-logs-a"],
    )
    return made


def make_cloudfront(stack: Stack, origin: str, bucket_arn: str) -> dict[str, Made]:
    """Create a distribution in front of the load balancer, and the delivery of its access logs."""
    distribution = stack.create(
        "aws:cloudfront/distribution:Distribution",
        "distribution",
        enabled=True,
        comment="a.example.com",
        origins=[
            {
                "originId": "load-balancer",
                "domainName": origin,
                "customOriginConfig": {
                    "httpPort": 80,
                    "httpsPort": 443,
                    "originProtocolPolicy": "https-only",
                    "originSslProtocols": ["TLSv1.2"],
                },
            }
        ],
        defaultCacheBehavior={
            "targetOriginId": "load-balancer",
            "viewerProtocolPolicy": "redirect-to-https",
            "allowedMethods": ["GET", "HEAD"],
            "cachedMethods": ["GET", "HEAD"],
            "cachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        },
        restrictions={"geoRestriction": {"restrictionType": "none"}},
        viewerCertificate={
            "acmCertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT_ID}:certificate/a",
            "sslSupportMethod": "sni-only",
            "minimumProtocolVersion": "TLSv1.2_2021",
        },
    )
    source = stack.create(
        "aws:cloudwatch/logDeliverySource:LogDeliverySource",
        "access-logs",
        region="us-east-1",
        logType="ACCESS_LOGS",
        resourceArn=distribution.outputs["arn"],
    )
    destination = stack.create(
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        "access-logs-bucket",
        region="us-east-1",
        outputFormat="json",
        deliveryDestinationConfiguration={"destinationResourceArn": bucket_arn},
    )
    delivery = stack.create(
        "aws:cloudwatch/logDelivery:LogDelivery",
        "access-logs-delivery",
        region="us-east-1",
        deliverySourceName=source.outputs["name"],
        deliveryDestinationArn=destination.outputs["arn"],
        recordFields=["timestamp", "c-ip"],
    )
    return {
        "distribution": distribution,
        "log-source": source,
        "log-destination": destination,
        "log-delivery": delivery,
    }
