"""All requests of deploying and destroying a small production stack with moto are repeated with MiniStack.

Both are emulators, so neither is right by itself: differences are compared with AWS's documentation, faults of moto are
patched, and the remaining differences are listed here with their reasons.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.engine.places import ROOT
from localcloud.aws.account import Account
from localcloud.aws.provider import AwsProvider
from localcloud.parts import listens
from stacks.settings import parse_settings
from tests.infra.deploy_role.test_life import ADMIN, ROLE, ROLE_ARN, SMALL, TRUST
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases, start_server
from tests.localcloud.aws.ministack.replay import Exchange, replay
from tests.support.deployed import Deployment
from tests.support.ports import free_port
from tests.support.service import until

MINISTACK = ROOT / ".ministack" / "bin" / "ministack"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
LESS, OWN = "MiniStack does not model it", "each account has a value of its own"
# Pattern of a difference -> reason.
CODES = {
    "eks UpdateClusterConfig answered / InvalidRequestException": "MiniStack does not know deletionProtection",
    r"ec2 \w+SecurityGroup(s|Ingress) answered / Invalid.*": "MiniStack's clusters have no security group in EC2",
    r"wafv2 \w+LoggingConfiguration answered / InvalidAction": LESS,
}
VALUES = {
    "sts AssumeRole PackedPolicySize": OWN,
    r"acm DescribeCertificate .*(Status|InUseBy)": "MiniStack issues at once, whatever the DNS records say",
    "cloudwatch DescribeAlarms .*StateValue": "moto's alarms begin as OK, CloudWatch's have INSUFFICIENT_DATA",
    r"ec2 DescribeSecurityGroupRules SecurityGroupRules": "MiniStack's clusters have no security group in EC2",
    r"elbv2 \w+ Attributes": "MiniStack returns those only that were set",
    r"elbv2 CreateLoadBalancer .*State\.Code": "MiniStack's load balancer is active at once",
    r"elbv2 \w+ LoadBalancers\[\]\.AvailabilityZones.*ZoneName": "MiniStack has every subnet in the first zone",
    r"elbv2 DescribeTargetGroups .*LoadBalancerArns": "MiniStack counts default actions only, not those of rules",
    r"elbv2 \w+ LoadBalancers\[\]\.VpcId": "MiniStack does not look up the VPC of the subnets",
    r"route53 \w+ ChangeInfo\.(Status|Id)": OWN,
    "route53 ListResourceRecordSets ResourceRecordSets": "MiniStack has no SOA and NS records of a new zone",
    r"route53 ListResourceRecordSets .*DNSName": "moto leaves out the dot at the end of an alias's name",
    r"wafv2 \w+ WebACL\.Capacity": "MiniStack counts no capacity",
    r"ec2 (CreateVpc|DescribeVpcs) .*DhcpOptionsId": "moto has no DHCP options unless they are made",
    r"ec2 (CreateSubnet|DescribeSubnets) .*AvailableIpAddressCount": "MiniStack counts 251 whatever the block is",
    r"ec2 DescribeSubnets Subnets\[\]\..*": "MiniStack's account has a default VPC with subnets",
    r"ec2 DescribeRouteTables .*Routes": "MiniStack forgets the route when its NAT gateway is deleted",
    r"ec2 (CreateNatGateway|DescribeNatGateways) .*NatGatewayAddresses": LESS,
    r"ec2 DescribeFlowLogs .*Tags": LESS,
    r"ec2 DescribeNetworkAcls .*Associations": LESS,
    "ec2 DescribeVpcEndpoints VpcEndpoints": "MiniStack does not filter endpoints by VPC and state",
    r"eks \w+ cluster\.(certificateAuthority\.data|platformVersion)": OWN,
    r"eks \w+ cluster\.resourcesVpcConfig\.vpcId": "MiniStack does not look up the VPC of the subnets",
    r"eks Delete(Addon|Cluster) .*status": "the local account deletes at once, and answers what it has deleted",
    r"kms ScheduleKeyDeletion KeyId": "moto answers the key's id instead of its ARN, which nothing reads",
    r"logs DescribeLogGroups .*creationTime": OWN,
    "rds DescribeDBParameters Parameters": "MiniStack has a few parameters of the engine's own in each group",
    r"rds \w+ .*Endpoint\.Port": "the local account answers where the real PostgreSQL listens",
    r"rds \w+ .*PreferredBackupWindow": "MiniStack answers 03:00-04:00, whatever was asked for",
    r"rds \w+ .*DbInstancePort": "moto answers the port, RDS 0; nothing reads it",
    r"rds \w+ .*EnabledCloudwatchLogsExports": LESS,
}


@pytest.fixture(scope="module")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    """All requests to the account, without those of its own services."""
    found: list[Exchange] = []
    send = Account._send

    def remember(self: Account, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        try:
            answer = send(self, service, operation, **parameters)
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            found.append(Exchange(service=service, operation=operation, parameters=parameters, answer={}, code=code))
            raise
        found.append(Exchange(service=service, operation=operation, parameters=parameters, answer=answer))
        return answer

    server = start_server(tmp_path_factory.mktemp("aws"))
    provider = AwsProvider(ACCOUNT_ID, REGION, server.endpoint, server.journal, Databases())
    call = Account(ACCOUNT_ID, REGION, server.endpoint).call
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Account, "_send", remember)
        call("route53", "CreateHostedZone", Name="example.com", CallerReference="a")
        call("iam", "CreateRole", RoleName=ROLE, AssumeRolePolicyDocument=_document(TRUST))
        call("iam", "CreateRole", RoleName=ADMIN, AssumeRolePolicyDocument=_document(TRUST))
        call("iam", "PutRolePolicy", RoleName=ROLE, PolicyName="all", PolicyDocument=_document(EVERYTHING))
        deployment = Deployment(provider, role_arn=ROLE_ARN)
        deployment.up(parse_settings({**SMALL, "permissionsBoundary": None}, "prod"), "prod")
        deployment.refresh()
        deployment.unprotect()
        deployment.destroy()
    server.stop()
    return found


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An empty account of MiniStack, on loopback."""
    if not MINISTACK.exists():
        pytest.skip("MiniStack is not installed; install it, and compare, with: make compare")
    port, folder = free_port(), tmp_path_factory.mktemp("ministack")
    settings = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(folder),
        "S3_DATA_DIR": str(folder / "s3"),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([MINISTACK], env={**os.environ, **settings}, cwd=folder, stdout=log, stderr=log)
    try:
        until(listens(port))
        yield Account(ACCOUNT_ID, REGION, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


def test_both_give_the_same_answers(ministack: Account, exchanges: list[Exchange]) -> None:
    """Refusals and values are equal, except for listed differences."""
    codes, values = replay(exchanges, ministack)

    assert len(exchanges) > 500
    for found, known in (
        ({f"{name} {code}": "" for name, each in codes.items() for code in each}, CODES),
        (values, VALUES),
    ):
        assert {each: found[each] for each in found if not any(re.fullmatch(one, each) for one in known)} == {}
        assert [one for one in known if not any(re.fullmatch(one, each) for each in found)] == []


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
