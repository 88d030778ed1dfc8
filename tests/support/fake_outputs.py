"""Outputs that a provider would add to the inputs of a resource: those that the program uses."""

from typing import Any

ACCOUNT_ID = "123456789012"
REGION = "eu-central-1"
ORIGIN_FACING = "pl-a3a144ca"  # CloudFront's prefix list in that region
CLUSTER_SECURITY_GROUP_ID = "sg-cluster"
AUTHORIZATION_TOKEN = "registry-push-token"
RANDOM_RESULT = "generated-password-which-nobody-may-see"  # start of each value; groups of three characters, for base64

Inputs = dict[str, Any]


def _arn(service: str, resource: str, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT_ID}:{resource}"


def random_result(name: str) -> str:
    """Return the value of a RandomPassword by the name of the resource."""
    return f"{RANDOM_RESULT}-{name}"


def _repository(name: str, inputs: Inputs) -> Inputs:
    return {
        "arn": _arn("ecr", f"repository/{inputs['name']}"),
        "registryId": ACCOUNT_ID,
        "repositoryUrl": f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/{inputs['name']}",
    }


def _cluster(name: str, inputs: Inputs) -> Inputs:
    return {
        "arn": _arn("eks", f"cluster/{inputs['name']}"),
        "endpoint": f"https://{inputs['name']}.eks.amazonaws.com",
        "certificateAuthority": {"data": "Q0E="},
        "vpcConfig": {**inputs["vpcConfig"], "clusterSecurityGroupId": CLUSTER_SECURITY_GROUP_ID},
    }


def _database(name: str, inputs: Inputs) -> Inputs:
    host = f"{inputs['identifier']}.rds.amazonaws.com"
    return {
        "arn": _arn("rds", f"db:{inputs['identifier']}"),
        "address": host,
        "endpoint": f"{host}:{inputs['port']}",
        "resourceId": f"db-{name.upper()}",
        "masterUserSecrets": [
            {
                "secretArn": _arn("secretsmanager", f"secret:rds!db-{name}"),
                "kmsKeyId": inputs["masterUserSecretKmsKeyId"],
                "secretStatus": "active",
            }
        ],
    }


def _certificate(name: str, inputs: Inputs) -> Inputs:
    record = {
        "domainName": inputs["domainName"],
        "resourceRecordName": f"_validate.{inputs['domainName']}",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": "_validated.acm-validations.aws",
    }
    return {
        "arn": _arn("acm", f"certificate/{name}", inputs.get("region", REGION)),
        "domainValidationOptions": [record],
    }


def _load_balancer(name: str, inputs: Inputs) -> Inputs:
    return {
        "arn": _arn("elasticloadbalancing", f"loadbalancer/app/{name}"),
        "arnSuffix": f"app/{name}",
        "dnsName": f"{name}.elb.amazonaws.com",
        "zoneId": "ZELB",
    }


