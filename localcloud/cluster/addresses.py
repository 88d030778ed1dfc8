"""Addresses of pods: 10.X.a.b in Kubernetes, which rejects loopback addresses, and 127.X.a.b on this machine."""

from ipaddress import IPv4Network, ip_network

LEAST_PREFIX = 8


def loopback_of(address: str) -> str:
    """Return the loopback address on which the pod with this pod network address listens."""
    return f"127.{address.partition('.')[2]}"


def loopback_networks(value: str) -> str:
    """Translate a comma-separated list of private CIDR blocks to loopback networks; return other text unchanged.

    A service is configured with the subnets of its load balancers, to trust requests from them. On this machine these
    requests come from loopback addresses.
    """
    try:
        networks = [ip_network(part.strip()) for part in value.split(",")]
    except ValueError:
        return value
    if "/" not in value or not all(_is_mapped(network) for network in networks):
        return value
    return ",".join(loopback_of(str(network)) for network in networks)


def _is_mapped(network: object) -> bool:
    return isinstance(network, IPv4Network) and network.is_private and network.prefixlen >= LEAST_PREFIX


class PodAddresses:
    """Allocates addresses of one pod network in turn, so that an address just released is not reused immediately.

    An EndpointSlice may still contain a deleted pod for a moment; its address must not belong to another pod then.
    """

    # Starting with 10.X.0.1, 254 addresses in each /24; 10.X.255.0/24 is reserved for load balancers.
    _COUNT = 255 * 254

    def __init__(self, octet: int) -> None:
        self._octet = octet
        self._used: set[str] = set()
        self._next = 0

    def reserve(self, address: str) -> bool:
        """Reserve the address of an existing pod; return False if it is in another network or already used."""
        index = self._index(address)
        if index is None or address in self._used:
            return False
        self._used.add(address)
        self._next = max(self._next, index + 1)
        return True

    def allocate(self) -> str:
        """Return a free address; the network has many more addresses than there can be pods."""
        while True:
            address = self._at(self._next % self._COUNT)
            self._next += 1
            if address not in self._used:
                self._used.add(address)
                return address

    def release(self, address: str) -> None:
        """Release the address of a pod that has been removed."""
        self._used.discard(address)

    def _at(self, index: int) -> str:
        third, fourth = divmod(index, 254)
        return f"10.{self._octet}.{third}.{fourth + 1}"

    def _index(self, address: str) -> int | None:
        parts = address.split(".")
        if len(parts) != 4 or parts[:2] != ["10", str(self._octet)]:
            return None
        index = int(parts[2]) * 254 + int(parts[3]) - 1
        return index if 0 <= index < self._COUNT else None
