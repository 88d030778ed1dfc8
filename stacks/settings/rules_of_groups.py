"""The number of rules of security groups.

The quota is for inbound and for outbound rules of a group:
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from stacks.settings.cluster import ClusterSettings
from stacks.settings.edge import EdgeSettings

MAX_RULES = 60


def rule_problems(peers: Sequence[IPv4Network], edge: EdgeSettings, cluster: ClusterSettings) -> Iterator[str]:
    """Find settings that need more rules than a security group may have."""
    ports = 2 if edge.secure else 1
    # The VPC has a rule for each port too. One rule stands for the internet, or for CloudFront.
    most = MAX_RULES // ports - 1
    if edge.scheme == "internal" and len(peers) > most:
        yield (
            f"network.peerCidrs: must have {most} entries or fewer with scheme internal, because the security group of "
            f"the load balancer may have {MAX_RULES} rules, and has {ports} for each block and for the VPC, "
            f"got {len(peers)}; combine blocks"
        )
    sources = len(cluster.private_access_cidrs) + len(cluster.private_access_security_groups)
    if sources > MAX_RULES:
        yield (
            f"cluster.privateAccessCidrs: must have {MAX_RULES} entries or fewer together with "
            f"privateAccessSecurityGroups, because each is a rule of one security group, got {sources}; combine blocks"
        )
