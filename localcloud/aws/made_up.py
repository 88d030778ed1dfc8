"""Made-up ids and outputs of AWS resources, for a state without an account.

They have the form of AWS's values, because programs compute with them. They depend only on the resource, so that the
same program always gets the same values. A type without an entry gets a generic id and ARN.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.protocol.servicer import Target
from localcloud.protocol.values import Properties

DNS_SUFFIX = "amazonaws.com"
HEX_DIGITS = 17  # length of the hexadecimal part of ids of EC2
EC2_PREFIXES: Mapping[str, str] = {
    "aws:ec2/eip:Eip": "eipalloc",
    "aws:ec2/flowLog:FlowLog": "fl",
    "aws:ec2/internetGateway:InternetGateway": "igw",
    "aws:ec2/natGateway:NatGateway": "nat",
    "aws:ec2/networkAcl:NetworkAcl": "acl",
    "aws:ec2/routeTable:RouteTable": "rtb",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "rtbassoc",
    "aws:ec2/securityGroup:SecurityGroup": "sg",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "sg",
    "aws:ec2/subnet:Subnet": "subnet",
    "aws:ec2/vpc:Vpc": "vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr",
}
"""Type -> prefix of its ids: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html."""
ARN_IDS = (
    "aws:acm/certificate:Certificate",
    "aws:lb/listener:Listener",
    "aws:lb/listenerRule:ListenerRule",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:lb/targetGroup:TargetGroup",
    "aws:secretsmanager/secret:Secret",
)
"""Types whose id is their ARN."""
ID_INPUTS = ("name", "bucket", "identifier", "queueUrl", "repositoryName", "roleName")
"""Inputs that are the id of the resource, if it has one of them."""


def digest(target: Target, purpose: str = "") -> str:
    """Return 64 hexadecimal digits that depend only on a resource, and are the same in all stacks."""
    return hashlib.sha256(f"{target.urn.partition('::')[2]} {purpose}".encode()).hexdigest()


class Namer:
    """Makes up the values of one resource.

    Args:
        target: the resource.
        inputs: its inputs.
        account_id: id of the account.
        region: region of the resource.
    """

    def __init__(self, target: Target, inputs: Properties, account_id: str, region: str) -> None:
        self.target = target
        self.inputs = inputs
        self.account_id = account_id
        self.region = region

    def digest(self, digits: int, purpose: str = "") -> str:
        """Return hexadecimal digits that depend only on the resource and the purpose."""
        return digest(self.target, purpose)[:digits]

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """Return an ARN of the account."""
        return f"arn:aws:{service}:{self.region if region is None else region}:{self.account_id}:{resource}"

    @property
    def name(self) -> str:
        """The physical name, or else the logical one."""
        return str(next((self.inputs[key] for key in ID_INPUTS if self.inputs.get(key)), self.target.name))

    @property
    def service(self) -> str:
        """The service in the type token."""
        return self.target.type.split(":")[1].partition("/")[0]

    def generic_arn(self) -> str:
        """Return an ARN of a type that has no special form."""
        kind = self.target.type.rpartition(":")[2].lower()
        return self.arn(self.service, f"{kind}/{self.name}")


def made_up(target: Target, inputs: Properties, account_id: str, region: str) -> tuple[str, Properties]:
    """Return the id of a resource, and the outputs that it has besides its inputs."""
    namer = Namer(target, inputs, account_id, region)
    special = SPECIAL.get(target.type)
    outputs = {"arn": namer.generic_arn(), **(special(namer) if special else {})}
    prefix = EC2_PREFIXES.get(target.type)
    if prefix:
        id_ = f"{prefix}-{namer.digest(HEX_DIGITS)}"
        outputs["arn"] = namer.arn("ec2", f"{target.type.rpartition(':')[2].lower()}/{id_}")
        outputs |= {"allocationId": id_} if prefix == "eipalloc" else {}
        outputs |= {"securityGroupRuleId": id_} if prefix == "sgr" else {}
    elif target.type in ARN_IDS:
        id_ = outputs["arn"]
    else:
        id_ = str(outputs.pop("id", "") or namer.name)
    return id_, {key: value for key, value in outputs.items() if key not in inputs}


def _merged(inputs: Properties, block: str, **more: Any) -> Properties:
    return {**more, **(inputs.get(block) or {})}


def _cluster(namer: Namer) -> Properties:
    name = namer.name
    authority = "-----BEGIN CERTIFICATE-----\nmade up\n-----END CERTIFICATE-----\n"
    issuer = f"https://oidc.eks.{namer.region}.{DNS_SUFFIX}/id/{namer.digest(32).upper()}"
    return {
        "arn": namer.arn("eks", f"cluster/{name}"),
        "endpoint": f"https://{namer.digest(32).upper()}.gr7.{namer.region}.eks.{DNS_SUFFIX}",
        "certificateAuthority": {"data": base64.b64encode(authority.encode()).decode()},
        "identities": [{"oidcs": [{"issuer": issuer}]}],
    }


def _database(namer: Namer) -> Properties:
    inputs, name = namer.inputs, namer.name
    host = f"{name}.{namer.digest(12)}.{namer.region}.rds.{DNS_SUFFIX}"
    managed = inputs.get("manageMasterUserPassword")
    secret = namer.arn("secretsmanager", f"secret:rds!db-{namer.digest(32)}-{namer.digest(6)}")
    return {
        "arn": namer.arn("rds", f"db:{name}"),
        "address": host,
        "endpoint": f"{host}:{inputs.get('port', 5432)}",
        "hostedZoneId": f"Z{namer.digest(13).upper()}",
        "resourceId": f"db-{namer.digest(26).upper()}",
        "masterUserSecrets": [
            {"secretArn": secret, "kmsKeyId": inputs.get("masterUserSecretKmsKeyId", ""), "secretStatus": "active"}
        ]
        if managed
        else [],
    }


def _repository(namer: Namer) -> Properties:
    registry = f"{namer.account_id}.dkr.ecr.{namer.region}.{DNS_SUFFIX}"
    return {
        "arn": namer.arn("ecr", f"repository/{namer.name}"),
        "registryId": namer.account_id,
        "repositoryUrl": f"{registry}/{namer.name}",
    }


def _certificate(namer: Namer) -> Properties:
    names = dict.fromkeys([namer.inputs.get("domainName", ""), *(namer.inputs.get("subjectAlternativeNames") or ())])
    return {
        "arn": namer.arn("acm", f"certificate/{namer.digest(32)}"),
        "domainValidationOptions": [
            {
                "domainName": name,
                "resourceRecordName": f"_{namer.digest(32, name)}.{name}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{namer.digest(32, name)}.acm-validations.aws.",
            }
            for name in names
        ],
    }


def _bucket(namer: Namer) -> Properties:
    return {
        "arn": f"arn:aws:s3:::{namer.name}",
        "bucketDomainName": f"{namer.name}.s3.{DNS_SUFFIX}",
        "bucketRegionalDomainName": f"{namer.name}.s3.{namer.region}.{DNS_SUFFIX}",
    }


def _queue(namer: Namer) -> Properties:
    url = f"https://sqs.{namer.region}.{DNS_SUFFIX}/{namer.account_id}/{namer.name}"
    return {"id": url, "url": url, "arn": namer.arn("sqs", namer.name)}


def _load_balancer(namer: Namer) -> Properties:
    suffix = f"app/{namer.name}/{namer.digest(16)}"
    return {
        "arn": namer.arn("elasticloadbalancing", f"loadbalancer/{suffix}"),
        "arnSuffix": suffix,
        "dnsName": f"{namer.name}-{int(namer.digest(8), 16)}.{namer.region}.elb.{DNS_SUFFIX}",
        "zoneId": f"Z{namer.digest(13).upper()}",
    }


def _target_group(namer: Namer) -> Properties:
    suffix = f"targetgroup/{namer.name}/{namer.digest(16)}"
    return {"arn": namer.arn("elasticloadbalancing", suffix), "arnSuffix": suffix}


def _listener(namer: Namer) -> Properties:
    kind = "listener-rule" if namer.target.type.endswith("Rule") else "listener"
    return {"arn": namer.arn("elasticloadbalancing", f"{kind}/app/{namer.target.name}/{namer.digest(16)}")}


def _distribution(namer: Namer) -> Properties:
    id_ = f"E{namer.digest(13).upper()}"
    return {
        "id": id_,
        "arn": namer.arn("cloudfront", f"distribution/{id_}", region=""),
        "domainName": f"d{namer.digest(13)}.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
    }


def _web_acl(namer: Namer) -> Properties:
    scope = "global" if namer.inputs.get("scope") == "CLOUDFRONT" else "regional"
    id_ = namer.digest(32)
    return {"id": id_, "arn": namer.arn("wafv2", f"{scope}/webacl/{namer.name}/{id_}")}


def _key(namer: Namer) -> Properties:
    id_ = namer.digest(32)
    return {"id": id_, "keyId": id_, "arn": namer.arn("kms", f"key/{id_}")}


def _log_group(namer: Namer) -> Properties:
    return {"arn": namer.arn("logs", f"log-group:{namer.name}")}


def _delivery(kind: str) -> Callable[[Namer], Properties]:
    return lambda namer: {"arn": namer.arn("logs", f"{kind}:{namer.name}")}


SPECIAL: Mapping[str, Callable[[Namer], Properties]] = {
    "aws:acm/certificate:Certificate": _certificate,
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": _delivery("delivery-destination"),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": _delivery("delivery-source"),
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": lambda namer: {"arn": namer.arn("cloudwatch", f"alarm:{namer.name}")},
    "aws:ec2/eip:Eip": lambda namer: {"publicIp": "203.0.113." + str(int(namer.digest(2), 16))},
    "aws:ec2/vpc:Vpc": lambda namer: {
        "defaultSecurityGroupId": f"sg-{namer.digest(HEX_DIGITS, 'group')}",
        "defaultRouteTableId": f"rtb-{namer.digest(HEX_DIGITS, 'routes')}",
        "mainRouteTableId": f"rtb-{namer.digest(HEX_DIGITS, 'routes')}",
        "defaultNetworkAclId": f"acl-{namer.digest(HEX_DIGITS, 'rules')}",
        "ownerId": namer.account_id,
    },
    "aws:ecr/repository:Repository": _repository,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": lambda namer: {
        "id": f"{namer.inputs.get('clusterName')}:a-{namer.digest(HEX_DIGITS)}",
        "associationId": f"a-{namer.digest(HEX_DIGITS)}",
    },
    "aws:iam/policy:Policy": lambda namer: {"arn": namer.arn("iam", f"policy/{namer.name}", region="")},
    "aws:iam/role:Role": lambda namer: {
        "arn": namer.arn("iam", f"role{namer.inputs.get('path') or '/'}{namer.name}", region=""),
        "uniqueId": f"AROA{namer.digest(17).upper()}",
    },
    "aws:kms/key:Key": _key,
    "aws:lb/listener:Listener": _listener,
    "aws:lb/listenerRule:ListenerRule": _listener,
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:lb/targetGroup:TargetGroup": _target_group,
    "aws:rds/instance:Instance": _database,
    "aws:rds/parameterGroup:ParameterGroup": lambda namer: {"arn": namer.arn("rds", f"pg:{namer.name}")},
    "aws:rds/subnetGroup:SubnetGroup": lambda namer: {"arn": namer.arn("rds", f"subgrp:{namer.name}")},
    "aws:route53/record:Record": lambda namer: {
        "id": f"{namer.inputs.get('zoneId')}_{namer.inputs.get('name')}_{namer.inputs.get('type')}",
        "fqdn": namer.inputs.get("name"),
    },
    "aws:s3/bucket:Bucket": _bucket,
    "aws:secretsmanager/secret:Secret": lambda namer: {
        "arn": namer.arn("secretsmanager", f"secret:{namer.name}-{namer.digest(6)}")
    },
    "aws:secretsmanager/secretVersion:SecretVersion": lambda namer: {
        "secretArn": namer.inputs.get("secretId"),
        "versionId": namer.digest(32),
    },
    "aws:sqs/queue:Queue": _queue,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
}
"""Type -> its outputs of a special form."""

COMPUTED: Mapping[str, Callable[[Namer], Properties]] = {
    "aws:eks/cluster:Cluster": lambda namer: {
        "vpcConfig": _merged(
            namer.inputs,
            "vpcConfig",
            clusterSecurityGroupId=f"sg-{namer.digest(HEX_DIGITS, 'cluster')}",
            vpcId=f"vpc-{namer.digest(HEX_DIGITS, 'vpc')}",
        ),
        "kubernetesNetworkConfig": _merged(namer.inputs, "kubernetesNetworkConfig", ipFamily="ipv4"),
    },
}
"""Type -> its blocks with properties that AWS sets."""
