"""The monthly cost of a stack, as a range from rest to the maximum of its autoscalers. Pure functions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from infra.costs.kinds import BY_USE, CLUSTER, FREE, NODE_POOL, PRICED
from infra.costs.nodes import count_nodes
from infra.costs.prices import REGION, Price, price_of
from infra.costs.quantities import Quantity, quantities
from infra.reach.values import text
from infra.resources.properties import at
from infra.resources.resource import Resource
from localcloud.cluster.quantities import parse

VOLUME_GIB = 80
"""Size of the volume of a node if it is unknown, as in a preview: the default of the component NodePools."""
NODE_CLASS = "kubernetes:eks.amazonaws.com/v1:NodeClass"
SUBNET = "aws:ec2/subnet:Subnet"
_FREE = frozenset(type_ for types in FREE.values() for type_ in types)
_NO_RESOURCE = ("pulumi:", "drydock:")
"""Prefixes of the types of providers and components."""


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A quantity of one priced item."""

    what: str
    rest: float
    """How many at rest."""
    most: float
    """How many at most."""
    price: Price

    @property
    def rest_usd(self) -> float:
        """USD a month at rest."""
        return self.rest * self.price.usd

    @property
    def most_usd(self) -> float:
        """USD a month at most."""
        return self.most * self.price.usd


@dataclass(frozen=True, kw_only=True)
class Charge(Amount):
    """What a resource is charged for."""

    urn: str
    component: str
    """Type of the component that the resource is in, such as `Network`."""


@dataclass(frozen=True)
class NotPriced:
    """A charge that is not in the total."""

    urn: str
    what: str
    reason: str


@dataclass(frozen=True)
class Estimate:
    """What a stack costs."""

    region: str
    """Region of the stack."""
    charges: tuple[Charge, ...]
    by_use: tuple[tuple[str, str, int], ...]
    """Type of resources that are charged by use, what is charged, and their number."""
    not_priced: tuple[NotPriced, ...]

    @cached_property
    def rest(self) -> float:
        """USD a month at rest."""
        return sum(charge.rest_usd for charge in self.charges)

    @cached_property
    def most(self) -> float:
        """USD a month at most."""
        return sum(charge.most_usd for charge in self.charges)

    @cached_property
    def components(self) -> dict[str, tuple[Charge, ...]]:
        """Component -> its charges, the most expensive first."""
        found: dict[str, list[Charge]] = {}
        for charge in self.charges:
            found.setdefault(charge.component, []).append(charge)
        return {
            name: tuple(sorted(charges, key=lambda charge: (-charge.rest_usd, charge.what)))
            for name, charges in sorted(found.items(), key=lambda each: (-sum(c.rest_usd for c in each[1]), each[0]))
        }


def estimate(resources: Iterable[Resource]) -> Estimate:
    """Estimate the cost of all resources of a stack, planned or deployed.

    The price book has one region. In a stack of another region, nothing is priced.
    """
    found = [each for each in resources if not each.type.startswith(_NO_RESOURCE)]
    names = {text(each.properties.get("availabilityZone")) for each in found if each.type == SUBNET} - {""}
    zones, region = len(names), min(names).rstrip("abcdefgh") if names else REGION
    charges: list[Charge] = []
    not_priced: list[NotPriced] = []
    for resource, quantity in _quantities(found, zones):
        price = price_of(quantity.what, region)
        if price is None:
            not_priced.append(NotPriced(resource.urn, quantity.what, f"infra/costs/prices.py has no price in {region}"))
        elif quantity.rest is None or quantity.most is None:
            not_priced.append(NotPriced(resource.urn, quantity.what, "the number is unknown before the deployment"))
        elif quantity.most:
            charges.append(_charge(resource, quantity, quantity.rest, quantity.most, price))
    not_priced += [
        NotPriced(each.urn, each.type, "infra/costs/kinds.py does not have the type")
        for each in found
        if each.type not in PRICED and each.type not in BY_USE and each.type not in _FREE
    ]
    used = Counter(each.type for each in found if PRICED.get(each.type) or each.type in BY_USE)
    return Estimate(
        region=region,
        charges=tuple(charges),
        by_use=tuple((type_, PRICED.get(type_) or BY_USE[type_], used[type_]) for type_ in sorted(used)),
        not_priced=tuple(sorted(not_priced, key=lambda each: (each.what, each.urn))),
    )


def component_of(urn: str) -> str:
    """Return the type of the outermost component of a resource, without its package; `stack` if it has none."""
    first, nested, _ = urn.split("::")[2].removeprefix("pulumi:pulumi:Stack$").partition("$")
    return first.rpartition(":")[2] if nested else "stack"


def _charge(resource: Resource, quantity: Quantity, rest: float, most: float, price: Price) -> Charge:
    component = component_of(resource.urn)
    return Charge(urn=resource.urn, component=component, what=quantity.what, rest=rest, most=most, price=price)


def _quantities(resources: Sequence[Resource], zones: int) -> Iterator[tuple[Resource, Quantity]]:
    for resource in resources:
        if resource.type in PRICED:
            for quantity in quantities(resource.type, resource.properties, zones):
                yield resource, quantity
    # Nodes have no resource of their own: they belong to the first pool, or to the cluster with its own pools.
    for type_ in (NODE_POOL, CLUSTER):
        if owner := next((each for each in resources if each.type == type_), None):
            yield from ((owner, quantity) for quantity in _nodes(resources, zones))
            return


def _nodes(resources: Sequence[Resource], zones: int) -> Iterator[Quantity]:
    nodes = count_nodes(resources, zones)
    rest, most = int(nodes.rest), int(nodes.most)
    sizes = [at(each.properties, "spec.ephemeralStorage.size") for each in resources if each.type == NODE_CLASS]
    gib = next((float(parse(size) / 2**30) for size in sizes if isinstance(size, str)), VOLUME_GIB)
    yield Quantity("node, 2 vCPUs and 8 GiB", rest, most)
    yield Quantity("EKS Auto Mode, a node", rest, most)
    yield Quantity("volume of a node, a GiB", rest * gib, most * gib)
