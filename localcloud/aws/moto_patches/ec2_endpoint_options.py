"""moto ignores the DNS options and the type of the IP addresses of a VPC endpoint, and changes of its private DNS.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses.vpcs import VPCs

from localcloud.aws.moto_patches.patch import Changes, Patch

OPTIONS = {
    "dns_options": "DnsOptions",
    "ip_address_type": "IpAddressType",
    "private_dns_enabled": "PrivateDnsEnabled",
}
"""Attribute of moto -> parameter of the requests."""


def apply(changes: Changes) -> None:
    """Patch moto. Its responses read attributes by AWS's names."""

    def create_vpc_endpoint(self: Any) -> Any:
        before = set(self.ec2_backend.vpc_end_points)
        answer = created(self)
        for id_ in set(self.ec2_backend.vpc_end_points) - before:
            _set(self, id_)
        return answer

    def modify_vpc_endpoint(self: Any) -> Any:
        answer = modified(self)
        _set(self, self._get_param("VpcEndpointId"))
        return answer

    changes.put(VPCEndPoint, "ip_address_type", None)
    changes.put(VPCEndPoint, "dns_options", None)
    created = changes.put(VPCs, "create_vpc_endpoint", create_vpc_endpoint)
    modified = changes.put(VPCs, "modify_vpc_endpoint", modify_vpc_endpoint)


def _set(response: Any, id_: str) -> None:
    """Set the options of the request on the endpoint; those that it omits stay."""
    endpoint = response.ec2_backend.vpc_end_points[id_]
    for name, option in OPTIONS.items():
        if (value := response._get_param(option)) is not None:
            setattr(endpoint, name, value)


PATCH = Patch(name="ec2_endpoint_options", apply=apply)
