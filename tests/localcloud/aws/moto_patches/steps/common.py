"""What the steps share: the account, and clients of it."""

from typing import Any

import boto3

from localcloud.aws import moto_patches

REGION = "eu-central-1"
LOGINS: list[dict[str, str]] = []
PLACES = moto_patches.Places(
    kube=("https://127.0.0.1:6443", "Q0E="), database=("127.0.0.1", 5433), set_master_login=LOGINS.append
)


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="a")  # type: ignore[call-overload]


def network() -> tuple[Any, str, list[str]]:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for i, zone in enumerate("abc")
    ]
    return ec2, vpc, subnets
