"""Rows for the edge: load balancers, certificates, records, web ACLs."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Made
from tests.localcloud.aws.updates.row import ABSENT, Row, World, add_ipv6

DOMAIN = "example.org"
LOGS = "logs-of-load-balancers"
OF_LOAD_BALANCERS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{LOGS}/*/AWSLogs/{ACCOUNT_ID}/*",
            }
        ],
    }
)
VISIBILITY = {"cloudwatchMetricsEnabled": True, "metricName": "all", "sampledRequestsEnabled": False}


class Edge:
    """Resources that the rows refer to, created once in an account."""

    def __init__(self, world: World) -> None:
        make = world.stack.create
        account = world.stack.provider.owner
        assert account is not None
        self.zones = [
            account.call("route53", "CreateHostedZone", Name=name, CallerReference=name)["HostedZone"]["Id"].rpartition(
                "/"
            )[2]
            for name in (DOMAIN, "example.net")
        ]
        self.balancers = [
            make(
                "aws:lb/loadBalancer:LoadBalancer",
                f"lb{i}",
                subnets=world.subnet_ids[:2],
                securityGroups=[world.groups[0].id],
            )
            for i in range(2)
        ]
        self.targets = [
            make("aws:lb/targetGroup:TargetGroup", f"tg{i}", port=80, protocol="HTTP", vpcId=world.vpc.id)
            for i in range(3)
        ]
        self.certificates = [self._certificate(world, f"{name}.{DOMAIN}") for name in "ab"]
        self.logs = make("aws:s3/bucket:Bucket", "logs", bucket=LOGS, forceDestroy=True)
        make("aws:s3/bucketPolicy:BucketPolicy", "logs", bucket=self.logs.id, policy=OF_LOAD_BALANCERS)
        self.acls = [
            make(
                "aws:wafv2/webAcl:WebAcl",
                f"acl{i}",
                scope="REGIONAL",
                defaultAction={"allow": {}},
                visibilityConfig=VISIBILITY,
            )
            for i in range(2)
        ]
        make(
            "aws:wafv2/webAclAssociation:WebAclAssociation",
            "other",
            webAclArn=self.acls[0].outputs["arn"],
            resourceArn=self.balancers[1].id,
        )

    def _certificate(self, world: World, domain: str) -> Made:
        made = world.stack.create("aws:acm/certificate:Certificate", domain, domainName=domain, validationMethod="DNS")
        [told] = made.outputs["domainValidationOptions"]
        world.stack.create(
            "aws:route53/record:Record",
            domain,
            zoneId=self.zones[0],
            name=told["resourceRecordName"],
            type=told["resourceRecordType"],
            ttl=60,
            records=[told["resourceRecordValue"]],
        )
        return made


@cache
def edge(world: World) -> Edge:
    """Return the edge of a world."""
    return Edge(world)


def load_balancer(world: World) -> Row:
    logs = edge(world).logs
    add_ipv6(world, world.subnet_ids)  # for the change to dual-stack
    first, second, third = world.subnet_ids
    groups = [group.id for group in world.groups]
    return Row(
        base={
            "subnets": [first, second],
            "securityGroups": groups[:1],
            "internal": True,
            "name": "row",
            "loadBalancerType": "application",
        },
        changes={
            "subnets": [[first, second, third], [second, third]],
            "securityGroups": [groups[:2], groups[2:]],
            "accessLogs": [
                {"bucket": logs.id, "enabled": True, "prefix": "a"},
                {"bucket": world.bucket2.id, "enabled": False, "prefix": "b"},
            ],
            "clientKeepAlive": [600, 1200],
            "desyncMitigationMode": ["strictest", "monitor"],
            "dropInvalidHeaderFields": [True, False],
            "enableDeletionProtection": [True, False],
            "enableHttp2": [False, True],
            "enableTlsVersionAndCipherSuiteHeaders": [True, False],
            "enableWafFailOpen": [True, False],
            "enableXffClientPort": [True, False],
            "enableZonalShift": [True, False],
            "idleTimeout": [30, 90],
            "preserveHostHeader": [True, False],
            "xffHeaderProcessingMode": ["preserve", "remove"],
            "ipAddressType": ["ipv4", "dualstack"],
        },
        replaces={"internal": False, "loadBalancerType": "network", "name": "other"},
        kept=frozenset(
            {
                "accessLogs",
                "clientKeepAlive",
                "desyncMitigationMode",
                "dropInvalidHeaderFields",
                "enableDeletionProtection",
                "enableHttp2",
                "enableTlsVersionAndCipherSuiteHeaders",
                "enableWafFailOpen",
                "enableXffClientPort",
                "enableZonalShift",
                "idleTimeout",
                "preserveHostHeader",
                "xffHeaderProcessingMode",
            }
        ),
    )


def target_group(world: World) -> Row:
    edge(world)
    check = {"path": "/a", "interval": 5, "timeout": 3, "healthyThreshold": 2, "unhealthyThreshold": 2}
    return Row(
        base={
            "name": "row",
            "port": 8080,
            "protocol": "HTTP",
            "targetType": "ip",
            "vpcId": world.vpc.id,
            "healthCheck": check,
            "deregistrationDelay": 40,
        },
        changes={
            "healthCheck": [
                {**check, "path": "/b", "matcher": "200-299"},
                {**check, "port": "8081", "protocol": "HTTP", "interval": 10, "enabled": True},
            ],
            "deregistrationDelay": [60, 90],
            "loadBalancingAlgorithmType": ["weighted_random", "least_outstanding_requests"],
            "loadBalancingAnomalyMitigation": ["on", "off"],
            "loadBalancingCrossZoneEnabled": ["true", "false"],
            "slowStart": [30, 900],
            "stickiness": [
                {"type": "lb_cookie", "cookieDuration": 60},
                {"type": "app_cookie", "cookieDuration": 90, "cookieName": "session", "enabled": True},
                {"type": "lb_cookie", "enabled": False},
            ],
        },
        replaces={
            "name": "other",
            "port": 80,
            "protocol": "HTTPS",
            "protocolVersion": "HTTP2",
            "targetType": "instance",
            "vpcId": world.vpc2.id,
        },
        kept=frozenset(
            {
                "loadBalancingAlgorithmType",
                "loadBalancingAnomalyMitigation",
                "loadBalancingCrossZoneEnabled",
                "stickiness",
            }
        ),
    )


def _forward(target: Made) -> list[dict[str, Any]]:
    return [{"type": "forward", "targetGroupArn": target.id}]


def listener(world: World) -> Row:
    parts = edge(world)
    first, second = parts.certificates
    return Row(
        base={
            "loadBalancerArn": parts.balancers[0].id,
            "port": 443,
            "protocol": "HTTPS",
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "certificateArn": first.id,
            "defaultActions": _forward(parts.targets[0]),
        },
        changes={
            "port": [8443, 9443],
            "sslPolicy": ["ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-2021-06"],
            "certificateArn": [second.id, first.id],
            "defaultActions": [
                _forward(parts.targets[1]),
                [
                    {
                        "type": "redirect",
                        "redirect": {
                            "host": "a.example.org",
                            "path": "/a",
                            "query": "a=b",
                            "port": "443",
                            "protocol": "HTTPS",
                            "statusCode": "HTTP_301",
                        },
                    }
                ],
                [
                    {
                        "type": "fixed-response",
                        "fixedResponse": {"contentType": "text/plain", "messageBody": "no", "statusCode": "403"},
                    }
                ],
            ],
        },
        replaces={"loadBalancerArn": parts.balancers[1].id},
    )


def plain_listener(world: World) -> Row:
    parts = edge(world)
    tls = {
        "protocol": "HTTPS",
        "certificateArn": parts.certificates[0].id,
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
    }
    return Row(
        base={
            "loadBalancerArn": parts.balancers[0].id,
            "port": 80,
            "protocol": "HTTP",
            "defaultActions": _forward(parts.targets[0]),
        },
        together=(tls, {"protocol": "HTTP", "certificateArn": ABSENT, "sslPolicy": ABSENT}),
        replaces={"loadBalancerArn": parts.balancers[1].id},
    )


def tls_listener(world: World) -> Row:
    parts, make = edge(world), world.stack.create
    network = make(
        "aws:lb/loadBalancer:LoadBalancer", "network", loadBalancerType="network", subnets=world.subnet_ids[:2]
    )
    target = make("aws:lb/targetGroup:TargetGroup", "tcp", port=80, protocol="TCP", vpcId=world.vpc.id)
    first, second = parts.certificates
    return Row(
        base={
            "loadBalancerArn": network.id,
            "port": 443,
            "protocol": "TLS",
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "certificateArn": first.id,
            "alpnPolicy": "None",
            "defaultActions": _forward(target),
        },
        changes={"alpnPolicy": ["HTTP2Only", "HTTP2Optional"], "certificateArn": [second.id, first.id]},
    )


def certificate(world: World) -> Row:
    edge(world)
    return Row(
        base={"domainName": "c.example.org", "validationMethod": "DNS"},
        replaces={
            "domainName": "d.example.org",
            "keyAlgorithm": "EC_prime256v1",
            "validationMethod": "EMAIL",
            "subjectAlternativeNames": ["e.example.org"],
        },
    )


def certificate_validation(world: World) -> Row:
    first, second = edge(world).certificates
    return Row(
        base={"certificateArn": first.id},
        replaces={"certificateArn": second.id},
    )


def record(world: World) -> Row:
    zones = edge(world).zones
    return Row(
        base={"zoneId": zones[0], "name": f"www.{DOMAIN}", "type": "TXT", "ttl": 60, "records": ['"a"']},
        changes={"ttl": [300, 600], "records": [['"b"'], ['"c"', '"d"']]},
        replaces={"zoneId": zones[1], "name": f"other.{DOMAIN}", "type": "CNAME"},
    )


def alias(world: World) -> Row:
    parts = edge(world)
    first, second = (
        [
            {
                "name": balancer.outputs["dnsName"],
                "zoneId": balancer.outputs["zoneId"],
                "evaluateTargetHealth": health,
            }
        ]
        for balancer, health in zip(parts.balancers, (True, False), strict=True)
    )
    return Row(
        base={"zoneId": parts.zones[0], "name": f"alias.{DOMAIN}", "type": "A", "aliases": first},
        changes={"aliases": [second, first]},
        replaces={"zoneId": parts.zones[1]},
    )


def _group(name: str, priority: int, group: str) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "overrideAction": {"none": {}},
        "statement": {"managedRuleGroupStatement": {"vendorName": "AWS", "name": group}},
        "visibilityConfig": {**VISIBILITY, "metricName": name},
    }


def _rate(limit: int, **rate: Any) -> dict[str, Any]:
    rate = {"aggregateKeyType": "IP", "evaluationWindowSec": 300, **rate}
    return {
        "name": "rate",
        "priority": 9,
        "action": {"block": {}},
        "statement": {"rateBasedStatement": {"limit": limit, **rate}},
        "visibilityConfig": {**VISIBILITY, "metricName": "rate"},
    }


INSERTED = {"customRequestHandling": {"insertHeaders": [{"name": "checked", "value": "yes"}]}}
RETRY = {"responseHeaders": [{"name": "Retry-After", "value": "60"}]}
DENIED = {"customResponse": {"responseCode": 429, "customResponseBodyKey": "denied", **RETRY}}
ACTIONS = {"allow": INSERTED, "block": DENIED, "captcha": INSERTED, "challenge": INSERTED, "count": INSERTED}
PROXY = {"forwardedIpConfig": {"headerName": "X-Forwarded-For", "fallbackBehavior": "NO_MATCH"}}
AS_IT_IS = {"textTransformations": [{"priority": 0, "type": "NONE"}]}
KEYS: list[dict[str, Any]] = [
    {"cookie": {"name": "session", **AS_IT_IS}},
    {"header": {"name": "Accept", **AS_IT_IS}},
    {"ja3Fingerprint": {"fallbackBehavior": "MATCH"}},
    {"ja4Fingerprint": {"fallbackBehavior": "MATCH"}},
    {"labelNamespace": {"namespace": "awswaf:managed:"}},
    {"queryArgument": {"name": "page", **AS_IT_IS}},
    {"queryString": AS_IT_IS},
    {"uriPath": AS_IT_IS},
    {"forwardedIp": {}},
    {"httpMethod": {}},
    {"ip": {}},
    {"asn": {}},
]


def _custom_rules() -> list[dict[str, Any]]:
    from_abroad = {"geoMatchStatement": {"countryCodes": ["AQ"], **PROXY}}
    seen = {"visibilityConfig": VISIBILITY}
    rules: list[dict[str, Any]] = [
        {"statement": from_abroad, "action": {name: handling}, "ruleLabels": [{"name": "abroad"}]}
        for name, handling in ACTIONS.items()
    ]
    rules += [{"statement": from_abroad, "action": {name: {}}} for name in ACTIONS]
    keyed = {"limit": 100, "aggregateKeyType": "CUSTOM_KEYS", **PROXY}
    for keys in (KEYS[:4], KEYS[4:8], KEYS[8:]):
        rules.append({"statement": {"rateBasedStatement": {**keyed, "customKeys": keys}}, "action": {"block": {}}})
    overrides = [{"name": f"Rule{name}", "actionToUse": {name: handling}} for name, handling in ACTIONS.items()]
    group = {"vendorName": "AWS", "name": "AWSManagedRulesCommonRuleSet", "version": "Version_1.0"}
    rules += [
        {
            "statement": {"managedRuleGroupStatement": {**group, "ruleActionOverrides": overrides}},
            "overrideAction": each,
        }
        for each in ({"count": {}}, {"none": {}})
    ]
    return [{"name": f"rule-{number}", "priority": number, **seen, **rule} for number, rule in enumerate(rules)]


def custom_acl() -> dict[str, Any]:
    """Return inputs with each property of the rules and actions of a web ACL that the local cloud keeps."""
    return {
        "rules": _custom_rules(),
        "customResponseBodies": [{"key": "denied", "content": "no", "contentType": "TEXT_PLAIN"}],
        "defaultAction": {"block": DENIED},
    }


def web_acl(world: World) -> Row:
    edge(world)
    common = _group("common", 1, "AWSManagedRulesCommonRuleSet")
    return Row(
        base={
            "name": "row",
            "scope": "REGIONAL",
            "description": "first",
            "defaultAction": {"allow": {}},
            "rules": [common],
            "visibilityConfig": VISIBILITY,
        },
        changes={
            "customResponseBodies": [
                [{"key": "denied", "content": content, "contentType": "TEXT_PLAIN"}] for content in ("no", "not now")
            ],
            "defaultAction": [
                {"block": {}},
                {"allow": INSERTED},
                {"block": {"customResponse": {"responseCode": 403, **RETRY}}},
            ],
            "description": ["second", "third"],
            "rules": [
                [common, _rate(1000)],
                [_rate(2000)],
                [_rate(2000, aggregateKeyType="FORWARDED_IP", **PROXY)],
            ],
            "visibilityConfig": [
                {**VISIBILITY, "metricName": "other"},
                {**VISIBILITY, "sampledRequestsEnabled": True},
            ],
        },
        together=[custom_acl()],
        replaces={"name": "other", "scope": "CLOUDFRONT"},
    )


def web_acl_association(world: World) -> Row:
    parts = edge(world)
    first, second = world.arns(parts.acls)
    return Row(
        base={"webAclArn": first, "resourceArn": parts.balancers[0].id},
        replaces={"webAclArn": second, "resourceArn": parts.balancers[1].id},
    )


def web_acl_logging(world: World) -> Row:
    parts = edge(world)
    first, second = world.arns(parts.acls)
    fields = [{"singleHeader": {"name": name}} for name in ("authorization", "cookie")]
    return Row(
        base={
            "resourceArn": first,
            "logDestinationConfigs": [f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:aws-waf-logs-a"],
            "redactedFields": fields,
        },
        changes={
            "logDestinationConfigs": [
                [f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:aws-waf-logs-{name}"] for name in "bc"
            ],
            "redactedFields": [fields[:1], [{"uriPath": {}}, {"queryString": {}}, {"method": {}}, fields[1]]],
        },
        replaces={"resourceArn": second},
    )


def _listening(world: World, parts: Edge, port: int) -> Made:
    """Return a listener of the second load balancer for a rule."""
    return world.stack.create(
        "aws:lb/listener:Listener",
        f"of-rules-{port}",
        loadBalancerArn=parts.balancers[1].id,
        port=port,
        protocol="HTTP",
        defaultActions=[{"type": "forward", "targetGroupArn": parts.targets[0].id}],
    )


def listener_rule(world: World) -> Row:
    parts = edge(world)
    first, second = (_listening(world, parts, port).id for port in (8001, 8002))
    targets = [target.id for target in parts.targets]
    return Row(
        base={
            "listenerArn": first,
            "priority": 1,
            "conditions": [{"pathPattern": {"values": ["/a", "/a/*"]}}],
            "actions": [{"type": "forward", "targetGroupArn": targets[0]}],
        },
        changes={
            "priority": [2, 3],
            "conditions": [
                [{"hostHeader": {"values": ["a.example.com"]}}],
                [{"hostHeader": {"values": ["b.example.com"]}}, {"pathPattern": {"values": ["/b"]}}],
                [{"httpHeader": {"httpHeaderName": "X-Key", "values": ["a", "b"]}}],
            ],
            "actions": [
                [{"type": "forward", "targetGroupArn": targets[1]}],
                [{"type": "forward", "targetGroupArn": targets[2]}],
            ],
        },
        replaces={"listenerArn": second},
    )


ROWS: Mapping[str, Mapping[str, Callable[[World], Row]]] = {
    "aws:lb/loadBalancer:LoadBalancer": {"": load_balancer},
    "aws:lb/targetGroup:TargetGroup": {"": target_group},
    "aws:lb/listener:Listener": {"": listener, "plain": plain_listener, "tls": tls_listener},
    "aws:lb/listenerRule:ListenerRule": {"": listener_rule},
    "aws:acm/certificate:Certificate": {"": certificate},
    "aws:acm/certificateValidation:CertificateValidation": {"": certificate_validation},
    "aws:route53/record:Record": {"": record, "alias": alias},
    "aws:wafv2/webAcl:WebAcl": {"": web_acl},
    "aws:wafv2/webAclAssociation:WebAclAssociation": {"": web_acl_association},
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": {"": web_acl_logging},
}
