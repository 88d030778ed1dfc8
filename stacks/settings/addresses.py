"""Which IPv4 blocks EKS and VPC accept."""

from ipaddress import IPv4Network

# RFC 1918. EKS accepts only these for the addresses of Services:
# https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
PRIVATE = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
# RFC 6598. A VPC may use it: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
SHARED = IPv4Network("100.64.0.0/10")
# Not usable by hosts: this network, loopback, link-local, benchmarks, multicast and reserved, of the IANA IPv4
# Special-Purpose Address Registry (https://www.iana.org/assignments/iana-ipv4-special-registry) and RFC 5771.
RESERVED = tuple(
    IPv4Network(block)
    for block in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4")
)
# In the same registry, also not routed: protocols and documentation.
UNROUTED = tuple(
    IPv4Network(block)
    for block in ("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24", "203.0.113.0/24")
)


def vpc_block(cidr: IPv4Network) -> IPv4Network:
    """Check a block for a VPC, which accepts /16 to /28; three tiers in eight zones need a /20.

    Public addresses are accepted, as in a VPC, for their owners. Raises ValueError.
    """
    if not 16 <= cidr.prefixlen <= 20:
        raise ValueError("a block of addresses from /16 to /20, such as 10.0.0.0/16")
    return usable_block(cidr)


def usable_block(cidr: IPv4Network) -> IPv4Network:
    """Check the block of a network: private, shared (RFC 6598) or public addresses. Raises ValueError."""
    for reserved in (*RESERVED, *UNROUTED):
        if cidr.overlaps(reserved):
            raise ValueError(f"private, shared or public addresses, such as 10.0.0.0/16; {reserved} is reserved")
    return cidr


def service_block(cidr: IPv4Network) -> IPv4Network:
    """Check a block for Kubernetes Services: private, /12 to /24. Raises ValueError."""
    if not (12 <= cidr.prefixlen <= 24 and any(cidr.subnet_of(block) for block in PRIVATE)):
        allowed = ", ".join(str(block) for block in PRIVATE)
        raise ValueError(f"a private block of addresses from /12 to /24, inside one of {allowed}")
    return cidr


def internet_block(cidr: IPv4Network) -> IPv4Network:
    """Check a source of requests from the internet: public addresses, /24 to /32. Raises ValueError."""
    if cidr.prefixlen < 24:
        raise ValueError("the addresses of an office or a runner, /24 or smaller, never 0.0.0.0/0")
    if any(cidr.overlaps(block) for block in (*PRIVATE, SHARED, *RESERVED)):
        raise ValueError("public addresses, because requests over the internet come from these only")
    for unrouted in UNROUTED:
        if cidr.overlaps(unrouted):
            raise ValueError(
                f"your own public address instead of an example: {unrouted} is reserved for documentation or protocols"
            )
    return cidr
