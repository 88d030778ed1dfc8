"""moto keeps the network interface of a NAT gateway in DeleteNatGateway, and the association of its address.

AWS removes both: "Deleting a NAT gateway disassociates its Elastic IP address"
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html).

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.ec2.models import EC2Backend

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def delete_nat_gateway(self: Any, nat_gateway_id: str) -> Any:
        gateway = original(self, nat_gateway_id)
        for address in self.addresses:
            if address.eni is gateway._eni:
                address.eni = address.association_id = None
        self.enis.pop(gateway._eni.id, None)
        return gateway

    original = changes.put(EC2Backend, "delete_nat_gateway", delete_nat_gateway)


PATCH = Patch(name="ec2_nat_interface", apply=apply)
