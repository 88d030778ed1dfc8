"""Application Load Balancers in a local account, and requests through them."""

import http.client
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from localcloud.cloud import ACCESS_KEY
from localcloud.files import read_json

CLUSTER = "web"
REGION = "eu-central-1"
CHECK = {
    "HealthCheckPath": "/ready",
    "HealthCheckIntervalSeconds": 5,
    "HealthCheckTimeoutSeconds": 2,
    "HealthyThresholdCount": 2,
    "UnhealthyThresholdCount": 2,
}


@dataclass
class Account:
    """The AWS API of a local account."""

    endpoint: str
    vpc: str = ""
    subnets: list[str] = field(default_factory=list)

    @classmethod
    def of_state(cls, state: Path) -> "Account":
        """Return the account of a state folder of a local cloud."""
        return cls.at(f"http://127.0.0.1:{read_json(state / 'ports.json')['aws']}")

    @classmethod
    def at(cls, endpoint: str) -> "Account":
        """Return an account, with a network."""
        found = cls(endpoint)
        ec2 = found.client("ec2")
        found.vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
        for number, zone in enumerate("ab"):
            made = ec2.create_subnet(
                VpcId=found.vpc, CidrBlock=f"10.30.{number}.0/24", AvailabilityZone=f"{REGION}{zone}"
            )
            found.subnets.append(made["Subnet"]["SubnetId"])
        return found

    def client(self, service: str) -> Any:
        """Return a boto3 client of the owner of the account."""
        config = Config(proxies={}, retries={"total_max_attempts": 1})
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=ACCESS_KEY,
            config=config,
        )

    def make_cluster(self, name: str) -> None:
        """Create an EKS cluster, whose API server is the local one."""
        self.client("eks").create_cluster(
            name=name, roleArn="arn:aws:iam::123456789012:role/cluster", resourcesVpcConfig={"subnetIds": self.subnets}
        )

    def target_group(self, name: str, *, cluster: str = CLUSTER, delay: int = 5, **more: Any) -> str:
        """Create a target group of IP addresses; return its ARN."""
        elb = self.client("elbv2")
        tags = {"Tags": [{"Key": "eks:eks-cluster-name", "Value": cluster}]} if cluster else {}
        made = elb.create_target_group(
            Name=name, Protocol="HTTP", Port=8080, VpcId=self.vpc, TargetType="ip", **{**CHECK, **tags, **more}
        )
        arn = str(made["TargetGroups"][0]["TargetGroupArn"])
        attributes = [{"Key": "deregistration_delay.timeout_seconds", "Value": str(delay)}]
        elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=attributes)
        return arn

    def load_balancer(self, name: str, **attributes: str) -> str:
        """Create a load balancer; return its ARN."""
        elb = self.client("elbv2")
        arn = str(elb.create_load_balancer(Name=name, Subnets=self.subnets)["LoadBalancers"][0]["LoadBalancerArn"])
        values = [{"Key": key.replace("__", "."), "Value": value} for key, value in attributes.items()]
        if values:
            elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=values)
        return arn

    def listener(self, balancer: str, port: int, *actions: dict[str, Any], **more: Any) -> str:
        """Create a listener, for HTTP by default; return its ARN."""
        made = self.client("elbv2").create_listener(
            LoadBalancerArn=balancer, Port=port, DefaultActions=list(actions), **{"Protocol": "HTTP", **more}
        )
        return str(made["Listeners"][0]["ListenerArn"])

    def distribution(self, balancer: str, name: str, *headers: tuple[str, str]) -> None:
        """Create a CloudFront distribution with an alias in front of a load balancer."""
        [found] = self.client("elbv2").describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"]
        fields = [{"HeaderName": field, "HeaderValue": value} for field, value in headers]
        origin = {
            "Id": "a",
            "DomainName": found["DNSName"],
            "CustomHeaders": {"Quantity": len(fields), "Items": fields},
            "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
        }
        self.client("cloudfront").create_distribution(
            DistributionConfig={
                "CallerReference": name,
                "Comment": "",
                "Enabled": True,
                "Aliases": {"Quantity": 1, "Items": [name]},
                "Origins": {"Quantity": 1, "Items": [origin]},
                "DefaultCacheBehavior": {"TargetOriginId": "a", "ViewerProtocolPolicy": "redirect-to-https"},
            }
        )

    def health(self, group: str) -> dict[str, str]:
        """Return address of each target -> its state."""
        found = self.client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {each["Target"]["Id"]: each["TargetHealth"]["State"] for each in found}


def forward(group: str) -> dict[str, Any]:
    """Return a forward action."""
    return {"Type": "forward", "TargetGroupArn": group}


class Load(threading.Thread):
    """A steady load of 50 requests/s, each on a new connection or all on a persistent one."""

    def __init__(self, address: str, port: int, *, keep_alive: bool) -> None:
        super().__init__(daemon=True)
        self.answers: Counter[str] = Counter()
        self._end = threading.Event()
        self._target = (address, port)
        self._keep_alive = keep_alive

    def run(self) -> None:
        connection = http.client.HTTPConnection(*self._target, timeout=10)
        while not self._end.wait(0.02):
            try:
                connection.request("GET", "/")
                response = connection.getresponse()
                body = response.read().decode()
                self.answers[body if response.status == 200 else f"failed: {response.status}"] += 1
            except (OSError, http.client.HTTPException) as error:
                self.answers[f"failed: {error!r}"] += 1
                connection.close()
            if not self._keep_alive:
                connection.close()

    def finish(self) -> "Counter[str]":
        """Stop the load; return answer -> its number."""
        self._end.set()
        self.join()
        return self.answers
