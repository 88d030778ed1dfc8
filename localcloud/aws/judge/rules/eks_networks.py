"""Rules of EKS about the network of a cluster: subnets, service addresses, and access to the API server."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, ip_network
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.eks_state import invalid, part
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/eks/pf-eks-cluster"
_API = "https://docs.aws.amazon.com/eks/latest/APIReference"
_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
# Documentation ranges of RFC 5737.
_RESERVED = tuple(map(IPv4Network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")))


def _public_blocks(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse public access CIDRs that are not CIDR blocks of public addresses."""
    blocks = part(parameters, "resourcesVpcConfig", "publicAccessCidrs")
    texts = [each for each in blocks if isinstance(each, str) and known(each)] if isinstance(blocks, list) else []
    for verb, refuses in (("invalid", _is_no_block), ("not allowed", _is_reserved)):
        wrong = [text for text in texts if refuses(text)]
        if wrong:
            path = ("resourcesVpcConfig", "publicAccessCidrs", texts.index(wrong[0]))
            words = f"The following CIDRs are {verb} in publicAccessCidrs: [{', '.join(wrong)}]"
            source = "https://docs.aws.amazon.com/eks/latest/userguide/config-cluster-endpoint.html"
            yield invalid(path, wrong[0], words, source)


def _is_no_block(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return True
    return "/" not in text or not text.isascii()


def _is_reserved(text: str) -> bool:
    block = ip_network(text, strict=False)
    return isinstance(block, IPv4Network) and any(block.subnet_of(each) for each in (*_PRIVATE, *_RESERVED))


def _endpoints(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a new cluster without an API server endpoint. By default only the public endpoint is enabled."""
    network = parameters.get("resourcesVpcConfig")
    if isinstance(network, Mapping):
        yield from _endpoints_changed({"resourcesVpcConfig": {"endpointPrivateAccess": False, **network}})


def _endpoints_changed(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse to disable both endpoints of the API server."""
    network = parameters.get("resourcesVpcConfig")
    names = ("endpointPublicAccess", "endpointPrivateAccess")
    if isinstance(network, Mapping) and all(network.get(name) is False for name in names):
        words = "Private and public endpoint access cannot be false"
        yield invalid(("resourcesVpcConfig", names[1]), False, words, f"{_MEASURED}-endpoint-both-disabled")


def _service_network(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a block of private addresses from /12 to /24 for services."""
    cidr = part(parameters, "kubernetesNetworkConfig", "serviceIpv4Cidr")
    network = _network(cidr)
    if network is None:
        return
    path = ("kubernetesNetworkConfig", "serviceIpv4Cidr")
    if not any(network.subnet_of(block) for block in _PRIVATE):
        words = f"Invalid service IPv4 CIDR {cidr}: must be within RFC1918 range"
        yield invalid(path, cidr, words, f"{_MEASURED}-service-ipv4-cidr-private-range")
    elif not 12 <= network.prefixlen <= 24:
        words = f"Invalid service IPv4 CIDR {cidr}: must have netmask size between /12 and /24 inclusive"
        yield invalid(path, cidr, words, f"{_MEASURED}-service-ipv4-cidr-prefix-range")


def _network(cidr: Any) -> IPv4Network | None:
    try:
        return IPv4Network(cidr) if isinstance(cidr, str) else None
    except ValueError:
        return None


def _family(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a service CIDR block for an IPv6 cluster. EKS chooses it."""
    cidr = part(parameters, "kubernetesNetworkConfig", "serviceIpv4Cidr")
    if cidr and part(parameters, "kubernetesNetworkConfig", "ipFamily") == "ipv6":
        words = 'serviceIpv4Cidr cannot be specified when creating an "ipv6" cluster'
        path = ("kubernetesNetworkConfig", "serviceIpv4Cidr")
        yield invalid(path, cidr, words, f"{_MEASURED}-ipv6-forbids-service-ipv4-cidr")


def _one_subnet(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a single subnet, which is in one availability zone."""
    ids = part(parameters, "resourcesVpcConfig", "subnetIds")
    if isinstance(ids, list) and len(ids) == 1:
        yield _too_few_zones(ids)


def _too_few_zones(ids: list[Any]) -> RefusedError:
    words = "Subnets specified must be in at least two different AZs"
    return invalid(("resourcesVpcConfig", "subnetIds"), ids, words, f"{_MEASURED}-subnets-two-azs")


def _subnets(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Require existing subnets in two availability zones, in a VPC that does not overlap the service addresses."""
    ids = part(parameters, "resourcesVpcConfig", "subnetIds") or ()
    path = ("resourcesVpcConfig", "subnetIds")
    if not ids:
        return
    found = ask("ec2", "DescribeSubnets")["Subnets"]
    subnets = {subnet["SubnetId"]: subnet for subnet in found}
    for index, id_ in enumerate(ids):
        if id_ not in subnets:
            words = f"The subnet ID '{id_}' does not exist"
            yield invalid((*path, index), id_, words, f"{_API}/API_CreateCluster.html")
    if len({subnets[id_]["AvailabilityZone"] for id_ in ids}) < 2:
        yield _too_few_zones(list(ids))
    services = _network(part(parameters, "kubernetesNetworkConfig", "serviceIpv4Cidr"))
    if services is None:
        return
    vpc = ask("ec2", "DescribeVpcs", VpcIds=[subnets[ids[0]]["VpcId"]])["Vpcs"][0]
    for block in vpc.get("CidrBlockAssociationSet", ()):
        if services.overlaps(IPv4Network(block["CidrBlock"])):
            words = f"Invalid service IPv4 CIDR {services}: it overlaps with the VPC's {block['CidrBlock']}"
            service_path = ("kubernetesNetworkConfig", "serviceIpv4Cidr")
            yield invalid(service_path, str(services), words, f"{_API}/API_KubernetesNetworkConfigRequest.html")


REQUEST_RULES: RequestRules = {
    ("eks", "CreateCluster"): (_endpoints, _public_blocks, _family, _service_network, _one_subnet),
    ("eks", "UpdateClusterConfig"): (_endpoints_changed, _public_blocks, _one_subnet),
}
STATE_RULES: StateRules = {
    ("eks", "CreateCluster"): (_subnets,),
    ("eks", "UpdateClusterConfig"): (_subnets,),
}