_SCOPES = {"REGIONAL": "regional", "CLOUDFRONT": "global"}
_BY_TYPE = {
    "aws:acm/certificate:Certificate": _certificate,
    "aws:ec2/eip:Eip": lambda name, inputs: {"allocationId": f"eipalloc-{name}"},
    "aws:ecr/repository:Repository": _repository,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:iam/role:Role": lambda name, inputs: {"arn": _arn("iam", f"role/{name}", ""), "name": name},
    "aws:kms/key:Key": lambda name, inputs: {"arn": _arn("kms", f"key/{name}"), "keyId": name},
    "aws:lb/listener:Listener": lambda name, inputs: {"arn": _arn("elasticloadbalancing", f"listener/app/{name}")},
    "aws:lb/listenerRule:ListenerRule": lambda name, inputs: {
        "arn": _arn("elasticloadbalancing", f"listener-rule/app/{name}")
    },
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:lb/targetGroup:TargetGroup": lambda name, inputs: {
        "arn": _arn("elasticloadbalancing", f"targetgroup/{name}"),
        "arnSuffix": f"targetgroup/{name}",
    },
    "aws:rds/instance:Instance": _database,
    "aws:rds/parameterGroup:ParameterGroup": lambda name, inputs: {"name": name},
    "aws:rds/subnetGroup:SubnetGroup": lambda name, inputs: {"name": name},
    "aws:cloudwatch/logGroup:LogGroup": lambda name, inputs: {
        "arn": _arn("logs", f"log-group:{inputs['name']}", inputs.get("region", REGION))
    },
    "aws:route53/record:Record": lambda name, inputs: {"fqdn": inputs["name"]},
    "aws:wafv2/webAcl:WebAcl": lambda name, inputs: {
        "arn": _arn("wafv2", f"{_SCOPES[inputs['scope']]}/webacl/{name}", inputs.get("region", REGION))
    },
    "aws:cloudfront/distribution:Distribution": lambda name, inputs: {
        "arn": _arn("cloudfront", f"distribution/{name}", ""),
        "domainName": f"{name}.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
    },
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": lambda name, inputs: {
        "arn": _arn("logs", f"delivery-source:{name}", "us-east-1"),
        "name": name,
    },
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": lambda name, inputs: {
        "arn": _arn("logs", f"delivery-destination:{name}", "us-east-1")
    },
    "aws:s3/bucket:Bucket": lambda name, inputs: {"arn": f"arn:aws:s3:::{name}", "bucket": name},
    "aws:secretsmanager/secret:Secret": lambda name, inputs: {"arn": _arn("secretsmanager", f"secret:{name}")},
    "aws:secretsmanager/secretVersion:SecretVersion": lambda name, inputs: {"secretArn": inputs["secretId"]},
    "aws:sqs/queue:Queue": lambda name, inputs: {
        "arn": _arn("sqs", name),
        "name": name,
        "url": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{name}",
    },
    "docker-build:index:Image": lambda name, inputs: {
        "digest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "ref": f"{inputs['tags'][0]}@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    },
    "random:index/randomId:RandomId": lambda name, inputs: {"hex": "0a1b2c3d"},
    "random:index/randomPassword:RandomPassword": lambda name, inputs: {"result": random_result(name)},
}

_BY_FUNCTION = {
    "aws:index/getCallerIdentity:getCallerIdentity": {
        "accountId": ACCOUNT_ID,
        "arn": f"arn:aws:iam::{ACCOUNT_ID}:user/test",
        "id": ACCOUNT_ID,
        "userId": "AIDATEST",
    },
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": {
        "authorizationToken": "QVdTOnRva2Vu",
        "expiresAt": "2030-01-01T00:00:00Z",
        "id": REGION,
        "password": AUTHORIZATION_TOKEN,
        "proxyEndpoint": f"https://{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com",
        "userName": "AWS",
    },
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": {"id": ORIGIN_FACING},
    "aws:ecr/getImages:getImages": {"imageIds": [], "repositoryName": "drydock-test"},
    "aws:cloudwatch/getLogGroups:getLogGroups": {"arns": [], "logGroupNames": []},
    # A stack that is not deployed yet.
    "pulumi:pulumi:readStackOutputs": {"name": "organization/drydock/test", "outputs": {}},
}


def outputs_of(type_: str, name: str, inputs: Inputs) -> Inputs:
    """Return the state of a new resource: its inputs and the outputs of its provider."""
    more = _BY_TYPE.get(type_)
    return {**inputs, **(more(name, inputs) if more else {})}


def id_of(type_: str, name: str) -> str:
    """Return the unique id of a new resource, such as `RouteTable:network-public`."""
    kind = type_.rpartition(":")[2]
    return _arn("secretsmanager", f"secret:{name}") if kind == "Secret" and "aws:" in type_ else f"{kind}:{name}"


def answer_of(function: str, args: Inputs | None = None) -> Inputs:
    """Return the answer of a provider function. A call of a function that is not listed here fails the test."""
    if function == "aws:secretsmanager/getSecrets:getSecrets":  # every requested secret exists
        names = [name for each in (args or {})["filters"] for name in each["values"]]
        arns = [_arn("secretsmanager", f"secret:{name}-AbCdEf") for name in names]
        return {"id": REGION, "region": REGION, "names": names, "arns": arns}
    if function == "aws:route53/getZone:getZone":
        name = str((args or {}).get("name", "example.com"))
        id_ = "ZONE" if name == "example.com" else f"ZONE{len(name)}"
        return {"id": id_, "zoneId": id_, "name": name}
    return _BY_FUNCTION[function]
