"""Describes the resources of a planned stack for the architecture picture."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from infra.reach.graph import Graph
from infra.reach.values import number, text
from infra.resources.properties import mapping
from infra.resources.resource import Resource

ZONE = re.compile(r"-[a-z]$")


class Inventory:
    """Counts and names of planned resources."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._graph = Graph(resources)

    def _all(self, *types: str) -> list[Resource]:
        return self._graph.all(*types)

    def _one(self, type_: str) -> Mapping[str, object]:
        """Return the properties of the first resource of a type, or {} if there is none."""
        return next((each.properties for each in self._all(type_)), {})

    def _count(self, *types: str) -> int:
        return len(self._all(*types))

    @cached_property
    def region(self) -> str:
        """The region, derived from the availability zone of a subnet."""
        zones = [text(each.properties.get("availabilityZone")) for each in self._all("aws:ec2/subnet:Subnet")]
        return zones[0].rstrip("abcdef") if zones else ""

    @property
    def vpc(self) -> str:
        """The CIDR block of the VPC."""
        return text(self._one("aws:ec2/vpc:Vpc").get("cidrBlock"))

    def subnets(self, tier: str) -> int:
        """Return the number of subnets of a tier."""
        return sum(ZONE.sub("", each.name).endswith(tier) for each in self._all("aws:ec2/subnet:Subnet"))

    @property
    def nat(self) -> int:
        """The number of NAT gateways."""
        return self._count("aws:ec2/natGateway:NatGateway")

    @property
    def internal(self) -> bool:
        """Whether the load balancer is internal, so that only the VPC and peered networks can reach it."""
        return bool(self._one("aws:lb/loadBalancer:LoadBalancer").get("internal"))

    @property
    def clients(self) -> list[str]:
        """The location of the clients of the service."""
        return ["in the VPC", "and peered networks"] if self.internal else ["on the internet"]

    @property
    def cluster(self) -> str:
        """A one-line description of the cluster."""
        return f"EKS Auto Mode · Kubernetes {text(self._one('aws:eks/cluster:Cluster').get('version'))}"

    @property
    def edge(self) -> list[str]:
        """A description of the load balancer, in lines."""
        ports = [
            f"{text(each.properties.get('protocol'))} {number(each.properties.get('port'))}"
            for each in self._all("aws:lb/listener:Listener")
        ]
        fronted = bool(self._all("aws:cloudfront/distribution:Distribution"))
        return [
            *(["behind CloudFront"] if fronted else []),
            "application, internal" if self.internal else "application, public",
            *([", ".join(ports)] if ports else []),
            *(["certificate, DNS name"] if self._all("aws:acm/certificate:Certificate") else []),
            *(["web ACL (AWS WAF)"] if self._all("aws:wafv2/webAcl:WebAcl") else []),
        ]

    def pods(self, component: str) -> list[str]:
        """Return a description of a component's pods with their number, in lines."""
        autoscaler = mapping(self._one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler").get("spec"))
        if component == "server":
            least, most = number(autoscaler.get("minReplicas")), number(autoscaler.get("maxReplicas"))
            return [f"{least} to {most} pods, scaled by CPU"]
        if component == "migration":
            return ["a Job before each release"]
        workers = [each for each in self._all("kubernetes:apps/v1:Deployment") if each.name.endswith("worker")]
        replicas = [number(mapping(each.properties.get("spec")).get("replicas")) for each in workers]
        return (
            [f"{replicas[0]} pods, for jobs of the queue" if replicas[0] != 1 else "1 pod, for jobs of the queue"]
            if replicas
            else []
        )

    @property
    def endpoints(self) -> list[str]:
        """The services of the VPC endpoints, each once: S3 may have a gateway and an interface endpoint."""
        return sorted(
            {text(each.properties.get("serviceName")).partition(f"{self.region}.")[2] for each in self._endpoints}
        )

    @cached_property
    def _endpoints(self) -> list[Resource]:
        return self._all("aws:ec2/vpcEndpoint:VpcEndpoint")

    @property
    def database(self) -> list[str]:
        """A description of the database, in lines."""
        found = self._one("aws:rds/instance:Instance")
        return [
            f"RDS, version {text(found.get('engineVersion'))}",
            text(found.get("instanceClass")),
            *(["Multi-AZ standby"] if found.get("multiAz") else []),
            f"{number(found.get('backupRetentionPeriod'))} days of backups",
        ]

    @property
    def services(self) -> dict[str, list[str]]:
        """The regional AWS services that the stack uses, each with a description of its resources."""
        buckets = [each.name for each in self._all("aws:s3/bucket:Bucket")]
        found = {
            "ECR": (self._count("aws:ecr/repository:Repository"), ["images, by digest"]),
            "SQS": (self._count("aws:sqs/queue:Queue"), ["jobs", "dead letters"]),
            "Secrets Manager": (1, ["password of the", "database owner"]),
            "KMS": (self._count("aws:kms/key:Key"), [f"{self._count('aws:kms/key:Key')} keys"]),
            "CloudWatch": (
                self._count("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/logGroup:LogGroup"),
                [
                    f"{self._count('aws:cloudwatch/metricAlarm:MetricAlarm')} alarms",
                    f"{self._count('aws:cloudwatch/logGroup:LogGroup')} log groups",
                ],
            ),
            "S3": (len(buckets), [name.partition("-")[2].replace("-", " ") for name in buckets]),
        }
        return {title: notes for title, (count, notes) in found.items() if count}
