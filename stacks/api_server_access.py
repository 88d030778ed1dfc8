"""Whether the machine that deploys can reach the API server of the cluster, by the settings."""

from stacks.deployed import Deployed
from stacks.settings import Settings
from stacks.settings.environment import LOCAL

VPC = "aws:ec2/vpc:Vpc"
SET = (
    "set cluster.privateAccessCidrs or cluster.privateAccessSecurityGroups for a runner in the VPC, a VPN or a peer, "
    "or cluster.publicAccessCidrs for named addresses of the internet"
)


def api_server_access_problem(settings: Settings, environment: str, deployed: Deployed) -> str:
    """Return why no existing machine can reach the API server; "" if one may.

    Args:
        settings: those of the environment.
        environment: the stack.
        deployed: the resources in the state.
    """
    if not settings.cluster.allows_api_access:
        return (
            "cluster: nothing outside of the cluster reaches its API server, so the first Kubernetes object would time "
            f"out; {SET}"
        )
    if environment != LOCAL and not deployed.of_type(VPC) and _only_from_own_vpc(settings):
        return (
            f"cluster: only the VPC that this deployment creates ({settings.network.cidr}) reaches the API server, so "
            "no machine that exists now does, and the first Kubernetes object would time out; for the first `up` set "
            "cluster.publicAccessCidrs to the public address of this machine, such as [YOUR_ADDRESS/32], or "
            "cluster.privateAccessCidrs to addresses in network.peerCidrs"
        )
    return ""


def _only_from_own_vpc(settings: Settings) -> bool:
    """Return whether all clients are in the VPC of the stack; a security group that exists is of another one."""
    cluster = settings.cluster
    if cluster.public_access_cidrs or cluster.private_access_security_groups:
        return False
    return all(cidr.subnet_of(settings.network.cidr) for cidr in cluster.private_access_cidrs)
