"""Load balancers with their attributes, and what their listeners and target groups share with them."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.protocol.values import Properties

MAX_NAME = 32  # botocore elbv2, and AWS::ElasticLoadBalancingV2::LoadBalancer
# Pulumi's property -> key of ModifyLoadBalancerAttributes.
ATTRIBUTES: Mapping[str, str] = {
    "clientKeepAlive": "client_keep_alive.seconds",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "enableTlsVersionAndCipherSuiteHeaders": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "enableXffClientPort": "routing.http.xff_client_port.enabled",
    "enableZonalShift": "zonal_shift.config.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
}
LOGS: Mapping[str, str] = {
    "bucket": "access_logs.s3.bucket",
    "enabled": "access_logs.s3.enabled",
    "prefix": "access_logs.s3.prefix",
}


class ElbResource(Resource):
    """Base class of load balancers, listeners, rules and target groups.

    The id is the ARN, and a separate request reads the tags.
    """

    service = "elbv2"
    tagging = Tagging(add="AddTags", remove="RemoveTags", target="ResourceArns", many=True)

    def legal_name(self, name: str) -> str:
        """Return the last 32 characters of the name, without leading hyphens."""
        return name[-MAX_NAME:].lstrip("-")

    def tags(self, aws: Account, id_: str, item: Any) -> Any:
        """Read the tags with a separate request."""
        return aws.call("elbv2", "DescribeTags", ResourceArns=[id_])["TagDescriptions"][0]["Tags"]


class LoadBalancer(ElbResource):
    """A load balancer. Its attributes are set after it is created, as Pulumi's provider does."""

    type = "aws:lb/loadBalancer:LoadBalancer"
    gone = {"LoadBalancerNotFound": ()}
    recorded = "access logs, desync mitigation, handling of the Host header; the gateway serves the listeners"
    autoname = "name"
    replaces = ("internal", "loadBalancerType", "namePrefix")
    defaults = {"internal": False, "loadBalancerType": "application"}
    renames = {"loadBalancerType": "Type", **ATTRIBUTES, **LOGS}
    describe_operation = "DescribeLoadBalancers"
    found = "LoadBalancers.0"
    id_parameter = "LoadBalancerArns"
    delete_operation = "DeleteLoadBalancer"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the load balancer, then set its attributes."""
        own = {key: value for key, value in inputs.items() if key not in ("tags", "internal")}
        scheme = "internal" if inputs.get("internal") else "internet-facing"
        answer = aws.mapped("elbv2", "CreateLoadBalancer", own, self.renames, Scheme=scheme, **self.create_tags(inputs))
        arn = str(answer["LoadBalancers"][0]["LoadBalancerArn"])
        self.update(aws, arn, {}, inputs, {*ATTRIBUTES, "accessLogs"} & set(inputs))
        return arn

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state in Pulumi's names, with attributes and the hosted zone for alias records."""
        told = aws.call("elbv2", "DescribeLoadBalancerAttributes", LoadBalancerArn=id_)["Attributes"]
        found = attributes_of(told)
        attributes = {ours: found.get(theirs) for ours, theirs in ATTRIBUTES.items()}
        return {
            "arn": id_,
            "arnSuffix": id_.partition(":loadbalancer/")[2],
            "dnsName": item["DNSName"],
            "internal": item["Scheme"] == "internal",
            "ipAddressType": item["IpAddressType"],
            "loadBalancerType": item["Type"],
            "name": item["LoadBalancerName"],
            "securityGroups": item.get("SecurityGroups", []),
            "subnets": [zone["SubnetId"] for zone in item["AvailabilityZones"]],
            "vpcId": item["VpcId"],
            "zoneId": item["CanonicalHostedZoneId"],
            "accessLogs": {ours: found.get(theirs) or None for ours, theirs in LOGS.items()},
            **{key: value for key, value in attributes.items() if value is not None},
            "tagsAll": self.tagging.decode(self.tags(aws, id_, item)) if self.tagging else {},
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Update the changed properties. Set all attributes with one request."""
        logs = {"enabled": False, **(new.get("accessLogs") or {})}
        wanted = {theirs: new[ours] for ours, theirs in ATTRIBUTES.items() if ours in changed and ours in new}
        if "accessLogs" in changed:
            wanted |= {theirs: logs[ours] for ours, theirs in LOGS.items() if ours in logs}
        if wanted:
            attributes = [{"Key": key, "Value": as_text(value)} for key, value in wanted.items()]
            aws.call("elbv2", "ModifyLoadBalancerAttributes", LoadBalancerArn=id_, Attributes=attributes)
        if "securityGroups" in changed:
            groups = new.get("securityGroups") or []
            aws.call("elbv2", "SetSecurityGroups", LoadBalancerArn=id_, SecurityGroups=groups)
        if "subnets" in changed:
            aws.call("elbv2", "SetSubnets", LoadBalancerArn=id_, Subnets=new["subnets"])
        if "ipAddressType" in changed:
            kind = new.get("ipAddressType") or "ipv4"
            aws.call("elbv2", "SetIpAddressType", LoadBalancerArn=id_, IpAddressType=kind)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the load balancer and its listeners."""
        aws.call("elbv2", "DeleteLoadBalancer", LoadBalancerArn=id_)


def attributes_of(told: list[dict[str, str]]) -> dict[str, str]:
    """Return the attributes of an ELB response as a map."""
    return {each["Key"]: each.get("Value", "") for each in told}


def as_text(value: Any) -> str:
    """Return the value of an attribute as text, as ELB expects it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) else str(value)


TYPES: tuple[type[Resource], ...] = (LoadBalancer,)
